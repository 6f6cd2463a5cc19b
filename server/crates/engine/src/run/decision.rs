//! The pause in which a person looks at the restored machine and decides.

use super::Effect;
use super::execution::{CANCELLED, Execution};
use crate::core::Moment;
use domain::audit::AuditSubject;
use domain::plan::Step;
use domain::run::{Decision, Outcome, RunState};
use domain::time::Timestamp;
use std::time::Duration;
use store::StoreError;

/// How often the rows of the data base are looked at while a person decides.
const DECISION_POLL: Duration = Duration::from_secs(1);

pub(super) const ROLLED_BACK: &str = "The restore is rolled back: the replaced disks are put back.";

impl Execution {
    /// Waits for a person, or for the end of the time.
    pub(super) async fn await_decision(&mut self, step: &Step, within_hours: u32) -> Result<(), StoreError> {
        self.journal.begin_or_resume(&step.id).await?;
        let begun = self.journal.begun_at(&step.id).unwrap_or_else(|| self.core.now());
        let deadline = begun.plus_seconds(i64::from(within_hours) * 3600);
        let message = format!(
            "{} Without a decision it is rolled back at {}.",
            step.title,
            deadline.display()
        );
        if !self.begin_to_wait(message, deadline).await? {
            return self
                .roll_back("Cancelled before anybody could decide.", CANCELLED)
                .await;
        }
        self.reached(&step.id, Moment::AfterIntent).await;
        match self.decision(deadline).await? {
            Decision::Commit => {
                self.journal.set_state(RunState::Running, None, None).await?;
                self.journal
                    .finish(Outcome::Done, Effect::observed("Decided: commit."))
                    .await?;
            }
            Decision::RollBack => self.roll_back("Decided: roll back.", ROLLED_BACK).await?,
        }
        self.reached(&step.id, Moment::AfterOutcome).await;
        Ok(())
    }

    /// Lets the run wait, unless somebody has wished before to cancel it. From then on no such wish is taken any more, so
    /// that none undoes what a person has committed.
    async fn begin_to_wait(&self, message: String, deadline: Timestamp) -> Result<bool, StoreError> {
        let tx = self.core.store.begin().await?;
        let row = tx.run(&self.run.summary.id).await?;
        if row.is_some_and(|row| row.cancel_requested && row.decision.is_none()) {
            return Ok(false);
        }
        let state = RunState::Waiting;
        self.journal
            .set_state_in(tx, state, Some(message), Some(deadline))
            .await?;
        Ok(true)
    }

    /// The end of the pause and the new direction are one change: a run that has one without the other would go on to
    /// remove what is to be put back.
    async fn roll_back(&mut self, decided: &str, why: &str) -> Result<(), StoreError> {
        self.face_back(why);
        self.journal
            .finish_with_state(
                Outcome::Done,
                Effect::observed(decided),
                RunState::RollingBack,
                Some(why.to_owned()),
            )
            .await
    }

    async fn decision(&self, deadline: Timestamp) -> Result<Decision, StoreError> {
        loop {
            if let Some(row) = self.core.store.run(&self.run.summary.id).await?
                && let Some(decision) = row.decision
            {
                return Ok(decision);
            }
            if self.core.now() >= deadline {
                let event = "restore.decision_timed_out.v1";
                let subject = AuditSubject::Run(self.run.summary.id.clone());
                let tx = self.core.store.begin().await?;
                tx.set_decision(&self.run.summary.id, Decision::RollBack).await?;
                tx.audit(
                    &self
                        .core
                        .event("holdfast", event, subject, "Nobody committed it in time.".into()),
                )
                .await?;
                tx.commit().await?;
                continue;
            }
            tokio::select! {
                () = self.core.wake.notified() => {}
                () = tokio::time::sleep(DECISION_POLL) => {}
            }
        }
    }
}
