//! The lock that a pool keeps for each machine: whoever holds it keeps all servers from starting the machine.

use super::execution::{Execution, PROBE_PAUSE};
use super::{Effect, StepError, vm_state};
use crate::estate::{Reach, ReachError, exit_error};
use domain::plan::{Action, Step};
use domain::run::{JournalEntry, Outcome, Phase};
use ovm::estate::VmState;
use ovm::ids::{ServerId, VmId};
use ovm::shell::Shell;

/// Exit status of the lock tool for "held" and for "not held"; any other says nothing about the lock.
const REFUSED: u32 = 1;

impl Execution {
    /// Takes the lock. One that is held stays as it is, unless this very step has begun to take it before, or the plan
    /// allows to break it.
    pub(super) async fn lock(
        &self,
        step: &Step,
        server: &ServerId,
        vm: &VmId,
        break_stale: bool,
    ) -> Result<Effect, StepError> {
        let mut may_be_own = self.journal.was_interrupted(&step.id);
        let taken = match dlm(&self.reach, server, "--lock", vm).await {
            Err(lost) if lost.leaves_outcome_open() => {
                may_be_own = true;
                tokio::time::sleep(PROBE_PAUSE).await;
                dlm(&self.reach, server, "--lock", vm).await
            }
            answer => answer,
        };
        if let Some(printed) = taken? {
            return Ok(Effect::observed(printed));
        }
        if runs(&self.reach, vm).await? {
            return Err(StepError::failed(format!(
                "The machine {vm} runs again, so its lock is its own. Stop it, then try again."
            )));
        }
        if may_be_own {
            return Ok(Effect::observed("It is held since the attempt that was interrupted."));
        }
        if !break_stale {
            return Err(held(vm));
        }
        // The steps before have seen that no server of the pool runs the machine: whoever held the lock is gone.
        let mut observed = unlock(&self.reach, server, vm).await?.observed;
        let taken = dlm(&self.reach, server, "--lock", vm).await?;
        observed.push_str(&taken.ok_or_else(|| held(vm))?);
        Ok(Effect::observed(format!("A stale lock was released.\n{observed}")))
    }

    /// Gives the lock back, if this run may have it: where taking it has failed, it is somebody else's.
    pub(super) async fn unlock(&self, server: &ServerId, vm: &VmId) -> Result<Effect, StepError> {
        if self.may_hold_lock() {
            return unlock(&self.reach, server, vm).await;
        }
        Ok(Effect::observed("This run has not taken the lock."))
    }

    fn may_hold_lock(&self) -> bool {
        let locks = |action: &Action| matches!(action, Action::LockVm { .. });
        let takes_lock = |entry: &JournalEntry| {
            let mut steps = self.plan().steps.iter().filter(|step| step.id == entry.step);
            steps.any(|step| match entry.phase {
                Phase::Forward => locks(&step.action),
                Phase::Undo => step.undo.iter().any(|undo| locks(&undo.action)),
            })
        };
        let mut entries = self.journal.entries().iter();
        entries.any(|entry| takes_lock(entry) && entry.outcome != Some(Outcome::Failed))
    }
}

fn held(vm: &VmId) -> StepError {
    StepError::failed(format!(
        "Somebody holds the lock of the machine {vm}: it may run on a server that was not looked at. Look with `xm list` on every server of its pool. Where none runs it, release the lock with `ovs-agent-dlm --unlock --uuid {vm}` on one of them, then try again."
    ))
}

/// Gives the lock back, unless the machine runs and holds it itself.
async fn unlock(reach: &Reach, server: &ServerId, vm: &VmId) -> Result<Effect, StepError> {
    if runs(reach, vm).await? {
        return Ok(Effect::observed("The machine runs: the lock is its own."));
    }
    let printed = dlm(reach, server, "--unlock", vm).await?;
    Ok(Effect::observed(
        printed.unwrap_or_else(|| "It was not locked.".to_owned()),
    ))
}

async fn runs(reach: &Reach, vm: &VmId) -> Result<bool, ReachError> {
    Ok(vm_state::look(reach, vm).await?.state == VmState::Running)
}

/// What the lock tool has printed; nothing when it has refused.
async fn dlm(reach: &Reach, server: &ServerId, operation: &str, vm: &VmId) -> Result<Option<String>, ReachError> {
    let shell = Shell::one(["ovs-agent-dlm", operation, "--uuid", vm.as_str()]);
    let output = reach.shell_output(server, &shell).await?;
    match output.exit_status {
        Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
        Some(REFUSED) => Ok(None),
        other => Err(exit_error(server, &shell, other, &output.stderr)),
    }
}
