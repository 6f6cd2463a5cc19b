//! The pause in which a person answers the question of a step: decides, or does what Holdfast cannot do and confirms it.

use super::Effect;
use super::execution::Execution;
use crate::core::Moment;
use domain::audit::{AuditSubject, Detail};
use domain::note::Note;
use domain::plan::{Bind, Bindings, Question, Step};
use domain::run::{Decision, Message, Outcome, RunState};
use domain::time::Timestamp;
use store::{RunAnswer, RunRow, StoreError, Tx};

/// What a run finds that has come to the pause.
enum Found {
    /// Nobody has answered.
    Nothing,
    /// A wish to cancel it that came before the pause.
    Wish,
    /// A decision.
    Decision(Decision),
    /// What was asked for is done.
    Answer(RunAnswer),
}

impl Execution {
    /// Waits for a person, or for the end of the time. A run that waits is given back: it takes nobody's place, and is
    /// claimed again when there is something to do. The answer is whether it was.
    pub(super) async fn ask(&mut self, step: &Step, question: &Question) -> Result<bool, StoreError> {
        self.journal.begin_or_resume(&step.id).await?;
        let begun = self.journal.begun_at(&step.id).unwrap_or_else(|| self.core.now());
        let deadline = deadline(question, begun);
        self.begin_to_wait(step, question, deadline).await?;
        self.reached(&step.id, Moment::AfterIntent).await;
        match self.take_answer(step, question, deadline).await? {
            Found::Nothing => return Ok(true),
            Found::Wish => self.roll_back(Note::NotDecided, Message::Cancelled).await?,
            Found::Decision(back @ Decision::RollBack) => {
                self.roll_back(Note::Decided(back), Message::RolledBack).await?;
            }
            Found::Decision(Decision::Commit) => {
                self.go_on(Effect::noting(Note::Decided(Decision::Commit))).await?;
            }
            Found::Answer(answer) => self.go_on(confirmed(step, answer)).await?,
        }
        self.reached(&step.id, Moment::AfterOutcome).await;
        Ok(false)
    }

    /// Lets the run wait, unless it does already or need not any more. From then on no wish to cancel it is taken, so that
    /// none undoes what a person has committed.
    async fn begin_to_wait(
        &self,
        step: &Step,
        question: &Question,
        deadline: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let tx = self.core.store.begin().await?;
        let row = tx.run(&self.run.summary.id).await?;
        let waits = row.as_ref().is_some_and(|row| row.summary.state == RunState::Waiting);
        if waits || !matches!(self.found(&tx, step, question, row).await?, Found::Nothing) {
            return Ok(());
        }
        let title = step.title.clone();
        let message = match deadline {
            Some(until) => Message::Undecided { title, until },
            None => Message::Unconfirmed { title },
        };
        let state = RunState::Waiting;
        self.journal
            .set_state_in(tx, state, vec![message.into()], deadline)
            .await
    }

    /// What was answered, by a person or by the end of the time. Where there is nothing yet the run is given back, in the
    /// same transaction: an answer that comes right behind it finds nobody at work and calls a worker.
    async fn take_answer(
        &self,
        step: &Step,
        question: &Question,
        deadline: Option<Timestamp>,
    ) -> Result<Found, StoreError> {
        let id = &self.run.summary.id;
        let tx = self.core.store.begin().await?;
        let row = tx.run(id).await?;
        let is_late = deadline.is_some_and(|deadline| self.core.now() >= deadline);
        match self.found(&tx, step, question, row).await? {
            Found::Nothing if !is_late => {
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

    async fn found(&self, tx: &Tx, step: &Step, question: &Question, row: Option<RunRow>) -> Result<Found, StoreError> {
        let Some(row) = row else { return Ok(Found::Nothing) };
        let answer = match question {
            Question::Decide { .. } => None,
            Question::Confirm { .. } => tx.answer(&row.summary.id, &step.id).await?,
        };
        Ok(match (question, row.decision, answer) {
            (_, _, Some(answer)) => Found::Answer(answer),
            (Question::Decide { .. }, Some(decision), _) => Found::Decision(decision),
            // To commit was the answer to another question of this run.
            (Question::Confirm { .. }, Some(back @ Decision::RollBack), _) => Found::Decision(back),
            _ if row.cancel_requested => Found::Wish,
            _ => Found::Nothing,
        })
    }

    async fn go_on(&mut self, effect: Effect) -> Result<(), StoreError> {
        self.journal
            .finish_with_state(Outcome::Done, effect, RunState::Running, Vec::new())
            .await
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

fn deadline(question: &Question, begun: Timestamp) -> Option<Timestamp> {
    match question {
        Question::Decide { within_hours } => Some(begun.plus_seconds(i64::from(*within_hours) * 3600)),
        Question::Confirm { .. } => None,
    }
}

/// What a person has seen, under the names by which later steps know it.
fn confirmed(step: &Step, answer: RunAnswer) -> Effect {
    let RunAnswer { by, observed, .. } = answer;
    let names = step.binds.iter().filter_map(|bind| match bind {
        Bind::Observed { name } => Some(name.clone()),
        Bind::NewObject { .. } | Bind::CloneDiskPath { .. } => None,
    });
    let learned = Bindings(names.map(|name| (name, observed.clone())).collect());
    Effect {
        learned,
        ..Effect::noting(Note::Confirmed { by, observed })
    }
}
