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
    #[error("The machine {vm} is not in the estate any more.")]
    VmGone {
        /// The machine.
        vm: VmId,
    },
    /// It is a template.
    #[error("{vm} is a template, not a machine.")]
    VmIsTemplate {
        /// Display name.
        vm: String,
    },
    /// The machine neither runs nor is stopped.
    #[error("The machine {vm} neither runs nor is stopped: the Manager calls it {state}.")]
    VmStateUnfit {
        /// Display name.
        vm: String,
        /// State as the Manager calls it.
        state: String,
    },
    /// The machine belongs to no known pool.
    #[error("The machine {vm} belongs to no server pool that is known.")]
    NoPool {
        /// Display name.
        vm: String,
    },
    /// There are no files to copy.
    #[error("The machine {vm} has no disk that is a file in a repository.")]
    NoFileDisks {
        /// Display name.
        vm: String,
    },
    /// The release cannot say disk by disk how a machine is cloned.
    #[error("The Manager is of release {release}, which has no clone customizers: it cannot clone {vm} disk by disk.")]
    NoCloneCustomizers {
        /// Display name.
        vm: String,
        /// Release as the Manager prints it.
        release: String,
    },
    /// The release does not clone machines that run.
    #[error(
        "The Manager is of release {release}, which clones no machine that runs, as {vm} does: that came with 3.3.1."
    )]
    NoHotClone {
        /// Display name.
        vm: String,
        /// Release as the Manager prints it.
        release: String,
    },
    /// The release does not know a command of the plan.
    #[error("The Manager is of release {release}, which cannot do this: {reason}.")]
    NotInRelease {
        /// Release as the Manager prints it.
        release: String,
        /// What it does not know.
        reason: String,
    },
    /// A mapped disk, or its repository, is missing from the estate.
    #[error("It is not known in which repository the disk {disk} in slot {slot} lies.")]
    DiskUnplaced {
        /// Id of the disk.
        disk: String,
        /// Slot.
        slot: u32,
    },
    /// No server through which a repository could be reached.
    #[error("No server that can be reached has the repository {repository} presented.")]
    ServerUnreachable {
        /// Display name of the repository.
        repository: String,
    },
    /// No server of the pool on which the machine could be looked for and locked.
    #[error("No server of the pool {pool} can be reached.")]
    PoolUnreachable {
        /// Display name of the pool.
        pool: String,
    },
    /// Another machine uses the disk.
    #[error("The disk {disk} is mapped to the machine {other}, too.")]
    DiskShared {
        /// Display name of the disk.
        disk: String,
        /// Display name of the other machine.
        other: String,
    },
    /// The disk of the point is not mapped any more.
    #[error("The disk {disk} of the recovery point (slot {slot}) is not mapped to the machine any more.")]
    DiskGone {
        /// Display name of the disk.
        disk: String,
        /// Slot in the point.
        slot: u32,
    },
    /// The disk has another size by now.
    #[error("The disk {disk} has {now} by now, in the recovery point it has {then}.")]
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
    #[error("This recovery point is damaged: {}", .damage.say(Language::En))]
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
                "Refresh the estate on its page. When it was deleted, it has to be rebuilt before its disks can come back."
            }
            Self::VmIsTemplate { .. } => "Templates are not backed up; choose a machine.",
            Self::VmStateUnfit { .. } => {
                "Wait until it is running or stopped, resume it if it is suspended, and plan again."
            }
            Self::NoPool { .. } => {
                "Put it into a server pool on the Manager, refresh the estate on its page and plan again."
            }
            Self::NoFileDisks { .. } => "LUN disks are not contained in backups; protect them by other means.",
            Self::NoCloneCustomizers { .. } | Self::NoHotClone { .. } => {
                "Choose “Reflink on a server” as the method in the policy: a server takes the snapshot, and the machine goes on running."
            }
            Self::NotInRelease { .. } => "Choose another method in the policy, or update the Manager.",
            Self::DiskUnplaced { .. } => {
                "Refresh the repositories on the Manager, refresh the estate on its page and plan again."
            }
            Self::ServerUnreachable { .. } => {
                "An administrator has to give access to one of its servers, under Administration, Servers."
            }
            Self::PoolUnreachable { .. } => {
                "An administrator has to give access to at least one server of the pool, under Administration, Servers."
            }
            Self::DiskShared { .. } => {
                "A shared disk cannot be put back for one machine alone; choose the other disks, or unmap it from the other machine first."
            }
            Self::DiskGone { .. } => "Map the disk again, or choose only the slots that are still there.",
            Self::SizeChanged { .. } => "Accept the other size when planning, or leave this disk out.",
            Self::SlotNotInPoint { .. } => "Choose slots that the recovery point lists.",
            Self::PointDamaged { .. } => "Choose another recovery point.",
        };
        fixed.to_owned()
    }
}
