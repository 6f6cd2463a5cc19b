//! Actions as texts: command lines as they are sent, or words where no command line says it.

use crate::words::size;
use domain::plan::{Action, RemoteFile};
use ovm::ids::VmId;
use ovm::ovmcli::{self, Command};
use ovm::shell::Shell;

/// How an action reads.
pub(super) enum Reading {
    /// Command lines, and what is to be known beside them.
    Commands {
        /// The lines as they are sent, placeholders unresolved.
        lines: Vec<String>,
        /// No full sentence.
        note: Option<String>,
    },
    /// A sentence.
    Words(String),
}

/// What runs: command lines as they are sent, with lines that begin with `#` for what is to be known beside them; a
/// sentence where no command line says it.
pub fn action(action: &Action) -> String {
    match reading(action) {
        Reading::Words(words) => words,
        Reading::Commands { mut lines, note } => {
            lines.extend(note.map(|note| format!("# {note}")));
            lines.join("\n")
        }
    }
}

pub(super) fn reading(action: &Action) -> Reading {
    let words = |sentence: &str| Reading::Words(sentence.to_owned());
    match action {
        Action::Ovmcli { command } => commands([line(command)], ""),
        Action::Shell { shell } => commands([shell_line(shell)], ""),
        Action::ReadDefinition { vm, vm_cfg } => definition(vm, vm_cfg.as_ref()),
        Action::StopVm {
            vm,
            patience_secs,
            lenient,
        } => stop(vm, *patience_secs, *lenient),
        Action::LockVm { vm, break_stale } => {
            let held = match break_stale {
                true => "a stale lock is released first",
                false => "fails if somebody holds it",
            };
            commands([dlm("--lock", vm)], held)
        }
        Action::UnlockVm { vm } => commands([dlm("--unlock", vm)], "not holding the lock is fine"),
        Action::RemoveClone { name } => commands(
            [line(&Command::on_name("delete", "Vm", name))],
            "by id, if it is there; first its disk mappings, then its virtual disks",
        ),
        Action::RemoveNamed { object_type, name } => commands(
            [line(&Command::on_name("delete", object_type, name))],
            "by id, if it is there",
        ),
        Action::FindCloneDisks { clone, slots } => find(clone, slots),
        Action::CopyDisk { source, file, .. } => words(&copy(source, file)),
        Action::StoreDefinition => words(
            "Puts vm.cfg, rebuild script and manifest beside the disks and closes the recovery point in the backup target.",
        ),
        Action::ReadBack => words("Reads every stored disk back and compares its SHA-256."),
        Action::Publish => words("Makes the recovery point visible."),
        Action::DiscardStored => words("Forgets what this run has put into the backup target."),
        Action::CheckPoint { point } => words(&format!(
            "Looks for the recovery point {point} in the backup target and compares manifest, files and sizes."
        )),
        Action::WriteDisk {
            target,
            file,
            size_bytes,
            ..
        } => words(&write(target, file, *size_bytes)),
        Action::AwaitDecision { within_hours } => words(&format!(
            "Waits up to {within_hours} hours until somebody commits or rolls back; then rolls back."
        )),
    }
}

fn definition(vm: &VmId, vm_cfg: Option<&RemoteFile>) -> Reading {
    let likewise =
        "likewise each of its disk mappings, virtual disks and network cards; all is compared with the preconditions";
    match vm_cfg {
        None => commands([on_vm("show", vm), on_vm("getVmCfgFileContent", vm)], likewise),
        Some(RemoteFile { server, path }) => {
            let note = format!(
                "{likewise}; then, on server {server}, {}",
                shell_line(&Shell::one(["cat", path]))
            );
            commands([on_vm("show", vm)], &note)
        }
    }
}

fn stop(vm: &VmId, patience_secs: u32, lenient: bool) -> Reading {
    let then = if lenient {
        "then goes on"
    } else {
        "if it still runs then, an administrator has to look: it may stop later"
    };
    let note = format!("waits up to {patience_secs} seconds until the machine is stopped; {then}");
    commands([on_vm("stop", vm)], &note)
}

fn find(clone: &str, slots: &[u32]) -> Reading {
    let slots: Vec<String> = slots.iter().map(u32::to_string).collect();
    let note = format!(
        "then its disk mappings and virtual disks, paired with the machine's by slot: {}",
        slots.join(", ")
    );
    commands([line(&Command::on_id("show", "Vm", clone))], &note)
}

fn copy(source: &RemoteFile, file: &str) -> String {
    let RemoteFile { server, path } = source;
    format!(
        "Reads {path} on server {server}, holes skipped, and stores it in the backup target as {file}, hashed on the way."
    )
}

fn write(target: &RemoteFile, file: &str, bytes: u64) -> String {
    let RemoteFile { server, path } = target;
    format!(
        "Writes {file} ({}) from the backup target to {path} on server {server}, sparse, flushed.",
        size(bytes)
    )
}

/// Command lines with one note; an empty one is none.
fn commands(lines: impl IntoIterator<Item = String>, note: &str) -> Reading {
    Reading::Commands {
        lines: lines.into_iter().collect(),
        note: (!note.is_empty()).then(|| note.to_owned()),
    }
}

fn on_vm(verb: &str, vm: &VmId) -> String {
    line(&Command::on_id(verb, "Vm", vm.as_str()))
}

fn dlm(action: &str, vm: &VmId) -> String {
    shell_line(&Shell::one(["ovs-agent-dlm", action, "--uuid", vm.as_str()]))
}

/// A command that has no text is never sent either; the reader sees why.
fn line(command: &Command) -> String {
    ovmcli::render(command).unwrap_or_else(|refused| format!("# not sent: {refused}"))
}

fn shell_line(shell: &Shell) -> String {
    shell
        .render()
        .unwrap_or_else(|refused| format!("# not sent: {refused}"))
}
