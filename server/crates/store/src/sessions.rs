//! Web sessions for `tower-sessions`. Kept under the SHA-256 of their id, so that nobody takes a session over by reading
//! the database.

use crate::entity::session;
use crate::value::{from_json, to_json};
use crate::{Store, StoreError};
use async_trait::async_trait;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Insert, UpdateMany};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{ExpiredDeletion, SessionStore};

/// The session store. Sessions end by the clock of this machine, for `tower-sessions` sets their end by it.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
}

impl Store {
    /// The session store on this database.
    pub fn session_store(&self) -> Sessions {
        Sessions { store: self.clone() }
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            match self.insert(record).await {
                Err(StoreError::Conflict(_)) => record.id = Id::default(),
                done => return done.map_err(backend),
            }
        }
    }

    /// A session that was deleted meanwhile stays deleted: a request under way must not undo a log-out.
    async fn save(&self, record: &Record) -> Result<()> {
        self.update(record).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = session::Entity::find_by_id(stored_id(id))
            .filter(session::Column::ExpiresAt.gt(now()))
            .one(&self.store.db)
            .await
            .map_err(|error| backend(error.into()))?;
        row.map(|row| record(*id, &row))
            .transpose()
            .map_err(|error| Error::Decode(error.to_string()))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.remove(session::Column::Id.eq(stored_id(id)))
            .await
            .map_err(backend)
    }
}

#[async_trait]
impl ExpiredDeletion for Sessions {
    async fn delete_expired(&self) -> Result<()> {
        self.remove(session::Column::ExpiresAt.lte(now()))
            .await
            .map_err(backend)
    }
}

impl Sessions {
    async fn insert(&self, record: &Record) -> std::result::Result<(), StoreError> {
        let row = session::Model {
            id: stored_id(&record.id),
            data: to_json("session", &record.data)?,
            expires_at: milliseconds(record.expiry_date),
        };
        let tx = self.store.begin().await?;
        Insert::one(row).exec_without_returning(&tx.db).await?;
        tx.commit().await
    }

    async fn update(&self, record: &Record) -> std::result::Result<(), StoreError> {
        let tx = self.store.begin().await?;
        let update: UpdateMany<session::Entity> = session::Entity::update_many()
            .col_expr(session::Column::Data, Expr::value(to_json("session", &record.data)?))
            .col_expr(
                session::Column::ExpiresAt,
                Expr::value(milliseconds(record.expiry_date)),
            )
            .filter(session::Column::Id.eq(stored_id(&record.id)));
        update.exec(&tx.db).await?;
        tx.commit().await
    }

    async fn remove(&self, which: Expr) -> std::result::Result<(), StoreError> {
        let tx = self.store.begin().await?;
        session::Entity::delete_many().filter(which).exec(&tx.db).await?;
        tx.commit().await
    }
}

fn record(id: Id, row: &session::Model) -> std::result::Result<Record, StoreError> {
    let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(row.expires_at) * 1_000_000)
        .map_err(|error| StoreError::unreadable("end of a session", error))?;
    let data = from_json("session", &row.data)?;
    Ok(Record { id, data, expiry_date })
}

fn stored_id(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_le_bytes()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "`tower-sessions` has set the end by this clock"
)]
fn now() -> i64 {
    milliseconds(OffsetDateTime::now_utc())
}

fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn backend(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}
