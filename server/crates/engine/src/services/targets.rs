//! Backup targets: a place is stored only after it has let us in.

use super::access::commit;
use crate::core::{COMMAND_LINE, Core, Look, SealKey, TargetError, enrolled, from_store, internal, open_recorded};
use crate::run::see_that_target_is_usable;
use crate::step::StepError;
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::error::{ServiceError, TargetConflict, TargetFlaw, Thing};
use domain::fault::{Fault, StepFault, TargetFault};
use domain::ids::TargetId;
use domain::services::{Answer, TargetService};
use domain::target::{Location, NewTarget, TargetView, checked_name};
use domain::time::{Clock, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, Target};
use tokio::time::timeout;

/// How long somebody waits for what comes of a check.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct BackupTargets(pub(crate) Arc<Core>);

#[async_trait]
impl TargetService for BackupTargets {
    async fn list(&self, actor: &Actor) -> Answer<Vec<TargetView>> {
        actor.require(Permission::Administer, None)?;
        let targets = self.0.store.targets().await.map_err(from_store)?;
        let mut looks = self.0.target_looks();
        let seen = targets.into_iter().map(|target| {
            let look = looks.remove(&target.id);
            view(target, look)
        });
        Ok(seen.collect())
    }

    async fn add(&self, actor: &Actor, new: NewTarget) -> Answer<TargetId> {
        actor.require(Permission::Administer, None)?;
        let core = &self.0;
        let id = add_target(&core.store, &core.seal_key, &*core.clock, Some(&actor.name), new).await?;
        core.note_target(&id, None);
        Ok(id)
    }

    async fn check(&self, actor: &Actor, id: &TargetId) -> Answer<TargetView> {
        actor.require(Permission::Administer, None)?;
        let core = &self.0;
        let target = core.store.target(id).await.map_err(from_store)?;
        let target = target.ok_or_else(|| ServiceError::not_found(Thing::BackupTarget, id))?;
        let fault = match timeout(PATIENCE, see_that_target_is_usable(core, id)).await {
            Ok(Ok(())) => None,
            Ok(Err(StepError::Store(error))) => return Err(from_store(error)),
            Ok(Err(error)) => match error.fault() {
                StepFault::Fault(fault) => Some(fault),
                StepFault::Cancelled => None,
            },
            Err(_) => {
                let silent = TargetFault::Silent { target: id.to_string() };
                core.note_target(id, Some(silent.clone()));
                Some(silent.into())
            }
        };
        note_check(&core.store, core.now(), &actor.name, &target, fault).await?;
        let look = core.target_looks().remove(id);
        Ok(view(target, look))
    }
}

fn view(target: Target, look: Option<Look>) -> TargetView {
    TargetView {
        looked_at: look.as_ref().map(|look| look.at),
        fault: look.and_then(|look| look.fault),
        id: target.id,
        location: target.location,
        repository: target.repository,
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
    // Before anything is made in the place, and again when nobody else can add one.
    require_free(&id, store.target(&id).await.map_err(from_store)?)?;
    let location = new.location.clone();
    let enrolled = enrolled(id.clone(), new, seal_key).await;
    let target = enrolled.map_err(|error| not_let_in(error, &location))?;
    let detail = Detail::TargetAdded {
        name: id.clone(),
        place: target.location.to_string(),
    };
    let subject = AuditSubject::Target(target.repository.clone());
    let event = AuditEvent::new(clock.now(), by.unwrap_or(COMMAND_LINE), subject, detail);
    let tx = store.begin().await.map_err(from_store)?;
    require_free(&id, tx.target(&id).await.map_err(from_store)?)?;
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
        (Location::S3 { endpoint, .. }, _) if !["https://", "http://"].iter().any(|way| endpoint.starts_with(way)) => {
            Err(ServiceError::invalid("endpoint", TargetFlaw::EndpointNoUrl))
        }
        (Location::S3 { .. }, None) => Err(ServiceError::invalid("access_key", TargetFlaw::NoAccessKey)),
        _ => Ok(()),
    }
}

fn require_free(id: &TargetId, taken: Option<Target>) -> Answer<()> {
    let target = id.clone();
    match taken {
        None => Ok(()),
        Some(_) => Err(ServiceError::invalid("name", TargetFlaw::TargetTaken { target })),
    }
}

fn not_let_in(error: TargetError, location: &Location) -> ServiceError {
    let fault = match error {
        error @ (TargetError::Vault(_) | TargetError::Fault(_)) => Box::new(error.fault()),
        other => return internal(other),
    };
    match to_blame(&fault, location) {
        Some(field) => ServiceError::invalid(field, TargetFlaw::TargetNotOpened(fault)),
        None => ServiceError::conflict(TargetConflict::TargetNotAdded(fault)),
    }
}

/// The field in which what is wrong was entered, where one is.
fn to_blame(fault: &TargetFault, location: &Location) -> Option<&'static str> {
    match (fault, location) {
        (TargetFault::Absent { .. }, _) => Some("make_new"),
        (
            TargetFault::WrongPassword { .. } | TargetFault::EmptyPassword { .. } | TargetFault::ShortPassword { .. },
            _,
        ) => Some("password"),
        (TargetFault::WrongAccessKey { .. }, _) => Some("access_key"),
        (TargetFault::NoBucket { .. }, _) => Some("bucket"),
        (TargetFault::Unreachable { .. }, _) => Some("endpoint"),
        (TargetFault::Foreign { .. }, Location::S3 { .. }) => Some("prefix"),
        (
            TargetFault::Foreign { .. } | TargetFault::Full { .. } | TargetFault::Other { .. },
            Location::Folder { .. },
        ) => Some("folder"),
        _ => None,
    }
}
