//! Refusals of what is not a page of the app: a small page for a person, JSON for a program.

use super::assets;
use axum::Json;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::error::ServiceError;

/// Answers with an error of a service.
pub fn service(error: &ServiceError, headers: &HeaderMap) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page(status, &error.to_string(), headers)
}

/// Answers with a status and a sentence.
pub fn page(status: StatusCode, sentence: &str, headers: &HeaderMap) -> Response {
    if wants_page(headers) {
        (status, Html(html(status, sentence))).into_response()
    } else {
        (status, Json(serde_json::json!({ "error": sentence }))).into_response()
    }
}

/// Whether a person waits for the answer.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn html(status: StatusCode, sentence: &str) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Holdfast</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/{}/app.css\"></head>\
         <body><main><h1>{title}</h1><p>{}</p><p><a href=\"/\">To the overview</a></p></main></body></html>",
        assets::folder(),
        escaped(sentence),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A failure of the session store, as any other failure of Holdfast itself.
pub fn session(error: tower_sessions::session::Error) -> ServiceError {
    let reference = format!("{:08x}", rand::random::<u32>());
    tracing::error!(reference, "the session store failed: {error}");
    ServiceError::Internal { reference }
}
