//! Where the rebuild scripts of the benchmark are rehearsed.

use async_trait::async_trait;
use engine::{EmptyManager, RehearsalGround};
use lab::{Dialect, Hardware};
use ovm::estate::Estate;

/// Empty Managers in this process.
pub struct Ground;

#[async_trait]
impl RehearsalGround for Ground {
    async fn prepare(&self, estate: &Estate) -> Result<EmptyManager, String> {
        let started = lab::rehearsal::start(Hardware::from(estate), Dialect::V34).await;
        let manager = started.map_err(|error| error.to_string())?;
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
