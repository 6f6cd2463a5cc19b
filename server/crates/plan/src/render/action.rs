//! Actions as texts: command lines as they are sent, and what is to be known beside them.

use domain::plan::{Action, RemoteFile};
use domain::say::{Language, Say};
use ovm::ids::VmId;
use ovm::ovmcli::{self, Command};
use ovm::shell::Shell;

/// What runs: command lines as they are sent, with lines that begin with `#` for what is to be known beside them; a
/// sentence where no command line says it.
pub fn action(action: &Action, language: Language) -> String {
    let (mut lines, words) = (lines(action), action.say(language));
    match (lines.is_empty(), words.is_empty()) {
        (true, _) => words,
        (false, true) => lines.join("\n"),
        (false, false) => {
            lines.push(format!("# {words}"));
            lines.join("\n")
        }
    }
}

/// The command lines of an action as they are sent, placeholders unresolved; none where Holdfast or a person acts.
pub(super) fn lines(action: &Action) -> Vec<String> {
    match action {
        Action::Ovmcli { command } => vec![line(command)],
        Action::Shell { shell } => vec![shell_line(shell)],
        Action::ReadDefinition { vm, vm_cfg } => definition(vm, vm_cfg.as_ref()),
        Action::StopVm { vm, .. } => vec![on_vm("stop", vm)],
        Action::LockVm { vm, .. } => vec![dlm("--lock", vm)],
        Action::UnlockVm { vm } => vec![dlm("--unlock", vm)],
        Action::RemoveClone { name } => vec![line(&Command::on_name("delete", "Vm", name))],
        Action::RemoveNamed { object_type, name } => vec![line(&Command::on_name("delete", object_type, name))],
        Action::FindCloneDisks { clone, .. } => vec![line(&Command::on_id("show", "Vm", clone))],
        Action::CopyDisk { .. }
        | Action::StoreDefinition { .. }
        | Action::ReadBack { .. }
        | Action::Publish { .. }
        | Action::DiscardStored { .. }
        | Action::CheckPoint { .. }
        | Action::WriteDisk { .. }
        | Action::Wait { .. }
        | Action::Ask { .. } => Vec::new(),
    }
}

/// Where the Manager does not print `vm.cfg`, the last line is for a server.
fn definition(vm: &VmId, vm_cfg: Option<&RemoteFile>) -> Vec<String> {
    let last = match vm_cfg {
        None => on_vm("getVmCfgFileContent", vm),
        Some(RemoteFile { server, path }) => {
            format!("# on server {server}: {}", shell_line(&Shell::one(["cat", path])))
        }
    };
    vec![on_vm("show", vm), last]
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
