//! Clears up: removes what runs could not remove, ends runs that have missed their window, and closes requests that nobody
//! decided in time. Takes no input but the database.

use super::execution::Execution;
use super::{StepError, newer, windows};
use crate::core::Core;
use crate::core::faults::unusable;
use crate::requests::request_event;
use domain::audit::{AuditSubject, Detail, RequestStage};
use domain::ids::RunId;
use domain::plan::read_undo_action;
use domain::say::{Language, Say};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Claim, Leftover, StoreError};
use tokio_util::sync::CancellationToken;

/// The longest pause between two attempts to remove the same.
const LONGEST_PAUSE_MS: i64 = 3_600_000;

/// What became of a leftover.
enum Cleared {
    /// It is not there any more.
    Removed,
    /// It stays as it is, because this newer run has had the machine in hand.
    Void(RunId),
}

/// When each leftover was tried last. Lost with the process, which only means that all are tried at its start.
type Tried = HashMap<i64, Timestamp>;

/// Runs until stopped.
pub(crate) async fn sweeper(core: Arc<Core>, stop: CancellationToken) {
    let mut tried = Tried::new();
    while !stop.is_cancelled() {
        if let Err(error) = sweep(&core, &mut tried, &stop).await {
            tracing::error!("clearing up stopped: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(core.rhythm.sweep) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn sweep(core: &Arc<Core>, tried: &mut Tried, stop: &CancellationToken) -> Result<(), StoreError> {
    let leftovers = core.store.leftovers(None, true).await?;
    if !leftovers.is_empty() {
        give_back(core).await?;
    }
    tried.retain(|id, _| leftovers.iter().any(|leftover| leftover.id == *id));
    for leftover in leftovers {
        let now = core.now();
        if !is_due(leftover.since, tried.get(&leftover.id).copied(), now) {
            continue;
        }
        if let Some(claim) = claim(core, &leftover, now).await? {
            tried.insert(leftover.id, now);
            remove(core, leftover, claim, stop).await?;
        }
    }
    windows::end_missed(core).await?;
    expire_requests(core).await
}

/// Closes the requests that nobody has decided in time.
async fn expire_requests(core: &Core) -> Result<(), StoreError> {
    for request in core.store.pending_expired(core.now()).await? {
        let tx = core.store.begin().await?;
        // Somebody may have decided it since it was read.
        if tx.expire_request(&request.id).await? {
            tx.audit(&request_event(core, "holdfast", &request, RequestStage::Expired))
                .await?;
            tx.commit().await?;
            core.tell_of_request(&request.id);
        }
    }
    Ok(())
}

/// What stays for long is tried less often: after a tenth of its age.
fn is_due(since: Timestamp, tried: Option<Timestamp>, now: Timestamp) -> bool {
    tried.is_none_or(|tried| now.0 - tried.0 >= ((tried.0 - since.0) / 10).min(LONGEST_PAUSE_MS))
}

/// The run that has left it, unless another run holds what it has touched.
async fn claim(core: &Core, leftover: &Leftover, now: Timestamp) -> Result<Option<Claim>, StoreError> {
    let tx = core.store.begin().await?;
    let claim = tx.claim_to_clear_up(&leftover.run, &core.process, now).await?;
    tx.commit().await?;
    Ok(claim)
}

async fn remove(
    core: &Arc<Core>,
    leftover: Leftover,
    claim: Claim,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let fence = claim.fence;
    let lost = core.lease.lost();
    let cleared = tokio::select! {
        cleared = clear_up(core, &leftover, claim) => cleared,
        () = lost.cancelled() => Err(StepError::Store(StoreError::Fenced)),
        () = stop.cancelled() => Err(StepError::Cancelled),
    };
    let tx = core.store.begin().await?;
    match cleared {
        Ok(cleared) => {
            let left = leftover.what;
            let detail = match cleared {
                Cleared::Removed => Detail::LeftoverRemoved(left),
                Cleared::Void(run) => Detail::LeftoverVoid { left, run },
            };
            let event = core.event("holdfast", AuditSubject::Run(leftover.run.clone()), detail);
            tx.leftover_removed(leftover.id, core.now()).await?;
            tx.audit(&event).await?;
        }
        Err(error) => {
            let left = leftover.what.say(Language::En);
            tracing::warn!(run.id = %leftover.run, "still left behind: {left} ({error})");
        }
    }
    match tx.end_clear_up(&leftover.run, fence).await {
        Err(StoreError::Fenced) => Ok(()),
        released => released.and(tx.commit().await),
    }
}

async fn clear_up(core: &Arc<Core>, leftover: &Leftover, claim: Claim) -> Result<Cleared, StepError> {
    let undo = read_undo_action(&leftover.undo_json).map_err(|error| StepError::failed(unusable(error)))?;
    // No run for the machine is under way or begins as long as the claim is held.
    if let Some(newer) = newer::stands_against(core, &claim.run.summary, &undo).await? {
        return Ok(Cleared::Void(newer));
    }
    let mut execution = Execution::open(core.clone(), claim, CancellationToken::new()).await?;
    execution.clear_up(&undo).await?;
    Ok(Cleared::Removed)
}

/// What could not be given back when it was cleared up, as while the database was away.
async fn give_back(core: &Core) -> Result<(), StoreError> {
    let tx = core.store.begin().await?;
    tx.release_cleared_up(&core.process).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::is_due;
    use domain::time::Timestamp;

    #[test]
    fn what_stays_is_tried_less_often_the_older_it_is() {
        let minutes = |minutes: i64| Timestamp(minutes * 60_000);
        let due = |tried, now| is_due(minutes(0), Some(minutes(tried)), minutes(now));
        assert!(is_due(minutes(0), None, minutes(0)), "it was never tried");
        assert!(due(0, 0), "it is new");
        assert!(!due(100, 109) && due(100, 110), "a tenth of its age");
        assert!(!due(100_000, 100_059) && due(100_000, 100_060), "an hour at the latest");
    }
}
