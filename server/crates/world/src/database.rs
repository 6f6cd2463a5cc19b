//! Worlds over either database: over a SQLite file in their folder, or over a PostgreSQL database of their own.

use crate::furnish::{enrol, people};
use crate::world::{World, lab_in, start_engine};
use engine::SealKey;
use std::process::Command;
use store::Store;
use tempfile::TempDir;

/// A database for one test.
pub enum Database {
    /// A file.
    Sqlite,
    /// One on the server that `HOLDFAST_TEST_POSTGRES` names.
    Postgres {
        /// Its address.
        server: String,
        /// Name of the database.
        name: String,
    },
}

impl Database {
    /// A new one on PostgreSQL. Without a server the test fails: `cargo xtask test` starts one.
    pub fn postgres() -> Self {
        let server = std::env::var("HOLDFAST_TEST_POSTGRES")
            .expect("HOLDFAST_TEST_POSTGRES names no PostgreSQL server; `cargo xtask test` starts one");
        let name = format!("holdfast_engine_{}", engine::core::new_id(12));
        psql(&server, &format!("CREATE DATABASE {name}"));
        Self::Postgres { server, name }
    }

    /// Where it is, for a world in this folder.
    pub fn url(&self, dir: &TempDir) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}?mode=rwc", dir.path().join("holdfast.db").display()),
            Self::Postgres { server, name } => {
                let (host, _) = server.rsplit_once('/').unwrap();
                format!("{host}/{name}")
            }
        }
    }

    /// Runs SQL past the store, on PostgreSQL.
    pub fn sql(&self, sql: &str) {
        if let Self::Postgres { server, name } = self {
            let (host, _) = server.rsplit_once('/').unwrap();
            psql(&format!("{host}/{name}"), sql);
        }
    }

    /// A world over it, with an engine.
    pub async fn world(&self) -> World {
        let dir = TempDir::new().unwrap();
        let lab = lab_in(&dir, |_| ()).await;
        let store = Store::connect(&self.url(&dir)).await.unwrap();
        let seal_key = SealKey::generate();
        let engine = start_engine(&dir, &store, &seal_key, |_| ()).await;
        let backend = engine.backend();
        let people = people(&store, &backend).await;
        let servers = lab.description().servers.len();
        let manager = enrol(&lab, servers, &backend, &people.admin, "lab", false).await;
        World {
            lab,
            dir,
            store,
            seal_key,
            engine: Some(engine),
            backend,
            people,
            manager,
        }
    }
}

/// Leaves nothing behind on the server.
impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn psql(url: &str, sql: &str) {
    let done = Command::new("psql").args([url, "--quiet", "--command", sql]).status();
    assert!(done.unwrap().success(), "{sql}");
}
