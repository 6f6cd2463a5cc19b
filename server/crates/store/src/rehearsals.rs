//! Rehearsals of rebuild scripts.

use crate::entity::rehearsal;
use crate::value::{from_json, to_json};
use crate::{Store, StoreError, Tx};
use domain::document::Rehearsal;
use domain::ids::ManagerId;
use domain::time::Timestamp;
use ovm::script::Scope;
use sea_orm::prelude::*;
use sea_orm::{Insert, NotSet, QueryOrder, Set};

impl Tx {
    /// Stores a rehearsal.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such Manager or revision.
    pub async fn insert_rehearsal(&self, manager: &ManagerId, rehearsal: &Rehearsal) -> Result<(), StoreError> {
        let row = rehearsal::ActiveModel {
            id: NotSet,
            manager: Set(manager.to_string()),
            scope: Set(rehearsal.scope.key()),
            revision: Set(rehearsal.revision),
            taken_at: Set(rehearsal.at.0),
            script_hash: Set(rehearsal.script_hash.clone()),
            outcome: Set(to_json("outcome of a rehearsal", &rehearsal.outcome)?),
        };
        Insert::one(row).exec(&self.db).await?;
        Ok(())
    }
}

impl Store {
    /// The newest rehearsal of a script.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn rehearsal(&self, manager: &ManagerId, scope: &Scope) -> Result<Option<Rehearsal>, StoreError> {
        let row = rehearsal::Entity::find()
            .filter(rehearsal::Column::Manager.eq(manager.as_str()))
            .filter(rehearsal::Column::Scope.eq(scope.key()))
            .order_by_desc(rehearsal::Column::Id)
            .one(&self.db)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Rehearsal {
            scope: scope.clone(),
            revision: row.revision,
            at: Timestamp(row.taken_at),
            script_hash: row.script_hash,
            outcome: from_json("outcome of a rehearsal", &row.outcome)?,
        }))
    }
}
