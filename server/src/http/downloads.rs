//! Downloads of what belongs to a recovery point.

use super::{Web, errors};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::error::ServiceError;
use domain::ids::PointId;
use domain::point::Artefact;

/// `GET /points/{id}/files/{name}`.
pub async fn artefact(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(artefact) = Artefact::from_file_name(&name) else {
        return errors::service(&ServiceError::not_found("file", &name), &headers);
    };
    match web
        .backend
        .catalogue
        .artefact(&actor, &PointId::new(&id), artefact)
        .await
    {
        Ok(content) => {
            let saved_as = format!("attachment; filename=\"{}-{}\"", plain(&id), artefact.file_name());
            let about = [(CONTENT_TYPE, content_type(artefact)), (CONTENT_DISPOSITION, &saved_as)];
            (about, content).into_response()
        }
        Err(error) => errors::service(&error, &headers),
    }
}

fn content_type(artefact: Artefact) -> &'static str {
    match artefact {
        Artefact::VmCfg | Artefact::RebuildScript => "text/plain; charset=utf-8",
        Artefact::Manifest => "application/json",
    }
}

/// What a file name on any system can hold.
fn plain(id: &str) -> String {
    id.chars()
        .filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character))
        .collect()
}
