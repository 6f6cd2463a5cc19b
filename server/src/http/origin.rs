//! Refuses forms that another site has sent in the name of a user (cross-site request forgery).

use super::errors;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::Response;
use domain::error::ServiceError;

/// Lets a request pass that changes nothing, or that comes from a page of this program.
pub async fn check(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_own(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    tracing::warn!("refused a request that did not come from a page of Holdfast");
    errors::service(&ServiceError::OtherOrigin, request.headers())
}

/// Modern browsers say themselves where a request comes from; on plain HTTP, and in older ones, the origin has to name
/// the host that was asked. A request that says neither is refused.
fn is_own(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let asked = uri
        .authority()
        .map(|authority| authority.as_str())
        .or_else(|| text(HOST));
    let origin = text(ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let from = origin
        .as_ref()
        .and_then(|origin| origin.authority().map(|authority| authority.as_str()));
    from.is_some() && from == asked
}
