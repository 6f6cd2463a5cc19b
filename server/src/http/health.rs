//! For those who watch over the program: whether it runs, and whether it can work.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use std::sync::Arc;
use tower_sessions::SessionStore;
use tower_sessions::session::Id;

/// The routes. Whoever may reach the port may ask; the answers say nothing else.
pub fn routes(sessions: Arc<dyn SessionStore>) -> Router {
    Router::new()
        .route("/health/live", get(async || "live\n"))
        .route("/health/ready", get(ready).with_state(sessions))
}

/// Ready means that the data base answers; the sessions lie in it.
async fn ready(State(sessions): State<Arc<dyn SessionStore>>) -> (StatusCode, &'static str) {
    match sessions.load(&Id::default()).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!("not ready: the data base does not answer: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "the data base does not answer\n")
        }
    }
}
