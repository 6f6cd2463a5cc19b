//! Where rebuild scripts are rehearsed: on the lab's Manager of the same release, empty, with the hardware of the estate.

use async_trait::async_trait;
use engine::{EmptyManager, RehearsalGround};
use lab::rehearsal::{self, RehearsalManager};
use lab::{Dialect, Hardware};
use ovm::estate::Estate;
use std::sync::Arc;

/// Rehearses on simulated Managers, each of which lives for one rehearsal.
pub struct SimulatedManagers;

#[async_trait]
impl RehearsalGround for SimulatedManagers {
    async fn prepare(&self, estate: &Estate) -> Result<EmptyManager, String> {
        Ok(lend(Arc::new(start(estate).await?)))
    }
}

/// An empty Manager beside the hardware of the estate.
///
/// # Errors
/// Why it does not start, as a sentence.
pub async fn start(estate: &Estate) -> Result<RehearsalManager, String> {
    let dialect = Dialect::from(estate.release().version);
    let started = rehearsal::start(Hardware::from(estate), dialect).await;
    started.map_err(|error| error.to_string())
}

/// The Manager as the engine takes it; it runs at least as long as the engine keeps it.
pub fn lend(manager: Arc<RehearsalManager>) -> EmptyManager {
    let description = manager.description().clone();
    EmptyManager {
        host: description.address,
        port: description.port,
        user: description.user,
        password: description.password,
        fingerprint: description.host_key_fingerprint,
        secret: "rehearsal".to_owned(),
        running: Box::new(manager),
    }
}
