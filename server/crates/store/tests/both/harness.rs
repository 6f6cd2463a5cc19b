//! A fresh database for each test, and raw access to it past the store.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use store::Store;
use tempfile::TempDir;

/// A database with the schema in it.
pub struct Fixture {
    pub store: Store,
    pub url: String,
    /// Keeps the file of SQLite.
    folder: Option<TempDir>,
}

impl Fixture {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Self::sqlite_in(folder.path()).await;
        let folder = Some(folder);
        Self { folder, ..fixture }
    }

    /// In a folder that somebody else keeps.
    pub async fn sqlite_in(folder: &Path) -> Self {
        let url = format!("sqlite://{}", folder.join("holdfast.db").display());
        let store = Store::connect(&url).await.unwrap();
        let folder = None;
        Self { store, url, folder }
    }

    pub async fn postgres() -> Self {
        let server = server();
        let name = format!("holdfast_test_{}", random());
        let sql = format!("CREATE DATABASE {name}");
        Database::connect(&server)
            .await
            .unwrap()
            .execute_unprepared(&sql)
            .await
            .unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        let url = format!("{host}/{name}");
        let store = Store::connect(&url).await.unwrap();
        let folder = None;
        Self { store, url, folder }
    }

    /// A connection that knows nothing of the store's rules.
    pub async fn raw(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    /// Runs SQL past the store.
    pub async fn sql(&self, sql: &str) -> Result<u64, DbErr> {
        Ok(self.raw().await.execute_unprepared(sql).await?.rows_affected())
    }

    /// The only value that a query answers with.
    pub async fn number(&self, sql: &str) -> i64 {
        let raw = self.raw().await;
        let statement = sea_orm::Statement::from_string(raw.get_database_backend(), sql);
        raw.query_one_raw(statement)
            .await
            .unwrap()
            .unwrap()
            .try_get_by_index(0)
            .unwrap()
    }

    pub async fn is_postgres(&self) -> bool {
        self.raw().await.get_database_backend() == DbBackend::Postgres
    }

    /// The folder of the SQLite file.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    /// Leaves nothing behind on the PostgreSQL server.
    pub async fn remove(self) {
        if self.folder.is_none() {
            let (_, name) = self.url.rsplit_once('/').unwrap();
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            Database::connect(server())
                .await
                .unwrap()
                .execute_unprepared(&sql)
                .await
                .unwrap();
        }
    }
}

/// The server on which the tests create databases.
fn server() -> String {
    std::env::var("HOLDFAST_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("HOLDFAST_TEST_POSTGRES names no PostgreSQL server. `cargo xtask test` starts one; `cargo test -p store sqlite` needs none.")
    })
}

fn random() -> String {
    let mut bytes = [0; 8];
    File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    hex::encode(bytes)
}

/// Makes of each function a test on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let fixture = crate::harness::Fixture::sqlite().await;
                super::$test(&fixture).await;
                fixture.remove().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let fixture = crate::harness::Fixture::postgres().await;
                super::$test(&fixture).await;
                fixture.remove().await;
            })*
        }
    };
}
pub(crate) use on_both;
