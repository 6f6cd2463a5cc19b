//! Job runs: queueing them, reading them, and what people wish of them. What the worker of a run writes is in
//! [`crate::leases`] and [`crate::journal`].

use crate::asked::asked;
use crate::entity::run;
use crate::error::{changed, taken};
use crate::holds::{Hold, touches, waiting_for};
use crate::leases::is_unclaimed;
use crate::listing::{List, Wanted};
use crate::older::from_new_to_old;
use crate::value::{clean, from_json_or_null, from_word, ms, subject_at, to_json, to_word, window};
use crate::{Store, StoreError, Tx};
use domain::error::StoredConflict;
use domain::ids::{PointId, RequestId, RunId};
use domain::plan::{PlanHash, Said};
use domain::request::Window;
use domain::run::{Decision, Message, RunKind, RunState, RunSummary};
use domain::subject::{Subject, SubjectRef};
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Insert, QueryOrder, QuerySelect, QueryTrait, UpdateMany};
use std::collections::HashMap;

/// The list of runs.
pub(crate) const RUNS: List<run::Entity> = List {
    name: "run",
    at: run::Column::QueuedAt,
    id: run::Column::Id,
    topic: run::Column::Topic,
    ids: &[run::Column::Id, run::Column::PlanHash],
};

/// A run to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Id; the one in the plan's header.
    pub id: RunId,
    /// Hash of its plan, which is stored already.
    pub plan_hash: PlanHash,
    /// What it is for.
    pub kind: RunKind,
    /// What it is about.
    pub subject: Subject,
    /// Everything that it touches, and has to itself meanwhile.
    pub touches: Vec<SubjectRef>,
    /// Login name of the one who starts it.
    pub started_by: String,
    /// Now.
    pub queued_at: Timestamp,
    /// The request behind it, for restores.
    pub request: Option<RequestId>,
    /// The recovery point that it will publish or restore.
    pub point: Option<PointId>,
    /// When it may begin.
    pub window: Window,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its line in lists.
    pub summary: RunSummary,
    /// A person has asked for its cancellation.
    pub cancel_requested: bool,
    /// What a person has decided at the end of a restore.
    pub decision: Option<Decision>,
    /// When it is rolled back unless somebody commits it before.
    pub decide_before: Option<Timestamp>,
    /// The request behind it.
    pub request: Option<RequestId>,
    /// The recovery point that it publishes or restores.
    pub point: Option<PointId>,
    /// Fencing token: how often it was claimed.
    pub fence: i64,
}

impl Tx {
    /// Queues a run. It begins when it is its turn on everything that it touches, and its window is open.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is queued already, or there is no such plan or request.
    pub async fn insert_run(&self, new: &NewRun) -> Result<(), StoreError> {
        let row = run::Model {
            id: new.id.to_string(),
            plan_hash: new.plan_hash.to_string(),
            kind: new.kind.key().to_owned(),
            state: RunState::Queued.key().to_owned(),
            manager: new.subject.manager.to_string(),
            subject: new.subject.object.key(),
            subject_name: clean(&new.subject.name),
            started_by: new.started_by.clone(),
            queued_at: new.queued_at.0,
            ended_at: None,
            message: None,
            process: None,
            fence: 0,
            cancel_requested: false,
            decision: None,
            decide_before: None,
            request: new.request.as_ref().map(ToString::to_string),
            point: new.point.as_ref().map(ToString::to_string),
            not_before: ms(new.window.not_before),
            not_after: ms(new.window.not_after),
            topic: self
                .topic(RUNS.name, &new.subject, &[&words(new.kind), &new.started_by])
                .await?,
            worked_ms: None,
        };
        let what = StoredConflict::RunStored { run: new.id.clone() };
        Insert::one(row)
            .exec_without_returning(&self.db)
            .await
            .map_err(taken(what))?;
        let hold = match new.window.is_ahead(new.queued_at) {
            true => Hold::Later,
            false => Hold::Wanted,
        };
        self.insert_holds(&new.id, &new.touches, hold).await
    }

    /// Runs for this subject that nobody works on yet, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn queued_runs_of(&self, subject: &SubjectRef) -> Result<Vec<RunRow>, StoreError> {
        let queued = run::Entity::find()
            .filter(touches(subject))
            .filter(run::Column::State.eq(RunState::Queued.key()))
            .order_by_asc(run::Column::QueuedAt);
        read(&self.db, queued.all(&self.db).await?).await
    }

    /// Ends a run that is queued and that nobody works on, with the message given: nothing of it was begun. Whoever had
    /// claimed it and stood still past its lease cannot begin it any more. The answer is whether it was ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_queued(
        &self,
        id: &RunId,
        state: RunState,
        message: &[Said<Message>],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = run_update(id)
            .col_expr(run::Column::State, Expr::value(state.key()))
            .col_expr(run::Column::Message, Expr::value(to_json("message", &message)?))
            .col_expr(run::Column::EndedAt, Expr::value(now.0))
            .col_expr(run::Column::Fence, Expr::col(run::Column::Fence).add(1))
            .filter(run::Column::State.eq(RunState::Queued.key()))
            .filter(is_unclaimed(|| self.lease_now(now)));
        let ended = update.exec(&self.db).await?.rows_affected > 0;
        if ended {
            self.set_hold(id, Hold::Past).await?;
        }
        Ok(ended)
    }

    /// Notes how long the program worked on a run that has succeeded.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn set_worked(&self, id: &RunId, millis: i64) -> Result<(), StoreError> {
        let update = run_update(id).col_expr(run::Column::WorkedMs, Expr::value(millis));
        changed(update.exec(&self.db).await?.rows_affected, "run", id)
    }

    /// Notes that a person wants the run cancelled.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is neither queued nor running, or not any more, or it was decided what becomes of
    /// it; [`StoreError::Missing`].
    pub async fn request_cancel(&self, id: &RunId) -> Result<(), StoreError> {
        let update = run_update(id)
            .col_expr(run::Column::CancelRequested, Expr::value(true))
            .filter(run::Column::State.is_in([RunState::Queued, RunState::Running].map(RunState::key)))
            .filter(run::Column::Decision.is_null());
        self.first_wins(id, update, StoredConflict::LateCancel).await
    }

    /// Notes what a person has decided; the first decision counts.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is decided already, [`StoreError::Missing`].
    pub async fn set_decision(&self, id: &RunId, decision: Decision) -> Result<(), StoreError> {
        let update = run_update(id)
            .col_expr(run::Column::Decision, Expr::value(to_word("decision", decision)?))
            .filter(run::Column::Decision.is_null());
        self.first_wins(id, update, StoredConflict::LateDecision).await
    }

    /// Sends a run that needs an operator back to work, in the state and with the message given. The next worker claims
    /// it; the one that has stopped cannot write any more. A wish to cancel it is over when it is to go on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when nobody has to settle it, or not any more; [`StoreError::Missing`].
    pub async fn settle_run(&self, id: &RunId, state: RunState, message: &[Said<Message>]) -> Result<(), StoreError> {
        let update = run_update(id)
            .col_expr(run::Column::State, Expr::value(state.key()))
            .col_expr(run::Column::Message, Expr::value(to_json("message", &message)?))
            .col_expr(run::Column::Process, Expr::value(None::<String>))
            .apply_if((state == RunState::Running).then_some(false), |update, wished| {
                update.col_expr(run::Column::CancelRequested, Expr::value(wished))
            })
            .filter(run::Column::State.eq(RunState::NeedsOperator.key()));
        self.first_wins(id, update, StoredConflict::LateSettlement).await
    }

    async fn first_wins(
        &self,
        id: &RunId,
        update: UpdateMany<run::Entity>,
        late: StoredConflict,
    ) -> Result<(), StoreError> {
        if update.exec(&self.db).await?.rows_affected > 0 {
            return Ok(());
        }
        let known = self.run(id).await?.is_some();
        changed(known.into(), "run", id)?;
        Err(StoreError::Conflict(late))
    }

    /// [`Store::run`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        run(&self.db, id).await
    }
}

impl Store {
    /// One run.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        run(&self.db, id).await
    }

    /// Runs, newest first, of those that are wanted: all, or those in one state.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn runs(&self, state: Option<RunState>, wanted: &Wanted<'_>) -> Result<Vec<RunSummary>, StoreError> {
        let all = run::Entity::find();
        let in_state = all.apply_if(state, |runs, state| runs.filter(run::Column::State.eq(state.key())));
        let found = asked(RUNS.find(&self.db, in_state, wanted)).await?;
        self.newest_runs(run::Entity::find().filter(run::Column::Id.is_in(found)))
            .await
    }

    /// How long the newest runs of this kind for a subject worked that have succeeded, in milliseconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn worked(&self, subject: &SubjectRef, kind: RunKind, limit: u64) -> Result<Vec<i64>, StoreError> {
        let of_kind = run::Entity::find()
            .filter(run::Column::Manager.eq(subject.manager.as_str()))
            .filter(run::Column::Subject.eq(subject.object.key()))
            .filter(run::Column::Kind.eq(kind.key()))
            .filter(run::Column::WorkedMs.is_not_null());
        let newest = from_new_to_old(of_kind, run::Column::QueuedAt, run::Column::Id, None).limit(limit);
        let worked = newest.select_only().column(run::Column::WorkedMs).into_tuple();
        Ok(worked.all(&self.db).await?)
    }

    /// Queued runs that can begin no more, because their window has closed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn runs_past_their_window(&self, now: Timestamp) -> Result<Vec<RunRow>, StoreError> {
        let past = run::Entity::find()
            .filter(run::Column::State.eq(RunState::Queued.key()))
            .filter(run::Column::NotAfter.lte(now.0));
        read(&self.db, past.all(&self.db).await?).await
    }

    /// The states of the runs that publish or restore a recovery point.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn states_of_runs_for(&self, point: &PointId) -> Result<Vec<RunState>, StoreError> {
        let of_point = run::Entity::find().filter(run::Column::Point.eq(point.as_str()));
        let rows = of_point.all(&self.db).await?;
        rows.iter().map(|row| state_of(&row.state)).collect()
    }

    /// Runs that touch a subject, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn runs_of(&self, subject: &SubjectRef, limit: u64) -> Result<Vec<RunSummary>, StoreError> {
        self.newest_runs(run::Entity::find().filter(touches(subject)).limit(limit))
            .await
    }

    async fn newest_runs(&self, runs: Select<run::Entity>) -> Result<Vec<RunSummary>, StoreError> {
        let newest = from_new_to_old(runs, run::Column::QueuedAt, run::Column::Id, None);
        let rows = read(&self.db, newest.all(&self.db).await?).await?;
        Ok(rows.into_iter().map(|row| row.summary).collect())
    }
}

/// The words by which runs of a kind are found.
fn words(kind: RunKind) -> String {
    kind.key().replace('_', " ")
}

fn state_of(word: &str) -> Result<RunState, StoreError> {
    RunState::from_key(word).ok_or_else(|| StoreError::unreadable("run state", word))
}

/// An update of one run.
pub(crate) fn run_update(id: &RunId) -> UpdateMany<run::Entity> {
    run::Entity::update_many().filter(run::Column::Id.eq(id.as_str()))
}

async fn run(db: &impl ConnectionTrait, id: &RunId) -> Result<Option<RunRow>, StoreError> {
    let row = run::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(read(db, row.into_iter().collect()).await?.pop())
}

/// The runs behind rows, with whom they wait for.
async fn read(db: &impl ConnectionTrait, rows: Vec<run::Model>) -> Result<Vec<RunRow>, StoreError> {
    let queued = rows.iter().filter(|row| row.state == RunState::Queued.key());
    let queued: Vec<&str> = queued.map(|row| row.id.as_str()).collect();
    let mut waiting = match queued.is_empty() {
        true => HashMap::new(),
        false => waiting_for(db, queued.into_iter()).await?,
    };
    let run = |row: run::Model| {
        let ahead = waiting.remove(&row.id).unwrap_or_default();
        run_row(row, ahead)
    };
    rows.into_iter().map(run).collect()
}

/// The run behind a row that waits for these.
pub(crate) fn run_row(row: run::Model, waiting_for: Vec<RunId>) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        summary: RunSummary {
            id: RunId::new(row.id),
            kind: RunKind::from_key(&row.kind).ok_or_else(|| StoreError::unreadable("run kind", &row.kind))?,
            state: state_of(&row.state)?,
            subject: subject_at(row.manager, &row.subject)?.named(row.subject_name),
            started_by: row.started_by,
            queued_at: Timestamp(row.queued_at),
            ended_at: row.ended_at.map(Timestamp),
            plan_hash: PlanHash::new(row.plan_hash),
            message: from_json_or_null("message", row.message.as_ref())?.unwrap_or_default(),
            waiting_for,
            window: window(row.not_before, row.not_after),
        },
        cancel_requested: row.cancel_requested,
        decision: row.decision.map(|word| from_word("decision", word)).transpose()?,
        decide_before: row.decide_before.map(Timestamp),
        request: row.request.map(RequestId::new),
        point: row.point.map(PointId::new),
        fence: row.fence,
    })
}
