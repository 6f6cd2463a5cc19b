//! Protection policies and the machines under them.

use crate::entity::{policy, protection};
use crate::error::taken;
use crate::put::put;
use crate::value::{clean, from_json, to_json};
use crate::{Store, StoreError, Tx};
use domain::ids::{ManagerId, PolicyId, TeamId};
use domain::policy::Policy;
use ovm::ids::VmId;
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
        let what = format!("There is a protection policy {} already.", policy.rules.name);
        put(&self.db, row).await.map_err(taken(what))
    }

    /// Puts a machine under a policy, or under none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such Manager or policy.
    pub async fn set_protection(
        &self,
        manager: &ManagerId,
        vm: &VmId,
        policy: Option<&PolicyId>,
    ) -> Result<(), StoreError> {
        let key = (manager.to_string(), vm.to_string());
        let Some(policy) = policy else {
            protection::Entity::delete_by_id(key).exec(&self.db).await?;
            return Ok(());
        };
        let row = protection::Model {
            manager: key.0,
            vm: key.1,
            policy: policy.to_string(),
        };
        Ok(put(&self.db, row).await?)
    }
}

impl Store {
    /// All policies by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn policies(&self) -> Result<Vec<Policy>, StoreError> {
        let rows = policy::Entity::find()
            .order_by_asc(policy::Column::Name)
            .all(&self.db)
            .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// One policy.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn policy(&self, id: &PolicyId) -> Result<Option<Policy>, StoreError> {
        policy::Entity::find_by_id(id.as_str())
            .one(&self.db)
            .await?
            .map(from_row)
            .transpose()
    }

    /// All machines under a policy.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn protections(&self) -> Result<Vec<(ManagerId, VmId, PolicyId)>, StoreError> {
        let rows = protection::Entity::find()
            .order_by_asc(protection::Column::Manager)
            .order_by_asc(protection::Column::Vm)
            .all(&self.db)
            .await?;
        let parts = |row: protection::Model| {
            (
                ManagerId::new(row.manager),
                VmId::new(row.vm),
                PolicyId::new(row.policy),
            )
        };
        Ok(rows.into_iter().map(parts).collect())
    }

    /// The policy of a machine.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn protection(&self, manager: &ManagerId, vm: &VmId) -> Result<Option<Policy>, StoreError> {
        let row = protection::Entity::find_by_id((manager.to_string(), vm.to_string()))
            .one(&self.db)
            .await?;
        match row {
            Some(row) => self.policy(&PolicyId::new(row.policy)).await,
            None => Ok(None),
        }
    }
}

fn from_row(row: policy::Model) -> Result<Policy, StoreError> {
    Ok(Policy {
        id: PolicyId::new(row.id),
        team: row.team.map(TeamId::new),
        rules: from_json("policy", &row.rules)?,
    })
}
