//! Probes: is the effect of a step already there?

use super::own::{learned, listed};
use super::restored::RestoredDisks;
use super::{StepError, vm_state};
use crate::estate::{Reach, ReachError, exit_error};
use domain::fault::{Fault, FileFault, HostFault};
use domain::plan::{Bindings, Plan, Probe, RemoteFile, UnboundPlaceholder};
use ovm::estate::VmState;
use ovm::ids::ServerId;
use ovm::shell::Shell;
use std::collections::BTreeSet;

/// Why a probe has no answer.
#[derive(Debug)]
pub(crate) enum ProbeError {
    /// The host.
    Reach(ReachError),
    /// The plan.
    Unbound(UnboundPlaceholder),
    /// Where files are cannot be told: what is missing in a repository that is away says nothing, and a file may be
    /// neither at its old place nor at its new one.
    Untold(Fault),
}

impl From<ReachError> for ProbeError {
    fn from(error: ReachError) -> Self {
        Self::Reach(error)
    }
}

impl From<UnboundPlaceholder> for ProbeError {
    fn from(error: UnboundPlaceholder) -> Self {
        Self::Unbound(error)
    }
}

/// File in the root of every repository.
const MARK: &str = ".ovsrepo";
/// Where servers mount repositories.
const REPOSITORIES: &str = "/OVS/Repositories/";

/// Where files are cannot be told for as long as the repository is away.
impl From<ProbeError> for StepError {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Reach(error) => error.into(),
            ProbeError::Unbound(error) => error.into(),
            ProbeError::Untold(fault) => Self::Unknown(fault),
        }
    }
}

/// Whether the effect is there.
pub(crate) async fn present(
    reach: &Reach,
    disks: &RestoredDisks,
    plan: &Plan,
    probe: &Probe,
    bindings: &Bindings,
) -> Result<bool, ProbeError> {
    Ok(match probe {
        Probe::ObjectNamed { object_type, name } => {
            let made = learned(plan, bindings, object_type, name);
            !listed(reach, object_type, name, made.as_deref()).await?.is_empty()
        }
        Probe::NoObjectNamed { object_type, name } => {
            let made = learned(plan, bindings, object_type, name);
            listed(reach, object_type, name, made.as_deref()).await?.is_empty()
        }
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
            match (exists(reach, &from).await?, exists(reach, &to).await?) {
                (false, false) => {
                    let found = FileFault::Lost { to: to.path };
                    return Err(ProbeError::Untold(Fault::File { file: from, found }));
                }
                (at_old_place, at_new_place) => !at_old_place && at_new_place,
            }
        }
        Probe::HasSha256 { file, sha256 } => {
            let file = resolved(file, bindings)?;
            exists(reach, &file).await? && disks.difference(reach, &file, sha256).await?.is_none()
        }
    })
}

/// Whether a path exists on a server. That it does not is believed only where its repository is mounted.
pub(crate) async fn exists(reach: &Reach, file: &RemoteFile) -> Result<bool, ProbeError> {
    if is_there(reach, &file.server, &file.path).await? {
        return Ok(true);
    }
    mounted(reach, &file.server, [file.path.as_str()]).await?;
    Ok(false)
}

/// Makes sure that every repository in which these words name files is mounted. Where one is not, its place is an empty
/// directory of the server itself: there is nothing to find there, and nothing must be put there.
pub(crate) async fn mounted(
    reach: &Reach,
    server: &ServerId,
    words: impl IntoIterator<Item = &str>,
) -> Result<(), ProbeError> {
    let roots: BTreeSet<String> = words.into_iter().filter_map(root).collect();
    for root in roots {
        if !is_there(reach, server, &format!("{root}/{MARK}")).await? {
            let (server, path) = (server.clone(), root);
            return Err(ProbeError::Untold(HostFault::NotMounted { server, path }.into()));
        }
    }
    Ok(())
}

/// The root of the repository in which a word names a file, `--reference=` before it included.
fn root(word: &str) -> Option<String> {
    let (_, inside) = word.split_once(REPOSITORIES)?;
    Some(format!("{REPOSITORIES}{}", inside.split('/').next()?))
}

/// Exit statuses decide, never words.
async fn is_there(reach: &Reach, server: &ServerId, path: &str) -> Result<bool, ReachError> {
    let shell = Shell::one(["test", "-e", path]);
    let output = reach.shell_output(server, &shell).await?;
    match output.exit_status {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        other => Err(exit_error(server, &shell, other, &output.stderr)),
    }
}

/// The file with its path resolved.
pub(crate) fn resolved(file: &RemoteFile, bindings: &Bindings) -> Result<RemoteFile, UnboundPlaceholder> {
    Ok(RemoteFile {
        server: ServerId::clone(&file.server),
        path: bindings.resolve(&file.path)?,
    })
}
