//! Why there is no plan: what stands in the way, and what to do about it.

use domain::fault::Damage;
use domain::plan::Said;
use domain::say::{Language, Say};
use ovm::ids::VmId;
use thiserror::Error;

/// Why a plan cannot be made. The `Display` is the sentence of [`Refusal::what`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The machine is not in the estate.
    #[error("The VM {vm} is no longer in the estate.")]
    VmGone {
        /// The machine.
        vm: VmId,
    },
    /// It is a template.
    #[error("{vm} is a template, not a VM.")]
    VmIsTemplate {
        /// Display name.
        vm: String,
    },
    /// The machine neither runs nor is stopped.
    #[error("The VM {vm} is neither running nor stopped: the Manager reports it as {state}.")]
    VmStateUnfit {
        /// Display name.
        vm: String,
        /// State as the Manager calls it.
        state: String,
    },
    /// The machine belongs to no known pool.
    #[error("The server pool of the VM {vm} is not known.")]
    NoPool {
        /// Display name.
        vm: String,
    },
    /// There are no files to copy.
    #[error("The VM {vm} has no disk that is a file in a storage repository.")]
    NoFileDisks {
        /// Display name.
        vm: String,
    },
    /// The release cannot say disk by disk how a machine is cloned.
    #[error("The Manager has release {release}, which has no clone customizers and cannot clone {vm} disk by disk.")]
    NoCloneCustomizers {
        /// Display name.
        vm: String,
        /// Release as the Manager prints it.
        release: String,
    },
    /// The release does not clone machines that run.
    #[error("The Manager has release {release}, which cannot clone a running VM (needs 3.3.1); {vm} is running.")]
    NoHotClone {
        /// Display name.
        vm: String,
        /// Release as the Manager prints it.
        release: String,
    },
    /// The release does not know a command of the plan.
    #[error("The Manager has release {release}, which cannot do this: {reason}.")]
    NotInRelease {
        /// Release as the Manager prints it.
        release: String,
        /// What it does not know.
        reason: String,
    },
    /// A mapped disk, or its repository, is missing from the estate.
    #[error("The storage repository of the disk {disk} in slot {slot} is not known.")]
    DiskUnplaced {
        /// Id of the disk.
        disk: String,
        /// Slot.
        slot: u32,
    },
    /// No server through which a repository could be reached.
    #[error("The storage repository {repository} is not presented to any server that Holdfast can reach.")]
    ServerUnreachable {
        /// Display name of the repository.
        repository: String,
    },
    /// No server of the pool on which the machine could be looked for and locked.
    #[error("Holdfast cannot reach any server of the server pool {pool}.")]
    PoolUnreachable {
        /// Display name of the pool.
        pool: String,
    },
    /// Another machine uses the disk.
    #[error("The disk {disk} is also mapped to the VM {other}.")]
    DiskShared {
        /// Display name of the disk.
        disk: String,
        /// Display name of the other machine.
        other: String,
    },
    /// The disk of the point is not mapped any more.
    #[error("The disk {disk} of the recovery point (slot {slot}) is no longer mapped to the VM.")]
    DiskGone {
        /// Display name of the disk.
        disk: String,
        /// Slot in the point.
        slot: u32,
    },
    /// The disk has another size by now.
    #[error("The disk {disk} is now {now}; in the recovery point it is {then}.")]
    SizeChanged {
        /// Display name of the disk.
        disk: String,
        /// Size in the point.
        then: String,
        /// Size in the estate.
        now: String,
    },
    /// A slot was asked for that the point does not have.
    #[error("The recovery point has no disk in slot {slot}.")]
    SlotNotInPoint {
        /// Slot.
        slot: u32,
    },
    /// The stored copy is damaged.
    #[error("The stored data of this recovery point is damaged: {}", .damage.say(Language::En))]
    PointDamaged {
        /// What an integrity check found.
        damage: Said<Damage>,
    },
}

impl Refusal {
    /// A sentence: what stands in the way.
    pub fn what(&self) -> String {
        self.to_string()
    }

    /// A sentence: what to do about it.
    pub fn remedy(&self) -> String {
        let fixed = match self {
            Self::VmGone { .. } => {
                "Refresh the estate on its page. If the VM was deleted, rebuild it before restoring its disks."
            }
            Self::VmIsTemplate { .. } => "Templates are not backed up; choose a VM.",
            Self::VmStateUnfit { .. } => {
                "Wait until it is running or stopped (resume it if it is suspended), then plan again."
            }
            Self::NoPool { .. } => {
                "Assign it to a server pool on the Manager, refresh the estate on its page and plan again."
            }
            Self::NoFileDisks { .. } => "LUN disks are not included in backups; protect them by other means.",
            Self::NoCloneCustomizers { .. } | Self::NoHotClone { .. } => {
                "Choose “Reflink on a server” as the method in the policy: a server takes the snapshot, and the VM \
                 keeps running."
            }
            Self::NotInRelease { .. } => "Choose another method in the policy, or update the Manager.",
            Self::DiskUnplaced { .. } => {
                "Refresh the storage repositories on the Manager, refresh the estate on its page and plan again."
            }
            Self::ServerUnreachable { .. } => {
                "Ask an administrator to grant access to one of its servers, under Administration, Servers."
            }
            Self::PoolUnreachable { .. } => {
                "Ask an administrator to grant access to at least one server of the server pool, under \
                 Administration, Servers."
            }
            Self::DiskShared { .. } => {
                "A shared disk cannot be restored for one VM alone; choose the other disks, or unmap it from the \
                 other VM first."
            }
            Self::DiskGone { .. } => "Map the disk again, or choose only slots that still exist.",
            Self::SizeChanged { .. } => "Accept the size change when planning, or leave this disk out.",
            Self::SlotNotInPoint { .. } => "Choose slots listed in the recovery point.",
            Self::PointDamaged { .. } => "Choose another recovery point.",
        };
        fixed.to_owned()
    }
}
