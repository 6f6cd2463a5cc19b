//! Claims runs and executes each in a task of its own. Woken by the timer and by whoever queues a run; takes no input
//! but the data base.

use super::StepError;
use super::execution::Execution;
use crate::core::Core;
use domain::run::RunState;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Claim, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const POLL: Duration = Duration::from_secs(1);

/// Runs until stopped.
pub(crate) async fn worker(core: Arc<Core>, stop: CancellationToken) {
    let running = TaskTracker::new();
    while !stop.is_cancelled() {
        match claim(&core).await {
            Ok(Some(claim)) => {
                running.spawn(run_claimed(core.clone(), claim, stop.clone()));
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::error!("no run can be claimed: {error}"),
        }
        tokio::select! {
            () = core.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
    running.close();
    running.wait().await;
}

async fn claim(core: &Core) -> Result<Option<Claim>, StoreError> {
    let tx = core.store.begin().await?;
    let claim = tx.claim_run(&core.owner, core.now(), core.lease_secs).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Executes one run while its lease holds. A lost lease or a stop drops the execution where it is: the journal tells the
/// next process how to go on.
async fn run_claimed(core: Arc<Core>, claim: Claim, stop: CancellationToken) {
    let id = claim.run.summary.id.clone();
    let fence = claim.fence;
    let cancelled = Arc::new(AtomicBool::new(false));
    let heart = heartbeat(core.clone(), claim.clone(), cancelled.clone());
    let work = execute(core.clone(), claim, cancelled);
    tokio::select! {
        () = stop.cancelled() => {
            // Whoever comes next need not wait for the lease to run out.
            if let Err(error) = release(&core, &id, fence).await {
                tracing::warn!(run.id = %id, "the lease was not given back: {error}");
            }
        }
        lost = heart => tracing::error!(run.id = %id, "stopped where it was: {lost}"),
        done = work => if let Err(error) = done {
            tracing::error!(run.id = %id, "stopped where it was: {error}");
        },
    }
}

async fn release(core: &Core, id: &domain::ids::RunId, fence: i64) -> Result<(), StoreError> {
    let tx = core.store.begin().await?;
    tx.release_lease(id, fence).await?;
    tx.commit().await
}

async fn execute(core: Arc<Core>, claim: Claim, cancelled: Arc<AtomicBool>) -> Result<(), StoreError> {
    let (id, fence) = (claim.run.summary.id.clone(), claim.fence);
    let executed = match Execution::open(core.clone(), claim, cancelled).await {
        Ok(execution) => execution.execute().await.map_err(StepError::Store),
        Err(error) => Err(error),
    };
    match executed {
        Ok(()) => Ok(()),
        Err(StepError::Store(error)) if !error.is_lasting() => Err(error),
        Err(error) => {
            let tx = core.store.begin().await?;
            let (state, message) = (RunState::NeedsOperator, error.to_string());
            tx.set_run_state(&id, fence, state, Some(&message), None, None).await?;
            tx.commit().await
        }
    }
}

/// Renews the lease, and brings the wish to cancel from the data base. Returns only when the lease is lost.
async fn heartbeat(core: Arc<Core>, claim: Claim, cancelled: Arc<AtomicBool>) -> StoreError {
    let id = claim.run.summary.id;
    let beat = Duration::from_millis(u64::try_from(core.lease_secs).unwrap_or(30).max(1) * 1000 / 3);
    let mut was_wished = false;
    loop {
        match beat_once(&core, &id, claim.fence).await {
            // The wish is told once; the execution takes it back when it begins to undo.
            Ok(wished) if wished && !was_wished => {
                was_wished = true;
                cancelled.store(true, Ordering::Relaxed);
            }
            Ok(_) => {}
            Err(error @ StoreError::Fenced) => return error,
            Err(error) => tracing::warn!(run.id = %id, "the lease was not renewed: {error}"),
        }
        tokio::select! {
            () = core.wake.notified() => {}
            () = tokio::time::sleep(beat.min(Duration::from_secs(2))) => {}
        }
    }
}

async fn beat_once(core: &Core, id: &domain::ids::RunId, fence: i64) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    tx.renew_lease(id, fence, core.now().plus_seconds(core.lease_secs))
        .await?;
    tx.commit().await?;
    Ok(core.store.run(id).await?.is_some_and(|run| run.cancel_requested))
}
