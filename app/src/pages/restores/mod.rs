//! Requests and their approval.

pub mod detail;
pub mod list;
mod votes;

use domain::actor::Actor;
use domain::request::{Request, RequestState};
use domain::services::{Answer, Backend, RequestFilter};

/// The requests that wait for this actor's vote, newest first.
pub async fn to_decide(actor: &Actor, backend: &Backend) -> Answer<Vec<Request>> {
    let filter = RequestFilter {
        state: Some(RequestState::Pending),
        ..RequestFilter::default()
    };
    let mut pending = backend.restores.list(actor, &filter).await?.rows;
    pending.retain(|request| request.waits_for(actor));
    Ok(pending)
}
