//! Claims runs and executes each in a task of its own. Woken by the timer and by whoever queues a run; takes no input
//! but the data base.

use super::StepError;
use super::execution::Execution;
use crate::core::Core;
use domain::run::RunState;
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use store::{Claim, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs until stopped.
pub(crate) async fn worker(core: Arc<Core>, stop: CancellationToken) {
    let running = TaskTracker::new();
    while !stop.is_cancelled() {
        match claim(&core).await {
            Ok(Some((claim, held_until))) => {
                running.spawn(run_claimed(core.clone(), claim, held_until, stop.clone()));
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
}

/// Claims a run. With it comes the time until which the claim holds.
async fn claim(core: &Core) -> Result<Option<(Claim, Timestamp)>, StoreError> {
    let tx = core.store.begin().await?;
    let now = core.now();
    let claim = tx.claim_run(&core.owner, now, core.lease_secs).await?;
    tx.commit().await?;
    Ok(claim.map(|claim| (claim, now.plus_seconds(core.lease_secs))))
}

/// Executes one run while its lease holds. A lost lease or a stop drops the execution where it is: the journal tells the
/// next process how to go on.
async fn run_claimed(core: Arc<Core>, claim: Claim, held_until: Timestamp, stop: CancellationToken) {
    let id = claim.run.summary.id.clone();
    let fence = claim.fence;
    let cancelled = CancellationToken::new();
    let heart = heartbeat(core.clone(), claim.clone(), held_until, cancelled.clone());
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
            let (state, message) = (RunState::NeedsOperator, error.to_string());
            tx.set_run_state(&id, fence, state, Some(&message), None, None).await?;
            tx.commit().await
        }
    }
}

/// Renews the lease, and brings the wish to cancel from the data base. Returns only when the lease is lost, with why.
async fn heartbeat(core: Arc<Core>, claim: Claim, held_until: Timestamp, cancelled: CancellationToken) -> String {
    let id = claim.run.summary.id;
    let pause = Duration::from_secs(u64::try_from(core.lease_secs).unwrap_or(30).max(1)) / 3;
    let lease = Lease {
        now: || core.now(),
        secs: core.lease_secs,
        held_until,
    };
    let beat = |until| {
        let (core, id, cancelled) = (&core, &id, &cancelled);
        async move {
            let wished = beat_once(core, id, claim.fence, until).await?;
            // The execution has a new token when it begins to undo, so that the wish is told once.
            if wished {
                cancelled.cancel();
            }
            Ok(())
        }
    };
    let rest = || async {
        tokio::select! {
            () = core.wake.notified() => {}
            () = tokio::time::sleep(pause.min(core.rhythm.heartbeat)) => {}
        }
    };
    lease.keep(beat, rest).await
}

/// A claim on a run, as the one who holds it sees it.
struct Lease<N> {
    now: N,
    secs: i64,
    held_until: Timestamp,
}

impl<N: Fn() -> Timestamp> Lease<N> {
    /// Renews it again and again. It is lost when another has claimed the run, and when it has run out: from then on
    /// another may claim the run, whether the data base can be asked about it or not.
    async fn keep<B, R>(mut self, beat: impl Fn(Timestamp) -> B, rest: impl Fn() -> R) -> String
    where
        B: Future<Output = Result<(), StoreError>>,
        R: Future<Output = ()>,
    {
        loop {
            let until = (self.now)().plus_seconds(self.secs);
            match tokio::time::timeout(self.left(), beat(until)).await {
                Ok(Ok(())) => self.held_until = until,
                Ok(Err(error @ StoreError::Fenced)) => return error.to_string(),
                Ok(Err(error)) => tracing::warn!("a lease was not renewed: {error}"),
                Err(_) => tracing::warn!("a lease was not renewed in time"),
            }
            // A wait that is not over in time would let the work go on without a lease.
            let _over = tokio::time::timeout(self.left(), rest()).await;
            if self.left().is_zero() {
                return "its lease has run out and could not be renewed".to_owned();
            }
        }
    }

    fn left(&self) -> Duration {
        let left = self.held_until.0.saturating_sub((self.now)().0);
        Duration::from_millis(u64::try_from(left).unwrap_or_default())
    }
}

async fn beat_once(core: &Core, id: &domain::ids::RunId, fence: i64, until: Timestamp) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    tx.renew_lease(id, fence, until).await?;
    tx.commit().await?;
    Ok(core.store.run(id).await?.is_some_and(|run| run.cancel_requested))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::time::Instant;

    /// How long a lease of one second lasts whose beats come to this, the first aside.
    async fn lasts<B: Future<Output = Result<(), StoreError>>>(later: impl Fn() -> B) -> Duration {
        let began = Instant::now();
        let now = || Timestamp(i64::try_from(began.elapsed().as_millis()).unwrap());
        let lease = Lease {
            now,
            secs: 1,
            held_until: Timestamp(1000),
        };
        let beats = Cell::new(0);
        let beat = |_until| {
            beats.set(beats.get() + 1);
            let (first, later) = (beats.get() == 1, later());
            async move { if first { Ok(()) } else { later.await } }
        };
        let kept = lease.keep(beat, || tokio::time::sleep(Duration::from_millis(100)));
        let why = tokio::time::timeout(Duration::from_secs(5), kept).await;
        assert!(!why.unwrap().is_empty());
        began.elapsed()
    }

    #[tokio::test]
    async fn a_lease_is_lost_when_it_has_run_out() {
        let a_lease = Duration::from_millis(990)..Duration::from_millis(2000);
        let refused = lasts(|| async { Err(StoreError::Unavailable { reason: "away".into() }) }).await;
        assert!(a_lease.contains(&refused), "{refused:?}");
        let silent = lasts(std::future::pending).await;
        assert!(a_lease.contains(&silent), "{silent:?}");
        let taken = lasts(|| async { Err(StoreError::Fenced) }).await;
        assert!(taken < Duration::from_millis(900), "{taken:?}");
    }
}
