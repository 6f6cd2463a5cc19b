//! Logging in and out: plain forms, each answered with a redirect.

use super::address::{ClientAddress, LocalPath};
use super::{Web, errors, session};
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, response::AppendHeaders};
use domain::actor::Actor;
use domain::error::ServiceError;
use domain::services::Login;
use serde::Deserialize;
use tower_sessions::Session;

/// What the login form sends.
#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
    /// The page to show afterwards.
    #[serde(default)]
    next: String,
}

/// `POST /login`.
pub async fn log_in(
    State(web): State<Web>,
    ClientAddress(address): ClientAddress,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    let next = LocalPath::new(&form.next);
    match web.backend.accounts.login(&form.name, &form.password, &address).await {
        Ok(login) => match begin(&web, &session, &login).await {
            Ok(()) => Redirect::to(next.as_ref().map_or("/", LocalPath::as_str)).into_response(),
            Err(error) => errors::service(&error, &headers),
        },
        Err(error @ ServiceError::Internal { .. }) => errors::service(&error, &headers),
        Err(ServiceError::TooMany { seconds }) => {
            let failed = format!("limited&wait={seconds}");
            try_again(&web, &form.name, &failed, next.as_ref())
        }
        Err(_) => try_again(&web, &form.name, "wrong", next.as_ref()),
    }
}

async fn begin(web: &Web, session: &Session, login: &Login) -> Result<(), ServiceError> {
    session::begin(session, login, web.clock.now())
        .await
        .map_err(errors::session)
}

/// The name stands in the form again; whether it exists is not said.
fn try_again(web: &Web, name: &str, failed: &str, next: Option<&LocalPath>) -> Response {
    let page = next.map_or_else(|| "/login".into(), LocalPath::login_first);
    let joint = if page.contains('?') { '&' } else { '?' };
    let cookie = AppendHeaders([(SET_COOKIE, app::login_cookie(name, web.secure))]);
    (cookie, Redirect::to(&format!("{page}{joint}failed={failed}"))).into_response()
}

/// `POST /logout`.
pub async fn log_out(
    State(web): State<Web>,
    Extension(actor): Extension<Actor>,
    session: Session,
    headers: HeaderMap,
) -> Response {
    if let Err(error) = session.flush().await.map_err(errors::session) {
        return errors::service(&error, &headers);
    }
    if let Err(error) = web.backend.accounts.logged_out(&actor).await {
        return errors::service(&error, &headers);
    }
    let removal = AppendHeaders([(SET_COOKIE, session::removal_cookie(web.secure))]);
    (removal, Redirect::to("/login")).into_response()
}
