//! Rebuild scripts: the commands that make objects again, empty, on a Manager that knows none of the old ids.
//! [`safe_script`] needs only the servers and the storage. The form of one machine that is shown ([`rebuild_script`]) is
//! made of the same steps and needs the same pools, repositories and networks by name. The bytes of the disks come back by
//! a restore.

mod build;
mod cards;
mod safe;
mod scope;
#[cfg(test)]
mod tests;
mod whole;

use crate::{
    estate::Estate,
    ids::VmId,
    ovmcli::{Command, RenderError, render},
};
use thiserror::Error;

pub use safe::{Look, PlainForm, SafeScript, SafeStep, Trait};
pub use scope::Scope;
pub use whole::safe_script;

/// Why a machine has no rebuild script.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScriptError {
    /// The estate has no such machine.
    #[error("the estate has no VM {vm}")]
    UnknownVm {
        /// Id of the machine.
        vm: VmId,
    },
    /// The estate has nothing of the kind.
    #[error("the estate has no {}", .scope.key())]
    UnknownScope {
        /// What was asked for.
        scope: Scope,
    },
    /// A machine can only be made in a pool.
    #[error("no server pool is known for the VM {name}")]
    NoPool {
        /// Name of the machine.
        name: String,
    },
    /// A machine can only be made in a repository.
    #[error("the storage repository of the VM {name} is not known")]
    NoRepository {
        /// Name of the machine.
        name: String,
    },
    /// A name cannot be written into a command.
    #[error("{name} cannot be rebuilt by a script: {reason}")]
    Unwritable {
        /// Name of what should be rebuilt.
        name: String,
        /// What stands in the way.
        reason: RenderError,
    },
}

/// One command and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptLine {
    /// For people, as a phrase.
    pub purpose: String,
    /// What to send.
    pub command: Command,
}

/// The commands in order, and what they do not bring back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildScript {
    /// What the script cannot restore or relies on, as sentences.
    pub notes: Vec<String>,
    /// The commands in order; each needs the ones before it.
    pub commands: Vec<ScriptLine>,
}

/// The script that makes the machine again on a Manager that has the rest: the plain form of its [`safe_script`]. The
/// same estate gives the same script.
pub fn rebuild_script(estate: &Estate, vm: &VmId) -> Result<RebuildScript, ScriptError> {
    let scope = Scope::Vm(vm.clone());
    let name = scope
        .name(estate)
        .ok_or_else(|| ScriptError::UnknownVm { vm: vm.clone() })?;
    let script = safe_script(estate, &scope, estate.release().version)?;
    script.plain().map_err(|reason| ScriptError::Unwritable {
        name: name.to_owned(),
        reason,
    })
}

impl RebuildScript {
    /// The commands alone, one a line, ready to be sent.
    pub fn render_for_cli(&self) -> Result<String, RenderError> {
        let mut text = String::new();
        for line in &self.commands {
            text.push_str(&render(&line.command)?);
            text.push('\n');
        }
        Ok(text)
    }

    /// The commands with notes and purposes as lines that begin with `#`. The command line knows no comments: send the
    /// other form.
    pub fn render_for_people(&self) -> Result<String, RenderError> {
        let mut text = String::new();
        for note in &self.notes {
            push_comment(&mut text, note);
        }
        for line in &self.commands {
            text.push('\n');
            push_comment(&mut text, &line.purpose);
            text.push_str(&render(&line.command)?);
            text.push('\n');
        }
        Ok(text)
    }
}

/// A comment stays one line whatever names it holds, so that no name can pass for a command.
fn push_comment(text: &mut String, comment: &str) {
    text.push_str("# ");
    text.extend(
        comment
            .chars()
            .map(|character| if character.is_control() { ' ' } else { character }),
    );
    text.push('\n');
}
