//! The processes that work on the database, each with one lease for everything that it holds: claims of runs and places
//! at resources are had by name of the process, and are free when its lease is over or its row is gone.

use crate::entity::process::{Column as C, Entity, Model};
use crate::entity::{resource_ticket, run};
use crate::put::put;
use crate::value::clean;
use crate::{Store, StoreError, Tx};
use domain::ids::RunId;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DbBackend, QuerySelect};

/// A lease may end so many milliseconds later than it could before that counts as a fault: clocks are set a little at any
/// time.
const CLOCK_SLACK_MS: i64 = 1000;

/// A process that begins to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProcess {
    /// Its id.
    pub id: String,
    /// Name of its host, for people.
    pub host: String,
    /// Seconds for which its lease lasts.
    pub lease_secs: i64,
}

/// A lease that ended later than a lease can, and was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockFault {
    /// Whose lease it is.
    pub process: String,
    /// Its host.
    pub host: String,
}

impl Tx {
    /// Begins the lease of a process. Whatever was held under its id before is free, and so is what dead ones held.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn begin_process(&self, new: &NewProcess, clock: Timestamp) -> Result<(), StoreError> {
        self.end_process(&new.id).await?;
        let dead = Entity::delete_many().filter(Expr::col(C::LeaseUntil).lte(self.lease_now(clock)));
        dead.exec(&self.db).await?;
        let row = Model {
            id: new.id.clone(),
            host: clean(&new.host),
            started_at: clock.0,
            lease_secs: new.lease_secs,
            lease_until: i64::MAX,
        };
        put(&self.db, row).await?;
        self.renew_process(&new.id, clock).await
    }

    /// Makes the lease of a process last for its whole length from now.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it is over: others may have taken what the process held.
    pub async fn renew_process(&self, id: &str, clock: Timestamp) -> Result<(), StoreError> {
        let renewed = Entity::update_many()
            .col_expr(C::LeaseUntil, self.full_lease(clock))
            .filter(C::Id.eq(id))
            .filter(Expr::col(C::LeaseUntil).gt(self.lease_now(clock)));
        match renewed.exec(&self.db).await?.rows_affected {
            0 => Err(StoreError::Fenced),
            _ => Ok(()),
        }
    }

    /// Ends the lease of a process: all that it holds is free at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_process(&self, id: &str) -> Result<(), StoreError> {
        let runs = run::Entity::update_many()
            .col_expr(run::Column::Process, Expr::value(None::<String>))
            .filter(run::Column::Process.eq(id));
        runs.exec(&self.db).await?;
        let tickets = resource_ticket::Entity::delete_many().filter(resource_ticket::Column::Process.eq(id));
        tickets.exec(&self.db).await?;
        Entity::delete_by_id(id).exec(&self.db).await?;
        Ok(())
    }

    /// Cuts the leases that end later than a whole lease from now, as after a clock that was set back: nobody must wait
    /// for them. Answers whose they were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn cut_long_leases(&self, clock: Timestamp) -> Result<Vec<ClockFault>, StoreError> {
        let too_long = || Expr::col(C::LeaseUntil).gt(self.full_lease(clock).add(CLOCK_SLACK_MS));
        let found = Entity::find().filter(too_long()).all(&self.db).await?;
        if !found.is_empty() {
            let cut = Entity::update_many().col_expr(C::LeaseUntil, self.full_lease(clock));
            cut.filter(too_long()).exec(&self.db).await?;
        }
        let fault = |row: Model| ClockFault {
            process: row.id,
            host: row.host,
        };
        Ok(found.into_iter().map(fault).collect())
    }

    /// [`lease_now`] of this database.
    pub(crate) fn lease_now(&self, clock: Timestamp) -> Expr {
        lease_now(&self.db, clock)
    }

    /// When a lease ends that is renewed now.
    fn full_lease(&self, clock: Timestamp) -> Expr {
        self.lease_now(clock).add(Expr::col(C::LeaseSecs).mul(1000))
    }
}

impl Store {
    /// Whether the process still has its lease, and the claim on the run with this fence.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn still_claimed(
        &self,
        run: &RunId,
        fence: i64,
        process: &str,
        clock: Timestamp,
    ) -> Result<bool, StoreError> {
        let claimed = run::Entity::find_by_id(run.as_str())
            .filter(run::Column::Fence.eq(fence))
            .filter(run::Column::Process.eq(process))
            .filter(Expr::col(run::Column::Process).in_subquery(living(lease_now(&self.db, clock))));
        Ok(claimed.count(&self.db).await? > 0)
    }

    /// The runs of this process that somebody wants cancelled.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn cancelled_runs(&self, process: &str) -> Result<Vec<RunId>, StoreError> {
        let wished = run::Entity::find()
            .select_only()
            .column(run::Column::Id)
            .filter(run::Column::Process.eq(process))
            .filter(run::Column::CancelRequested.eq(true));
        let ids: Vec<String> = wished.into_tuple().all(&self.db).await?;
        Ok(ids.into_iter().map(RunId::new).collect())
    }
}

/// The time that all leases are compared with, in milliseconds since 1970. PostgreSQL has one clock for all its servers,
/// and its own is asked, as the statement is executed: `now()` would be the beginning of the transaction, which may have
/// waited for its turn. Whoever uses one SQLite file is on one machine, and brings the time of its clock.
pub(crate) fn lease_now(db: &impl ConnectionTrait, clock: Timestamp) -> Expr {
    match db.get_database_backend() {
        DbBackend::Postgres => Expr::cust("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"),
        _ => Expr::value(clock.0),
    }
}

/// The ids of the processes whose lease is not over.
pub(crate) fn living(now: Expr) -> SelectStatement {
    Query::select()
        .column((Entity, C::Id))
        .from(Entity)
        .and_where(Expr::col((Entity, C::LeaseUntil)).gt(now))
        .take()
}
