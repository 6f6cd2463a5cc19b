//! What a plan says, as values: titles of steps, remarks, reasons, gaps. Words are made of them at the edge, by
//! [`crate::say`], so that neither wording nor language is part of what is hashed and stored.

use super::Task;
use crate::point::Consistency;
use crate::policy::BackupMethod;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A sentence as a value, or the text that a release before plan format 2 wrote in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said<T> {
    /// The value.
    Typed(T),
    /// The text, in the English of that release.
    Text(String),
}

impl<T> From<T> for Said<T> {
    fn from(value: T) -> Self {
        Self::Typed(value)
    }
}

/// A disk of the machine, as a title names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotDisk {
    /// Slot to which it is mapped.
    pub slot: u32,
    /// Its display name.
    pub name: String,
}

/// A LUN, as far as the Manager describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lun {
    /// Its display name, or its id where it is not known.
    pub name: String,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Its WWID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wwid: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum StepTitle {
    /// Read the definition of the machine.
    ReadDefinition,
    /// Check the free space of a storage repository.
    CheckFreeSpace {
        /// Its display name.
        repository: String,
    },
    /// Turn high availability off.
    HighAvailabilityOff,
    /// Turn high availability on again.
    HighAvailabilityOn,
    /// Ask the machine to stop.
    StopVm,
    /// Power the machine off if it is still running.
    PowerOffVm,
    /// Check that the machine is stopped.
    CheckStopped,
    /// Check that a server does not run the machine.
    CheckStoppedOnServer,
    /// Take the lock of the machine.
    LockVm,
    /// Release the lock of the machine.
    UnlockVm,
    /// Start the machine.
    StartVm,
    /// Check that the machine is running.
    CheckRunning,
    /// Create the object that tells the Manager how to clone the machine.
    CreateCustomizer,
    /// Tell the Manager to clone a disk within its storage repository.
    MapDisk {
        /// The disk.
        disk: SlotDisk,
    },
    /// Clone the machine.
    CloneVm,
    /// Remove the object that told the Manager how to clone.
    RemoveCustomizer,
    /// Find the files of the clone.
    FindCloneFiles,
    /// Remove the clone.
    RemoveClone,
    /// Make a directory for the run in a storage repository.
    MakeDirectory {
        /// Display name of the storage repository.
        repository: String,
    },
    /// Take a snapshot of a disk.
    SnapshotDisk {
        /// The disk.
        disk: SlotDisk,
    },
    /// Remove the snapshots from a storage repository.
    RemoveSnapshots {
        /// Display name of the storage repository.
        repository: String,
    },
    /// Copy a disk into the backup target.
    CopyDisk {
        /// The disk.
        disk: SlotDisk,
    },
    /// Store definition, rebuild script and manifest.
    StoreDefinition,
    /// Read the stored disks back.
    ReadBack,
    /// Publish the recovery point.
    Publish,
    /// Check that the recovery point can be read.
    CheckPoint,
    /// Write a disk beside the present one.
    WriteDisk {
        /// The disk.
        disk: SlotDisk,
    },
    /// Set the present file of a disk aside.
    SetAside {
        /// The disk.
        disk: SlotDisk,
    },
    /// Put the new file of a disk in place.
    PutInPlace {
        /// The disk.
        disk: SlotDisk,
    },
    /// Check that the files are in a storage repository.
    CheckFiles {
        /// Its display name.
        repository: String,
    },
    /// Wait until all servers see the new files of a storage repository.
    WaitForServers {
        /// Its display name.
        repository: String,
    },
    /// Refresh a storage repository.
    RefreshRepository {
        /// Its display name.
        repository: String,
    },
    /// A person does it.
    ByHand {
        /// What.
        #[serde(flatten)]
        task: Task,
    },
    /// A person commits the restore or rolls it back.
    CommitOrRollBack,
    /// Remove the files that were set aside in a storage repository.
    RemoveKeptFiles {
        /// Its display name.
        repository: String,
    },
    /// Remove what an earlier attempt could not remove.
    RemoveLeftover,
}

/// What the reader of a plan should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Remark {
    /// A storage repository cannot do what the policy wants, so another method is used.
    MethodReplaced {
        /// The policy's method.
        wanted: BackupMethod,
        /// The method that is used.
        used: BackupMethod,
        /// Display name of the storage repository.
        repository: String,
        /// Whether it is a network share; otherwise the Manager does not report what it is.
        network_share: bool,
    },
    /// How much a backup will read.
    WillRead {
        /// Number of disks.
        disks: usize,
        /// Bytes in use; none when the Manager does not report them for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<u64>,
    },
    /// How far the disks will belong to one instant.
    Consistency {
        /// As the recovery point will say.
        consistency: Consistency,
    },
    /// Another machine uses a disk, too, and may write to it.
    SharedDisk {
        /// Display name of the disk.
        disk: String,
        /// Display name of the other machine.
        other: String,
    },
    /// Servers of the pool that cannot be looked at.
    UnseenServers {
        /// Their display names.
        servers: Vec<String>,
    },
    /// The pool is not a cluster, so nothing keeps the machine from being started.
    NoLock {
        /// Display name of the pool.
        pool: String,
    },
    /// How much a restore will write.
    WillWrite {
        /// Bytes of data, holes not counted.
        bytes: u64,
    },
    /// The restore is rolled back when nobody decides.
    RolledBackAfter {
        /// Hours to decide.
        hours: u32,
    },
    /// The machine is left stopped at the end.
    LeftStopped,
    /// A disk gets the size back that it had.
    SizeComesBack {
        /// Display name of the disk.
        disk: String,
        /// Size in the recovery point, in bytes.
        then: u64,
        /// Size in the estate, in bytes.
        now: u64,
    },
    /// Objects that may use disks could not be read at discovery.
    UnreadUsers {
        /// How many.
        objects: usize,
    },
}

/// Why a plan is as risky as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum RiskReason {
    /// Only a snapshot is made, copied and removed.
    OnlySnapshot,
    /// The machine is stopped already and is locked while it is copied.
    LockedWhileCopied,
    /// The machine is stopped, copied, started.
    StoppedWhileCopied,
    /// The machine is stopped while its disks are replaced.
    StoppedWhileWritten,
    /// What comes of a machine that does not shut down in time.
    Shutdown {
        /// Seconds that it gets.
        patience_secs: u32,
        /// Whether it is powered off then; otherwise the run waits for an administrator.
        power_off: bool,
    },
    /// The disks will be as of the recovery point.
    DisksAsOf {
        /// Number of disks.
        disks: usize,
        /// Their sizes in all, in bytes.
        bytes: u64,
        /// When the snapshot was taken.
        taken_at: Timestamp,
    },
    /// What was written since is lost with the commit.
    NewerDataLost,
}

/// What a recovery point does not contain, or what a restore does not touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Gap {
    /// A LUN is not contained.
    Lun {
        /// The LUN.
        lun: Lun,
        /// Slot to which it is mapped.
        slot: u32,
    },
    /// The image in a CD drive is not contained.
    CdImage {
        /// Its display name, or its id where it is not known.
        name: String,
        /// Slot of the drive.
        slot: u32,
    },
    /// The definition file of the server is not contained.
    VmCfg,
    /// A disk stays as it is.
    DiskStays {
        /// The disk.
        disk: SlotDisk,
    },
    /// A LUN stays as it is.
    LunStays {
        /// The LUN.
        lun: Lun,
        /// Slot to which it is mapped.
        slot: u32,
    },
    /// All of the definition stays as it is.
    DefinitionStays,
}
