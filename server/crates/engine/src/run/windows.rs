//! Runs whose window closes before they have begun: they are over, and nothing was done.

use crate::core::Core;
use crate::services::{Stage, request_event};
use domain::request::RequestState;
use domain::run::{RunNews, RunState};
use domain::time::Timestamp;
use store::{RunRow, StoreError, Tx};

/// Ends those that nobody works on. One that was claimed is ended by whoever has claimed it, when it leaves the queue.
pub(super) async fn end_missed(core: &Core) -> Result<(), StoreError> {
    let now = core.now();
    for run in core.store.runs_past_their_window(now).await? {
        let (id, message) = (&run.summary.id, message(&run));
        let tx = core.store.begin().await?;
        if !tx.end_queued(id, RunState::Missed, &message, now).await? {
            continue;
        }
        note_missed(core, &tx, &run).await?;
        tx.commit().await?;
        let state = RunState::Missed;
        core.tell(
            id,
            RunNews::State {
                state,
                message: Some(message),
            },
        );
        tell_of_request(core, &run);
    }
    Ok(())
}

/// Writes down that the request behind the run came to nothing.
pub(super) async fn note_missed(core: &Core, tx: &Tx, run: &RunRow) -> Result<(), StoreError> {
    let Some(id) = &run.request else {
        return Ok(());
    };
    let Some(request) = tx.request(id).await? else {
        return Ok(());
    };
    tx.set_request_state(id, RequestState::Missed, None).await?;
    let event = request_event(core, "holdfast", Stage::Missed, &request, message(run));
    tx.audit(&event).await.map(drop)
}

/// Only after the end is stored.
pub(super) fn tell_of_request(core: &Core, run: &RunRow) {
    if let Some(request) = &run.request {
        core.tell_of_request(request);
    }
}

/// Why the run is over.
pub(super) fn message(run: &RunRow) -> String {
    let closed = run.summary.window.not_after.map(Timestamp::display).unwrap_or_default();
    format!("Its window closed at {closed} before it could begin. Nothing was done.")
}
