//! Plans, by their hash.

use crate::entity::plan;
use crate::packed::{Kind, Packed, unpack};
use crate::{Store, StoreError, Tx};
use domain::ids::UserId;
use domain::plan::{PlanHash, SealedPlan};
use domain::time::Timestamp;
use sea_orm::Insert;
use sea_orm::prelude::*;

/// A plan with the one who planned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlan {
    /// The plan; its bytes have the hash under which they were found.
    pub sealed: SealedPlan,
    /// Account that planned it.
    pub planned_by: UserId,
}

impl Tx {
    /// Stores a plan.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is stored already, or there is no such account.
    pub async fn insert_plan(&self, sealed: &SealedPlan, planned_by: &UserId, at: Timestamp) -> Result<(), StoreError> {
        let subject = sealed.plan().header.subject.at();
        let Packed { base, body } = self.pack(Kind::Plan, &subject, sealed.canonical()).await?;
        let row = plan::Model {
            hash: sealed.hash().to_string(),
            base,
            body,
            planned_by: planned_by.to_string(),
            planned_at: at.0,
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// [`Store::plan`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn plan(&self, hash: &PlanHash) -> Result<Option<StoredPlan>, StoreError> {
        plan(&self.db, hash).await
    }
}

impl Store {
    /// The plan with this hash.
    ///
    /// # Errors
    /// [`StoreError::Plan`] when the stored bytes have another hash.
    pub async fn plan(&self, hash: &PlanHash) -> Result<Option<StoredPlan>, StoreError> {
        plan(&self.db, hash).await
    }
}

async fn plan(db: &impl ConnectionTrait, hash: &PlanHash) -> Result<Option<StoredPlan>, StoreError> {
    let Some(row) = plan::Entity::find_by_id(hash.as_str()).one(db).await? else {
        return Ok(None);
    };
    let canonical = Packed {
        base: row.base,
        body: row.body,
    };
    let canonical = unpack(db, Kind::Plan, &canonical).await?;
    Ok(Some(StoredPlan {
        sealed: SealedPlan::open(canonical, hash)?,
        planned_by: UserId::new(row.planned_by),
    }))
}
