//! Places where only a few runs may be at the same time.

use super::Core;
use domain::ids::RunId;
use domain::resource::Resource;
use std::sync::{Arc, PoisonError};
use store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place in the line before a resource, or at the resource. Given back when it is dropped.
pub(crate) struct Ticket {
    places: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Core {
    /// Stands in line for a resource; where nobody is before it, the run has its place at once.
    pub(crate) async fn stand_in_line(
        self: &Arc<Self>,
        resource: &Resource,
        _run: &RunId,
    ) -> Result<Ticket, StoreError> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let capacity = match resource {
            Resource::CloneOn(_) => 1,
            _ => 2,
        };
        let line = lines.entry(resource.key());
        let places = line.or_insert_with(|| Arc::new(Semaphore::new(capacity))).clone();
        let held = places.clone().try_acquire_owned().ok();
        Ok(Ticket { places, held })
    }
}

impl Ticket {
    /// Whether the place at the resource is had.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Waits until the place is had.
    pub(crate) async fn wait(&mut self) -> Result<(), StoreError> {
        if self.held.is_none() {
            self.held = self.places.clone().acquire_owned().await.ok();
        }
        Ok(())
    }
}
