//! The lock that a pool keeps for each machine: whoever holds it keeps all servers from starting the machine.

use super::act::run_shell;
use super::check::check;
use super::execution::Execution;
use super::{Effect, StepError, vm_state};
use crate::estate::{Reach, ReachError, exit_error};
use domain::fault::{PlanFault, VmFault};
use domain::note::Note;
use domain::plan::{Action, Step};
use domain::run::{JournalEntry, Outcome, Phase};
use ovm::estate::VmState;
use ovm::ids::{ServerId, VmId};
use ovm::shell::Shell;

/// Exit status of the lock tool for "held" and for "not held"; any other says nothing about the lock. It is documented
/// nowhere, and a tool that breaks down ends with it, too.
const REFUSED: u32 = 1;

impl Execution {
    /// Takes the lock. One that is held stays as it is, unless this very step has begun to take it before, or the plan
    /// allows to break it.
    pub(super) async fn lock(
        &self,
        step: &Step,
        server: &ServerId,
        vm: &VmId,
        break_after: &[String],
    ) -> Result<Effect, StepError> {
        let mut may_be_own = self.journal.was_interrupted(&step.id);
        let taken = match dlm(&self.reach, server, "--lock", vm).await {
            Err(lost) if lost.leaves_outcome_open() => {
                may_be_own = true;
                tokio::time::sleep(self.core.rhythm.retry).await;
                dlm(&self.reach, server, "--lock", vm).await
            }
            answer => answer,
        };
        if let Ok(printed) = taken? {
            return Ok(Effect::observed(printed));
        }
        // One that is just starting has the lock before the Manager calls it running.
        if vm_state::look_when_free(&self.reach, vm).await?.state != VmState::Stopped {
            return Err(StepError::of_vm(vm, VmFault::OwnsLock));
        }
        if may_be_own {
            return Ok(Effect::noting(Note::LockKept));
        }
        if break_after.is_empty() {
            return Err(StepError::of_vm(vm, VmFault::Locked));
        }
        self.look_again(break_after).await?;
        self.break_lock(server, vm).await
    }

    /// Releases a lock whose holder is gone, and takes it.
    async fn break_lock(&self, server: &ServerId, vm: &VmId) -> Result<Effect, StepError> {
        let released = dlm(&self.reach, server, "--unlock", vm).await?;
        match (released, dlm(&self.reach, server, "--lock", vm).await?) {
            (Ok(released), Ok(taken)) => Ok(Effect::observed(released + &taken).and_note(Note::StaleLockReleased)),
            (Err(_), Ok(taken)) => Ok(Effect::observed(taken).and_note(Note::LockBecameFree)),
            (Ok(_), Err(_)) => Err(StepError::of_vm(vm, VmFault::Locked)),
            (Err(_), Err(printed)) => {
                let server = server.clone();
                Err(StepError::of_vm(vm, VmFault::LockTool { server, printed }))
            }
        }
    }

    /// Takes steps of the plan that look once more: that no server of the pool runs the machine was seen before, but not
    /// just now.
    async fn look_again(&self, steps: &[String]) -> Result<(), StepError> {
        let bindings = self.journal.bindings();
        for id in steps {
            let step = self.plan().steps.iter().find(|step| step.id == *id);
            let Some(Step {
                place,
                action: Action::Shell { shell },
                check: Some(looks_for),
                ..
            }) = step
            else {
                return Err(StepError::failed(PlanFault::NoLook { step: id.clone() }));
            };
            let printed = run_shell(&self.reach, place, shell, &bindings).await?.observed;
            check(&self.reach, &self.disks, looks_for, &printed, &bindings).await?;
        }
        Ok(())
    }

    /// Gives the lock back, if this run may have it: where taking it has failed, it is somebody else's.
    pub(super) async fn unlock(&self, server: &ServerId, vm: &VmId) -> Result<Effect, StepError> {
        if self.may_hold_lock() {
            return unlock(&self.reach, server, vm).await;
        }
        Ok(Effect::noting(Note::LockNotOurs))
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

/// Gives the lock back, unless the machine runs and holds it itself.
async fn unlock(reach: &Reach, server: &ServerId, vm: &VmId) -> Result<Effect, StepError> {
    if vm_state::look(reach, vm).await?.state == VmState::Running {
        return Ok(Effect::noting(Note::LockOfVm));
    }
    Ok(match dlm(reach, server, "--unlock", vm).await? {
        Ok(printed) => Effect::observed(printed),
        Err(_) => Effect::noting(Note::NotLocked),
    })
}

/// What the lock tool has printed; an error inside when it has refused.
async fn dlm(
    reach: &Reach,
    server: &ServerId,
    operation: &str,
    vm: &VmId,
) -> Result<Result<String, String>, ReachError> {
    let shell = Shell::one(["ovs-agent-dlm", operation, "--uuid", vm.as_str()]);
    reach.look_once_more().await?;
    let output = reach.shell_output(server, &shell).await?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.exit_status {
        Some(0) => Ok(Ok(text(&output.stdout))),
        Some(REFUSED) => {
            let printed = text(&output.stderr) + &text(&output.stdout);
            Ok(Err(printed.trim().to_owned()))
        }
        other => Err(exit_error(server, &shell, other, &output.stderr)),
    }
}
