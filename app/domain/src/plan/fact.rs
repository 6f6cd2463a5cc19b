//! Facts that a plan was made from and that must still hold when it starts.

use ovm::ids::{DiskId, RepositoryId, ServerId};
use serde::{Deserialize, Serialize};

/// A fact that must still hold when the plan starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Precondition {
    /// The machine exists and has this name.
    VmNamed {
        /// Display name.
        name: String,
    },
    /// The machine runs, or does not.
    VmRunning {
        /// Whether it runs.
        running: bool,
    },
    /// High availability is on, or off.
    HighAvailability {
        /// Whether it is on.
        on: bool,
    },
    /// Exactly these file disks are mapped; compared as a set.
    FileDisks {
        /// Slot, disk and repository of each.
        disks: Vec<(u32, DiskId, RepositoryId)>,
    },
    /// A disk whose file is replaced is as it was, and no other machine uses it. Plans that were made before this was a
    /// fact have none.
    ReplacedDisk {
        /// The disk.
        disk: DiskId,
        /// Its display name.
        name: String,
        /// Repository in which it lies.
        repository: RepositoryId,
        /// Its size in bytes, rounded as the Manager prints it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size_bytes: Option<u64>,
    },
    /// The host still shows the key that was pinned.
    HostKey {
        /// The server; none is the Manager.
        server: Option<ServerId>,
        /// Pinned fingerprint, `SHA256:...`.
        fingerprint: String,
    },
}
