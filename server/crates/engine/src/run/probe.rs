//! Probes: is the effect of a step already there?

use super::restored::RestoredDisks;
use super::vm_state;
use crate::estate::{Reach, ReachError, exit_error};
use domain::plan::{Bindings, Probe, RemoteFile, UnboundPlaceholder};
use ovm::estate::VmState;
use ovm::ids::ServerId;
use ovm::ovmcli::Command;
use ovm::shell::Shell;
use thiserror::Error;

/// Why a probe has no answer.
#[derive(Debug, Error)]
pub(crate) enum ProbeError {
    #[error(transparent)]
    Reach(#[from] ReachError),
    #[error(transparent)]
    Unbound(#[from] UnboundPlaceholder),
}

/// Whether the effect is there.
pub(crate) async fn present(
    reach: &Reach,
    disks: &RestoredDisks,
    probe: &Probe,
    bindings: &Bindings,
) -> Result<bool, ProbeError> {
    Ok(match probe {
        Probe::ObjectNamed { object_type, name } => !named(reach, object_type, name).await?.is_empty(),
        Probe::NoObjectNamed { object_type, name } => named(reach, object_type, name).await?.is_empty(),
        Probe::VmRunning { vm, running } => {
            let wanted = if *running { VmState::Running } else { VmState::Stopped };
            vm_state::look(reach, vm).await?.state == wanted
        }
        Probe::HighAvailability { vm, on } => vm_state::look(reach, vm).await?.high_availability == *on,
        Probe::PathExists { file } => exists(reach, &resolved(file, bindings)?).await?,
        Probe::PathAbsent { file } => !exists(reach, &resolved(file, bindings)?).await?,
        Probe::Moved { from, to } => {
            let from = resolved(from, bindings)?;
            let to = RemoteFile {
                server: from.server.clone(),
                path: bindings.resolve(to)?,
            };
            !exists(reach, &from).await? && exists(reach, &to).await?
        }
        Probe::HasSha256 { file, sha256 } => {
            let file = resolved(file, bindings)?;
            exists(reach, &file).await? && disks.difference(reach, &file, sha256).await?.is_none()
        }
    })
}

/// Ids of the objects of a type that have this name.
pub(crate) async fn named(reach: &Reach, object_type: &str, name: &str) -> Result<Vec<String>, ReachError> {
    let items = reach.ask(&Command::of_type("list", object_type)).await?.items;
    Ok(items
        .into_iter()
        .filter(|item| item.name == name)
        .map(|item| item.id)
        .collect())
}

/// Whether a path exists on a server. Exit statuses decide, never words.
pub(crate) async fn exists(reach: &Reach, file: &RemoteFile) -> Result<bool, ReachError> {
    let shell = Shell::one(["test", "-e", file.path.as_str()]);
    let output = reach.shell_output(&file.server, &shell).await?;
    match output.exit_status {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        other => Err(exit_error(&file.server, &shell, other, &output.stderr)),
    }
}

/// The file with its path resolved.
pub(crate) fn resolved(file: &RemoteFile, bindings: &Bindings) -> Result<RemoteFile, UnboundPlaceholder> {
    Ok(RemoteFile {
        server: ServerId::clone(&file.server),
        path: bindings.resolve(&file.path)?,
    })
}

/// Whether a step's undo must be skipped when its effect is not there. Moving back what was not moved, or starting what
/// was not stopped, would do harm; removing what is not there does none.
pub(crate) fn gates_undo(probe: &Probe) -> bool {
    matches!(probe, Probe::Moved { .. } | Probe::VmRunning { .. })
}
