//! Backup targets: a place is stored only after it has let us in.

use super::access::commit;
use crate::core::{COMMAND_LINE, Core, SealKey, TargetError, enrolled, from_store, internal, open_recorded};
use crate::run::{StepError, see_that_target_opens};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::error::{ServiceError, TargetConflict, TargetFlaw, Thing};
use domain::fault::{Fault, StepFault};
use domain::ids::TargetId;
use domain::services::{Answer, TargetService};
use domain::target::{Location, NewTarget, TargetView, checked_name};
use domain::time::{Clock, Timestamp};
use std::path::Path;
use std::sync::Arc;
use store::{Store, Target};

pub(crate) struct BackupTargets(pub(crate) Arc<Core>);

#[async_trait]
impl TargetService for BackupTargets {
    async fn list(&self, actor: &Actor) -> Answer<Vec<TargetView>> {
        actor.require(Permission::Administer, None)?;
        let targets = self.0.store.targets().await.map_err(from_store)?;
        Ok(targets.into_iter().map(|target| self.view(target)).collect())
    }

    async fn add(&self, actor: &Actor, new: NewTarget) -> Answer<TargetId> {
        actor.require(Permission::Administer, None)?;
        let core = &self.0;
        add_target(&core.store, &core.seal_key, &*core.clock, Some(&actor.name), new).await
    }

    async fn check(&self, actor: &Actor, id: &TargetId) -> Answer<TargetView> {
        actor.require(Permission::Administer, None)?;
        let core = &self.0;
        let target = core.store.target(id).await.map_err(from_store)?;
        let target = target.ok_or_else(|| ServiceError::not_found(Thing::BackupTarget, id))?;
        let fault = match see_that_target_opens(core, id).await {
            Ok(()) => None,
            Err(StepError::Store(error)) => return Err(from_store(error)),
            Err(error) => match error.fault() {
                StepFault::Fault(fault) => Some(fault),
                StepFault::Cancelled => None,
            },
        };
        note_check(&core.store, core.now(), &actor.name, &target, fault).await?;
        Ok(self.view(target))
    }
}

impl BackupTargets {
    fn view(&self, target: Target) -> TargetView {
        TargetView {
            fault: self.0.target_faults().remove(&target.id),
            id: target.id,
            location: target.location,
            repository: target.repository,
        }
    }
}

/// Adds a backup target to the database, in the name of `by`; of the command line without one.
///
/// # Errors
/// [`ServiceError::Invalid`], [`ServiceError::Conflict`] when there is no such place, or it does not let us in.
pub async fn add_target(
    store: &Store,
    seal_key: &SealKey,
    clock: &dyn Clock,
    by: Option<&str>,
    new: NewTarget,
) -> Answer<TargetId> {
    let id = checked_name(&new.name)?;
    check_location(&new)?;
    let target = enrolled(id.clone(), new, seal_key).await.map_err(not_let_in)?;
    let detail = Detail::TargetAdded {
        name: id.clone(),
        place: target.location.to_string(),
    };
    let subject = AuditSubject::Target(target.repository.clone());
    let event = AuditEvent::new(clock.now(), by.unwrap_or(COMMAND_LINE), subject, detail);
    let tx = store.begin().await.map_err(from_store)?;
    if tx.target(&id).await.map_err(from_store)?.is_some() {
        return Err(ServiceError::conflict(TargetConflict::TargetTaken { target: id }));
    }
    let stored = async {
        tx.put_target(&target, clock.now()).await?;
        commit(tx, &event).await
    };
    stored.await.map_err(from_store)?;
    Ok(id)
}

/// Opens a backup target with its password, for the command line. `configured` is the password of the first.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Conflict`] when nobody could open it.
pub async fn check_target(
    store: &Store,
    seal_key: &SealKey,
    clock: &dyn Clock,
    configured: &str,
    id: &TargetId,
) -> Answer<()> {
    let target = store.target(id).await.map_err(from_store)?;
    let mut target = target.ok_or_else(|| ServiceError::not_found(Thing::BackupTarget, id))?;
    if id.is_first() {
        target.password = Some(seal_key.seal(configured).map_err(internal)?);
    }
    let fault = open_recorded(&target, seal_key).await.err().map(|error| error.fault());
    note_check(store, clock.now(), COMMAND_LINE, &target, fault.clone().map(Into::into)).await?;
    match fault {
        None => Ok(()),
        Some(fault) => {
            let (target, fault) = (id.clone(), Box::new(fault));
            Err(ServiceError::conflict(TargetConflict::TargetUnusable { target, fault }))
        }
    }
}

async fn note_check(store: &Store, at: Timestamp, by: &str, target: &Target, fault: Option<Fault>) -> Answer<()> {
    let subject = AuditSubject::Target(target.repository.clone());
    let event = AuditEvent::new(at, by, subject, Detail::TargetChecked { fault });
    let tx = store.begin().await.map_err(from_store)?;
    commit(tx, &event).await.map_err(from_store)
}

fn check_location(new: &NewTarget) -> Answer<()> {
    match (&new.location, &new.access_key) {
        (Location::Folder { folder }, _) if !Path::new(folder).is_absolute() => {
            Err(ServiceError::invalid("folder", TargetFlaw::FolderNotAbsolute))
        }
        (Location::S3 { .. }, None) => Err(ServiceError::invalid("access_key", TargetFlaw::NoAccessKey)),
        _ => Ok(()),
    }
}

fn not_let_in(error: TargetError) -> ServiceError {
    match error {
        error @ (TargetError::Vault(_) | TargetError::Fault(_)) => {
            ServiceError::conflict(TargetConflict::TargetNotAdded(Box::new(error.fault())))
        }
        other => internal(other),
    }
}
