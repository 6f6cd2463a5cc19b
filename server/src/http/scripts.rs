//! Downloads of rebuild scripts.

use super::{Web, errors};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::document::ScriptView;
use domain::error::ServiceError;
use domain::ids::ManagerId;
use ovm::script::Scope;

/// A form of a script, by the name of its file.
type Form = (&'static str, fn(ScriptView) -> String);

const FORMS: [Form; 2] = [
    ("rebuild.ovmcli", |script| script.for_cli),
    ("rebuild.txt", |script| script.for_people),
];

/// `GET /estate/{manager}/scripts/{scope}/{file}`, of `estate`, `pool-<id>` or `vm-<id>`.
pub async fn download(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Path((manager, scope, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let form = FORMS.into_iter().find(|(name, _)| *name == file);
    let (Some(scope), Some((name, form))) = (Scope::from_key(&scope), form) else {
        return errors::service(&ServiceError::not_found("file", &file), &headers);
    };
    let documents = &web.backend.documents;
    match documents.script(&actor, &ManagerId::new(&manager), &scope).await {
        Ok(script) => {
            let saved_as = format!("attachment; filename=\"{name}\"");
            let about = [
                (CONTENT_TYPE, "text/plain; charset=utf-8"),
                (CONTENT_DISPOSITION, saved_as.as_str()),
            ];
            (about, form(script)).into_response()
        }
        Err(error) => errors::service(&error, &headers),
    }
}
