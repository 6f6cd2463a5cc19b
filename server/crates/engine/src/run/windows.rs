//! Runs whose window closes before they have begun: they are over, and nothing was done.

use crate::core::Core;
use crate::requests::request_event;
use domain::audit::RequestStage;
use domain::request::RequestState;
use domain::run::{Message, RunNews, RunState};
use store::{RunRow, StoreError, Tx};

/// Ends those that nobody works on. One that was claimed is ended by whoever has claimed it, when it leaves the queue.
pub(super) async fn end_missed(core: &Core) -> Result<(), StoreError> {
    let now = core.now();
    for run in core.store.runs_past_their_window(now).await? {
        let (id, message) = (&run.summary.id, vec![message(&run).into()]);
        let tx = core.store.begin().await?;
        if !tx.end_queued(id, RunState::Missed, &message, now).await? {
            continue;
        }
        note_missed(core, &tx, &run).await?;
        tx.commit().await?;
        let state = RunState::Missed;
        core.tell(id, RunNews::State { state, message });
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
    let closed = run.summary.window.not_after;
    let event = request_event(core, "holdfast", &request, RequestStage::Missed { closed });
    tx.audit(&event).await.map(drop)
}

/// Only after the end is stored.
pub(super) fn tell_of_request(core: &Core, run: &RunRow) {
    if let Some(request) = &run.request {
        core.tell_of_request(request);
    }
}

/// Why the run is over.
pub(super) fn message(run: &RunRow) -> Message {
    let closed = run.summary.window.not_after;
    Message::Missed { closed }
}
