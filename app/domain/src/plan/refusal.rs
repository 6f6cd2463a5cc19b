//! Why there is no plan: what stands in the way, as values.

use super::Said;
use crate::error::Thing;
use crate::fault::Damage;
use ovm::ids::{DiskId, VmId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// Why a plan cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum Refusal {
    /// Things of this kind are not backed up.
    NotAVm {
        /// Kind of thing.
        what: Thing,
    },
    /// Nothing says how the machine is backed up.
    NoPolicy,
    /// The machine is not in the estate.
    VmGone {
        /// The machine.
        vm: VmId,
    },
    /// It is a template.
    VmIsTemplate {
        /// Display name.
        vm: String,
    },
    /// The machine neither runs nor is stopped.
    VmStateUnfit {
        /// Display name.
        vm: String,
        /// State as the Manager calls it.
        state: String,
    },
    /// The machine belongs to no known pool.
    NoPool {
        /// Display name.
        vm: String,
    },
    /// There are no files to copy.
    NoFileDisks {
        /// Display name.
        vm: String,
    },
    /// The release cannot say disk by disk how a machine is cloned.
    NoCloneCustomizers {
        /// Display name.
        vm: String,
        /// Release as the Manager prints it.
        release: String,
    },
    /// The release does not clone machines that run.
    NoHotClone {
        /// Display name.
        vm: String,
        /// Release as the Manager prints it.
        release: String,
    },
    /// The release does not know a command of the plan.
    NotInRelease {
        /// Release as the Manager prints it.
        release: String,
        /// What it does not know.
        reason: String,
    },
    /// A mapped disk, or its repository, is missing from the estate.
    DiskUnplaced {
        /// Id of the disk.
        disk: DiskId,
        /// Slot.
        slot: u32,
    },
    /// No server through which a repository could be reached.
    ServerUnreachable {
        /// Display name of the repository.
        repository: String,
    },
    /// No server of the pool on which the machine could be looked for and locked.
    PoolUnreachable {
        /// Display name of the pool.
        pool: String,
    },
    /// Another machine uses the disk.
    DiskShared {
        /// Display name of the disk.
        disk: String,
        /// Display name of the other machine.
        other: String,
    },
    /// The disk of the point is not mapped any more.
    DiskGone {
        /// Display name of the disk.
        disk: String,
        /// Slot in the point.
        slot: u32,
    },
    /// The disk has another size by now.
    SizeChanged {
        /// Display name of the disk.
        disk: String,
        /// Bytes in the point.
        then: u64,
        /// Bytes in the estate.
        now: u64,
    },
    /// A slot was asked for that the point does not have.
    SlotNotInPoint {
        /// Slot.
        slot: u32,
    },
    /// The stored copy is damaged.
    PointDamaged {
        /// What an integrity check found.
        damage: Box<Said<Damage>>,
    },
}
