//! Actions as texts: command lines as they are sent, and what is to be known beside them.

use domain::plan::{Action, Line, Question, RemoteFile};
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
        Action::Ovmcli { command } => vec![ovmcli_line(command)],
        Action::Shell { shell } => vec![shell_line(shell)],
        Action::ReadDefinition { vm, vm_cfg } => definition(vm, vm_cfg.as_ref()),
        Action::StopVm { vm, .. } => vec![on_vm("stop", vm)],
        Action::LockVm { vm, .. } => vec![dlm("--lock", vm)],
        Action::UnlockVm { vm } => vec![dlm("--unlock", vm)],
        Action::RemoveClone { name } => vec![ovmcli_line(&Command::on_name("delete", "Vm", name))],
        Action::RemoveNamed { object_type, name } => vec![ovmcli_line(&Command::on_name("delete", object_type, name))],
        Action::FindCloneDisks { clone, .. } => vec![ovmcli_line(&Command::on_id("show", "Vm", clone))],
        Action::Ask {
            question: Question::Confirm { lines, .. },
        } => lines.iter().map(line).collect(),
        Action::CopyDisk { .. }
        | Action::StoreDefinition { .. }
        | Action::ReadBack { .. }
        | Action::Publish { .. }
        | Action::DiscardStored { .. }
        | Action::CheckPoint { .. }
        | Action::WriteDisk { .. }
        | Action::Wait { .. }
        | Action::Ask {
            question: Question::Decide { .. },
        } => Vec::new(),
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
    ovmcli_line(&Command::on_id(verb, "Vm", vm.as_str()))
}

fn dlm(action: &str, vm: &VmId) -> String {
    shell_line(&Shell::one(["ovs-agent-dlm", action, "--uuid", vm.as_str()]))
}

/// A command line as it is typed or sent. One that has no text is never sent either; the reader sees why.
pub fn line(line: &Line) -> String {
    match line {
        Line::Ovmcli(command) => ovmcli_line(command),
        Line::Shell(shell) => shell_line(shell),
    }
}

fn ovmcli_line(command: &Command) -> String {
    ovmcli::render(command).unwrap_or_else(|refused| format!("# not sent: {refused}"))
}

fn shell_line(shell: &Shell) -> String {
    shell
        .render()
        .unwrap_or_else(|refused| format!("# not sent: {refused}"))
}
