//! Guests that shut down late: the run has turned back after it asked the machine to stop and before it saw it stopped. If
//! it went on without waiting, the machine would stop behind its back and nobody would start it.

use super::execution::Execution;
use super::{StepError, about_vm};
use domain::fault::{StepFault, VmFault};
use domain::plan::{Action, Mark, Plan, Probe, Step};
use domain::run::{JournalEntry, Outcome, Phase};
use ovm::ids::VmId;

impl Execution {
    /// Whether there is something to undo of a step whose probe says `there` when there is.
    ///
    /// # Errors
    /// [`StepError::Pending`] when a machine that may stop late has not done so; else why the probe has no answer.
    pub(super) async fn is_to_undo(&self, step: &Step, there: &Probe) -> Result<bool, StepError> {
        match (self.probe(there).await, &step.action) {
            (Ok(false) | Err(StepError::Unknown(_)), Action::StopVm { vm, patience_secs, .. })
                if self.may_stop_late(step) =>
            {
                self.stops_late(vm, *patience_secs, there).await
            }
            (answer, _) => answer,
        }
    }

    /// Whether the step has asked the machine to stop and the plan went on although it still ran, so that it may stop now.
    ///
    /// Not any more when an undo of the step has failed: it is taken again only when a person says so, who has looked.
    fn may_stop_late(&self, step: &Step) -> bool {
        let journal = self.journal.entries();
        let failed = (&step.id, Phase::Undo, Some(Outcome::Failed));
        let has_failed = |entry: &JournalEntry| (&entry.step, entry.phase, entry.outcome) == failed;
        asks_leniently(step) && !seen_stopped(self.plan(), journal) && !journal.iter().any(has_failed)
    }

    /// Gives the machine the policy's patience once more. The answer is that it has stopped.
    async fn stops_late(&self, vm: &VmId, patience_secs: u32, stopped: &Probe) -> Result<bool, StepError> {
        let until = self.core.now().plus_seconds(patience_secs.into());
        let because = loop {
            tokio::time::sleep(self.core.rhythm.retry).await;
            let answer = self.probe(stopped).await;
            match answer {
                Ok(true) => return Ok(true),
                _ if self.core.now() < until => {}
                Ok(false) => break None,
                Err(error) => match error.fault() {
                    StepFault::Fault(fault) => break Some(Box::new(fault)),
                    StepFault::Cancelled => break None,
                },
            }
        };
        let found = VmFault::MayStillStop {
            seconds: patience_secs,
            turned_back: true,
            because,
        };
        Err(StepError::Pending(about_vm(vm, found)))
    }
}

fn asks_leniently(step: &Step) -> bool {
    matches!(step.action, Action::StopVm { lenient: true, .. })
}

/// Whether a step has found the machine stopped. That it was asked to stop leniently says nothing.
fn seen_stopped(plan: &Plan, journal: &[JournalEntry]) -> bool {
    plan.steps.iter().any(|step| {
        let mut taken = journal
            .iter()
            .filter(|entry| (&entry.step, entry.phase) == (&step.id, Phase::Forward));
        taken.any(|entry| match entry.outcome {
            Some(Outcome::AlreadyThere) => step.marks.contains(&Mark::StoppedIfThere),
            Some(Outcome::Done) => step.marks.contains(&Mark::StoppedIfDone),
            _ => false,
        })
    })
}
