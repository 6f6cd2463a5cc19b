//! What people have answered to the questions of runs. The run that waits takes the answer up; until then, and after it,
//! the row stays as it was given.

use crate::entity::{answer, journal};
use crate::value::to_word;
use crate::{StoreError, Tx};
use domain::error::StoredConflict;
use domain::ids::RunId;
use domain::run::Phase;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{Insert, Set};

/// An answer to a question of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAnswer {
    /// Login name of the one who has answered.
    pub by: String,
    /// What was observed; empty where no value was asked for.
    pub observed: String,
    /// When.
    pub at: Timestamp,
}

impl Tx {
    /// Notes the answer to the question of a step; the first one counts.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is answered already.
    pub async fn insert_answer(&self, run: &RunId, step: &str, given: &RunAnswer) -> Result<(), StoreError> {
        if self.answer(run, step).await?.is_some() {
            return Err(StoreError::Conflict(StoredConflict::LateAnswer));
        }
        let row = answer::ActiveModel {
            run: Set(run.to_string()),
            step: Set(step.to_owned()),
            by_name: Set(given.by.clone()),
            observed: Set(given.observed.clone()),
            at: Set(given.at.0),
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// The answer to the question of a step, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn answer(&self, run: &RunId, step: &str) -> Result<Option<RunAnswer>, StoreError> {
        let key = (run.to_string(), step.to_owned());
        let row = answer::Entity::find_by_id(key).one(&self.db).await?;
        Ok(row.map(|row| RunAnswer {
            by: row.by_name,
            observed: row.observed,
            at: Timestamp(row.at),
        }))
    }
}

/// Runs whose question was answered while they wait for that.
pub(crate) fn answered() -> Result<SelectStatement, StoreError> {
    let of_step = Expr::col((journal::Entity, journal::Column::Run))
        .equals((answer::Entity, answer::Column::Run))
        .and(Expr::col((journal::Entity, journal::Column::Step)).equals((answer::Entity, answer::Column::Step)));
    let forward = to_word("phase", Phase::Forward)?;
    Ok(Query::select()
        .column((answer::Entity, answer::Column::Run))
        .from(answer::Entity)
        .join(JoinType::InnerJoin, journal::Entity, of_step)
        .and_where(Expr::col((journal::Entity, journal::Column::Phase)).eq(forward))
        .and_where(Expr::col((journal::Entity, journal::Column::Outcome)).is_null())
        .take())
}
