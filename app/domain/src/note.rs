//! What a line of the journal says beside the raw answer of a host: what was found and done, as values.

use crate::fault::{Fault, OtherHost};
use crate::ids::PointId;
use crate::run::Decision;
use ovm::estate::VmState;
use serde::{Deserialize, Serialize};

/// One thing that a step has found or done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", content = "of", rename_all = "snake_case")]
pub enum Note {
    /// Why the step did not go on.
    Failed(Fault),
    /// A person has cancelled the run while the step was under way.
    Cancelled,
    /// Holdfast stopped while the step was under way; it is looked up and taken again.
    Interrupted,
    /// The effect was there before.
    AlreadyThere,
    /// The answer was lost; looked up, the command did take effect.
    TookEffect,
    /// There was nothing to undo.
    NothingToUndo,
    /// It could not be removed now; the sweeper goes on trying.
    LeftForSweeper,
    /// The definition of the VM was read.
    Definition {
        /// Its display name.
        name: String,
        /// Its state.
        state: VmState,
        /// Disk mappings that it has.
        mappings: usize,
    },
    /// The VM has stopped.
    Stopped,
    /// The lock is held since an attempt that was interrupted.
    LockKept,
    /// A lock whose holder is gone was released.
    StaleLockReleased,
    /// A lock that was held has become free in the meantime.
    LockBecameFree,
    /// This run has not taken the lock, so it does not give it back.
    LockNotOurs,
    /// The VM runs and holds its lock itself.
    LockOfVm,
    /// The lock was not held.
    NotLocked,
    /// Time was given.
    Waited {
        /// Seconds.
        seconds: u32,
    },
    /// Everything that the run had put into the backup target was removed from it.
    Discarded,
    /// A disk was copied into the backup target.
    Copied {
        /// Size of the image in bytes.
        size: u64,
        /// Bytes read from the estate.
        read: u64,
        /// Bytes added to the backup target.
        added: u64,
        /// SHA-256 of the image.
        sha256: String,
        /// SHA-256 of the stretches that hold data.
        data_sha256: String,
    },
    /// A disk was written to a server and flushed.
    Written {
        /// Bytes.
        bytes: u64,
    },
    /// All of the recovery point is stored.
    Sealed {
        /// Its id in the backup target.
        snapshot: String,
    },
    /// A stored disk was read back and is what was copied.
    ReadBack {
        /// Its file in the recovery point.
        file: String,
        /// SHA-256 of the stretches that hold data.
        data_sha256: String,
    },
    /// The recovery point can be read and is the one of the catalogue.
    PointReadable {
        /// Its id in the backup target.
        snapshot: String,
    },
    /// The recovery point is in the catalogue.
    Published {
        /// The point.
        point: PointId,
    },
    /// A person has decided.
    Decided(Decision),
    /// A person has done what the step asks for.
    Confirmed {
        /// Login name.
        by: String,
        /// What was observed, where a value was asked for.
        observed: String,
    },
    /// The run was cancelled before anybody could decide.
    NotDecided,
    /// Where the disk of a clone lies.
    CloneDisk {
        /// Slot of the disk.
        slot: u32,
        /// Path of its file.
        path: String,
    },
    /// Which disk a slot of a clone held.
    SlotHeld {
        /// Slot of the disk.
        slot: u32,
        /// Id of the disk.
        disk: String,
    },
    /// Deleting failed or its answer was lost; looked up, the object is gone.
    Gone {
        /// Its type, as OVMCLI calls it.
        object_type: String,
        /// Its id.
        id: String,
        /// What had happened.
        after: Fault,
    },
    /// Hosts were enrolled with other keys since the plan was made; a person has to say how to go on.
    OtherHosts(Vec<OtherHost>),
}
