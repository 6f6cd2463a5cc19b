//! Whether the program can work: a database that takes what is written, a backup target that its password opens.

use crate::core::Core;
use crate::run::blocking;
use async_trait::async_trait;
use domain::services::{HealthService, NotReady};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long the backup target gets to answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Health {
    core: Arc<Core>,
    /// Held while somebody looks at the backup target: where its storage hangs, those who ask do not pile up.
    looking: Arc<Mutex<()>>,
}

impl Health {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let looking = Arc::default();
        Self { core, looking }
    }

    async fn look_at_target(&self) -> Result<(), String> {
        let looking = self.looking.clone().lock_owned().await;
        let vault = self.core.vault.clone();
        let looked = blocking(move || {
            let _held_until_it_answers = looking;
            vault.look()
        })
        .await;
        self.core.note_target(looked.as_ref().err());
        looked.map_err(|error| error.to_string())
    }
}

#[async_trait]
impl HealthService for Health {
    async fn ready(&self) -> Result<(), NotReady> {
        let written = self.core.store.prove_writable().await;
        written.map_err(|error| NotReady::DataBase(error.to_string()))?;
        let looked = timeout(PATIENCE, self.look_at_target()).await;
        let looked = looked.unwrap_or_else(|_| Err("the backup target does not answer".into()));
        looked.map_err(NotReady::BackupTarget)
    }
}
