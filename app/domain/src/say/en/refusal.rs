//! Why there is no plan, and what to do about it.

use super::error::thing;
use crate::plan::Refusal;
use crate::say::{Language, Say, Told};
use crate::words::size;

pub(in crate::say) fn refusal(refusal: &Refusal) -> Told {
    Told::new(what(refusal), remedy(refusal))
}

fn what(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotAVm { what } => format!("A {} is not backed up yet.", thing(*what)),
        Refusal::NoPolicy => "The VM has no protection policy.".into(),
        Refusal::VmGone { vm } => format!("The VM {vm} is no longer in the estate."),
        Refusal::VmIsTemplate { vm } => format!("{vm} is a template, not a VM."),
        Refusal::VmStateUnfit { vm, state } => {
            format!("The VM {vm} is neither running nor stopped: the Manager reports it as {state}.")
        }
        Refusal::NoPool { vm } => format!("The server pool of the VM {vm} is not known."),
        Refusal::NoFileDisks { vm } => {
            format!("The VM {vm} has no disk that is a file in a storage repository.")
        }
        Refusal::NoCloneCustomizers { vm, release } => format!(
            "The Manager has release {release}, which has no clone customizers and cannot clone {vm} disk by disk."
        ),
        Refusal::NoHotClone { vm, release } => format!(
            "The Manager has release {release}, which cannot clone a running VM (needs 3.3.1); {vm} is running."
        ),
        Refusal::NotInRelease { release, reason } => {
            format!("The Manager has release {release}, which cannot do this: {reason}.")
        }
        Refusal::DiskUnplaced { disk, slot } => {
            format!("The storage repository of the disk {disk} in slot {slot} is not known.")
        }
        Refusal::ServerUnreachable { repository } => {
            format!("The storage repository {repository} is not presented to any server that Holdfast can reach.")
        }
        Refusal::PoolUnreachable { pool } => {
            format!("Holdfast cannot reach any server of the server pool {pool}.")
        }
        Refusal::DiskShared { disk, other } => format!("The disk {disk} is also mapped to the VM {other}."),
        Refusal::DiskGone { disk, slot } => {
            format!("The disk {disk} of the recovery point (slot {slot}) is no longer mapped to the VM.")
        }
        Refusal::SizeChanged { disk, then, now } => format!(
            "The disk {disk} is now {}; in the recovery point it is {}.",
            size(*now),
            size(*then)
        ),
        Refusal::SlotNotInPoint { slot } => format!("The recovery point has no disk in slot {slot}."),
        Refusal::PointDamaged { damage } => format!(
            "The stored data of this recovery point is damaged: {}",
            damage.say(Language::En)
        ),
    }
}

fn remedy(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotAVm { .. } => "Choose a VM.",
        Refusal::NoPolicy => "Assign one on its page, then back it up.",
        Refusal::VmGone { .. } => {
            "Refresh the estate on its page. If the VM was deleted, rebuild it before restoring its disks."
        }
        Refusal::VmIsTemplate { .. } => "Templates are not backed up; choose a VM.",
        Refusal::VmStateUnfit { .. } => {
            "Wait until it is running or stopped (resume it if it is suspended), then plan again."
        }
        Refusal::NoPool { .. } => {
            "Assign it to a server pool on the Manager, refresh the estate on its page and plan again."
        }
        Refusal::NoFileDisks { .. } => "LUN disks are not included in backups; protect them by other means.",
        Refusal::NoCloneCustomizers { .. } | Refusal::NoHotClone { .. } => {
            "Choose “Reflink on a server” as the method in the policy: a server takes the snapshot, and the VM keeps \
             running."
        }
        Refusal::NotInRelease { .. } => "Choose another method in the policy, or update the Manager.",
        Refusal::DiskUnplaced { .. } => {
            "Refresh the storage repositories on the Manager, refresh the estate on its page and plan again."
        }
        Refusal::ServerUnreachable { .. } => {
            "Ask an administrator to grant access to one of its servers, under Administration, Servers."
        }
        Refusal::PoolUnreachable { .. } => {
            "Ask an administrator to grant access to at least one server of the server pool, under Administration, \
             Servers."
        }
        Refusal::DiskShared { .. } => {
            "A shared disk cannot be restored for one VM alone; choose the other disks, or unmap it from the other VM \
             first."
        }
        Refusal::DiskGone { .. } => "Map the disk again, or choose only slots that still exist.",
        Refusal::SizeChanged { .. } => "Accept the size change when planning, or leave this disk out.",
        Refusal::SlotNotInPoint { .. } => "Choose slots listed in the recovery point.",
        Refusal::PointDamaged { .. } => "Choose another recovery point.",
    }
}
