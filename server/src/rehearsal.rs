//! Where rebuild scripts are rehearsed: on the lab's Manager of the same release, empty, with the hardware of the estate.

use async_trait::async_trait;
use engine::{EmptyManager, RehearsalGround};
use lab::{Dialect, Hardware, rehearsal};
use ovm::estate::Estate;

/// Rehearses on simulated Managers, each of which lives for one rehearsal.
pub struct SimulatedManagers;

#[async_trait]
impl RehearsalGround for SimulatedManagers {
    async fn prepare(&self, estate: &Estate) -> Result<EmptyManager, String> {
        let manager = rehearsal::start(Hardware::from(estate), Dialect::from(estate.release().version)).await;
        let manager = manager.map_err(|error| error.to_string())?;
        let description = manager.description().clone();
        Ok(EmptyManager {
            host: description.address,
            port: description.port,
            user: description.user,
            password: description.password,
            fingerprint: description.host_key_fingerprint,
            secret: "rehearsal".to_owned(),
            running: Box::new(manager),
        })
    }
}
