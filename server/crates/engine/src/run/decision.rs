//! The pause in which a person looks at the restored machine and decides.

use super::Effect;
use super::execution::Execution;
use crate::core::Moment;
use domain::plan::Step;
use domain::run::{Decision, Outcome, RunState};
use domain::time::Timestamp;
use std::time::Duration;
use store::StoreError;

/// How often the rows of the data base are looked at while a person decides.
const DECISION_POLL: Duration = Duration::from_secs(1);

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
        self.journal
            .set_state(RunState::Waiting, Some(message), Some(deadline))
            .await?;
        self.reached(&step.id, Moment::AfterIntent).await;
        match self.decision(deadline).await? {
            Decision::Commit => {
                self.journal.set_state(RunState::Running, None, None).await?;
                self.journal
                    .finish(Outcome::Done, Effect::observed("Decided: commit."))
                    .await
            }
            Decision::RollBack => {
                self.journal
                    .finish(Outcome::Done, Effect::observed("Decided: roll back."))
                    .await?;
                self.turn_back("The restore is rolled back: the replaced disks are put back.".into())
                    .await
            }
        }
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
                let subject = format!("run {}", self.run.summary.id);
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
