//! Protection policies and what is under them.

use crate::entity::{policy, protection};
use crate::error::taken;
use crate::put::put;
use crate::value::{clean, from_json, subject_at, to_json};
use crate::{Store, StoreError, Tx};
use domain::error::StoredConflict;
use domain::ids::{PolicyId, TeamId};
use domain::policy::Policy;
use domain::subject::SubjectRef;
use sea_orm::QueryOrder;
use sea_orm::prelude::*;

impl Tx {
    /// Stores a policy, new or changed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another one has its name.
    pub async fn put_policy(&self, policy: &Policy) -> Result<(), StoreError> {
        let row = policy::Model {
            id: policy.id.to_string(),
            team: policy.team.as_ref().map(ToString::to_string),
            name: clean(&policy.rules.name),
            rules: to_json("policy", &policy.rules)?,
        };
        let name = policy.rules.name.clone();
        let what = StoredConflict::PolicyStored { name };
        put(&self.db, row).await.map_err(taken(what))
    }

    /// Puts an object under a policy, or under none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such Manager or policy.
    pub async fn set_protection(&self, subject: &SubjectRef, policy: Option<&PolicyId>) -> Result<(), StoreError> {
        let key = (subject.manager.to_string(), subject.object.key());
        let Some(policy) = policy else {
            protection::Entity::delete_by_id(key).exec(&self.db).await?;
            return Ok(());
        };
        let row = protection::Model {
            manager: key.0,
            subject: key.1,
            policy: policy.to_string(),
        };
        Ok(put(&self.db, row).await?)
    }

    /// [`Store::policies`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn policies(&self) -> Result<Vec<Policy>, StoreError> {
        policies(&self.db).await
    }

    /// [`Store::policy`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn policy(&self, id: &PolicyId) -> Result<Option<Policy>, StoreError> {
        policy(&self.db, id).await
    }

    /// [`Store::protections`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn protections(&self) -> Result<Vec<(SubjectRef, PolicyId)>, StoreError> {
        protections(&self.db).await
    }

    /// [`Store::protection`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn protection(&self, subject: &SubjectRef) -> Result<Option<Policy>, StoreError> {
        protection(&self.db, subject).await
    }
}

impl Store {
    /// All policies by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn policies(&self) -> Result<Vec<Policy>, StoreError> {
        policies(&self.db).await
    }

    /// One policy.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn policy(&self, id: &PolicyId) -> Result<Option<Policy>, StoreError> {
        policy(&self.db, id).await
    }

    /// Everything that is under a policy, with that.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn protections(&self) -> Result<Vec<(SubjectRef, PolicyId)>, StoreError> {
        protections(&self.db).await
    }

    /// The policy of an object.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn protection(&self, subject: &SubjectRef) -> Result<Option<Policy>, StoreError> {
        protection(&self.db, subject).await
    }
}

async fn policies(db: &impl ConnectionTrait) -> Result<Vec<Policy>, StoreError> {
    let rows = policy::Entity::find()
        .order_by_asc(policy::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

async fn policy(db: &impl ConnectionTrait, id: &PolicyId) -> Result<Option<Policy>, StoreError> {
    policy::Entity::find_by_id(id.as_str())
        .one(db)
        .await?
        .map(from_row)
        .transpose()
}

async fn protections(db: &impl ConnectionTrait) -> Result<Vec<(SubjectRef, PolicyId)>, StoreError> {
    let rows = protection::Entity::find()
        .order_by_asc(protection::Column::Manager)
        .order_by_asc(protection::Column::Subject)
        .all(db)
        .await?;
    let parts = |row: protection::Model| Ok((subject_at(row.manager, &row.subject)?, PolicyId::new(row.policy)));
    rows.into_iter().map(parts).collect()
}

async fn protection(db: &impl ConnectionTrait, subject: &SubjectRef) -> Result<Option<Policy>, StoreError> {
    let key = (subject.manager.to_string(), subject.object.key());
    match protection::Entity::find_by_id(key).one(db).await? {
        Some(row) => policy(db, &PolicyId::new(row.policy)).await,
        None => Ok(None),
    }
}

fn from_row(row: policy::Model) -> Result<Policy, StoreError> {
    Ok(Policy {
        id: PolicyId::new(row.id),
        team: row.team.map(TeamId::new),
        rules: from_json("policy", &row.rules)?,
    })
}
