//! For those who watch over the program: whether it runs, and whether it can work.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use domain::services::{HealthService, NotReady};
use std::sync::Arc;

/// The routes. Whoever may reach the port may ask; the answers say nothing else.
pub fn routes(health: Arc<dyn HealthService>) -> Router {
    Router::new()
        .route("/health/live", get(async || "live\n"))
        .route("/health/ready", get(ready).with_state(health))
}

async fn ready(State(health): State<Arc<dyn HealthService>>) -> (StatusCode, &'static str) {
    let (why, answer) = match health.ready().await {
        Ok(()) => return (StatusCode::OK, "ready\n"),
        Err(NotReady::DataBase(why)) => (why, "the database cannot be written to\n"),
        Err(NotReady::BackupTarget(why)) => (why, "the backup target cannot be opened\n"),
    };
    tracing::error!("not ready: {why}");
    (StatusCode::SERVICE_UNAVAILABLE, answer)
}
