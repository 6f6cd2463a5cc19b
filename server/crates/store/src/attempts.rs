//! Passwords that were wrong, for as long as they count.

use crate::entity::login_failure::{ActiveModel, Column as C, Entity};
use crate::value::clean;
use crate::{Store, StoreError, Tx};
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::{Insert, NotSet, QueryOrder, QueryTrait, Set};

/// A password that was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginFailure {
    /// Whence it came, as the engine counts it.
    pub source: String,
    /// The login name that was given.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

impl Tx {
    /// Writes a failure down, and removes those of `forgotten` and before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_login_failure(&self, failure: &LoginFailure, forgotten: Timestamp) -> Result<(), StoreError> {
        let old = Entity::delete_many().filter(C::At.lte(forgotten.0));
        old.exec(&self.db).await?;
        let row = ActiveModel {
            id: NotSet,
            source: Set(clean(&failure.source)),
            name: Set(clean(&failure.name)),
            at: Set(failure.at.0),
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Forgets the failures of a name, from one source or from everywhere.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_login_failures(&self, name: &str, source: Option<&str>) -> Result<(), StoreError> {
        let of_name = Entity::delete_many().filter(C::Name.eq(clean(name)));
        let meant = of_name.apply_if(source, |rows, source| rows.filter(C::Source.eq(clean(source))));
        meant.exec(&self.db).await?;
        Ok(())
    }

    /// [`Store::login_failures`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn login_failures(&self, source: &str, since: Timestamp) -> Result<Vec<LoginFailure>, StoreError> {
        login_failures(&self.db, source, since).await
    }
}

impl Store {
    /// The failures from one source that came later than `since`, in order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn login_failures(&self, source: &str, since: Timestamp) -> Result<Vec<LoginFailure>, StoreError> {
        login_failures(&self.db, source, since).await
    }
}

async fn login_failures(
    db: &impl ConnectionTrait,
    source: &str,
    since: Timestamp,
) -> Result<Vec<LoginFailure>, StoreError> {
    let rows = Entity::find()
        .filter(C::Source.eq(clean(source)))
        .filter(C::At.gt(since.0))
        .order_by_asc(C::At)
        .order_by_asc(C::Id);
    let failure = |row: crate::entity::login_failure::Model| LoginFailure {
        source: row.source,
        name: row.name,
        at: Timestamp(row.at),
    };
    Ok(rows.all(db).await?.into_iter().map(failure).collect())
}
