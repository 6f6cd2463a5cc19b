//! Rehearsals: a rebuild script runs on an empty Manager that has the same servers and storage, the result is discovered
//! and compared with the original.

mod known;
mod runner;

use crate::core::Core;
use crate::estate::{Reach, ReachError, discover, target};
use domain::document::RehearsalOutcome;
use ovm::estate::{Estate, compare};
use ovm::script::{SafeScript, Scope};
use std::sync::Arc;
use std::time::Instant;
use thiserror::Error;

/// Why a rehearsal could not be held.
#[derive(Debug, Error)]
pub(crate) enum RehearsalError {
    /// This installation has nothing to rehearse on.
    #[error("There is nothing to rehearse on: {0}")]
    NoGround(String),
    /// The empty Manager was lost on the way.
    #[error("The empty Manager could not be used to the end: {0}")]
    Reach(#[from] ReachError),
}

/// Runs the script and compares what it made with the original.
pub(crate) async fn rehearse(
    core: &Arc<Core>,
    original: &Estate,
    scope: &Scope,
    script: &SafeScript,
) -> Result<RehearsalOutcome, RehearsalError> {
    let started = Instant::now();
    let ground = core.rehearsals.as_ref();
    let ground = ground.ok_or_else(|| RehearsalError::NoGround("no simulated Manager is built in.".to_owned()))?;
    let part = scope.part_of(original);
    let manager = ground.prepare(&part).await.map_err(RehearsalError::NoGround)?;
    let target = target(
        &manager.host,
        manager.port,
        &manager.user,
        &manager.fingerprint,
        manager.password.clone(),
        false,
    )?;
    let reach = Reach::to(core.clone(), target);
    let ran = runner::run(&reach, script, &manager.secret).await?;
    let rebuilt = discover(&reach).await?;
    let mut failures = ran.failures;
    failures.extend(rebuilt.problems.iter().map(|problem| problem.reason.clone()));
    Ok(RehearsalOutcome {
        steps: script.steps.len() as u64,
        made: ran.made,
        failures,
        differences: compare(&part, &rebuilt),
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}
