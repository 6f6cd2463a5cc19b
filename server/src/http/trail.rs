//! The audit trail as a file, for auditors.

use super::{Web, errors};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{BoxError, Extension};
use domain::actor::Actor;
use domain::audit::TrailLine;
use domain::services::Answer;
use futures::StreamExt;

/// `GET /audit/trail.jsonl`. Some rows are read at a time, as fast as the reader takes them. What fails on the way breaks
/// the answer off, so that no half of a trail is taken for a whole one.
pub async fn download(State(web): State<Web>, Extension(actor): Extension<Actor>, headers: HeaderMap) -> Response {
    match web.backend.audit.export(&actor).await {
        Ok(parts) => {
            let about = [
                (CONTENT_TYPE, "application/jsonl"),
                (CONTENT_DISPOSITION, "attachment; filename=\"trail.jsonl\""),
            ];
            (about, Body::from_stream(parts.map(text))).into_response()
        }
        Err(error) => errors::service(&error, &headers),
    }
}

fn text(part: Answer<Vec<TrailLine>>) -> Result<String, BoxError> {
    let lines = part?;
    let lines: Result<String, _> = lines.iter().map(TrailLine::json).collect();
    Ok(lines?)
}
