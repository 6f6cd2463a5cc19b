//! What all processes have to hear of. Each writes down what it tells, and reads what others have told since it looked
//! last. Rows are hints: whoever hears one reads what it is about anew, so that they can be removed soon.

use crate::entity::news::{ActiveModel, Column as C, Entity};
use crate::{Store, StoreError, Tx};
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::{Insert, NotSet, QueryOrder, QuerySelect, Set};

/// Something that a process has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its place among all that was told; there may be gaps.
    pub seq: i64,
    /// Who has told it.
    pub process: String,
    /// What: JSON of the engine's making.
    pub payload: String,
}

impl Tx {
    /// Writes down what a process tells, in this order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_news(&self, process: &str, payloads: &[String], at: Timestamp) -> Result<(), StoreError> {
        let row = |payload: &String| ActiveModel {
            seq: NotSet,
            at: Set(at.0),
            process: Set(process.to_owned()),
            payload: Set(payload.clone()),
        };
        let rows = Insert::many(payloads.iter().map(row));
        rows.exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Removes what was told before this time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_news(&self, before: Timestamp) -> Result<(), StoreError> {
        Entity::delete_many().filter(C::At.lt(before.0)).exec(&self.db).await?;
        Ok(())
    }
}

impl Store {
    /// Place of the newest that was told; 0 when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn last_news(&self) -> Result<i64, StoreError> {
        let newest = Entity::find().order_by_desc(C::Seq).one(&self.db).await?;
        Ok(newest.map_or(0, |row| row.seq))
    }

    /// What was told behind this place, in order, at most so much.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn news_after(&self, seq: i64, limit: u64) -> Result<Vec<Told>, StoreError> {
        let new = Entity::find().filter(C::Seq.gt(seq)).order_by_asc(C::Seq).limit(limit);
        let told = |row: crate::entity::news::Model| Told {
            seq: row.seq,
            process: row.process,
            payload: row.payload,
        };
        Ok(new.all(&self.db).await?.into_iter().map(told).collect())
    }
}
