//! `holdfast serve`.

use super::{Failure, log, run_async};
use crate::config::Sources;
use crate::startup::{self, Program};

/// Runs Holdfast until it is told to stop.
pub fn run(sources: &Sources) -> Result<(), Failure> {
    let settings = sources.settings()?;
    log(&settings.log)?;
    run_async(async |stop| {
        let listener = startup::listen(settings.listen).await?;
        let program = Program::open(&settings).await?;
        tracing::info!(
            "Holdfast {} listens on http://{}",
            env!("CARGO_PKG_VERSION"),
            listener.local_addr()?
        );
        Ok(program.serve(listener, stop).await?)
    })
}
