//! The connection, and the transaction in which everything is written.

use crate::asked::heed;
use crate::entity::session;
use crate::put::put;
use crate::{Revision, StoreError, upgrade};
use domain::ids::ManagerId;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection, Error as SqlxError};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

/// How long a writer waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// Taken by a PostgreSQL transaction that writes, see [`Store::begin`]. The number is arbitrary, but must never change:
/// all servers on one database have to mean the same lock.
const POSTGRES_TURN: &str = "SET LOCAL lock_timeout = '30s';
    SET LOCAL idle_in_transaction_session_timeout = '60s';
    SELECT pg_advisory_xact_lock(5209721384113)";

/// The database. Clones share one pool of connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    /// The newest estate of each Manager as it was last read: nearly every page needs it, and it never changes.
    pub(crate) estates: Arc<std::sync::Mutex<HashMap<ManagerId, Arc<Revision>>>>,
    turn: Arc<Mutex<()>>,
}

/// A transaction. What it read stays true until its end, because nobody else writes meanwhile; so keep it short, ask
/// nothing of the network while it is open, and open no second one. Dropped without [`Tx::commit`], nothing of it remains.
#[derive(Debug)]
pub struct Tx {
    pub(crate) db: DatabaseTransaction,
    /// Dropped after `db`: the next writer starts when this one has ended.
    _turn: OwnedMutexGuard<()>,
}

impl Store {
    /// Connects and brings the schema up to date. A SQLite file is created, readable by its owner only, when it is not
    /// there; its folder must be.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`]; [`StoreError::Unavailable`] when the database cannot be reached; [`StoreError::Newer`] when
    /// a newer Holdfast has changed its schema; [`StoreError::NotCopied`] when the file must be copied aside before the
    /// schema is changed, and cannot be.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let (options, file) = if url.starts_with("sqlite:") {
            let (options, file) = sqlite(url)?;
            (options, Some(file))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            (common(url, 16), None)
        } else {
            return Err(StoreError::BadUrl);
        };
        let store = Self {
            db: Database::connect(options).await?,
            estates: Arc::default(),
            turn: Arc::default(),
        };
        let tx = store.begin().await?;
        upgrade::migrate(&store.db, &tx.db, file.as_deref()).await?;
        tx.commit().await?;
        Ok(store)
    }

    /// Begins a transaction as soon as nobody else has one, in this process or another: writers take turns on both data
    /// bases. So no write fails because of another, and a decision rests on what was read in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when another writer does not end its turn in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let turn = timeout(PATIENCE, self.turn.clone().lock_owned()).await;
        let turn = turn.map_err(|_| StoreError::Unavailable {
            reason: "another change is in progress and does not end".into(),
        })?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let db = self.db.begin_with_options(options).await?;
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(POSTGRES_TURN).await?;
        }
        Ok(Tx { db, _turn: turn })
    }

    /// Writes something and takes it away again: what can be read may still be full, or not to be written to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when nothing can be stored.
    pub async fn prove_writable(&self) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        // A session that has ended long ago. Both are written when they are committed, although nothing comes of them.
        let row = session::Model {
            id: "proof".into(),
            data: String::new(),
            expires_at: 0,
        };
        put(&tx.db, row).await?;
        session::Entity::delete_by_id("proof").exec(&tx.db).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Makes everything written in this transaction lasting.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; nothing was stored then.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.db.commit().await?)
    }
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .sqlx_logging(false);
    options
}

/// With the file.
fn sqlite(url: &str) -> Result<(ConnectOptions, PathBuf), StoreError> {
    let parsed: SqliteConnectOptions = url.parse().map_err(|_| StoreError::BadUrl)?;
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StoreError::BadUrl);
    }
    create_private(parsed.get_filename())?;
    let mut options = common(url, 8);
    options.map_sqlx_sqlite_opts(|options| {
        // `FULL`: an intent in the journal must survive a power failure, for its effect in the estate does.
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
    });
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_connect(|connection, _| Box::pin(heed(connection)))
            .before_acquire(|connection, _| Box::pin(async { heed(connection).await.map(|()| true) }))
            .after_release(|connection, _| Box::pin(has_no_transaction(connection)))
    });
    Ok((options, parsed.get_filename().to_owned()))
}

/// Whether a connection may be used again. When its disk is full or fails, SQLite ends a transaction by itself; the driver
/// does not notice and goes on counting it, so that the next transaction would be a savepoint within none, and what is
/// committed in it lost.
async fn has_no_transaction(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    // A roll back may still be on its way to the thread of the connection; this is answered behind it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// SQLite would create the file for everybody to read; its companions (`-wal`, `-shm`) follow the mode of the file.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StoreError::Unavailable {
            reason: format!("the file {} cannot be created: {error}", path.display()),
        }),
        _ => Ok(()),
    }
}
