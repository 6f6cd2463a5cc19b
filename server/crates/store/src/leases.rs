//! Who works on a run. A process claims it, and has it for as long as its own lease lasts; when a process dies, its lease
//! runs out and another claims the run. Each claim raises the run's fence, and whatever a worker writes for a run bears
//! the fence of its claim, so a worker that was only slow cannot write any more.
//!
//! A run that waits for a person needs no worker, so that none has it in hand: it is claimed again when it was decided,
//! or its time is over.

use crate::entity::run;
use crate::processes::living;
use crate::runs::{run_row, run_update};
use crate::targets::is_not_being_pruned;
use crate::value::{clean, ms};
use crate::{RunRow, StoreError, Tx};
use domain::ids::RunId;
use domain::run::RunState;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, Query};
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
    /// that waits for a person no more. What the process itself has in hand counts as such only when it is `busy` with
    /// it. None while the backup target is pruned.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn claim_run(
        &self,
        process: &str,
        busy: &[RunId],
        clock: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        // One writer at a time: between this look and the update nobody else claims.
        match self.claimable(process, busy, clock).one(&self.db).await? {
            Some(row) => Ok(Some(self.claim(row, process).await?)),
            None => Ok(None),
        }
    }

    /// Claims a run that is over, to clear up after it, while no other has its machine in hand: none that is not over, and
    /// none that is cleared up after. As long as the claim lasts, no run for the machine is claimed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn claim_to_clear_up(
        &self,
        id: &RunId,
        process: &str,
        clock: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let Some(row) = run::Entity::find_by_id(id.as_str()).one(&self.db).await? else {
            return Ok(None);
        };
        let in_hand = run::Entity::find()
            .filter(run::Column::Manager.eq(row.manager.as_str()))
            .filter(run::Column::Subject.eq(row.subject.as_str()))
            .filter(
                Condition::any()
                    .add(run::Column::State.is_not_in(over()))
                    .add(run::Column::Process.in_subquery(living(self.lease_now(clock)))),
            );
        match in_hand.count(&self.db).await? {
            0 => Ok(Some(self.claim(row, process).await?)),
            _ => Ok(None),
        }
    }

    /// Gives back what this process has claimed to clear up, whatever became of that.
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
        let fence = row.fence;
        let run = run_row(row)?;
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
    /// that is over is given back.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since; [`StoreError::Conflict`] when the run was
    /// over and another one for its machine is under way.
    pub async fn set_run_state(
        &self,
        id: &RunId,
        fence: i64,
        state: RunState,
        message: Option<&str>,
        ended_at: Option<Timestamp>,
        decide_before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.update_claimed(id, fence, |run| {
            run.col_expr(run::Column::State, Expr::value(state.key()))
                .col_expr(run::Column::Message, Expr::value(message.map(clean)))
                .col_expr(run::Column::EndedAt, Expr::value(ms(ended_at)))
                .col_expr(run::Column::DecideBefore, Expr::value(ms(decide_before)))
                .apply_if(state.is_over().then_some(()), |run, ()| released(run))
        })
        .await
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

/// Nobody clears up after another run of the same machine, one that is over.
fn is_not_cleared_up_after(now: Expr) -> Expr {
    // Columns have methods of the same names, so that the trait is not for the whole file.
    use sea_orm::ExprTrait;
    let other = |column: run::Column| Expr::col(("other", column));
    let others = Query::select()
        .expr(Expr::val(1))
        .from_as(run::Entity, "other")
        .and_where(other(run::Column::Manager).equals((run::Entity, run::Column::Manager)))
        .and_where(other(run::Column::Subject).equals((run::Entity, run::Column::Subject)))
        .and_where(other(run::Column::State).is_in(over()))
        .and_where(other(run::Column::Process).in_subquery(living(now)))
        .take();
    Expr::exists(others).not()
}

/// Under way, and not for a person to move: queued, at work, or waiting for somebody who has decided or let the time
/// pass.
fn needs_a_worker(clock: Timestamp) -> Condition {
    let at_work = [RunState::Queued, RunState::Running, RunState::RollingBack];
    let waits_no_more = Condition::any()
        .add(run::Column::Decision.is_not_null())
        .add(run::Column::CancelRequested.eq(true))
        .add(run::Column::DecideBefore.lte(clock.0));
    let waited = Condition::all()
        .add(run::Column::State.eq(RunState::Waiting.key()))
        .add(waits_no_more);
    Condition::any()
        .add(run::Column::State.is_in(at_work.map(RunState::key)))
        .add(waited)
}

impl Tx {
    fn claimable(&self, process: &str, busy: &[RunId], clock: Timestamp) -> Select<run::Entity> {
        let now = || self.lease_now(clock);
        // What the process has in hand without being at it was left by a worker that had to stop where it was.
        let left = Condition::all()
            .add(run::Column::Process.eq(process))
            .add(run::Column::Id.is_not_in(busy.iter().map(RunId::as_str)));
        let free = Condition::any()
            .add(run::Column::Process.is_null())
            .add(run::Column::Process.not_in_subquery(living(now())))
            .add(left);
        run::Entity::find()
            .filter(needs_a_worker(clock))
            .filter(free)
            .filter(is_not_cleared_up_after(now()))
            .filter(is_not_being_pruned(now()))
            .order_by_asc(run::Column::QueuedAt)
            .order_by_asc(run::Column::Id)
    }
}
