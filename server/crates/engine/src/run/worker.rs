//! Claims runs and executes each in a task of its own, a few at a time. Woken by the timer and by whoever queues a run;
//! takes no input but the database.

use super::StepError;
use super::execution::Execution;
use crate::core::{Core, Entered};
use crate::process;
use domain::fault::StepFault;
use domain::run::{Message, RunState};
use std::sync::Arc;
use store::{Claim, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs until stopped; then gives everything back.
pub(crate) async fn worker(core: Arc<Core>, stop: CancellationToken) {
    let running = TaskTracker::new();
    while !stop.is_cancelled() {
        match claim(&core).await {
            Ok(Some(claimed)) => {
                running.spawn(claimed.work(core.clone(), stop.clone()));
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::error!("no run can be claimed: {error}"),
        }
        tokio::select! {
            () = core.wake.notified() => {}
            () = tokio::time::sleep(core.rhythm.queue) => {}
            () = stop.cancelled() => {}
        }
    }
    running.close();
    running.wait().await;
    process::end(&core).await;
}

/// A run that is this process's to work on.
struct Claimed {
    claim: Claim,
    cancelled: CancellationToken,
    /// The lease under which it was claimed is lost.
    lost: CancellationToken,
    entered: Entered,
}

/// Claims a run, if there is room for one more and one that needs a worker.
async fn claim(core: &Core) -> Result<Option<Claimed>, StoreError> {
    let lost = core.lease.lost();
    let busy = core.running.ids();
    if busy.len() >= core.workers || !core.lease.is_held() {
        return Ok(None);
    }
    let now = core.now();
    let tx = core.store.begin().await?;
    for fault in tx.cut_long_leases(now).await? {
        tracing::warn!(
            "the lease of process {} on {} ended later than a lease can: a clock was wrong or was set back. It is taken to end one lease from now",
            fault.process,
            fault.host
        );
    }
    let claim = tx.claim_run(&core.process, &busy, now).await?;
    tx.commit().await?;
    Ok(claim.map(|claim| {
        let cancelled = CancellationToken::new();
        let entered = core.running.enter(claim.run.summary.id.clone(), cancelled.clone());
        Claimed {
            claim,
            cancelled,
            lost,
            entered,
        }
    }))
}

impl Claimed {
    /// Executes the run while its lease holds. A lost lease or a stop drops the execution where it is: the journal tells
    /// the next process how to go on.
    async fn work(self, core: Arc<Core>, stop: CancellationToken) {
        let id = self.claim.run.summary.id.clone();
        let trouble = tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = self.lost.cancelled() => {
                tracing::error!(run.id = %id, "stopped where it was: the lease of this process is lost");
                false
            }
            done = execute(core.clone(), self.claim, self.cancelled) => match done {
                Ok(()) => false,
                Err(error) => {
                    tracing::error!(run.id = %id, "stopped where it was: {error}");
                    true
                }
            },
        };
        if trouble {
            // It keeps its place meanwhile, so that it is not claimed again and again.
            let _stopped = stop.run_until_cancelled(tokio::time::sleep(core.rhythm.retry)).await;
        }
        drop(self.entered);
        core.wake.notify_one();
    }
}

async fn execute(core: Arc<Core>, claim: Claim, cancelled: CancellationToken) -> Result<(), StoreError> {
    let (id, fence) = (claim.run.summary.id.clone(), claim.fence);
    let executed = match Execution::open(core.clone(), claim, cancelled).await {
        Ok(execution) => Box::pin(execution.execute()).await.map_err(StepError::Store),
        Err(error) => Err(error),
    };
    match executed {
        Ok(()) => Ok(()),
        Err(StepError::Store(error)) if !error.is_lasting() => Err(error),
        Err(error) => {
            let tx = core.store.begin().await?;
            let message = match error.fault() {
                StepFault::Fault(fault) => Message::Stopped(fault),
                StepFault::Cancelled => Message::Cancelled,
            };
            let state = RunState::NeedsOperator;
            tx.set_run_state(&id, fence, state, &[message.into()], None, None)
                .await?;
            tx.commit().await
        }
    }
}
