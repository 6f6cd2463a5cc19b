//! Refusals of what is not a page of the app: a small page for a person, JSON for a program.

use super::assets;
use app::context::CODE_HEADER;
use axum::Json;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::error::ServiceError;
use domain::say::{Language, Say};

/// Answers with an error of a service: its words for a person, with its code a program.
pub fn service(error: &ServiceError, headers: &HeaderMap) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (sentence, code) = (error.say(Language::default()), error.code());
    let about = [(CODE_HEADER, code)];
    if wants_page(headers) {
        (status, about, Html(html(status, &sentence, code))).into_response()
    } else {
        let answer = serde_json::json!({ "error": sentence, "code": code });
        (status, about, Json(answer)).into_response()
    }
}

/// Whether a person waits for the answer.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn html(status: StatusCode, sentence: &str, code: &str) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Holdfast</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/{}/app.css\"></head>\
         <body><main><h1>{title}</h1><p>{}</p>\
         <p class=\"alert-code\">Code <code>{code}</code></p><p><a href=\"/\">To the overview</a></p></main></body></html>",
        assets::folder(),
        escaped(sentence),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A failure of the session store, as any other failure of Holdfast itself.
pub fn session(error: tower_sessions::session::Error) -> ServiceError {
    internal(&format!("the session store failed: {error}"))
}

/// A failure of Holdfast itself: the details go to the log, the reference to whoever asked.
pub fn internal(cause: &str) -> ServiceError {
    let reference = format!("{:08x}", rand::random::<u32>());
    let failed = ServiceError::Internal {
        reference: reference.clone(),
    };
    tracing::error!(reference, code = failed.code(), "{cause}");
    failed
}
