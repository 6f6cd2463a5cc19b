//! Why the backup target did not do what was asked, and what is wrong with what is stored in it.

use serde::{Deserialize, Serialize};

/// Why the backup target did not do what was asked. `target` says where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetFault {
    /// A disk could not be read at its source.
    Source {
        /// File in the recovery point.
        file: String,
        /// What the source said.
        reason: String,
    },
    /// A disk describes itself wrongly.
    InvalidExtents {
        /// File in the recovery point.
        file: String,
    },
    /// A name that no file in a recovery point can have.
    InvalidName {
        /// The name.
        name: String,
    },
    /// No room left.
    Full {
        /// Target.
        target: String,
    },
    /// There is no backup target.
    Absent {
        /// Target.
        target: String,
    },
    /// There is one already.
    Exists {
        /// Target.
        target: String,
    },
    /// Somebody else has made it.
    Foreign {
        /// Target.
        target: String,
    },
    /// The password does not open it.
    WrongPassword {
        /// Target.
        target: String,
    },
    /// Its key file is missing.
    NoKeyFile {
        /// Folder of the key files.
        folder: String,
    },
    /// Its key file is damaged.
    DamagedKeyFile {
        /// The file.
        file: String,
    },
    /// There is no password.
    EmptyPassword {
        /// Target.
        target: String,
    },
    /// A new backup target would have a password that is soon guessed.
    ShortPassword {
        /// Target.
        target: String,
        /// Characters that it needs at least.
        shortest: usize,
    },
    /// The stored data of a recovery point is gone.
    NoSnapshot {
        /// Target.
        target: String,
        /// Id in the backup target.
        snapshot: String,
    },
    /// A file of a recovery point is gone.
    NoFile {
        /// Id in the backup target.
        snapshot: String,
        /// Path.
        file: String,
    },
    /// Nothing was stored for a recovery point.
    NothingStored {
        /// The recovery point.
        point: String,
    },
    /// Stored data is missing or was changed.
    Damaged {
        /// Id in the backup target.
        snapshot: String,
        /// Path.
        file: String,
        /// What was noticed.
        detail: String,
    },
    /// The storage below it did not give a file.
    Unreadable {
        /// Id in the backup target.
        snapshot: String,
        /// Path.
        file: String,
        /// What was noticed.
        detail: String,
    },
    /// This process has opened another backup target than the one that was adopted since.
    AnotherAdopted {
        /// The one that it has opened.
        opened: String,
        /// The one that was adopted.
        adopted: String,
        /// Where that is.
        place: String,
    },
    /// Nobody has added a backup target of this name.
    Unknown {
        /// The name.
        target: String,
    },
    /// Its password is not stored.
    NoPassword {
        /// Its name.
        target: String,
    },
    /// Another backup target is in its place.
    Another {
        /// Its name.
        name: String,
        /// Where it should be.
        place: String,
        /// The one that is there.
        found: String,
        /// The one that was added.
        expected: String,
    },
    /// A secret of it cannot be opened.
    Sealed {
        /// What was noticed.
        detail: String,
    },
    /// No backup target can be there.
    InvalidLocation {
        /// Target.
        target: String,
        /// What is wrong with it.
        detail: String,
    },
    /// There is no such bucket.
    NoBucket {
        /// Target.
        target: String,
    },
    /// The S3 server does not accept the access key.
    WrongAccessKey {
        /// Target.
        target: String,
    },
    /// The S3 server refuses what is needed.
    Refused {
        /// Target.
        target: String,
        /// What it said.
        detail: String,
    },
    /// The S3 server does not answer.
    Unreachable {
        /// Target.
        target: String,
        /// What was noticed.
        detail: String,
    },
    /// Nobody knows whether it can be used: its storage does not answer.
    Silent {
        /// Its name.
        target: String,
    },
    /// A stored disk could not be read to its end.
    ReadingBroke {
        /// What was noticed.
        reason: String,
    },
    /// Anything else that it refused.
    Other {
        /// Target.
        target: String,
        /// What was noticed.
        detail: String,
    },
}

/// What is wrong with what is stored of a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "damage", content = "of", rename_all = "snake_case")]
pub enum Damage {
    /// The stored copy of a disk.
    Disk {
        /// Slot of the disk.
        slot: u32,
        /// Its display name.
        name: String,
        /// What is wrong with it.
        found: DamageFound,
    },
    /// A file beside the disks.
    Files(TargetFault),
}

/// What is wrong with a stored disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DamageFound {
    /// It is not what was backed up.
    Differs,
    /// It cannot be read.
    Unreadable(TargetFault),
}
