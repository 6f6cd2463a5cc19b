//! The engine: runs plans against the estate with a journal, a lease and undo; discovers the estate; clears up what
//! was left behind; and implements the service contracts of `domain`. It never prints and knows no HTTP.
//!
//! Where things are: [`core`] is what everything shares; `process` is this process among others on the same database;
//! `estate` reaches Managers and servers and discovers; `rehearsal` proves rebuild scripts; `transfer` moves disks between
//! servers and the backup target; `step` is what comes of a step; `requests` is whose votes count; `run` executes plans;
//! `services` implements the contracts.

pub mod core;
mod estate;
mod process;
mod rehearsal;
mod requests;
mod run;
mod services;
mod step;
mod transfer;

pub use crate::core::{
    AdoptedTarget, Breakpoints, EmptyManager, EngineError, EngineOptions, Limits, Moment, RehearsalGround, Rhythm,
    SealKey, adopt_target,
};
pub use crate::estate::{IN_FLIGHT, TOGETHER};
pub use crate::services::{add_target, check_target, create_administrator, set_password};

use crate::core::Core;
use domain::services::Backend;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A running engine. It runs until [`Engine::stop`], or as long as the process: dropping it stops nothing. Runs that are cut
/// off, however that happens, are taken up again later.
pub struct Engine {
    core: Arc<Core>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Engine {
    /// Opens the backup target, which it makes for a database that has none yet, takes up interrupted runs and starts the
    /// workers.
    ///
    /// # Errors
    /// [`EngineError`] when the backup target cannot be opened, or is not the one of the database.
    pub async fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let core = Arc::new(Core::open(options).await?);
        process::begin(&core).await?;
        let heard = core.store.last_news().await?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(process::heart(core.clone(), stop.clone()));
        tasks.spawn(process::voice(core.clone(), stop.clone()));
        tasks.spawn(process::ears(core.clone(), heard, stop.clone()));
        tasks.spawn(run::worker(core.clone(), stop.clone()));
        tasks.spawn(run::sweeper(core.clone(), stop.clone()));
        tasks.spawn(run::housekeeper(core.clone(), stop.clone()));
        tasks.close();
        Ok(Self { core, stop, tasks })
    }

    /// The program as pages and API see it.
    pub fn backend(&self) -> Backend {
        services::backend(self.core.clone())
    }

    /// Stops the workers. Runs stop wherever they are, also in the middle of a copy; they are given back, and another process
    /// or the next start takes them up.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}
