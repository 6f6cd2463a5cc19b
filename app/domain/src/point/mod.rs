//! Recovery points: what can be gone back to, what is in it, and how sure we are.

mod manifest;

pub use manifest::{Content, Manifest, VmContent};

use crate::fault::Damage;
use crate::ids::{PointId, TargetId};
use crate::list::{Cursor, Listed};
use crate::plan::Said;
use crate::policy::BackupMethod;
use crate::subject::Subject;
use crate::time::Timestamp;
use ovm::ids::{DiskId, RepositoryId, VmId};
use serde::{Deserialize, Serialize};

/// How far the disks of a point belong to one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// The machine was stopped: the disks are as after a clean shutdown.
    Stopped,
    /// One disk of a running machine at one instant: as after a power failure.
    CrashConsistent,
    /// Several disks of a running machine, one after the other: each as after a power failure, not of the same instant.
    CrashConsistentPerDisk,
}

impl Consistency {
    /// What disks have in common that are taken by this method from a machine that runs or not.
    pub fn of(method: BackupMethod, runs: bool, disks: usize) -> Self {
        match (method, runs) {
            (BackupMethod::StopCopyStart, _) | (_, false) => Self::Stopped,
            (_, true) if disks <= 1 => Self::CrashConsistent,
            (_, true) => Self::CrashConsistentPerDisk,
        }
    }

    /// The label a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Stopped => "Consistent, VM stopped",
            Self::CrashConsistent => "Crash-consistent",
            Self::CrashConsistentPerDisk => "Crash-consistent per disk",
        }
    }
}

/// A stretch of a disk that holds data; what lies between reads as zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extent {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}

/// A disk in a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointDisk {
    /// Slot it was mapped to.
    pub slot: u32,
    /// Id of the virtual disk in the estate; its file name.
    pub disk: DiskId,
    /// Display name.
    pub name: String,
    /// Repository it lay in.
    pub repository: RepositoryId,
    /// Path of its file inside the backup target's snapshot.
    pub file: String,
    /// Size of the image in bytes.
    pub size_bytes: u64,
    /// Bytes read from the estate: the size without the holes.
    pub read_bytes: u64,
    /// Bytes that this disk added to the backup target.
    pub stored_bytes: u64,
    /// SHA-256 of the whole image, holes as zeros, in hex.
    pub sha256: String,
    /// Stretches that hold data, in ascending order.
    pub data: Vec<Extent>,
    /// SHA-256 of these stretches, one after the other, in hex. What a check compares: it costs nothing for holes.
    pub data_sha256: String,
}

/// A recovery point as the catalogue keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPoint {
    /// What it contains.
    pub manifest: Manifest,
    /// Where it is stored: one copy in each of these backup targets, that in the first before the others.
    pub copies: Vec<PointCopy>,
}

/// A recovery point as it lies in one backup target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointCopy {
    /// The backup target.
    pub target: TargetId,
    /// Id of the snapshot in it.
    pub snapshot: String,
    /// Bytes that the copy added to the backup target.
    pub stored_bytes: u64,
    /// When the stored disks were last read back and matched.
    pub verified_at: Timestamp,
    /// Set when a later integrity check found the copy damaged. Such a copy is not restored.
    pub damaged: Option<Said<Damage>>,
}

/// Why none of these copies can be restored, if that is so.
pub fn damage(copies: &[PointCopy]) -> Option<&Said<Damage>> {
    let mut damages = copies.iter().map(|copy| copy.damaged.as_ref());
    match damages.clone().all(|damage| damage.is_some()) {
        true => damages.next().flatten(),
        false => None,
    }
}

/// When one of these copies was last read back and matched, of those that can be restored if there are any.
pub fn verified_at(copies: &[PointCopy]) -> Timestamp {
    let last = |damaged: bool| {
        let those = copies.iter().filter(move |copy| copy.damaged.is_some() == damaged);
        those.map(|copy| copy.verified_at).max()
    };
    last(false).or_else(|| last(true)).unwrap_or(Timestamp(0))
}

/// What a list says of a recovery point. Its manifest can be long: a catalogue of thousands could not be read with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointSummary {
    /// The point.
    pub point: PointId,
    /// What it is a point of, named as when the snapshot was taken.
    pub subject: Subject,
    /// Name of the protection policy.
    pub policy: String,
    /// When the snapshot was taken.
    pub taken_at: Timestamp,
    /// How far the disks belong together.
    pub consistency: Consistency,
    /// Number of disks.
    pub disks: u32,
    /// Sum of the disk sizes in bytes.
    pub size_bytes: u64,
    /// Sum of what the disks added to the backup target, in bytes.
    pub stored_bytes: u64,
    /// As [`verified_at`] of its copies.
    pub verified_at: Timestamp,
    /// As [`damage`] of its copies. Such a point is not offered for restore.
    pub damaged: Option<Said<Damage>>,
}

impl Listed for PointSummary {
    fn cursor(&self) -> Cursor {
        Cursor {
            at: self.taken_at,
            id: self.point.to_string(),
        }
    }
}

impl RecoveryPoint {
    /// The machine.
    pub fn vm(&self) -> &VmId {
        &self.manifest.machine().vm.id
    }

    /// What a list says of it.
    pub fn summary(&self) -> PointSummary {
        let manifest = &self.manifest;
        PointSummary {
            point: manifest.point.clone(),
            subject: manifest.subject.clone(),
            policy: manifest.policy.clone(),
            taken_at: manifest.taken_at,
            consistency: manifest.machine().consistency,
            disks: u32::try_from(manifest.disks().len()).unwrap_or(u32::MAX),
            size_bytes: self.size_bytes(),
            stored_bytes: self.stored_bytes(),
            verified_at: self.verified_at(),
            damaged: self.damage().cloned(),
        }
    }

    /// The copy that can be restored, that in this backup target before others; none when all are damaged.
    pub fn whole_copy(&self, preferred: &TargetId) -> Option<&PointCopy> {
        let mut whole = self.copies.iter().filter(|copy| copy.damaged.is_none());
        let first = whole.clone().next();
        whole.find(|copy| copy.target == *preferred).or(first)
    }

    /// The copy in this backup target.
    pub fn copy_in(&self, target: &TargetId) -> Option<&PointCopy> {
        self.copies.iter().find(|copy| copy.target == *target)
    }

    /// [`damage`] of its copies.
    pub fn damage(&self) -> Option<&Said<Damage>> {
        damage(&self.copies)
    }

    /// [`verified_at`] of its copies.
    pub fn verified_at(&self) -> Timestamp {
        verified_at(&self.copies)
    }

    /// Sum of the disk sizes in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.manifest.disks().iter().map(|disk| disk.size_bytes).sum()
    }

    /// Sum of what the disks added to the backup target, in bytes.
    pub fn stored_bytes(&self) -> u64 {
        self.manifest.disks().iter().map(|disk| disk.stored_bytes).sum()
    }
}

/// What can be downloaded from a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Artefact {
    /// The definition as the server keeps it.
    VmCfg,
    /// OVMCLI commands that re-create the machine.
    RebuildScript,
    /// The self-description.
    Manifest,
}

impl Artefact {
    /// All artefacts.
    pub const ALL: [Self; 3] = [Self::VmCfg, Self::RebuildScript, Self::Manifest];

    /// File name inside the snapshot and of the download.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::VmCfg => "vm.cfg",
            Self::RebuildScript => "rebuild.ovmcli",
            Self::Manifest => "manifest.json",
        }
    }

    /// The artefact with this [`Artefact::file_name`].
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|artefact| artefact.file_name() == name)
    }
}
