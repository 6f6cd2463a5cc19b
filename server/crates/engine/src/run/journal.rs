//! Writing the journal: intent before the effect, outcome after it, each told to everybody who watches.

use super::{Effect, StepError};
use crate::core::Core;
use domain::ids::RunId;
use domain::note::Note;
use domain::plan::{Action, Bindings, Said, SealedPlan, Step};
use domain::run::{JournalEntry, Message, Outcome, Phase, RunNews, RunState};
use domain::time::Timestamp;
use std::sync::Arc;
use store::{StoreError, Tx};

/// An answer longer than this is cut in the journal; the beginning and the end tell the story.
const OBSERVED_LIMIT: usize = 64 * 1024;

/// The journal of one claimed run. Every write carries the fencing token: a late worker cannot write.
pub(crate) struct Journal {
    core: Arc<Core>,
    run: RunId,
    fence: i64,
    entries: Vec<JournalEntry>,
}

impl Journal {
    /// Reads what was written so far.
    pub(crate) async fn open(core: Arc<Core>, run: RunId, fence: i64) -> Result<Self, StoreError> {
        let entries = core.store.journal(&run).await?;
        Ok(Self {
            core,
            run,
            fence,
            entries,
        })
    }

    pub(crate) fn entries(&self) -> &[JournalEntry] {
        &self.entries
    }

    /// Everything learned so far.
    pub(crate) fn bindings(&self) -> Bindings {
        let mut all = Bindings::default();
        for entry in &self.entries {
            all.0.extend(entry.learned.0.clone());
        }
        all
    }

    /// When a step was begun that has done its work. Where that was only found to be there, it was done by an attempt
    /// that nobody heard of: the first may have been it.
    pub(crate) fn begun_at(&self, step: &str) -> Option<Timestamp> {
        let of_step = |entry: &&JournalEntry| entry.step == step && entry.phase == Phase::Forward;
        let mut attempts = self.entries.iter().filter(of_step);
        let done = |entry: &&JournalEntry| entry.outcome == Some(Outcome::Done);
        let done = attempts.clone().find(done);
        done.or_else(|| attempts.next()).map(|entry| entry.started_at)
    }

    /// Whether something is under way, or a person is waited for.
    pub(crate) fn is_under_way(&self) -> bool {
        self.entries.last().is_some_and(|entry| entry.outcome.is_none())
    }

    /// Whether nobody knows what came of a step when it was taken last in this direction.
    pub(crate) fn is_open(&self, step: &str, phase: Phase) -> bool {
        let of_step = |entry: &&JournalEntry| entry.step == step && entry.phase == phase;
        let mut taken = self.entries.iter().rev().filter(of_step);
        taken
            .find_map(|entry| entry.outcome)
            .is_some_and(|outcome| outcome == Outcome::Unknown)
    }

    /// Whether the attempt before the present one, in the same direction, was interrupted.
    pub(crate) fn was_interrupted(&self, step: &str) -> bool {
        self.entries.last().is_some_and(|now| self.is_open(step, now.phase))
    }

    /// Writes the intent.
    pub(crate) async fn begin(&mut self, step: &str, phase: Phase) -> Result<(), StoreError> {
        let at = self.core.now();
        let tx = self.write().await?;
        let seq = tx.begin_entry(&self.run, self.fence, step, phase, at).await?;
        tx.commit().await?;
        self.entries.push(JournalEntry {
            seq,
            step: step.to_owned(),
            phase,
            started_at: at,
            ended_at: None,
            outcome: None,
            observed: String::new(),
            notes: Vec::new(),
            bytes: None,
            learned: Bindings::default(),
        });
        self.tell_last();
        Ok(())
    }

    /// Writes the intent of a step that only waits, unless it is the one that was interrupted.
    pub(crate) async fn begin_or_resume(&mut self, step: &str) -> Result<(), StoreError> {
        match self.entries.last() {
            Some(entry) if entry.step == step && entry.outcome.is_none() => Ok(()),
            _ => self.begin(step, Phase::Forward).await,
        }
    }

    /// After a crash: whatever was under way has an unknown outcome, and its step is taken again. Waiting for a person
    /// is just gone on with.
    pub(crate) async fn close_interrupted(&mut self, sealed: &SealedPlan) -> Result<(), StoreError> {
        let Some(entry) = self.entries.last().filter(|entry| entry.outcome.is_none()) else {
            return Ok(());
        };
        let waits = |step: &Step| step.id == entry.step && matches!(step.action, Action::Ask { .. });
        if sealed.plan().steps.iter().any(waits) {
            return Ok(());
        }
        self.finish(Outcome::Unknown, Effect::noting(Note::Interrupted)).await
    }

    /// Keeps what was learned in the middle of a step, before the effect that makes it unknowable.
    pub(crate) async fn note(&mut self, learned: Bindings) -> Result<(), StoreError> {
        let tx = self.write().await?;
        let Some(entry) = self.entries.last_mut() else {
            return Ok(());
        };
        entry.learned.0.extend(learned.0);
        tx.note_entry(&self.run, self.fence, entry.seq, &entry.learned).await?;
        tx.commit().await
    }

    /// Writes what came of the entry begun last when that did not work, unless the same was written before and nothing was
    /// learned: who tries for weeks must not fill the journal.
    pub(crate) async fn finish_failed(&mut self, error: &StepError) -> Result<(), StoreError> {
        let (outcome, notes) = (outcome_of(error), vec![error.note()]);
        let Some((last, before)) = self.entries.split_last() else {
            return Ok(());
        };
        let same = |entry: &JournalEntry| {
            (&entry.step, entry.phase, entry.outcome, &entry.notes) == (&last.step, last.phase, Some(outcome), &notes)
        };
        if !before.iter().any(same) || !last.learned.0.is_empty() {
            return self.finish(outcome, Effect::noting(error.note())).await;
        }
        let tx = self.write().await?;
        tx.withdraw_entry(&self.run, self.fence, last.seq).await?;
        tx.commit().await?;
        self.entries.pop();
        Ok(())
    }

    /// Writes the outcome of the entry begun last.
    pub(crate) async fn finish(&mut self, outcome: Outcome, effect: Effect) -> Result<(), StoreError> {
        let tx = self.write().await?;
        self.finish_in(tx, outcome, effect).await
    }

    /// Writes the outcome in a transaction that holds more, and commits it.
    pub(crate) async fn finish_in(&mut self, tx: Tx, outcome: Outcome, effect: Effect) -> Result<(), StoreError> {
        self.write_outcome(&tx, outcome, effect).await?;
        tx.commit().await?;
        self.tell_last();
        Ok(())
    }

    /// Writes the outcome together with the state that the run has from then on.
    pub(crate) async fn finish_with_state(
        &mut self,
        outcome: Outcome,
        effect: Effect,
        state: RunState,
        message: Vec<Said<Message>>,
    ) -> Result<(), StoreError> {
        let tx = self.write().await?;
        self.write_outcome(&tx, outcome, effect).await?;
        self.set_state_in(tx, state, message, None).await?;
        self.tell_last();
        Ok(())
    }

    async fn write_outcome(&mut self, tx: &Tx, outcome: Outcome, effect: Effect) -> Result<(), StoreError> {
        let at = self.core.now();
        let Some(entry) = self.entries.last_mut() else {
            return Ok(());
        };
        entry.learned.0.extend(effect.learned.0);
        entry.observed = shortened(effect.observed);
        entry.notes = effect.notes;
        entry.bytes = effect.bytes;
        entry.outcome = Some(outcome);
        entry.ended_at = Some(at);
        tx.finish_entry(
            &self.run,
            self.fence,
            entry.seq,
            outcome,
            &entry.observed,
            &entry.notes,
            entry.bytes,
            &entry.learned,
            at,
        )
        .await
    }

    /// Writes the state of the run.
    pub(crate) async fn set_state(
        &self,
        state: RunState,
        message: Vec<Said<Message>>,
        decide_before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let tx = self.write().await?;
        self.set_state_in(tx, state, message, decide_before).await
    }

    /// Writes the state of the run in a transaction that holds more, and commits it.
    pub(crate) async fn set_state_in(
        &self,
        tx: Tx,
        state: RunState,
        message: Vec<Said<Message>>,
        decide_before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let ended_at = state.is_over().then(|| self.core.now());
        tx.set_run_state(&self.run, self.fence, state, &message, ended_at, decide_before)
            .await?;
        tx.commit().await?;
        self.core.tell(&self.run, RunNews::State { state, message });
        Ok(())
    }

    /// Gives the run back in a transaction that holds more, and commits it.
    pub(crate) async fn give_back_in(&self, tx: Tx) -> Result<(), StoreError> {
        tx.release_lease(&self.run, self.fence).await?;
        tx.commit().await
    }

    /// Begins to write. Who has lost his lease writes nothing any more, whether or not another has it already: it would be
    /// about what the other one does.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        match self.core.lease.is_held() {
            true => self.core.store.begin().await,
            false => Err(StoreError::Fenced),
        }
    }

    fn tell_last(&self) {
        if let Some(entry) = self.entries.last() {
            self.core.tell(&self.run, RunNews::Journal { entry: entry.clone() });
        }
    }
}

fn shortened(observed: String) -> String {
    if observed.len() <= OBSERVED_LIMIT {
        return observed;
    }
    let half = OBSERVED_LIMIT / 2;
    let head = observed.floor_char_boundary(half);
    let tail = observed.ceil_char_boundary(observed.len() - half);
    let (head, tail) = (observed.get(..head).unwrap_or(""), observed.get(tail..).unwrap_or(""));
    format!(
        "{head}\n[... {} bytes left out ...]\n{tail}",
        observed.len() - head.len() - tail.len()
    )
}

/// What a step error is in the journal.
pub(crate) fn outcome_of(error: &StepError) -> Outcome {
    match error {
        StepError::Unknown(_) | StepError::Pending(_) | StepError::Cancelled => Outcome::Unknown,
        StepError::Failed(_) | StepError::Store(_) => Outcome::Failed,
    }
}
