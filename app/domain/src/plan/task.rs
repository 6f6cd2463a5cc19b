//! What a person is asked to do by hand, as values. Each has a place, what to know first, and what is to be seen
//! afterwards; the words are made of it by [`crate::say`].

use ovm::ids::VmId;
use serde::{Deserialize, Serialize};

/// A task of a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Make the backup target accessible.
    OpenTarget,
    /// Install the servers and connect their storage.
    InstallServers,
    /// Install the Manager again, of the same version, with its old UUID.
    InstallManager {
        /// Version.
        version: String,
        /// Address at which the old one was reached.
        host: String,
        /// Its UUID, where it is known.
        uuid: Option<String>,
    },
    /// Restore the Manager's database from its own backup.
    RestoreManagerDatabase,
    /// Let the Manager discover the servers.
    DiscoverServers,
    /// Let the Manager refresh storage, file systems, storage repositories.
    RefreshStorage,
    /// Compare what the Manager shows with the inventory.
    CompareInventory {
        /// Servers in it.
        servers: usize,
        /// Storage repositories.
        repositories: usize,
        /// Networks.
        networks: usize,
        /// VMs and templates.
        vms: usize,
        /// Physical disks.
        physical_disks: usize,
    },
    /// Restore what no server knows: tags, groups, users, jobs.
    RestoreManagersOwn,
    /// Enrol the new Manager in Holdfast.
    EnrolAgain {
        /// Host key of the old one.
        fingerprint: String,
    },
    /// Send a rebuild script to the Manager.
    SendScript {
        /// Its path in the package of the handbook.
        file: String,
        /// Name of the program in the package that sends it.
        sender: String,
    },
    /// Make a VM by hand, because it has no rebuild script.
    CreateVm {
        /// Why it has none, a sentence.
        why: String,
    },
    /// Make the estate by hand, because it has no rebuild script.
    CreateEstate {
        /// Why it has none, a sentence.
        why: String,
    },
    /// Restore all VMs, one after the other.
    RestoreVms {
        /// Their names, in the order of recovery.
        order: Vec<String>,
    },
    /// Look whether a VM that is to be made again runs anywhere: two on one disk destroy it.
    CheckNotRunning {
        /// The VM.
        vm: VmId,
    },
    /// Put the contents of a disk back.
    RestoreContents {
        /// Slot of the disk.
        slot: u32,
        /// Its display name.
        name: String,
        /// Its size in bytes.
        size_bytes: u64,
        /// Word in the lines that stands for the path of its new file.
        path: String,
    },
    /// Find the contents of the disks elsewhere, because there is no recovery point.
    FindContents,
    /// Start the VM.
    StartVm,
}
