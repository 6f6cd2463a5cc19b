//! Whether the program can work: a data base that takes what is written.

use crate::core::Core;
use async_trait::async_trait;
use domain::services::{HealthService, NotReady};
use std::sync::Arc;

pub(crate) struct Health(pub(crate) Arc<Core>);

#[async_trait]
impl HealthService for Health {
    async fn ready(&self) -> Result<(), NotReady> {
        let written = self.0.store.prove_writable().await;
        written.map_err(|error| NotReady::DataBase(error.to_string()))
    }
}
