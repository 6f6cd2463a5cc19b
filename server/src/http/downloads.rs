//! Downloads: what belongs to a recovery point, rebuild scripts, plans.

use super::{Web, errors};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::document::{PlanForm, ScriptForm};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, PointId};
use domain::plan::PlanHash;
use domain::point::Artefact;
use domain::services::Answer;
use ovm::script::Scope;

const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /points/{id}/files/{name}`.
pub async fn artefact(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(artefact) = Artefact::from_file_name(&name) else {
        return unknown(&name, &headers);
    };
    let catalogue = &web.backend.catalogue;
    let content = catalogue.artefact(&actor, &PointId::new(&id), artefact).await;
    let content_type = match artefact {
        Artefact::VmCfg | Artefact::RebuildScript => TEXT,
        Artefact::Manifest => "application/json",
    };
    handed_out(content, &id, artefact.file_name(), content_type, &headers)
}

/// `GET /estate/{manager}/scripts/{scope}/{file}`, of `estate`, `pool-<id>` or `vm-<id>`.
pub async fn script(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Path((manager, scope, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let (Some(scope), Some(form)) = (Scope::from_key(&scope), ScriptForm::from_file_name(&file)) else {
        return unknown(&file, &headers);
    };
    let documents = &web.backend.documents;
    let content = documents
        .download_script(&actor, &ManagerId::new(&manager), &scope, form)
        .await;
    handed_out(content, &scope.key(), form.file_name(), TEXT, &headers)
}

/// `GET /plans/{hash}/files/{name}`.
pub async fn plan(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(form) = PlanForm::from_file_name(&name) else {
        return unknown(&name, &headers);
    };
    let hash = PlanHash::new(hash);
    let content = web.backend.documents.download_plan(&actor, &hash, form).await;
    handed_out(content, hash.short(), form.file_name(), TEXT, &headers)
}

fn unknown(file: &str, headers: &HeaderMap) -> Response {
    errors::service(&ServiceError::not_found(Thing::File, file), headers)
}

/// The file, to be saved under its name and that of what it belongs to.
fn handed_out(
    content: Answer<impl IntoResponse>,
    of: &str,
    file: &str,
    content_type: &str,
    headers: &HeaderMap,
) -> Response {
    let content = match content {
        Ok(content) => content,
        Err(error) => return errors::service(&error, headers),
    };
    let saved_as = format!("attachment; filename=\"{}-{file}\"", plain(of));
    let about = [(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, &saved_as)];
    (about, content).into_response()
}

/// What a file name on any system can hold.
fn plain(id: &str) -> String {
    id.chars()
        .filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character))
        .collect()
}
