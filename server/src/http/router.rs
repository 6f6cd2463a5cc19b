//! All routes, and the layers around them.

use super::{actor, assets, downloads, events, handbook, headers, health, login, origin, session, trace, trail};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use domain::services::Backend;
use domain::time::Clock;
use leptos::config::LeptosOptions;
use leptos_axum::{ErrorHandler, LeptosRoutes, generate_route_list};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_sessions::SessionStore;

/// Largest body of a request in bytes; forms are far smaller.
const BODY_LIMIT: usize = 256 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub struct Web {
    /// The program.
    pub backend: Backend,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Browsers reach it over HTTPS.
    pub secure: bool,
    /// A proxy that sets `X-Forwarded-For` stands in front.
    pub trusted_proxy: bool,
    /// Hours without a request after which a session ends.
    pub session_hours: u8,
    /// Ends what would go on for ever.
    pub stop: CancellationToken,
}

/// The whole program over HTTP.
pub fn router(web: Web, sessions: impl SessionStore + Clone) -> Router {
    let secure = web.secure;
    let health = health::routes(web.backend.health.clone());
    let with_session = pages(&web)
        .route("/login", post(login::log_in).with_state(web.clone()))
        .route("/logout", post(login::log_out).with_state(web.clone()))
        .route("/events", get(events::stream).with_state(web.clone()))
        .route(
            "/estate/{manager}/scripts/{scope}/{file}",
            get(downloads::script).with_state(web.clone()),
        )
        .route(
            "/points/{id}/files/{name}",
            get(downloads::artefact).with_state(web.clone()),
        )
        .route(
            "/plans/{hash}/files/{name}",
            get(downloads::plan).with_state(web.clone()),
        )
        .route(
            "/handbook/{manager}/{scope}/{file}",
            get(handbook::download).with_state(web.clone()),
        )
        .route("/audit/trail.jsonl", get(trail::download).with_state(web.clone()))
        .layer(CompressionLayer::new().compress_when(is_page_or_data))
        .layer(from_fn_with_state(web.clone(), actor::resolve))
        .layer(session::layer(&web, sessions));
    Router::new()
        .merge(assets::routes())
        .merge(health)
        .merge(with_session)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(origin::check))
        .layer(from_fn_with_state(headers::Transport { secure }, headers::add))
        .layer(from_fn(trace::request))
}

/// Pages, server functions and the page for what does not exist: one context for all three.
fn pages(web: &Web) -> Router {
    let options = LeptosOptions::builder()
        .output_name("app")
        .site_pkg_dir(assets::folder())
        .build();
    let (web, base) = (web.clone(), format!("/{}", assets::folder()));
    let context = move || app::context::provide(web.backend.clone(), web.clock.now());
    let shell = move |options: LeptosOptions| app::shell(options, &base);
    let with_options = {
        let (shell, options) = (shell.clone(), options.clone());
        move || shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(app::App), context.clone(), with_options)
        .fallback_service(ErrorHandler::new_with_context(context, shell, options.clone()))
        .with_state(options)
}

/// Assets are compressed already, and the events must not wait in a buffer.
fn is_page_or_data(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("text/html") || value.starts_with("application/json"))
}
