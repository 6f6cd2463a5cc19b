//! Holds: a run has every subject that it touches to itself from its first claim to its end, and whoever clears up after a
//! run that is over has them once more. Queued runs wait in line, first come, first served: a run is claimed when nobody
//! holds one of its subjects and no older queued run wants one, so that a run over many subjects is not passed by for ever.
//!
//! A run whose window has not begun is not in line yet: others go before it as if it were not there. When its window opens it
//! takes the place that it has by the time at which it was queued.
//!
//! A row is written for each subject when the run is queued, and it stays: later it tells what the run has touched.

use crate::entity::{run, run_hold};
use crate::leases::is_in_hand;
use crate::value::to_word;
use crate::{StoreError, Tx};
use domain::ids::RunId;
use domain::run::RunState;
use domain::subject::SubjectRef;
use domain::time::Timestamp;
use run_hold::Column as H;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, JoinType, Query, SelectStatement};
use sea_orm::{Condition, Insert};
use serde::Serialize;
use std::collections::HashMap;

/// What a run has to do with a subject that it touches.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hold {
    /// It will wait in line when its window opens.
    Later,
    /// It waits in line.
    Wanted,
    /// It has it to itself.
    Held,
    /// It is over.
    Past,
}

impl Hold {
    fn word(self) -> Result<String, StoreError> {
        to_word("hold", self)
    }
}

impl Tx {
    /// Notes what a run that is being queued will touch: in line for it, or later.
    pub(crate) async fn insert_holds(
        &self,
        run: &RunId,
        subjects: &[SubjectRef],
        hold: Hold,
    ) -> Result<(), StoreError> {
        for subject in subjects {
            let row = run_hold::Model {
                run: run.to_string(),
                manager: subject.manager.to_string(),
                subject: subject.object.key(),
                hold: hold.word()?,
            };
            Insert::one(row).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Puts those queued runs in line whose window has opened.
    pub(crate) async fn open_windows(&self, clock: Timestamp) -> Result<(), StoreError> {
        let open = Query::select()
            .column(run::Column::Id)
            .from(run::Entity)
            .and_where(Expr::col(run::Column::NotBefore).lte(clock.0))
            .and_where(Expr::col(run::Column::State).eq(RunState::Queued.key()))
            .take();
        let update = run_hold::Entity::update_many()
            .col_expr(H::Hold, Expr::value(Hold::Wanted.word()?))
            .filter(Expr::col(H::Run).in_subquery(open))
            .filter(ColumnTrait::eq(&H::Hold, Hold::Later.word()?));
        update.exec(&self.db).await?;
        Ok(())
    }

    /// Notes how the run holds everything that it touches from now on. That it is free was looked at before.
    pub(crate) async fn set_hold(&self, run: &RunId, hold: Hold) -> Result<(), StoreError> {
        let update = run_hold::Entity::update_many()
            .col_expr(H::Hold, Expr::value(hold.word()?))
            .filter(ColumnTrait::eq(&H::Run, run.as_str()));
        update.exec(&self.db).await?;
        Ok(())
    }

    /// Frees what those hold who were to clear up after a run that is over, and have let their claim run out.
    pub(crate) async fn free_abandoned(&self, clock: Timestamp) -> Result<(), StoreError> {
        let run = Query::select()
            .expr(Expr::val(1))
            .from(run::Entity)
            .and_where(Expr::col((run::Entity, run::Column::Id)).equals((run_hold::Entity, H::Run)))
            .cond_where(is_in_hand(self.lease_now(clock)))
            .take();
        let update = run_hold::Entity::update_many()
            .col_expr(H::Hold, Expr::value(Hold::Past.word()?))
            .filter(ColumnTrait::eq(&H::Hold, Hold::Held.word()?))
            .filter(Expr::exists(run).not());
        update.exec(&self.db).await?;
        Ok(())
    }

    /// Whether somebody else holds what the run touches.
    pub(crate) async fn is_held_by_another(&self, run: &RunId) -> Result<bool, StoreError> {
        let holders = others()
            .expr(Expr::val(1))
            .and_where(mine(H::Run).eq(run.as_str()))
            .and_where(other(H::Hold).eq(Hold::Held.word()?))
            .limit(1)
            .take();
        Ok(self.db.query_one(&holders).await?.is_some())
    }
}

/// For a query of runs: what the run waits for in line is free, and no older run waits for it. One that holds it already
/// waits for nobody.
pub(crate) fn is_next_in_line() -> Result<Expr, StoreError> {
    let ahead = ahead()?
        .expr(Expr::val(1))
        .and_where(mine(H::Run).equals((run::Entity, run::Column::Id)))
        .take();
    Ok(Expr::exists(ahead).not())
}

/// For a query of runs: the run touches the subject, or has touched it.
pub(crate) fn touches(subject: &SubjectRef) -> Expr {
    let touching = Query::select()
        .column(H::Run)
        .from(run_hold::Entity)
        .and_where(Expr::col(H::Manager).eq(subject.manager.as_str()))
        .and_where(Expr::col(H::Subject).eq(subject.object.key()))
        .take();
    Expr::col((run::Entity, run::Column::Id)).in_subquery(touching)
}

/// Whom each of these runs waits for, of those that wait in line; the others are left out.
pub(crate) async fn waiting_for(
    db: &impl ConnectionTrait,
    runs: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Vec<RunId>>, StoreError> {
    let waits = ahead()?
        .expr_as(mine(H::Run), "waits")
        .expr_as(other(H::Run), "ahead")
        .distinct()
        .and_where(mine(H::Run).is_in(runs))
        .order_by(("other", H::Run), sea_orm::Order::Asc)
        .take();
    let mut all: HashMap<String, Vec<RunId>> = HashMap::new();
    for row in db.query_all(&waits).await? {
        let ahead: String = row.try_get("", "ahead")?;
        all.entry(row.try_get("", "waits")?)
            .or_default()
            .push(RunId::new(ahead));
    }
    Ok(all)
}

/// What a run wants (`mine`), beside what other runs that are before it want or hold of the same (`other`).
fn ahead() -> Result<SelectStatement, StoreError> {
    let (own, rival) = (
        |column: run::Column| Expr::col(("own", column)),
        |column: run::Column| Expr::col(("rival", column)),
    );
    let of_the_same_time = Condition::all()
        .add(rival(run::Column::QueuedAt).equals(("own", run::Column::QueuedAt)))
        .add(rival(run::Column::Id).lt(own(run::Column::Id)));
    let older = Condition::any()
        .add(rival(run::Column::QueuedAt).lt(own(run::Column::QueuedAt)))
        .add(of_the_same_time);
    let waits = Condition::all().add(other(H::Hold).eq(Hold::Wanted.word()?)).add(older);
    let holds = other(H::Hold).eq(Hold::Held.word()?);
    Ok(others()
        .join_as(
            JoinType::InnerJoin,
            run::Entity,
            "own",
            own(run::Column::Id).equals(("mine", H::Run)).into_condition(),
        )
        .join_as(
            JoinType::InnerJoin,
            run::Entity,
            "rival",
            rival(run::Column::Id).equals(("other", H::Run)).into_condition(),
        )
        .and_where(mine(H::Hold).eq(Hold::Wanted.word()?))
        .cond_where(Condition::any().add(holds).add(waits))
        .take())
}

/// What a run touches (`mine`), beside what other runs have to do with the same (`other`).
fn others() -> SelectStatement {
    let same = |column: H| other(column).equals(("mine", column));
    let another = other(H::Run).not_equals(("mine", H::Run));
    let shared = Condition::all()
        .add(same(H::Manager))
        .add(same(H::Subject))
        .add(another);
    Query::select()
        .from_as(run_hold::Entity, "mine")
        .join_as(JoinType::InnerJoin, run_hold::Entity, "other", shared)
        .take()
}

fn mine(column: H) -> Expr {
    Expr::col(("mine", column))
}

fn other(column: H) -> Expr {
    Expr::col(("other", column))
}
