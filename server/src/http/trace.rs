//! A number for each request, in the answer and in the log, so that one finds the other.

use app::context::CODE_HEADER;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

/// Header with the number of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Numbers a request and logs what came of it. The query stays out of the log: it may hold what somebody has typed.
pub async fn request(request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    async move {
        let start = Instant::now();
        let mut response = next.run(request).await;
        let (status, millis) = (response.status().as_u16(), start.elapsed().as_millis());
        let code = response.headers().get(CODE_HEADER).and_then(|code| code.to_str().ok());
        if response.status().is_server_error() {
            tracing::error!(status, millis, code, "answered with an error");
        } else {
            tracing::debug!(status, millis, code, "answered");
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}
