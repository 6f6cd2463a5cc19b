//! What every answer tells the browser about safety. A page brings its own content security policy with the nonce of
//! its scripts; everything else gets one under which nothing runs.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

/// Policy of answers that are not pages of the app. The style sheet is for the error page.
const NOTHING_RUNS: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A year, as long as browsers ask for.
const HTTPS_ONLY: &str = "max-age=31536000";

/// On every answer, unless the handler has set it.
const ALWAYS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, NOTHING_RUNS),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // Forms that are sent without scripts find their page again by the address they came from.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// How browsers reach the program.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// Over HTTPS.
    pub secure: bool,
}

/// Adds the headers that are not there yet.
pub async fn add(State(transport): State<Transport>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let https_only = transport.secure.then_some((STRICT_TRANSPORT_SECURITY, HTTPS_ONLY));
    for (name, value) in ALWAYS.into_iter().chain(https_only) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
