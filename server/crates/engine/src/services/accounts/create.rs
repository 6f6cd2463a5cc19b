//! New accounts.

use crate::core::{from_store, new_id};
use crate::services::access::commit;
use domain::account::{check_name, check_password};
use domain::actor::Grant;
use domain::audit::{AuditEvent, Detail};
use domain::error::{AccountFlaw, ServiceError};
use domain::ids::UserId;
use domain::services::Answer;
use store::{Store, StoreError};

/// An account that is to be.
pub(super) struct NewUser {
    pub(super) id: UserId,
    name: String,
    password_hash: String,
    grants: Vec<Grant>,
}

impl NewUser {
    pub(super) fn new(name: &str, password_hash: String, grants: Vec<Grant>) -> Self {
        Self {
            id: UserId::new(new_id(12)),
            name: name.to_owned(),
            password_hash,
            grants,
        }
    }

    /// Stores it, together with the row in the trail.
    pub(super) async fn insert(&self, store: &Store, event: AuditEvent) -> Result<(), StoreError> {
        let tx = store.begin().await?;
        tx.insert_user(&self.id, &self.name, &self.password_hash).await?;
        tx.set_grants(&self.id, &self.grants).await?;
        commit(tx, &event).await
    }

    /// For the audit trail.
    pub(super) fn created(&self) -> Detail {
        Detail::AccountCreated {
            grants: self.grants.clone(),
        }
    }
}

/// Whether there can be a new account with this name and password.
///
/// # Errors
/// [`ServiceError::Invalid`] for the field `name` or `password`.
pub(super) async fn check_new(store: &Store, name: &str, password: &str) -> Answer<()> {
    check_name(name)?;
    check_password("password", name, password)?;
    match store.user_by_name(name).await.map_err(from_store)? {
        Some(_) => {
            let name = name.to_owned();
            Err(ServiceError::invalid("name", AccountFlaw::AccountTaken { name }))
        }
        None => Ok(()),
    }
}
