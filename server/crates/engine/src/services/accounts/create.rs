//! New accounts: by an administrator, or by the command line of the machine for the very first one.

use super::passwords::{check_name, check_password, hash_now};
use super::{in_words, subject};
use crate::core::{COMMAND_LINE, from_store, internal, new_id};
use crate::services::access::commit;
use domain::actor::{Grant, Role, Scope};
use domain::audit::AuditEvent;
use domain::error::ServiceError;
use domain::ids::UserId;
use domain::services::Answer;
use domain::time::Clock;
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
    pub(super) async fn insert(&self, store: &Store, mut event: AuditEvent) -> Result<(), StoreError> {
        event.subject = subject(&self.name);
        event.detail = format!("Roles: {}.", in_words(&self.grants));
        let tx = store.begin().await?;
        tx.insert_user(&self.id, &self.name, &self.password_hash).await?;
        tx.set_grants(&self.id, &self.grants).await?;
        commit(tx, &event).await
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
        Some(_) => Err(ServiceError::invalid(
            "name",
            format!("There is an account {name} already."),
        )),
        None => Ok(()),
    }
}

/// Creates an account with the role Administrator for everything: the first one, or another one when nobody can log in
/// any more. Whoever can do this can read and write the data base anyway.
///
/// # Errors
/// [`ServiceError::Invalid`] for a name or a password that cannot be accepted, [`ServiceError::Internal`] when the data
/// base cannot be used.
pub async fn create_administrator(store: &Store, clock: &dyn Clock, name: &str, password: &str) -> Answer<()> {
    check_new(store, name, password).await?;
    let at = clock.now();
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .map_err(internal)??;
    let new = NewUser::new(
        name,
        hash,
        vec![Grant {
            role: Role::Administrator,
            scope: Scope::All,
        }],
    );
    let event = AuditEvent {
        at,
        actor: COMMAND_LINE.to_owned(),
        event: super::CREATED.to_owned(),
        subject: String::new(),
        plan_hash: None,
        detail: String::new(),
        address: None,
    };
    new.insert(store, event).await.map_err(from_store)
}
