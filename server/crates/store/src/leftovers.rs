//! What runs made in the estate and could not remove yet.

use crate::entity::leftover;
use crate::error::changed;
use crate::value::{from_json, to_json};
use crate::{Store, StoreError, Tx};
use domain::fault::Left;
use domain::ids::RunId;
use domain::plan::Said;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Insert, NotSet, QueryOrder, QueryTrait, Set};

/// Something that a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Id.
    pub id: i64,
    /// The run.
    pub run: RunId,
    /// What it is, and why it is still there.
    pub what: Said<Left>,
    /// How it is removed: JSON of the engine's making.
    pub undo_json: String,
    /// Since when it is known.
    pub since: Timestamp,
}

impl Tx {
    /// Notes a leftover and returns its id. The same that is to be removed already is noted once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such run.
    pub async fn insert_leftover(
        &self,
        run: &RunId,
        what: &Left,
        undo_json: &str,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        let same = leftover::Entity::find()
            .filter(leftover::Column::Run.eq(run.as_str()))
            .filter(leftover::Column::Undo.eq(undo_json))
            .filter(leftover::Column::RemovedAt.is_null());
        if let Some(known) = same.one(&self.db).await? {
            return Ok(known.id);
        }
        let row = leftover::ActiveModel {
            id: NotSet,
            run: Set(run.to_string()),
            what: Set(to_json("leftover", what)?),
            undo: Set(undo_json.to_owned()),
            since: Set(since.0),
            removed_at: Set(None),
        };
        Ok(Insert::one(row).exec(&self.db).await?.last_insert_id)
    }

    /// Notes that a leftover was removed.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn leftover_removed(&self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        let update = leftover::Entity::update_many()
            .col_expr(leftover::Column::RemovedAt, Expr::value(at.0))
            .filter(leftover::Column::Id.eq(id));
        changed(update.exec(&self.db).await?.rows_affected, "leftover", id)
    }
}

impl Store {
    /// Leftovers, oldest first: of all runs or of one, all or only those that were not removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn leftovers(&self, run: Option<&RunId>, only_open: bool) -> Result<Vec<Leftover>, StoreError> {
        let rows = leftover::Entity::find()
            .apply_if(run, |rows, run| rows.filter(leftover::Column::Run.eq(run.as_str())))
            .apply_if(only_open.then_some(()), |rows, ()| {
                rows.filter(leftover::Column::RemovedAt.is_null())
            })
            .order_by_asc(leftover::Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter().map(from_row).collect()
    }
}

fn from_row(row: leftover::Model) -> Result<Leftover, StoreError> {
    Ok(Leftover {
        id: row.id,
        run: RunId::new(row.run),
        what: from_json("leftover", &row.what)?,
        undo_json: row.undo,
        since: Timestamp(row.since),
    })
}
