//! The runs that this process works on just now.

use domain::ids::RunId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Runs, each with the token that tells it of the wish to cancel it.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashMap<RunId, CancellationToken>>);

/// A run is worked on until this is dropped.
pub(crate) struct Entered {
    running: Arc<Running>,
    run: RunId,
}

impl Running {
    /// From now on the run is worked on.
    pub(crate) fn enter(self: &Arc<Self>, run: RunId, cancelled: CancellationToken) -> Entered {
        self.runs().insert(run.clone(), cancelled);
        let running = Arc::clone(self);
        Entered { running, run }
    }

    /// The runs.
    pub(crate) fn ids(&self) -> Vec<RunId> {
        self.runs().keys().cloned().collect()
    }

    /// Tells a run that a person wants it cancelled. It is told once: the run has a new token when it begins to undo.
    pub(crate) fn cancel(&self, run: &RunId) {
        if let Some(cancelled) = self.runs().get(run) {
            cancelled.cancel();
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, CancellationToken>> {
        // A poisoned lock still holds whole entries.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.running.runs().remove(&self.run);
    }
}
