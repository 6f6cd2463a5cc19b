//! Whether the program can work: a database that takes what is written, a backup target that its password opens.

use crate::core::faults::of_vault;
use crate::core::{Core, blocking};
use async_trait::async_trait;
use domain::fault::TargetFault;
use domain::ids::TargetId;
use domain::services::{HealthService, NotReady};
use futures::future::join_all;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// How long each backup target gets to answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Health {
    core: Arc<Core>,
    looking: Mutex<HashMap<TargetId, Looking>>,
}

/// Held while somebody looks at a backup target: where its storage hangs, those who ask do not pile up.
type Looking = Arc<tokio::sync::Mutex<()>>;

impl Health {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let looking = Mutex::default();
        Self { core, looking }
    }

    /// One that can be used is enough: whoever looks after the others needs the program for that.
    async fn look_at_targets(&self) -> Result<(), String> {
        let targets = self.core.store.targets().await.map_err(|error| error.to_string())?;
        let looks = targets.iter().map(|target| self.look_in_time(&target.id));
        let looked: Vec<Result<(), String>> = join_all(looks).await;
        match looked.iter().any(Result::is_ok) {
            true => Ok(()),
            false => looked.into_iter().collect(),
        }
    }

    async fn look_in_time(&self, id: &TargetId) -> Result<(), String> {
        if let Ok(looked) = timeout(PATIENCE, self.look_at(id)).await {
            return looked;
        }
        let target = id.to_string();
        self.core.note_target(id, Some(TargetFault::Silent { target }));
        Err(format!("the backup target {id} does not answer"))
    }

    async fn look_at(&self, id: &TargetId) -> Result<(), String> {
        let looking = self.looking(id).lock_owned().await;
        let (looked, fault) = match self.core.target(id).await {
            Ok(vault) => {
                let opened = vault.clone();
                let look = move || {
                    let _held_until_it_answers = looking;
                    opened.look()
                };
                let looked = blocking(look).await;
                let fault = match &looked {
                    Ok(()) => self.core.adopted_since(id, &vault).await.unwrap_or_default(),
                    Err(error) => of_vault(error),
                };
                (looked.map_err(|error| error.to_string()), fault)
            }
            Err(error) => (Err(error.to_string()), Some(error.fault())),
        };
        self.core.note_target(id, fault);
        looked
    }

    fn looking(&self, id: &TargetId) -> Looking {
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        looking.entry(id.clone()).or_default().clone()
    }
}

#[async_trait]
impl HealthService for Health {
    async fn ready(&self) -> Result<(), NotReady> {
        let written = self.core.store.prove_writable().await;
        written.map_err(|error| NotReady::DataBase(error.to_string()))?;
        self.look_at_targets().await.map_err(NotReady::BackupTarget)
    }
}
