//! Reading a recovery point back: whether all that was stored of it is still what was backed up. What came of it is noted in the
//! catalogue, in one transaction with its audit row.

use super::StepError;
use crate::core::faults::of_vault;
use crate::core::{Core, blocking};
use crate::transfer::Meter;
use domain::audit::{AuditSubject, Detail};
use domain::fault::{Damage, DamageFound, TargetFault};
use domain::ids::TargetId;
use domain::point::{Extent, PointCopy, PointDisk, RecoveryPoint};
use vault::{Snapshot, Vault, VaultError};

/// Reads all files of a copy of the point back. The answer is what is wrong with it, if anything is.
///
/// # Errors
/// [`StepError::Failed`] when the backup target as a whole cannot be read, or is another than that of the database, which
/// says nothing about the point; [`StepError::Cancelled`]; [`StepError::Store`].
pub(crate) async fn verify(
    core: &Core,
    actor: &str,
    point: &RecoveryPoint,
    copy: &PointCopy,
    meter: Meter,
) -> Result<Option<Damage>, StepError> {
    let _place = core.verifying.acquire().await;
    let vault = core.target(&copy.target).await?;
    let (opened, snapshot, manifest) = (vault.clone(), copy.snapshot.clone(), point.manifest.clone());
    let fault = blocking(move || first_fault(&opened, &snapshot, manifest.disks(), &meter)).await?;
    if fault.is_some() {
        see_that_target_is_own(core, &copy.target, &vault).await?;
    }
    let target = (!copy.target.is_first()).then(|| copy.target.clone());
    let detail = match &fault {
        Some(damage) => Detail::PointDamaged {
            damage: damage.clone(),
            target,
        },
        None => Detail::PointVerified {
            disks: point.manifest.disks().len(),
            target,
        },
    };
    let id = &point.manifest.point;
    let event = core.event(actor, AuditSubject::Point(id.clone()), detail);
    let tx = core.store.begin().await?;
    match &fault {
        None => tx.set_copy_verified(id, &copy.target, event.at).await?,
        Some(fault) => tx.set_copy_damaged(id, &copy.target, fault).await?,
    }
    tx.audit(&event).await?;
    tx.commit().await?;
    Ok(fault)
}

/// Makes sure that the catalogue speaks of the backup target that this process has opened.
///
/// # Errors
/// [`StepError::Failed`] when another one was adopted since; [`StepError::Store`].
pub(super) async fn see_that_target_is_own(core: &Core, id: &TargetId, vault: &Vault) -> Result<(), StepError> {
    match core.adopted_since(id, vault).await? {
        None => Ok(()),
        Some(fault) => {
            core.note_target(id, Some(fault.clone()));
            Err(StepError::failed(fault))
        }
    }
}

/// What is wrong with the first of the stored files that is not what was backed up.
pub(super) fn first_fault(
    vault: &Vault,
    snapshot: &str,
    disks: &[PointDisk],
    meter: &Meter,
) -> Result<Option<Damage>, VaultError> {
    let mut opened = Opened {
        vault,
        id: snapshot,
        now: None,
    };
    for disk in disks {
        let found = match surely(vault, || opened.read(|snapshot| snapshot.read_data(&disk.file, meter))) {
            Ok(data) if data.sha256 == disk.data_sha256 && lies_at(&data.extents, &disk.data) => continue,
            Ok(_) => DamageFound::Differs,
            Err(error) => DamageFound::Unreadable(lost(error)?),
        };
        let (slot, name) = (disk.slot, disk.name.clone());
        return Ok(Some(Damage::Disk { slot, name, found }));
    }
    let known: Vec<&str> = disks.iter().map(|disk| disk.file.as_str()).collect();
    match surely(vault, || opened.read(|snapshot| snapshot.check_files_but(&known))) {
        Ok(()) => Ok(None),
        Err(error) => lost(error).map(|fault| Some(Damage::Files(fault))),
    }
}

/// The error as something that is lost; any other error stays one, because it says nothing about the point.
fn lost(error: VaultError) -> Result<TargetFault, VaultError> {
    match of_vault(&error) {
        Some(fault) if error.is_loss() => Ok(fault),
        _ => Err(error),
    }
}

/// A snapshot that stays open for as long as it can be read; after a failure it is opened anew, with a new index.
struct Opened<'a> {
    vault: &'a Vault,
    id: &'a str,
    now: Option<Snapshot>,
}

impl Opened<'_> {
    fn read<T>(&mut self, read: impl Fn(&Snapshot) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let snapshot = match self.now.take() {
            Some(snapshot) => snapshot,
            None => self.vault.snapshot(self.id)?,
        };
        let answer = read(&snapshot)?;
        self.now = Some(snapshot);
        Ok(answer)
    }
}

/// What seems lost is looked for once more, in case its index was just being written anew, and counts as lost only while
/// the backup target is there: its file system may have been unmounted meanwhile.
fn surely<T>(vault: &Vault, mut read: impl FnMut() -> Result<T, VaultError>) -> Result<T, VaultError> {
    match read() {
        Err(error) if error.is_loss() => read().or_else(|error| vault.look().and(Err(error))),
        answer => answer,
    }
}

fn lies_at(found: &[vault::Extent], recorded: &[Extent]) -> bool {
    let found = found.iter().map(|extent| (extent.offset, extent.length));
    found.eq(recorded.iter().map(|extent| (extent.offset, extent.length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use vault::VaultOptions;

    #[test]
    fn what_seems_lost_is_lost_only_when_it_is_so_again_while_the_target_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        let vault = Vault::init(&target, "password", &VaultOptions::default()).unwrap();
        let lost = || {
            Err::<(), _>(VaultError::NoSnapshot {
                target: target.display().to_string(),
                snapshot: "s".into(),
            })
        };
        assert!(surely(&vault, lost).unwrap_err().is_loss());
        let looked = Cell::new(false);
        surely(&vault, || if looked.replace(true) { Ok(()) } else { lost() }).unwrap();
        std::fs::rename(&target, dir.path().join("away")).unwrap();
        let away = surely(&vault, lost).unwrap_err();
        assert!(!away.is_loss(), "{away}");
    }
}
