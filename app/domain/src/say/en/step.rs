//! What the parts of a step say: guards, checks, probes, and what is to be known beside a command.

use crate::ids::TargetId;
use crate::plan::{Action, Bind, Check, Guard, NoReturn, Precondition, Probe, Question, RemoteFile, Rule};
use crate::words::size;

pub(in crate::say) fn precondition(fact: &Precondition) -> String {
    match fact {
        Precondition::VmNamed { name } => format!("The VM exists and is called {name}."),
        Precondition::VmRunning { running } => format!("The VM is {}.", state(*running)),
        Precondition::HighAvailability { on } => format!("High availability is {}.", on_or_off(*on)),
        Precondition::FileDisks { disks } => {
            let disks: Vec<String> = disks
                .iter()
                .map(|(slot, disk, repository)| format!("slot {slot}: {disk} in {repository}"))
                .collect();
            format!("Its file disks are: {}.", disks.join("; "))
        }
        Precondition::ReplacedDisk {
            disk,
            name,
            repository,
            size_bytes,
        } => {
            let of_size = size_bytes.map_or_else(String::new, |bytes| format!(" is {} in size,", size(bytes)));
            format!("The disk {name} ({disk}){of_size} is in {repository} and is mapped to no other VM.")
        }
        Precondition::HostKey {
            server: None,
            fingerprint,
        } => format!("The Manager presents the host key {fingerprint}."),
        Precondition::HostKey {
            server: Some(server),
            fingerprint,
        } => format!("The server {server} presents the host key {fingerprint}."),
    }
}

pub(in crate::say) fn guard(guard: &Guard) -> String {
    match guard {
        Guard::VmStopped { .. } => "The Manager still shows the VM as stopped.".into(),
        Guard::DiskReplaceable { disk } => {
            format!("The disk {disk} is as planned, and no other VM has it mapped.")
        }
    }
}

pub(in crate::say) fn check(check: &Check) -> String {
    match check {
        Check::FreeSpace {
            at_least_bytes: 0,
            at_least_percent,
        } => format!("At least {at_least_percent} % is free."),
        Check::FreeSpace {
            at_least_bytes,
            at_least_percent: 0,
        } => format!("At least {} is free.", size(*at_least_bytes)),
        Check::FreeSpace {
            at_least_bytes,
            at_least_percent,
        } => format!("At least {} and {at_least_percent} % is free.", size(*at_least_bytes)),
        Check::NotListed { vm } => format!("The list does not show {vm}."),
        Check::VmRunning { running, .. } => format!("The Manager shows the VM as {}.", state(*running)),
        Check::NotRunning { .. } => {
            "The Manager shows the VM as stopped: nobody has started it in the meantime.".into()
        }
        Check::Sha256 {
            file: RemoteFile { path, .. },
            sha256,
        } => format!("{path}, read again, has the SHA-256 {sha256}."),
        Check::FilesExist { files } => {
            let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            format!("These files exist: {}.", paths.join(", "))
        }
    }
}

pub(in crate::say) fn probe(probe: &Probe) -> String {
    match probe {
        Probe::ObjectNamed { object_type, name } => format!("list {object_type} shows {name}."),
        Probe::NoObjectNamed { object_type, name } => format!("list {object_type} does not show {name}."),
        Probe::VmRunning { running, .. } => format!("The Manager shows the VM as {}.", state(*running)),
        Probe::HighAvailability { on, .. } => format!("The Manager shows high availability as {}.", on_or_off(*on)),
        Probe::PathExists { file } => format!("{} exists.", file.path),
        Probe::PathAbsent { file } => {
            format!("{} does not exist, and its storage repository is mounted.", file.path)
        }
        Probe::Moved { from, to } => format!("{} is gone and {to} exists.", from.path),
        Probe::HasSha256 { file, sha256 } => format!("{} has the SHA-256 {sha256}.", file.path),
    }
}

pub(in crate::say) fn learned(bind: &Bind) -> String {
    match bind {
        Bind::NewObject {
            object_type,
            object_name,
            ..
        } => format!("The id of the {object_type} {object_name}."),
        Bind::CloneDiskPath { slot, .. } => format!("The path of the clone's disk in slot {slot}."),
        Bind::Observed { .. } => "What is entered here.".into(),
    }
}

pub(in crate::say) fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Seen => String::new(),
        Rule::Equal { to } => format!("The value must be {to}."),
        Rule::Given => "The steps that follow need the value.".into(),
    }
}

pub(in crate::say) fn no_return(from: NoReturn) -> String {
    match from {
        NoReturn::OnceBegun => "Point of no return: from here on nothing can be undone.".into(),
        NoReturn::OnceDone => "Once this is done, the run can no longer be undone.".into(),
    }
}

pub(in crate::say) fn action(action: &Action) -> String {
    match action {
        Action::Ovmcli { .. } | Action::Shell { .. } => String::new(),
        Action::ReadDefinition { .. } => "likewise each of its disk mappings, virtual disks and vNICs; everything \
            must match the preflight check"
            .into(),
        Action::StopVm {
            patience_secs, lenient, ..
        } => {
            let then = match lenient {
                true => "then continues",
                false => "if it is still running then, an administrator must look into it: it may stop later",
            };
            format!("waits up to {patience_secs} seconds for the VM to stop; {then}")
        }
        Action::LockVm { break_after, .. } => match break_after.is_empty() {
            true => "fails if somebody holds it".into(),
            false => "a stale lock is released first, after every server has been checked again".into(),
        },
        Action::UnlockVm { .. } => "succeeds even if the lock is not held".into(),
        Action::RemoveClone { .. } => "by id, if it exists; its disk mappings first, then its virtual disks".into(),
        Action::RemoveNamed { .. } => "by id, if it exists".into(),
        Action::FindCloneDisks { slots, .. } => {
            let slots: Vec<String> = slots.iter().map(u32::to_string).collect();
            format!(
                "then its disk mappings and virtual disks, paired with the VM's by slot: {}",
                slots.join(", ")
            )
        }
        Action::CopyDisk {
            source, file, target, ..
        } => format!(
            "Reads {} on server {}, holes skipped, and stores it in {} as {file}, hashed on the way.",
            source.path,
            source.server,
            backup_target(target)
        ),
        Action::StoreDefinition { target } => format!(
            "Stores vm.cfg, rebuild script and manifest with the disks and completes the recovery point in {}.",
            backup_target(target)
        ),
        Action::ReadBack { .. } => "Reads every stored disk back and compares its SHA-256.".into(),
        Action::Publish { .. } => "Adds the recovery point to the catalogue.".into(),
        Action::DiscardStored { target } => format!("Removes what this run has stored in {}.", backup_target(target)),
        Action::CheckPoint {
            point,
            target,
            snapshot,
        } => format!(
            "Reads the recovery point {point} in {} (restic {snapshot}) and compares manifest, files and sizes.",
            backup_target(target)
        ),
        Action::WriteDisk {
            target,
            from,
            size_bytes,
            ..
        } => format!(
            "Writes {} of restic {}{} ({}) to {} on server {}, sparse, flushed.",
            from.file,
            from.snapshot,
            match from.target.is_first() {
                true => String::new(),
                false => format!(" in {}", backup_target(&from.target)),
            },
            size(*size_bytes),
            target.path,
            target.server
        ),
        Action::Wait { secs } => format!("Waits {secs} seconds."),
        Action::Ask {
            question: Question::Decide { within_hours },
        } => format!("Waits up to {within_hours} hours for someone to commit or roll back; then rolls back."),
        Action::Ask {
            question: Question::Confirm { lines, .. },
        } if lines.is_empty() => "Waits until someone has done this and confirmed it.".into(),
        Action::Ask { .. } => String::new(),
    }
}

/// The first one needs no name: for most it is the only one.
fn backup_target(id: &TargetId) -> String {
    match id.is_first() {
        true => "the backup target".into(),
        false => format!("the backup target {id}"),
    }
}

fn state(running: bool) -> &'static str {
    if running { "running" } else { "stopped" }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
