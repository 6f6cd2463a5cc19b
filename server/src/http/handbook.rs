//! Downloads of the disaster recovery handbook.

use super::{Web, errors};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::error::{ServiceError, Thing};
use domain::handbook::Handbook;
use domain::ids::ManagerId;
use ovm::script::Scope;

/// `GET /handbook/{manager}/{scope}/{file}`: `handbook.html` or `handbook.zip`, of `estate`, `pool-<id>` or `vm-<id>`.
pub async fn download(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    Path((manager, scope, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let form = Form::from_file_name(&file);
    let (Some(scope), Some(form)) = (Scope::from_key(&scope), form) else {
        return errors::service(&ServiceError::not_found(Thing::File, &file), &headers);
    };
    let made = web
        .backend
        .handbooks
        .handbook(&actor, &ManagerId::new(&manager), &scope)
        .await;
    let written = match made {
        // Setting thousands of machines takes a while, and other requests go on.
        Ok(handbook) => tokio::task::spawn_blocking(move || form.write(&handbook)).await,
        Err(error) => return errors::service(&error, &headers),
    };
    match written {
        Ok(Ok(bytes)) => {
            let saved_as = format!("attachment; filename=\"{}\"", form.file_name());
            // The document carries its own styles, and nothing else may run in it.
            let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
            let about = [
                (CONTENT_TYPE, form.content_type()),
                (CONTENT_DISPOSITION, saved_as.as_str()),
                (CONTENT_SECURITY_POLICY, policy),
            ];
            (about, bytes).into_response()
        }
        Ok(Err(reason)) => errors::service(&not_written(&reason), &headers),
        Err(reason) => errors::service(&not_written(&reason.to_string()), &headers),
    }
}

fn not_written(reason: &str) -> ServiceError {
    errors::internal(&format!("the handbook was not written: {reason}"))
}

/// How the handbook is handed out.
#[derive(Clone, Copy)]
enum Form {
    Document,
    Package,
}

impl Form {
    fn from_file_name(name: &str) -> Option<Self> {
        [Self::Document, Self::Package]
            .into_iter()
            .find(|form| form.file_name() == name)
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Document => "handbook.html",
            Self::Package => "handbook.zip",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Document => "text/html; charset=utf-8",
            Self::Package => "application/zip",
        }
    }

    fn write(self, handbook: &Handbook) -> Result<Vec<u8>, String> {
        match self {
            Self::Document => Ok(app::handbook::html(handbook).into_bytes()),
            Self::Package => crate::handbook::zip(handbook).map_err(|error| error.to_string()),
        }
    }
}
