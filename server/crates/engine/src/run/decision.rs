//! The pause in which a person looks at the restored machine and decides.

use super::Effect;
use super::execution::Execution;
use crate::core::Moment;
use domain::audit::{AuditSubject, Detail};
use domain::note::Note;
use domain::plan::Step;
use domain::run::{Decision, Message, Outcome, RunState};
use domain::time::Timestamp;
use store::{RunRow, StoreError};

/// What a run finds that has come to the pause.
enum Found {
    /// Nobody has decided.
    Nothing,
    /// A wish to cancel it that came before the pause.
    Wish,
    /// A decision.
    Decision(Decision),
}

impl Execution {
    /// Waits for a person, or for the end of the time. A run that waits is given back: it takes nobody's place, and is
    /// claimed again when there is something to do. The answer is whether it was.
    pub(super) async fn await_decision(&mut self, step: &Step, within_hours: u32) -> Result<bool, StoreError> {
        self.journal.begin_or_resume(&step.id).await?;
        let begun = self.journal.begun_at(&step.id).unwrap_or_else(|| self.core.now());
        let deadline = begun.plus_seconds(i64::from(within_hours) * 3600);
        let message = Message::Undecided {
            title: step.title.clone(),
            until: deadline,
        };
        self.begin_to_wait(message, deadline).await?;
        self.reached(&step.id, Moment::AfterIntent).await;
        match self.take_decision(deadline).await? {
            Found::Nothing => return Ok(true),
            Found::Wish => self.roll_back(Note::NotDecided, Message::Cancelled).await?,
            Found::Decision(Decision::Commit) => {
                self.journal.set_state(RunState::Running, Vec::new(), None).await?;
                self.journal
                    .finish(Outcome::Done, Effect::noting(Note::Decided(Decision::Commit)))
                    .await?;
            }
            Found::Decision(back @ Decision::RollBack) => {
                self.roll_back(Note::Decided(back), Message::RolledBack).await?;
            }
        }
        self.reached(&step.id, Moment::AfterOutcome).await;
        Ok(false)
    }

    /// Lets the run wait, unless it does already or need not any more. From then on no wish to cancel it is taken, so that
    /// none undoes what a person has committed.
    async fn begin_to_wait(&self, message: Message, deadline: Timestamp) -> Result<(), StoreError> {
        let tx = self.core.store.begin().await?;
        let row = tx.run(&self.run.summary.id).await?;
        let waits = row.as_ref().is_some_and(|row| row.summary.state == RunState::Waiting);
        if waits || !matches!(found(row), Found::Nothing) {
            return Ok(());
        }
        let state = RunState::Waiting;
        self.journal
            .set_state_in(tx, state, vec![message.into()], Some(deadline))
            .await
    }

    /// What was decided, by a person or by the end of the time. Where there is nothing yet the run is given back, in the
    /// same transaction: a decision that comes right behind it finds nobody at work and calls a worker.
    async fn take_decision(&self, deadline: Timestamp) -> Result<Found, StoreError> {
        let id = &self.run.summary.id;
        let tx = self.core.store.begin().await?;
        match found(tx.run(id).await?) {
            Found::Nothing if self.core.now() < deadline => {
                self.journal.give_back_in(tx).await?;
                Ok(Found::Nothing)
            }
            Found::Nothing => {
                let subject = AuditSubject::Run(id.clone());
                let event = self.core.event("holdfast", subject, Detail::DecisionTimedOut);
                tx.set_decision(id, Decision::RollBack).await?;
                tx.audit(&event).await?;
                tx.commit().await?;
                Ok(Found::Decision(Decision::RollBack))
            }
            found => Ok(found),
        }
    }

    /// The end of the pause and the new direction are one change: a run that has one without the other would go on to
    /// remove what is to be put back.
    async fn roll_back(&mut self, decided: Note, why: Message) -> Result<(), StoreError> {
        self.face_back(&why);
        self.journal
            .finish_with_state(
                Outcome::Done,
                Effect::noting(decided),
                RunState::RollingBack,
                vec![why.into()],
            )
            .await
    }
}

fn found(row: Option<RunRow>) -> Found {
    match row.map(|row| (row.decision, row.cancel_requested)) {
        Some((Some(decision), _)) => Found::Decision(decision),
        Some((None, true)) => Found::Wish,
        Some((None, false)) | None => Found::Nothing,
    }
}
