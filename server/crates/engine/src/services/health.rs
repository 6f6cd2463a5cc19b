//! Whether the program can work: a database that takes what is written, a backup target that its password opens.

use crate::core::{Core, blocking};
use async_trait::async_trait;
use domain::ids::TargetId;
use domain::services::{HealthService, NotReady};
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

/// How long the backup targets get to answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Health {
    core: Arc<Core>,
    /// Held while somebody looks at the backup targets: where the storage of one hangs, those who ask do not pile up.
    looking: Arc<Mutex<()>>,
}

impl Health {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let looking = Arc::default();
        Self { core, looking }
    }

    /// One that can be used is enough: whoever looks after the others needs the program for that.
    async fn look_at_targets(&self) -> Result<(), String> {
        let looking = Arc::new(self.looking.clone().lock_owned().await);
        let targets = self.core.store.targets().await.map_err(|error| error.to_string())?;
        let looks = targets.iter().map(|target| self.look_at(&target.id, looking.clone()));
        let looked: Vec<Result<(), String>> = join_all(looks).await;
        match looked.iter().any(Result::is_ok) {
            true => Ok(()),
            false => looked.into_iter().collect(),
        }
    }

    async fn look_at(&self, id: &TargetId, looking: Arc<OwnedMutexGuard<()>>) -> Result<(), String> {
        let looked = match self.core.target(id).await {
            Ok(vault) => {
                let look = move || {
                    let _held_until_it_answers = looking;
                    vault.look()
                };
                blocking(look).await.map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        self.core.note_target(id, looked.clone().err());
        looked
    }
}

#[async_trait]
impl HealthService for Health {
    async fn ready(&self) -> Result<(), NotReady> {
        let written = self.core.store.prove_writable().await;
        written.map_err(|error| NotReady::DataBase(error.to_string()))?;
        let looked = timeout(PATIENCE, self.look_at_targets()).await;
        let looked = looked.unwrap_or_else(|_| Err("the backup target does not answer".into()));
        looked.map_err(NotReady::BackupTarget)
    }
}
