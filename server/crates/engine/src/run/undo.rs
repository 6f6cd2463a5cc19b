//! Going back: undoing steps, and keeping what could not be undone for the sweeper.

use super::execution::Execution;
use super::journal::outcome_of;
use super::next::Direction;
use super::{Effect, StepError};
use crate::core::Moment;
use domain::fault::{Left, StepFault};
use domain::note::Note;
use domain::plan::{Plan, Step, StepTitle, UndoAction, WhenStuck};
use domain::run::{Message, Outcome, Phase, RunState};
use store::StoreError;

/// Name in the journal under which the sweeper clears up after a run.
const LEFTOVER: &str = "leftover";

impl Execution {
    /// Undoes a step.
    pub(super) async fn undo(&mut self, plan: &Plan, step: &Step) -> Result<bool, StoreError> {
        self.journal.begin(&step.id, Phase::Undo).await?;
        self.reached(&step.id, Moment::AfterIntent).await;
        match self.undo_actions(step).await {
            Ok((outcome, effect)) => {
                self.reached(&step.id, Moment::AfterEffect).await;
                self.journal.finish(outcome, effect).await?;
                self.reached(&step.id, Moment::AfterOutcome).await;
                Ok(false)
            }
            Err(StepError::Store(error)) => Err(error),
            Err(error) => {
                let asks = matches!(error, StepError::Pending(_));
                // What only a person can tell is taken again only when he says so: this attempt is over.
                let outcome = if asks { Outcome::Failed } else { outcome_of(&error) };
                self.journal.finish(outcome, Effect::noting(error.note())).await?;
                if plan.header.when_stuck == WhenStuck::LeaveBehind && !asks {
                    for undo in &step.undo {
                        self.leave_behind(step, undo.clone(), &error).await?;
                    }
                    self.journal.begin(&step.id, Phase::Undo).await?;
                    self.journal
                        .finish(Outcome::Skipped, Effect::noting(Note::LeftForSweeper))
                        .await?;
                    return Ok(false);
                }
                let message = match error.fault() {
                    StepFault::Fault(fault) => Message::UndoFailed {
                        title: step.title.clone(),
                        fault,
                    },
                    StepFault::Cancelled => Message::Cancelled,
                };
                self.journal
                    .set_state(RunState::NeedsOperator, vec![message.into()], None)
                    .await?;
                Ok(true)
            }
        }
    }

    async fn undo_actions(&mut self, step: &Step) -> Result<(Outcome, Effect), StepError> {
        self.let_jobs_end(step).await?;
        if let Some(probe) = step.probe.as_ref().filter(|_| step.conduct.undone_if_there)
            && !self.is_to_undo(step, probe).await?
        {
            return Ok((Outcome::Skipped, Effect::noting(Note::NothingToUndo)));
        }
        self.see_that_guards_hold(&step.undo_guards).await?;
        let mut all = Effect::default();
        for undo in &step.undo {
            let done = match self.act(step, &undo.place, &undo.action).await {
                // All undo actions can be repeated.
                Err(StepError::Unknown(_)) => {
                    tokio::time::sleep(self.core.rhythm.retry).await;
                    self.act(step, &undo.place, &undo.action).await?
                }
                other => other?,
            };
            if !done.observed.is_empty() {
                all.observed.push_str(&done.observed);
                all.observed.push('\n');
            }
            all.notes.extend(done.notes);
        }
        Ok((Outcome::Done, all))
    }

    /// Keeps what could not be removed, for the sweeper and for everybody to see.
    pub(super) async fn leave_behind(
        &mut self,
        step: &Step,
        undo: UndoAction,
        why: &StepError,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(&undo).unwrap_or_default();
        let left = Left {
            title: step.title.clone(),
            fault: why.fault(),
        };
        let tx = self.core.store.begin().await?;
        tx.insert_leftover(&self.run.summary.id, &left, &json, self.core.now())
            .await?;
        tx.commit().await?;
        if self.direction == Direction::Forward || step.always {
            self.journal.begin(&step.id, Phase::Forward).await?;
            self.journal
                .finish(Outcome::Skipped, Effect::noting(Note::LeftForSweeper))
                .await?;
        }
        Ok(())
    }

    /// Repeats one action that this run could not do, with a line of its own in the journal. For the sweeper.
    pub(crate) async fn clear_up(&mut self, undo: &UndoAction) -> Result<(), StepError> {
        if self.is_settled(undo).await? {
            return Ok(());
        }
        let step = Step::new(
            LEFTOVER,
            StepTitle::RemoveLeftover,
            undo.place.clone(),
            undo.action.clone(),
        );
        self.journal.begin(&step.id, Phase::Undo).await?;
        self.reached(&step.id, Moment::AfterIntent).await;
        match self.act(&step, &undo.place, &undo.action).await {
            Ok(effect) => Ok(self.journal.finish(Outcome::Done, effect).await?),
            Err(error) => {
                self.journal.finish_failed(&error).await?;
                Err(error)
            }
        }
    }

    /// Whether others have brought about meanwhile what this would bring about. Removing is not asked for: what is gone is
    /// removed once more without harm, and a clone that is gone may have left its disks.
    async fn is_settled(&self, undo: &UndoAction) -> Result<bool, StepError> {
        let sealed = self.sealed.clone();
        let again = |step: &&Step| step.always && step.left_for_later() == *undo;
        let undone = |step: &&Step| step.undo.contains(undo);
        let steps = &sealed.plan().steps;
        let forward = steps.iter().find(again).map(|step| (step, true));
        let found = forward.or_else(|| steps.iter().find(undone).map(|step| (step, false)));
        match found.and_then(|(step, settles)| Some((step.probe.as_ref()?, step.conduct, settles))) {
            Some((probe, conduct, settles)) if conduct.may_settle_itself => Ok(self.probe(probe).await? == settles),
            _ => Ok(false),
        }
    }
}
