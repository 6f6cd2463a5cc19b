//! Why something could not be done: what happened, to what, and what to do about it. Each is one or more sentences.

use super::{full_stop, list};
use crate::fault::{
    Damage, DamageFound, Difference, Fault, FileFault, Instead, Left, MadeFault, OtherHost, OtherUser, PlanFault,
    PointFault, StepFault, VmFault,
};
use crate::say::{Language, Say};
use crate::words::size;
use ovm::ids::VmId;

const EN: Language = Language::En;

pub(in crate::say) fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Host(fault) => super::host::fault(fault),
        Fault::Target(fault) => super::target::fault(fault),
        Fault::Plan(fault) => plan(fault),
        Fault::Vm { vm: of, found } => vm(of, found),
        Fault::File { file, found } => file_on_server(&file.path, file.server.as_str(), found),
        Fault::Made {
            object_type,
            name,
            found,
        } => made(object_type, name, found),
        Fault::FactChanged { fact, instead: now } => {
            let now = now
                .as_ref()
                .map_or_else(String::new, |now| format!(" {}", instead(now)));
            format!(
                "This no longer holds: {}{now} Refresh the estate on its page and plan again.",
                fact.say(EN)
            )
        }
        Fault::FreeSpace { free, size: of, needed } => format!(
            "Only {} of {} is free; {} is needed. Free up space in the storage repository, or lower the minimum in the policy.",
            size(*free),
            size(*of),
            size(*needed)
        ),
        Fault::Unreadable { command, printed } => {
            format!("The output of {command} cannot be read: {}", full_stop(printed))
        }
        Fault::Point(fault) => point(fault),
        Fault::Database { detail } => full_stop(detail),
    }
}

fn plan(fault: &PlanFault) -> String {
    match fault {
        PlanFault::Missing => "The plan of this run is missing from the database.".into(),
        PlanFault::Newer => "The plan of this run was made by a newer release of Holdfast, which this one does not \
                             understand. Nothing was done. Start the newer release again to continue the run."
            .into(),
        PlanFault::NoVm { object } => format!("The plan is about {object}, which is not a VM."),
        PlanFault::NotLearned { name } => format!("No earlier step has learned {name}."),
        PlanFault::NoServer => "The plan names no server for a command that runs on one.".into(),
        PlanFault::NoLook { step } => format!("The plan has no step {step} that looks at a server."),
        PlanFault::DiskUnknown { disk } => format!("The plan does not say where the disk {disk} is stored."),
        PlanFault::DiskUnguarded { disk } => {
            format!("The plan does not say what the disk {disk} must be like before it is replaced. Plan again.")
        }
        PlanFault::RelativePath { path } => format!("{path} is not an absolute path."),
        PlanFault::NoBackup => "Only a backup stores a definition.".into(),
        PlanFault::Unusable { detail } => format!("The plan cannot be run as it is: {}", full_stop(detail)),
    }
}

fn vm(vm: &VmId, found: &VmFault) -> String {
    match found {
        VmFault::Gone => format!(
            "The VM {vm} no longer exists. Refresh the estate on its page; a lost VM is re-created by its rebuild script."
        ),
        VmFault::Started => format!(
            "The VM {vm} is no longer stopped: somebody has started it. Its files were not touched. Stop it and check its \
             disks before the run continues."
        ),
        VmFault::StartedDuringCopy => format!(
            "The VM {vm} is running: somebody started it during the backup, so the copies are not from one point in time. \
             Back it up again."
        ),
        VmFault::OwnsLock => {
            format!("The VM {vm} is no longer stopped and holds its own lock. Stop it, then try again.")
        }
        VmFault::RunsUnseen => format!(
            "The VM {vm} is still running on this server although the Manager shows it stopped. Stop it there, then try again."
        ),
        VmFault::Locked => format!(
            "Somebody holds the lock of the VM {vm}: it may be running on a server that was not checked. Run `xm list` on \
             every server of its pool. If none of them runs it, release the lock with `ovs-agent-dlm --unlock --uuid {vm}` \
             on one of them, then try again."
        ),
        VmFault::LockTool { server, printed } => {
            let printed = match printed.as_str() {
                "" => "It printed nothing.".to_owned(),
                printed => format!("It printed: {}", full_stop(printed)),
            };
            format!(
                "The lock tool on server {server} does not work: it neither takes the lock of the VM {vm} nor releases it. \
                 {printed} Run `ovs-agent-dlm --lock --uuid {vm}` there and fix what it reports, then try again."
            )
        }
        VmFault::NotSettled { running, seconds } => {
            let wanted = if *running { "running" } else { "stopped" };
            format!("The Manager does not show the VM {vm} as {wanted} after {seconds} seconds.")
        }
        VmFault::Busy { seconds } => format!(
            "A job of the Manager still holds the VM {vm} after {seconds} seconds, so its outcome is not known yet. Check \
             the jobs of the Manager."
        ),
        VmFault::MayStillStop {
            seconds,
            turned_back,
            because,
        } => may_still_stop(vm, *seconds, *turned_back, because.as_deref()),
        VmFault::DamagedDefinition { name, detail } => format!(
            "The definition of {name} is damaged in its storage repository: {} Nothing was copied. Make the Manager write \
             it again: edit the VM there (a new description is enough), then back it up again.",
            full_stop(detail)
        ),
    }
}

fn may_still_stop(vm: &VmId, seconds: u32, turned_back: bool, because: Option<&Fault>) -> String {
    let since = if turned_back {
        "the run turned back"
    } else {
        "it was asked to stop"
    };
    let state = match because {
        None => format!("The VM {vm} is still running {seconds} seconds after {since}."),
        Some(because) => format!(
            "The VM {vm} is not known to have stopped {seconds} seconds after {since}: {}",
            fault(because)
        ),
    };
    let then = match turned_back {
        true => "undo the run: a VM that has stopped is started again",
        false => "resume the run or undo it",
    };
    format!("{state} It may still shut down. Check its guest; once it has stopped, or clearly will not, {then}.")
}

fn file_on_server(path: &str, server: &str, found: &FileFault) -> String {
    match found {
        FileFault::Missing => format!("{path} is missing on server {server}."),
        FileFault::Lost { to } => {
            format!("Neither {path} nor {to} exists on server {server}. Find the file before the run continues.")
        }
        FileFault::Differs(found) => {
            let found = difference(found);
            format!("{path} {found} on server {server}: what was written is not what was stored.")
        }
        FileFault::SizeChanged { got, expected } => {
            format!("{path} gave {got} bytes instead of {expected}: its size changed while it was read.")
        }
        FileFault::ReadingBroke(by) => format!("Reading {path} was interrupted: {}", super::host::fault(by)),
        FileFault::WritingBroke(by) => format!("Writing {path} was interrupted: {}", super::host::fault(by)),
        FileFault::NotWritten { full, error } => {
            let advice = match full {
                true => "Its storage repository is full: free up space there, then plan the restore again.",
                false => "Check the server, then plan the restore again.",
            };
            format!("{path} cannot be written. {advice} {}", super::host::fault(error))
        }
    }
}

fn difference(found: &Difference) -> String {
    match found {
        Difference::Size { found, stored } => format!("has {found} bytes, not {stored},"),
        Difference::Hash { of_data, found, stored } => {
            let of = if *of_data { "of its data " } else { "" };
            format!("has the SHA-256 {of}{found}, not {stored},")
        }
    }
}

fn made(object_type: &str, name: &str, found: &MadeFault) -> String {
    match found {
        MadeFault::NotListed => {
            format!("The Manager reported success for creating the {object_type} {name}, but does not list it.")
        }
        MadeFault::NoDisk { slot } => {
            format!("The clone {name} has no disk in slot {slot}; it is not a complete copy.")
        }
        MadeFault::NameOfSource { vm } => format!("The VM {vm} itself is called {name}; nothing was removed."),
        MadeFault::StillThere { id } => format!("The clone {name} ({id}) still exists after it was deleted."),
        MadeFault::Ambiguous { ids } => format!(
            "There are {} objects of type {object_type} called {name} ({}), and the Manager did not say which of them this \
             run created. None of them is used or removed. Check them on the Manager and delete or rename those that are \
             not Holdfast's.",
            ids.len(),
            ids.join(", ")
        ),
    }
}

fn instead(now: &Instead) -> String {
    match now {
        Instead::Repository {
            disk,
            repository: Some(repository),
        } => format!("The Manager shows the disk {disk} in {repository}."),
        Instead::Repository { disk, repository: None } => {
            format!("The Manager shows the disk {disk} in no storage repository.")
        }
        Instead::Size { bytes } => format!("It is now {}.", size(*bytes)),
        Instead::MappedTo(OtherUser::Vm { id, name }) if name.is_empty() => {
            format!("It is also mapped to the VM {id}.")
        }
        Instead::MappedTo(OtherUser::Vm { id, name }) => format!("It is also mapped to the VM {name} ({id})."),
        Instead::MappedTo(OtherUser::Mapping(id)) => {
            format!("It is also mapped to another VM by the mapping {id}.")
        }
    }
}

fn point(fault: &PointFault) -> String {
    match fault {
        PointFault::Missing { point } => format!("The recovery point {point} is no longer in the catalogue."),
        PointFault::Published { point } => {
            format!("The recovery point {point} is published, so none of its data was removed.")
        }
        PointFault::Moved { approved, now } => {
            let now = match now {
                Some(now) => format!("is now stored as {now} in the backup target"),
                None => "is no longer in the backup target".to_owned(),
            };
            format!(
                "The recovery point's data {now}, not as {approved}, which was approved. Nothing was changed. Plan again."
            )
        }
        PointFault::Damaged(found) => format!(
            "The recovery point is damaged; nothing was changed. {} Choose another recovery point.",
            damage(found)
        ),
        PointFault::NotReadBack(found) => format!(
            "{} Do not rely on the backup target until its storage has been checked.",
            damage(found)
        ),
        PointFault::OtherManifest => {
            "The manifest in the backup target is not the one in the catalogue. Run an integrity \
                                      check of the recovery point, or choose another one."
                .into()
        }
        PointFault::UnreadableManifest { detail } => {
            format!("The stored manifest cannot be read: {}", full_stop(detail))
        }
    }
}

pub(in crate::say) fn damage(damage: &Damage) -> String {
    match damage {
        Damage::Disk { slot, name, found } => match found {
            DamageFound::Differs => {
                format!("The stored copy of the disk {name} in slot {slot} is not what was backed up.")
            }
            DamageFound::Unreadable(fault) => format!(
                "The stored copy of the disk {name} in slot {slot} cannot be read. {}",
                super::target::fault(fault)
            ),
        },
        Damage::Files(fault) => format!(
            "The files stored with the disks cannot be read. {}",
            super::target::fault(fault)
        ),
    }
}

pub(in crate::say) fn left(left: &Left) -> String {
    format!("{}: {}", left.title.say(EN), step_fault(&left.fault))
}

pub(in crate::say) fn step_fault(of_step: &StepFault) -> String {
    match of_step {
        StepFault::Fault(why) => fault(why),
        StepFault::Cancelled => "The run was cancelled during this step.".into(),
    }
}

/// Hosts whose key is another than the planned one.
pub(super) fn other_hosts(hosts: &[OtherHost]) -> String {
    let one = |host: &OtherHost| {
        let what = if host.is_manager { "Manager" } else { "server" };
        format!(
            "the {what} {} now has the host key {} instead of {}",
            host.name, host.now, host.planned
        )
    };
    let hosts: Vec<String> = hosts.iter().map(one).collect();
    format!("Hosts were enrolled again after the plan was made: {}.", list(&hosts))
}
