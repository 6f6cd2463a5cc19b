//! Clears up: removes what runs could not remove, and closes requests that nobody decided in time. Takes no input but
//! the data base.

use super::execution::Execution;
use crate::core::Core;
use domain::plan::UndoAction;
use domain::request::RequestState;
use std::sync::Arc;
use std::time::Duration;
use store::{Claim, Leftover, StoreError};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(20);

/// Runs until stopped.
pub(crate) async fn sweeper(core: Arc<Core>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = sweep(&core).await {
            tracing::error!("clearing up stopped: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn sweep(core: &Arc<Core>) -> Result<(), StoreError> {
    for leftover in core.store.leftovers(None, true).await? {
        remove(core, leftover).await?;
    }
    for request in core.store.pending_expired(core.now()).await? {
        let subject = format!("request {}", request.id);
        let event = core.event(
            "holdfast",
            "restore.expired.v1",
            subject,
            "Nobody decided it in time.".into(),
        );
        let tx = core.store.begin().await?;
        tx.set_request_state(&request.id, RequestState::Expired, None).await?;
        tx.audit(&event).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn remove(core: &Arc<Core>, leftover: Leftover) -> Result<(), StoreError> {
    let Ok(undo) = serde_json::from_str::<UndoAction>(&leftover.undo_json) else {
        tracing::error!(run.id = %leftover.run, "a leftover cannot be read and stays: {}", leftover.sentence);
        return Ok(());
    };
    let Some(run) = core.store.run(&leftover.run).await? else {
        return Ok(());
    };
    if !run.summary.state.is_over() {
        return Ok(());
    }
    let claim = Claim { fence: run.fence, run };
    let cleared = match Execution::open(core.clone(), claim, CancellationToken::new()).await {
        Ok(mut execution) => execution.clear_up(&undo).await,
        Err(error) => Err(error),
    };
    match cleared {
        Ok(_) => {
            let subject = format!("run {}", leftover.run);
            let event = core.event("holdfast", "leftover.removed.v1", subject, leftover.sentence);
            let tx = core.store.begin().await?;
            tx.leftover_removed(leftover.id, core.now()).await?;
            tx.audit(&event).await?;
            tx.commit().await
        }
        Err(error) => {
            tracing::warn!(run.id = %leftover.run, "still left behind: {} ({error})", leftover.sentence);
            Ok(())
        }
    }
}
