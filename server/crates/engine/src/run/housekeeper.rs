//! Keeps house in the backup targets: sees that their passwords open them, finishes what a power cut has left of recovery points,
//! forgets what backups have left that failed, and gives their room back. Takes no input but the database, the lists of
//! the targets and the clock.

use super::openable::{see_that_key_is_there, see_that_target_opens};
use super::verify::see_that_target_is_own;
use super::{StepError, verify};
use crate::core::{Core, blocking, system_time};
use crate::transfer::Meter;
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::ids::{PointId, TargetId};
use domain::point::{PointCopy, RecoveryPoint};
use domain::run::RunState;
use domain::say::{Language, Say};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use store::StoreError;
use tokio_util::sync::CancellationToken;
use vault::{KEEP_UNNEEDED, PointTag, Reclaimed, SealedPoint, UnfinishedPart, Vault, VaultError};

/// What no run of this database has stored may be another's, at work; after so long it is taken for left behind.
const STRANGERS_STAY: Duration = Duration::from_secs(24 * 3600);
/// The password is tried once in so many seconds.
const OPEN_EVERY_SECS: i64 = 24 * 3600;
/// The target is pruned once in so many seconds: it holds up the runs.
const PRUNE_EVERY_SECS: i64 = 24 * 3600;

/// Runs until stopped. Pruning that is under way is waited for, so that no other server lets runs begin beside it.
pub(crate) async fn housekeeper(core: Arc<Core>, stop: CancellationToken) {
    // The start has just opened the first one.
    let mut opened = HashMap::from([(TargetId::first(), core.now())]);
    while !stop.is_cancelled() {
        if let Err(error) = keep_all(&core, &mut opened, &stop).await {
            tracing::error!("keeping house in the backup targets stopped: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(core.rhythm.housekeeping) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// What is wrong with one backup target keeps nobody from the others.
async fn keep_all(
    core: &Core,
    opened: &mut HashMap<TargetId, Timestamp>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    for target in core.store.targets().await? {
        match keep_house(core, &target.id, opened, stop).await {
            Ok(()) => {}
            Err(StepError::Store(error)) => return Err(error),
            // What is stored is not touched while nobody could open it.
            Err(error) => tracing::error!("the backup target {}: {error}", target.id),
        }
    }
    Ok(())
}

async fn keep_house(
    core: &Core,
    id: &TargetId,
    opened: &mut HashMap<TargetId, Timestamp>,
    stop: &CancellationToken,
) -> Result<(), StepError> {
    see_that_it_opens(core, id, opened).await?;
    let house = House {
        core,
        id,
        vault: core.target(id).await?,
    };
    see_that_target_is_own(core, id, &house.vault).await?;
    house.settle_parts(stop).await?;
    house.prune_if_due().await?;
    Ok(())
}

/// Looks after the key file each time, and tries the password now and then.
async fn see_that_it_opens(
    core: &Core,
    id: &TargetId,
    opened: &mut HashMap<TargetId, Timestamp>,
) -> Result<(), StepError> {
    let now = core.now();
    if opened.get(id).is_some_and(|at| at.plus_seconds(OPEN_EVERY_SECS) > now) {
        return see_that_key_is_there(core, id).await;
    }
    see_that_target_opens(core, id).await?;
    opened.insert(id.clone(), now);
    Ok(())
}

/// A backup target that is kept.
struct House<'a> {
    core: &'a Core,
    id: &'a TargetId,
    vault: Arc<Vault>,
}

impl House<'_> {
    /// Finishes the recovery points of the catalogue of which there are still parts, and forgets the parts of those that
    /// nobody finishes any more.
    async fn settle_parts(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        let (core, vault) = (self.core, self.vault.clone());
        let parts = match blocking(move || vault.list_unfinished()).await {
            Ok(parts) => parts,
            Err(error) => {
                log(&error);
                return Ok(());
            }
        };
        for (tag, newest) in newest_of_each(parts) {
            let id = PointId::new(tag.as_str());
            let known = core.store.point(&id).await?;
            if let Some(point) = known.filter(|point| point.copy_in(self.id).is_some()) {
                self.finish(&tag, point, stop).await?;
                continue;
            }
            let states = core.store.states_of_runs_for(&id).await?;
            let age = system_time(core.now()).duration_since(newest).unwrap_or_default();
            if !is_left_behind(&states, age) {
                continue;
            }
            let (vault, left) = (self.vault.clone(), tag.clone());
            match blocking(move || vault.discard(&left)).await {
                Ok(()) => note(core, &discarded(core, &tag)).await?,
                Err(error) => log(&error),
            }
        }
        Ok(())
    }

    /// Seals a published point: its parts are there because a power cut has undone what its run had done to them. Where the
    /// snapshot is gone, too, they make it once more, and what is in it is read back, because more may be gone.
    async fn finish(&self, tag: &PointTag, point: RecoveryPoint, stop: &CancellationToken) -> Result<(), StoreError> {
        let (core, vault, parts) = (self.core, self.vault.clone(), tag.clone());
        let sealed = match blocking(move || vault.seal(&parts)).await {
            Ok(sealed) => sealed,
            Err(error) => {
                log(&error);
                return Ok(());
            }
        };
        let Some(copy) = point.copy_in(self.id) else {
            return Ok(());
        };
        // Earlier releases kept no more than the beginning of the id.
        if sealed.snapshot_id.starts_with(&copy.snapshot) {
            return Ok(());
        }
        let id = &point.manifest.point;
        let tx = core.store.begin().await?;
        tx.set_copy_snapshot(id, self.id, &sealed.snapshot_id).await?;
        tx.audit(&finished(core, tag, &sealed)).await?;
        tx.commit().await?;
        let copy = PointCopy {
            snapshot: sealed.snapshot_id,
            ..copy.clone()
        };
        match verify(core, "holdfast", &point, &copy, Meter::new(stop.clone())).await {
            Ok(None) => Ok(()),
            Ok(Some(fault)) => {
                tracing::error!("recovery point {id}: {}", fault.say(Language::En));
                Ok(())
            }
            Err(StepError::Store(error)) => Err(error),
            Err(unread) => {
                tracing::warn!("recovery point {id} was not read back: {unread}");
                Ok(())
            }
        }
    }

    /// Prunes, if this server is the one to do it now.
    async fn prune_if_due(&self) -> Result<(), StoreError> {
        let (core, now) = (self.core, self.core.now());
        let tx = core.store.begin().await?;
        let last = now.plus_seconds(-PRUNE_EVERY_SECS);
        let claimed = tx
            .claim_pruning(self.id, &core.process, last, now, core.lease_secs)
            .await?;
        tx.commit().await?;
        if !claimed {
            return Ok(());
        }
        let pruned = self.while_claimed(now).await;
        let tx = core.store.begin().await?;
        match pruned {
            Ok(Reclaimed {
                removed_bytes: 0,
                marked_bytes: 0,
            }) => tracing::info!("nothing in the backup target {} is unneeded", self.id),
            Ok(reclaimed) => {
                let event = self.pruning(reclaimed);
                let detail = event.detail.say(Language::En);
                tracing::info!("the backup target {} was pruned: {detail}", self.id);
                tx.audit(&event).await?;
            }
            Err(error) => log(&error),
        }
        match tx.end_pruning(self.id, &core.process).await {
            Err(StoreError::Fenced) => Ok(()),
            ended => ended.and(tx.commit().await),
        }
    }

    /// Prunes, and renews the claim meanwhile. Where that fails a run may begin beside it, which is why the vault keeps for
    /// a time what it finds to be unneeded: the run may fail then, but loses nothing.
    async fn while_claimed(&self, now: Timestamp) -> Result<Reclaimed, VaultError> {
        let vault = self.vault.clone();
        let mut work = pin!(blocking(move || vault.prune(system_time(now))));
        let beat = Duration::from_millis(u64::try_from(self.core.lease_secs).unwrap_or(30).max(1) * 1000 / 3);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(beat) => if let Err(error) = self.renew().await {
                    tracing::warn!("the claim to prune the backup target {} was not renewed: {error}", self.id);
                },
            }
        }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let core = self.core;
        let tx = core.store.begin().await?;
        tx.renew_pruning(self.id, &core.process, core.now(), core.lease_secs)
            .await?;
        tx.commit().await
    }

    fn pruning(&self, reclaimed: Reclaimed) -> AuditEvent {
        let Reclaimed {
            removed_bytes,
            marked_bytes,
        } = reclaimed;
        let detail = Detail::TargetPruned {
            removed: removed_bytes,
            marked: marked_bytes,
            hours: KEEP_UNNEEDED.as_secs() / 3600,
        };
        let subject = AuditSubject::Target(self.vault.id().to_owned());
        self.core.event("holdfast", subject, detail)
    }
}

/// When the last part of each point was begun.
fn newest_of_each(parts: Vec<UnfinishedPart>) -> HashMap<PointTag, SystemTime> {
    let mut newest = HashMap::new();
    for part in parts {
        let time = newest.entry(part.point).or_insert(part.time);
        *time = part.time.max(*time);
    }
    newest
}

fn is_left_behind(runs: &[RunState], age: Duration) -> bool {
    match runs {
        [] => age > STRANGERS_STAY,
        runs => runs.iter().all(|run| run.is_over()),
    }
}

async fn note(core: &Core, event: &AuditEvent) -> Result<(), StoreError> {
    let tx = core.store.begin().await?;
    tx.audit(event).await?;
    tx.commit().await
}

fn discarded(core: &Core, point: &PointTag) -> AuditEvent {
    core.event("holdfast", subject(point), Detail::PartsDiscarded)
}

fn finished(core: &Core, point: &PointTag, sealed: &SealedPoint) -> AuditEvent {
    let snapshot = sealed.snapshot_id.clone();
    core.event("holdfast", subject(point), Detail::PointSealedAgain { snapshot })
}

fn subject(point: &PointTag) -> AuditSubject {
    AuditSubject::Point(PointId::new(point.as_str()))
}

/// It is tried again.
fn log(error: &VaultError) {
    tracing::warn!("keeping house in a backup target: {error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_left_behind_when_nobody_works_on_them() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        assert!(!is_left_behind(&[], hours(24)) && is_left_behind(&[], hours(25)));
        for state in RunState::ALL {
            assert_eq!(is_left_behind(&[state], hours(0)), state.is_over(), "{state:?}");
            assert_eq!(is_left_behind(&[state], hours(1000)), state.is_over(), "{state:?}");
            let with_one_over = [RunState::Failed, state];
            assert_eq!(is_left_behind(&with_one_over, hours(0)), state.is_over(), "{state:?}");
        }
    }
}
