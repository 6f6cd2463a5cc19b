//! Accounts from the command line of the machine, for when nobody can log in. Whoever can do this can read and write the
//! database anyway.

use super::create::{self, NewUser};
use super::passwords::hash_alone;
use super::{replace_password, subject};
use crate::core::{COMMAND_LINE, from_store};
use domain::account::check_password;
use domain::actor::{Grant, Role, Scope};
use domain::audit::{AuditEvent, Detail};
use domain::error::{AccountFlaw, ServiceError};
use domain::services::Answer;
use domain::time::Clock;
use store::Store;

/// Creates an account with the role Administrator for everything: the first one, or another one when nobody can log in
/// any more.
///
/// # Errors
/// [`ServiceError::Invalid`] for a name or a password that cannot be accepted, [`ServiceError::Internal`] when the
/// database cannot be used.
pub async fn create_administrator(store: &Store, clock: &dyn Clock, name: &str, password: &str) -> Answer<()> {
    create::check_new(store, name, password).await?;
    let new = NewUser::new(
        name,
        hash_alone(password).await?,
        vec![Grant {
            role: Role::Administrator,
            scope: Scope::All,
        }],
    );
    let event = AuditEvent::new(clock.now(), COMMAND_LINE, subject(name), new.created());
    new.insert(store, event).await.map_err(from_store)
}

/// Sets a new password for an account whose owner has forgotten his, which ends all its sessions.
///
/// # Errors
/// [`ServiceError::Invalid`] when there is no account of this name or the password cannot be accepted,
/// [`ServiceError::Internal`] when the database cannot be used.
pub async fn set_password(store: &Store, clock: &dyn Clock, name: &str, password: &str) -> Answer<()> {
    let row = store.user_by_name(name).await.map_err(from_store)?;
    let row = row.ok_or_else(|| {
        let name = name.to_owned();
        ServiceError::invalid("name", AccountFlaw::AccountUnknown { name })
    })?;
    check_password("password", &row.name, password)?;
    let event = AuditEvent::new(clock.now(), COMMAND_LINE, subject(&row.name), Detail::PasswordSet);
    let hash = hash_alone(password).await?;
    replace_password(store, &row.id, &hash, &event)
        .await
        .map_err(from_store)
}
