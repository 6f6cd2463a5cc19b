//! What a plan as a whole says: titles, remarks, reasons, gaps.

use super::{count, list};
use crate::plan::{Gap, Lun, Remark, RiskReason, SlotDisk, StepTitle};
use crate::point::Consistency;
use crate::words::size;

/// `the disk in slot 0 (web01_system)`.
fn disk(disk: &SlotDisk) -> String {
    format!("the disk in slot {} ({})", disk.slot, disk.name)
}

pub(in crate::say) fn step_title(title: &StepTitle) -> String {
    match title {
        StepTitle::ReadDefinition => "Read the VM's definition".into(),
        StepTitle::CheckFreeSpace { repository } => format!("Check free space in the storage repository {repository}"),
        StepTitle::HighAvailabilityOff => "Turn high availability off".into(),
        StepTitle::HighAvailabilityOn => "Turn high availability back on".into(),
        StepTitle::StopVm => "Stop the VM".into(),
        StepTitle::PowerOffVm => "Power the VM off if it is still running".into(),
        StepTitle::CheckStopped => "Check that the VM is stopped".into(),
        StepTitle::CheckStoppedOnServer => "Check that the VM is not running on this server".into(),
        StepTitle::LockVm => "Take the VM's lock".into(),
        StepTitle::UnlockVm => "Release the VM's lock".into(),
        StepTitle::StartVm => "Start the VM".into(),
        StepTitle::CheckRunning => "Check that the VM is running".into(),
        StepTitle::CreateCustomizer => "Create a clone customizer".into(),
        StepTitle::MapDisk { disk: of } => format!("Map {} for cloning within its storage repository", disk(of)),
        StepTitle::CloneVm => "Clone the VM".into(),
        StepTitle::RemoveCustomizer => "Remove the clone customizer".into(),
        StepTitle::FindCloneFiles => "Find the files of the clone".into(),
        StepTitle::RemoveClone => "Remove the clone".into(),
        StepTitle::MakeDirectory { repository } => format!("Create a directory in the storage repository {repository}"),
        StepTitle::SnapshotDisk { disk: of } => format!("Take a snapshot of {}", disk(of)),
        StepTitle::RemoveSnapshots { repository } => {
            format!("Remove the snapshots from the storage repository {repository}")
        }
        StepTitle::CopyDisk { disk: of } => format!("Copy {}", disk(of)),
        StepTitle::StoreDefinition => "Store the definition, rebuild script and manifest".into(),
        StepTitle::ReadBack => "Check the integrity of the stored disks".into(),
        StepTitle::Publish => "Publish the recovery point".into(),
        StepTitle::CheckPoint => "Check that the recovery point can be read".into(),
        StepTitle::WriteDisk { disk: of } => format!("Write {} beside the current file", disk(of)),
        StepTitle::SetAside { disk: of } => format!("Set the current file of {} aside", disk(of)),
        StepTitle::PutInPlace { disk: of } => format!("Put the new file of {} in place", disk(of)),
        StepTitle::CheckFiles { repository } => {
            format!("Check that the files are in the storage repository {repository}")
        }
        StepTitle::WaitForServers { repository } => {
            format!("Wait until every server sees the new files in the storage repository {repository}")
        }
        StepTitle::RefreshRepository { repository } => format!("Refresh the storage repository {repository}"),
        StepTitle::ByHand { task } => super::task::title(task),
        StepTitle::CommitOrRollBack => "Commit or roll back".into(),
        StepTitle::RemoveKeptFiles { repository } => {
            format!("Delete the replaced files from the storage repository {repository}")
        }
        StepTitle::RemoveLeftover => "Remove what an earlier attempt left behind".into(),
    }
}

pub(in crate::say) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::MethodReplaced {
            wanted,
            used,
            repository,
            network_share,
        } => {
            let why = match network_share {
                true => "is on a network share, where files cannot share blocks",
                false => "is of a type the Manager does not report",
            };
            format!(
                "The policy asks for “{}”. The storage repository {repository} {why}, so “{}” is used instead.",
                wanted.title(),
                used.title()
            )
        }
        Remark::WillRead { disks, bytes } => will_read(&count(*disks, "disk"), *bytes),
        Remark::Consistency { consistency } => consistent(*consistency).into(),
        Remark::SharedDisk { disk, other } => {
            format!("The disk {disk} is also mapped to {other}, which may write to it during the backup.")
        }
        Remark::UnseenServers { servers } => format!(
            "Holdfast cannot reach {} of the server pool; that the VM is not running there is known only from the \
             Manager.",
            list(servers)
        ),
        Remark::NoLock { pool } => format!(
            "The server pool {pool} is not clustered, so no lock keeps the VM from being started. Do not start it \
             before the run has ended."
        ),
        Remark::WillWrite { bytes } => format!("{} will be written; holes are skipped.", size(*bytes)),
        Remark::RolledBackAfter { hours } => format!(
            "If nobody decides within {}, the restore is rolled back.",
            count(*hours as usize, "hour")
        ),
        Remark::LeftStopped => "The VM is left stopped. If someone starts it, a rollback stops it first.".into(),
        Remark::SizeComesBack { disk, then, now } => {
            format!(
                "The disk {disk} is now {}; it will be {} again.",
                size(*now),
                size(*then)
            )
        }
        Remark::UnreadUsers { objects } => format!(
            "{} that may use disks could not be read during discovery. Before the VM is stopped, and again before a \
             file is moved, the Manager is asked whether any of them uses a disk to be replaced.",
            count(*objects, "object")
        ),
    }
}

fn will_read(disks: &str, bytes: Option<u64>) -> String {
    match bytes {
        // The Manager rounds to a tenth of a GiB.
        Some(0) => format!("Less than 100 MiB of {disks} will be read; holes are skipped."),
        Some(bytes) => format!("About {} of {disks} will be read; holes are skipped.", size(bytes)),
        None => format!("{disks} will be read; the amount of data on them is not known."),
    }
}

fn consistent(consistency: Consistency) -> &'static str {
    match consistency {
        Consistency::Stopped => "The VM is stopped while its disks are copied, so they are as after a clean shutdown.",
        Consistency::CrashConsistent => {
            "The disk is copied as it is at one instant while the VM is running, so it will be as after a power \
             failure."
        }
        Consistency::CrashConsistentPerDisk => {
            "The disks are captured one after another while the VM is running: each will be as after a power failure, \
             but not all at the same instant."
        }
    }
}

pub(in crate::say) fn risk_reason(reason: &RiskReason) -> String {
    match reason {
        RiskReason::OnlySnapshot => {
            "The VM keeps running; a snapshot of its disks is taken, copied and removed.".into()
        }
        RiskReason::LockedWhileCopied => {
            "The VM is stopped and stays locked while its disks are copied, so that nobody can start it.".into()
        }
        RiskReason::StoppedWhileCopied => "The VM is stopped, its disks are copied, and it is started again.".into(),
        RiskReason::StoppedWhileWritten => "The VM is stopped until its disks are written.".into(),
        RiskReason::Shutdown {
            patience_secs,
            power_off: true,
        } => format!("If it does not shut down within {patience_secs} seconds, it is powered off."),
        RiskReason::Shutdown {
            patience_secs,
            power_off: false,
        } => format!(
            "If it does not shut down within {patience_secs} seconds, the run waits for an administrator: the VM may \
             still stop later."
        ),
        RiskReason::DisksAsOf { disks, bytes, taken_at } => format!(
            "{} ({}) will be as of {}.",
            count(*disks, "disk"),
            size(*bytes),
            taken_at.display()
        ),
        RiskReason::NewerDataLost => {
            "Everything written to them since then is lost once the restore is committed; until then it is kept.".into()
        }
    }
}

pub(in crate::say) fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Lun { lun, slot } => format!(
            "{} in slot {slot} is not included: only disks that are files are backed up.",
            the_lun(lun)
        ),
        Gap::CdImage { name, slot } => {
            format!("The CD image {name} in slot {slot} is not included: keep its ISO file elsewhere.")
        }
        Gap::VmCfg => "The file vm.cfg is not included: this Manager release does not print it, and its storage \
            repository is not presented to any server that Holdfast can reach."
            .into(),
        Gap::DiskStays { disk } => format!("The disk {} in slot {} stays as it is.", disk.name, disk.slot),
        Gap::LunStays { lun, slot } => format!("{} in slot {slot} stays as it is.", the_lun(lun)),
        Gap::DefinitionStays => "Memory, processors, vNICs and the rest of the definition stay as they are.".into(),
    }
}

/// `The LUN data (100.0 GiB, WWID 3600...)`.
fn the_lun(lun: &Lun) -> String {
    let wwid = lun.wwid.as_ref().map(|wwid| format!("WWID {wwid}"));
    let details: Vec<String> = lun.size_bytes.map(size).into_iter().chain(wwid).collect();
    match details.is_empty() {
        true => format!("The LUN {}", lun.name),
        false => format!("The LUN {} ({})", lun.name, details.join(", ")),
    }
}
