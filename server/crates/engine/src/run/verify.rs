//! Reading a recovery point back: whether its stored disks are still what was backed up. What came of it is noted in the
//! catalogue, in one transaction with its audit row.

use super::{StepError, blocking};
use crate::core::Core;
use crate::transfer::Meter;
use domain::point::{PointDisk, RecoveryPoint};
use vault::{Vault, VaultError};

/// How much of a point is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Every byte, holes included, and the hash compared.
    Whole,
    /// Only what is stored: takes as long as the data is large, and finds what is lost or changed, because every chunk
    /// carries its own seal.
    Stored,
}

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Reads all disks of the point back. The answer is what is wrong with it: a sentence, or nothing.
///
/// # Errors
/// [`StepError::Failed`] when the backup target as a whole cannot be read, which says nothing about the point;
/// [`StepError::Cancelled`]; [`StepError::Store`].
pub(crate) async fn verify(
    core: &Core,
    actor: &str,
    point: &RecoveryPoint,
    reading: Reading,
    meter: Meter,
) -> Result<Option<String>, StepError> {
    let _permit = core.transfers.acquire().await;
    let (vault, read) = (core.vault.clone(), point.clone());
    let fault = blocking(move || first_fault(&vault, &read, reading, &meter)).await?;
    let (event, detail) = match (&fault, reading) {
        (Some(fault), _) => ("point.damaged.v1", fault.clone()),
        (None, Reading::Whole) => {
            let disks = point.manifest.disks.len();
            (
                "point.verified.v1",
                format!("{disks} stored disks were read back and match."),
            )
        }
        (None, Reading::Stored) => return Ok(None),
    };
    let id = &point.manifest.point;
    let event = core.event(actor, event, format!("recovery point {id}"), detail);
    let tx = core.store.begin().await?;
    match &fault {
        None => tx.set_point_verified(id, event.at).await?,
        Some(fault) => tx.set_point_damaged(id, fault).await?,
    }
    tx.audit(&event).await?;
    tx.commit().await?;
    Ok(fault)
}

fn first_fault(
    vault: &Vault,
    point: &RecoveryPoint,
    reading: Reading,
    meter: &Meter,
) -> Result<Option<String>, VaultError> {
    for disk in &point.manifest.disks {
        let read = match reading {
            Reading::Whole => vault
                .hash_file(&point.snapshot, &disk.file, meter)
                .map(|hash| hash == disk.sha256),
            Reading::Stored => read_stored(vault, &point.snapshot, disk, meter).map(|()| true),
        };
        let found = match read {
            Ok(true) => continue,
            Ok(false) => "is not what was backed up".to_owned(),
            Err(error @ (VaultError::Damaged { .. } | VaultError::NoSnapshot { .. } | VaultError::NoFile { .. })) => {
                format!("cannot be read: {error}")
            }
            Err(error) => return Err(error),
        };
        let (name, slot) = (&disk.name, disk.slot);
        return Ok(Some(format!("The stored copy of disk {name} in slot {slot} {found}.")));
    }
    Ok(None)
}

fn read_stored(vault: &Vault, snapshot: &str, disk: &PointDisk, meter: &Meter) -> Result<(), VaultError> {
    let file = vault.open_file(snapshot, &disk.file)?;
    let mut piece = vec![0; PIECE];
    for extent in file.data() {
        let mut done = 0;
        while done < extent.length {
            if meter.is_cancelled() {
                return Err(VaultError::Cancelled);
            }
            let wanted = usize::try_from(extent.length - done).unwrap_or(PIECE).min(PIECE);
            let read = file.read_at(extent.offset + done, piece.get_mut(..wanted).unwrap_or_default())?;
            if read == 0 {
                break;
            }
            done += read as u64;
        }
    }
    Ok(())
}
