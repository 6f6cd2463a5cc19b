//! Who asks: the session's account becomes the actor of the request, or the browser is sent to log in.

use super::address::LocalPath;
use super::session::{self, Holder};
use super::{Web, errors};
use app::context::Renewal;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::actor::Actor;
use domain::error::ServiceError;
use tower_sessions::Session;

/// What is there for everybody.
const OPEN: [&str; 2] = ["/login", "/fn/theme"];

/// Puts the [`Actor`] and the [`Holder`] into the request. Without them only [`OPEN`] paths are reached. A request that has
/// ended all sessions of its account leaves a [`Renewal`]: its own goes on, under a new id.
pub async fn resolve(State(web): State<Web>, session: Session, mut request: Request, next: Next) -> Response {
    match find(&web, &session).await {
        Ok(Some((holder, actor))) => {
            let renewal = Renewal::default();
            request.extensions_mut().insert(holder);
            request.extensions_mut().insert(actor);
            request.extensions_mut().insert(renewal.clone());
            let headers = request.headers().clone();
            let answer = next.run(request).await;
            let Some(login) = renewal.login() else {
                return answer;
            };
            match session::begin(&session, login, web.clock.now()).await {
                Ok(()) => answer,
                Err(error) => errors::service(&errors::session(error), &headers),
            }
        }
        Ok(None) if OPEN.contains(&request.uri().path()) => next.run(request).await,
        Ok(None) => log_in_first(&request),
        Err(error) => errors::service(&error, request.headers()),
    }
}

async fn find(web: &Web, session: &Session) -> Result<Option<(Holder, Actor)>, ServiceError> {
    let Some(holder) = session::holder(session, web.clock.now())
        .await
        .map_err(errors::session)?
    else {
        return Ok(None);
    };
    match web.backend.accounts.actor(&holder.user, holder.epoch).await {
        Ok(actor) => Ok(Some((holder, actor))),
        Err(ServiceError::NotLoggedIn) => {
            session.flush().await.map_err(errors::session)?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A person goes to the login page and comes back; what a form has sent is not kept, so he comes back to the form.
fn log_in_first(request: &Request) -> Response {
    if !errors::wants_page(request.headers()) {
        return errors::service(&ServiceError::NotLoggedIn, request.headers());
    }
    let page = match *request.method() {
        Method::GET | Method::HEAD => request
            .uri()
            .path_and_query()
            .map(ToString::to_string)
            .as_deref()
            .and_then(LocalPath::new),
        _ => LocalPath::referer(request.headers()),
    };
    Redirect::to(&page.map_or_else(|| "/login".into(), |page| page.login_first())).into_response()
}
