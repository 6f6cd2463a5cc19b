//! What a page or a form finds out about its request: the program behind it, who asks, what time it is.

use crate::listing::pair;
use domain::actor::Actor;
use domain::error::ServiceError;
use domain::ids::TeamId;
use domain::services::{Answer, Backend, Login};
use domain::subject::SubjectRef;
use domain::time::Timestamp;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;
use ovm::ids::ServerId;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Header of an answer with the code of the error that it tells of.
pub const CODE_HEADER: &str = "x-error-code";

/// When the page of this request is drawn.
#[derive(Clone, Copy)]
struct DrawnAt(Timestamp);

/// Makes the program and the time known to everything that is drawn or run for one request.
pub fn provide(backend: Backend, now: Timestamp) {
    provide_context(backend);
    provide_context(DrawnAt(now));
}

/// The program.
///
/// # Errors
/// [`ServiceError::Internal`] when [`provide`] was not called for this request.
pub fn backend() -> Answer<Backend> {
    use_context().ok_or_else(|| ServiceError::Internal {
        reference: "no-backend-in-context".into(),
    })
}

/// Who asks, as the server has found out before the request came here.
///
/// # Errors
/// [`ServiceError::NotLoggedIn`] when it is nobody.
pub fn current_actor() -> Answer<Actor> {
    use_context::<Parts>()
        .and_then(|request| request.extensions.get::<Actor>().cloned())
        .ok_or(ServiceError::NotLoggedIn)
}

/// What a request leaves for the server: the login with which the session that made it goes on, when it has ended all
/// sessions of its account.
#[derive(Clone, Default)]
pub struct Renewal(Arc<OnceLock<Login>>);

impl Renewal {
    /// The login, if the request has left one.
    pub fn login(&self) -> Option<&Login> {
        self.0.get()
    }
}

/// Lets the session of this request go on with another login of the same account.
pub(crate) fn go_on_as(login: Login) {
    let renewal = use_context::<Parts>().and_then(|request| request.extensions.get::<Renewal>().cloned());
    if let Some(renewal) = renewal {
        // A request changes at most one password.
        let _ = renewal.0.set(login);
    }
}

/// Both of what every page and every form needs.
///
/// # Errors
/// As [`current_actor`] and [`backend`].
pub fn caller() -> Answer<(Actor, Backend)> {
    Ok((current_actor()?, backend()?))
}

/// The time at which the page is drawn; all its relative times count from it. Without [`provide`] it is 1970.
pub fn now() -> Timestamp {
    use_context().map_or_else(Timestamp::default, |DrawnAt(now)| now)
}

/// Puts the code of an error into the answer, where the log of the server and other programs find it.
pub(crate) fn note_code(error: &ServiceError) {
    if let Some(response) = use_context::<ResponseOptions>() {
        let name = HeaderName::from_static(CODE_HEADER);
        response.insert_header(name, HeaderValue::from_static(error.code()));
    }
}

/// The path and query of the request.
pub(crate) fn requested() -> String {
    use_context::<Parts>()
        .and_then(|request| request.uri.path_and_query().map(ToString::to_string))
        .unwrap_or_else(|| "/".into())
}

/// The path of the request.
pub(crate) fn path() -> String {
    use_context::<Parts>().map_or_else(|| "/".into(), |request| request.uri.path().to_owned())
}

/// A cookie of the request.
pub(crate) fn cookie(name: &str) -> Option<String> {
    let request = use_context::<Parts>()?;
    let cookies = request.headers.get_all(http::header::COOKIE);
    cookies
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A part of the address that the route names, for example `vm` in `/vms/:vm`. Empty when the route has no such part.
pub(crate) fn param(name: &str) -> String {
    leptos::prelude::ReadUntracked::read_untracked(&use_params_map())
        .get(name)
        .unwrap_or_default()
}

/// A value of the query, without white space around it; none when it is missing or empty. Read from the request itself:
/// the router decodes its map twice, and an address inside an address would lose its own escapes.
pub(crate) fn query(name: &str) -> Option<String> {
    let request = use_context::<Parts>()?;
    let mut pairs = request.uri.query()?.split('&').filter_map(pair);
    pairs.find(|(own, _)| own == name).map(|(_, value)| value)
}

/// Names of servers by their ids.
pub(crate) type ServerNames = BTreeMap<ServerId, String>;

/// What a page about an object wants to know of the estate around it.
pub(crate) struct Surroundings {
    /// The object's team, which decides what the actor may do to it.
    pub team: Option<TeamId>,
    /// The servers of its Manager.
    pub servers: ServerNames,
}

/// The surroundings of an object, as far as the actor may see them.
///
/// # Errors
/// When they cannot be read: a page that said "no team" instead would offer the wrong things.
pub(crate) async fn surroundings(actor: &Actor, backend: &Backend, of: &SubjectRef) -> Answer<Surroundings> {
    let view = backend.estate.estate(actor, &of.manager).await?;
    let servers = view.estate.servers.iter();
    Ok(Surroundings {
        team: backend.estate.team(actor, of).await?,
        servers: servers.map(|server| (server.id.clone(), server.name.clone())).collect(),
    })
}
