//! Who works on a run. A process claims it, and has it for as long as its own lease lasts; when a process dies, its lease
//! runs out and another claims the run. Each claim raises the run's fence, and whatever a worker writes for a run bears
//! the fence of its claim, so a worker that was only slow cannot write any more.
//!
//! A run that waits for a person needs no worker, so that none has it in hand: it is claimed again when it was decided,
//! or its time is over.

use crate::answers::answered;
use crate::entity::run;
use crate::holds::{Hold, is_next_in_line};
use crate::processes::living;
use crate::runs::{run_row, run_update};
use crate::targets::is_not_being_pruned;
use crate::value::{ms, to_json, to_word};
use crate::{RunRow, StoreError, Tx};
use domain::ids::RunId;
use domain::plan::Said;
use domain::run::{Decision, Message, RunState};
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, QueryOrder, QueryTrait, UpdateMany};

/// A run that is the caller's to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The run.
    pub run: RunRow,
    /// The fence of this claim.
    pub fence: i64,
}

impl Tx {
    /// Claims the oldest run that needs a worker for a process: a queued one, one under way that nobody has in hand, one
    /// that waits for a person no more. What the process itself is `busy` with is left out. A queued one is passed over while its window has not begun, or it has to wait in line for something that it
    /// touches. None while the backup target is pruned.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn claim_run(
        &self,
        process: &str,
        busy: &[RunId],
        clock: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        self.free_abandoned(clock).await?;
        self.open_windows(clock).await?;
        // One writer at a time: between this look and the update nobody else claims.
        match self.claimable(process, busy, clock)?.one(&self.db).await? {
            Some(row) => Ok(Some(self.claim(row, process).await?)),
            None => Ok(None),
        }
    }

    /// Claims a run that is over, to clear up after it, while nobody holds what it has touched. As long as the claim
    /// lasts, no run that touches the same is claimed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn claim_to_clear_up(
        &self,
        id: &RunId,
        process: &str,
        clock: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        self.free_abandoned(clock).await?;
        let is_over = run::Entity::find_by_id(id.as_str()).filter(run::Column::State.is_in(over()));
        let Some(row) = is_over
            .filter(is_unclaimed(|| self.lease_now(clock)))
            .one(&self.db)
            .await?
        else {
            return Ok(None);
        };
        match self.is_held_by_another(id).await? {
            false => Ok(Some(self.claim(row, process).await?)),
            true => Ok(None),
        }
    }

    /// Gives the claim of [`Tx::claim_to_clear_up`] back, and with it what the run has touched.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since.
    pub async fn end_clear_up(&self, id: &RunId, fence: i64) -> Result<(), StoreError> {
        self.release_lease(id, fence).await?;
        self.set_hold(id, Hold::Past).await
    }

    /// Gives back what this process has claimed to clear up, whatever became of that. What those runs have touched is free
    /// at the next claim.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release_cleared_up(&self, process: &str) -> Result<(), StoreError> {
        let claimed = run::Entity::update_many()
            .filter(run::Column::Process.eq(process))
            .filter(run::Column::State.is_in(over()));
        released(claimed).exec(&self.db).await?;
        Ok(())
    }

    async fn claim(&self, mut row: run::Model, process: &str) -> Result<Claim, StoreError> {
        row.fence += 1;
        let claimed = run_update(&RunId::new(&row.id))
            .col_expr(run::Column::Fence, Expr::value(row.fence))
            .col_expr(run::Column::Process, Expr::value(process));
        claimed.exec(&self.db).await?;
        self.set_hold(&RunId::new(&row.id), Hold::Held).await?;
        let fence = row.fence;
        let run = run_row(row, Vec::new())?;
        Ok(Claim { run, fence })
    }

    /// Gives a claim back. If the run is still under way, anybody may claim it at once.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since.
    pub async fn release_lease(&self, id: &RunId, fence: i64) -> Result<(), StoreError> {
        self.update_claimed(id, fence, released).await
    }

    /// Changes the state of a run, with message, end and time to decide as they are from now on: none clears them. A run
    /// that is over is given back, and what it has touched is free.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since.
    pub async fn set_run_state(
        &self,
        id: &RunId,
        fence: i64,
        state: RunState,
        message: &[Said<Message>],
        ended_at: Option<Timestamp>,
        decide_before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let message = match message {
            [] => None,
            message => Some(to_json("message", &message)?),
        };
        self.update_claimed(id, fence, |run| {
            run.col_expr(run::Column::State, Expr::value(state.key()))
                .col_expr(run::Column::Message, Expr::value(message))
                .col_expr(run::Column::EndedAt, Expr::value(ms(ended_at)))
                .col_expr(run::Column::DecideBefore, Expr::value(ms(decide_before)))
                .apply_if(state.is_over().then_some(()), |run, ()| released(run))
        })
        .await?;
        match state.is_over() {
            true => self.set_hold(id, Hold::Past).await,
            false => Ok(()),
        }
    }

    /// Makes sure that the claim with this fence still holds.
    pub(crate) async fn check_fence(&self, id: &RunId, fence: i64) -> Result<(), StoreError> {
        let claimed = run::Entity::find_by_id(id.as_str()).filter(run::Column::Fence.eq(fence));
        held(claimed.count(&self.db).await?)
    }

    async fn update_claimed(
        &self,
        id: &RunId,
        fence: i64,
        change: impl FnOnce(UpdateMany<run::Entity>) -> UpdateMany<run::Entity>,
    ) -> Result<(), StoreError> {
        let update = change(run_update(id)).filter(run::Column::Fence.eq(fence));
        held(update.exec(&self.db).await?.rows_affected)
    }
}

fn held(rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Fenced) } else { Ok(()) }
}

fn released(run: UpdateMany<run::Entity>) -> UpdateMany<run::Entity> {
    run.col_expr(run::Column::Process, Expr::value(None::<String>))
}

fn over() -> impl Iterator<Item = &'static str> {
    RunState::ALL
        .into_iter()
        .filter(|state| state.is_over())
        .map(RunState::key)
}

/// Under way, and not for a person to move: queued, at work, or waiting for somebody who has decided or let the time
/// pass.
fn needs_a_worker(clock: Timestamp) -> Result<Condition, StoreError> {
    let at_work = [RunState::Queued, RunState::Running, RunState::RollingBack];
    // Only who waits for a decision waits for a time. Behind one that was to commit, another question may be open.
    let decided = Condition::any()
        .add(run::Column::Decision.eq(to_word("decision", Decision::RollBack)?))
        .add(
            Condition::all()
                .add(run::Column::Decision.is_not_null())
                .add(run::Column::DecideBefore.is_not_null()),
        );
    let waits_no_more = Condition::any()
        .add(decided)
        .add(run::Column::Id.in_subquery(answered()?))
        .add(run::Column::CancelRequested.eq(true))
        .add(run::Column::DecideBefore.lte(clock.0));
    let waited = Condition::all()
        .add(run::Column::State.eq(RunState::Waiting.key()))
        .add(waits_no_more);
    Ok(Condition::any()
        .add(run::Column::State.is_in(at_work.map(RunState::key)))
        .add(waited))
}

/// No process that lives works on the run.
pub(crate) fn is_unclaimed(now: impl Fn() -> Expr) -> Condition {
    Condition::any()
        .add(run::Column::Process.is_null())
        .add(run::Column::Process.not_in_subquery(living(now())))
}

/// The run is not over, or somebody clears up after it.
pub(crate) fn is_in_hand(now: Expr) -> Condition {
    Condition::any()
        .add(run::Column::State.is_not_in(over()))
        .add(run::Column::Process.in_subquery(living(now)))
}

impl Tx {
    fn claimable(&self, process: &str, busy: &[RunId], clock: Timestamp) -> Result<Select<run::Entity>, StoreError> {
        let now = || self.lease_now(clock);
        // What the process has in hand without being at it was left by a worker that had to stop where it was.
        let left = run::Column::Process.eq(process);
        let has_begun = Condition::any()
            .add(run::Column::NotBefore.is_null())
            .add(run::Column::NotBefore.lte(clock.0));
        Ok(run::Entity::find()
            .filter(needs_a_worker(clock)?)
            .filter(has_begun)
            .filter(is_unclaimed(now).add(left))
            // One that is given back is worked on until its task has ended: an answer may come in between.
            .filter(run::Column::Id.is_not_in(busy.iter().map(RunId::as_str)))
            .filter(is_next_in_line()?)
            .filter(is_not_being_pruned(now()))
            .order_by_asc(run::Column::QueuedAt)
            .order_by_asc(run::Column::Id))
    }
}
