//! Who works on a run. A worker claims it for a time and renews the claim while it works; when a worker dies, its lease
//! runs out and another claims the run. Each claim raises the run's fence, and whatever a worker writes for a run bears
//! the fence of its claim, so a worker that was only slow cannot write any more.

use crate::entity::run;
use crate::holds::{Hold, is_next_in_line};
use crate::runs::{run_row, run_update};
use crate::targets::is_not_being_pruned;
use crate::value::{clean, ms};
use crate::{RunRow, StoreError, Tx};
use domain::ids::RunId;
use domain::run::RunState;
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
    /// Claims the oldest run that needs a worker, for `lease_secs` seconds: a queued one; one under way, waiting
    /// included, whose lease was given back or is over. A queued one is passed over while it has to wait in line for something
    /// that it touches. None while the backup target is pruned.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn claim_run(&self, owner: &str, now: Timestamp, lease_secs: i64) -> Result<Option<Claim>, StoreError> {
        self.free_abandoned(now).await?;
        // One writer at a time: between this look and the update nobody else claims.
        match claimable(now)?.one(&self.db).await? {
            Some(row) => Ok(Some(self.claim(row, owner, now, lease_secs).await?)),
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
        owner: &str,
        now: Timestamp,
        lease_secs: i64,
    ) -> Result<Option<Claim>, StoreError> {
        self.free_abandoned(now).await?;
        let is_over = run::Entity::find_by_id(id.as_str()).filter(run::Column::State.is_in(over()));
        let Some(row) = is_over.filter(is_unclaimed(now)).one(&self.db).await? else {
            return Ok(None);
        };
        match self.is_held_by_another(id).await? {
            false => Ok(Some(self.claim(row, owner, now, lease_secs).await?)),
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

    async fn claim(
        &self,
        mut row: run::Model,
        owner: &str,
        now: Timestamp,
        lease_secs: i64,
    ) -> Result<Claim, StoreError> {
        row.fence += 1;
        let claimed = run_update(&RunId::new(&row.id))
            .col_expr(run::Column::Fence, Expr::value(row.fence))
            .col_expr(run::Column::LeaseOwner, Expr::value(owner))
            .col_expr(run::Column::LeaseUntil, Expr::value(now.plus_seconds(lease_secs).0));
        claimed.exec(&self.db).await?;
        self.set_hold(&RunId::new(&row.id), Hold::Held).await?;
        let fence = row.fence;
        let run = run_row(row, Vec::new())?;
        Ok(Claim { run, fence })
    }

    /// Makes a claim last longer.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since.
    pub async fn renew_lease(&self, id: &RunId, fence: i64, until: Timestamp) -> Result<(), StoreError> {
        self.update_claimed(id, fence, |run| {
            run.col_expr(run::Column::LeaseUntil, Expr::value(until.0))
        })
        .await
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
    run.col_expr(run::Column::LeaseOwner, Expr::value(None::<String>))
        .col_expr(run::Column::LeaseUntil, Expr::value(None::<i64>))
}

fn over() -> impl Iterator<Item = &'static str> {
    RunState::ALL
        .into_iter()
        .filter(|state| state.is_over())
        .map(RunState::key)
}

/// Nobody works on the run.
pub(crate) fn is_unclaimed(now: Timestamp) -> Condition {
    Condition::any()
        .add(run::Column::LeaseUntil.is_null())
        .add(run::Column::LeaseUntil.lte(now.0))
}

/// The run is not over, or somebody clears up after it.
pub(crate) fn is_in_hand(now: Timestamp) -> Condition {
    Condition::any()
        .add(run::Column::State.is_not_in(over()))
        .add(run::Column::LeaseUntil.gt(now.0))
}

fn claimable(now: Timestamp) -> Result<Select<run::Entity>, StoreError> {
    let under_way = [
        RunState::Queued,
        RunState::Running,
        RunState::Waiting,
        RunState::RollingBack,
    ];
    Ok(run::Entity::find()
        .filter(run::Column::State.is_in(under_way.map(RunState::key)))
        .filter(is_unclaimed(now))
        .filter(is_next_in_line()?)
        .filter(is_not_being_pruned(now))
        .order_by_asc(run::Column::QueuedAt)
        .order_by_asc(run::Column::Id))
}
