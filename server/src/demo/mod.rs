//! `holdfast demo`: the whole program on a simulated estate, furnished so that there is something to do at once.

mod accounts;
mod furnish;
mod kept;
mod report;

use crate::config::Settings;
use crate::startup::{self, Program, StartupError};
use domain::error::ServiceError;
use kept::Kept;
use lab::{Dialect, Lab, LabError, LabOptions, Switches};
use report::Report;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What a person chooses for a demo.
pub struct Options {
    /// Where everything lies; none means a temporary folder.
    pub data: Option<PathBuf>,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Release that the simulated Manager plays.
    pub dialect: Dialect,
    /// Print one line of JSON instead of a page.
    pub print_json: bool,
}

/// Why there is no demo.
#[derive(Debug, Error)]
pub enum DemoError {
    /// Its folder cannot be used.
    #[error("Cannot use {}: {reason}. Choose another folder with `--data`.", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The simulated estate.
    #[error("The simulated estate could not be started: {0}.")]
    Lab(#[from] LabError),
    /// Holdfast itself.
    #[error(transparent)]
    Startup(#[from] StartupError),
    /// Something could not be furnished.
    #[error("The demo could not be set up. {0}")]
    Service(#[from] ServiceError),
}

/// Runs the demo until `stop`. A temporary folder is removed afterwards.
pub async fn run(options: Options, stop: CancellationToken) -> Result<(), DemoError> {
    match &options.data {
        Some(folder) => run_in(folder, &options, stop).await,
        None => {
            let temporary = tempfile::Builder::new().prefix("holdfast-demo-").tempdir();
            let temporary = temporary.map_err(|reason| DemoError::Folder {
                path: std::env::temp_dir(),
                reason,
            })?;
            let outcome = run_in(temporary.path(), &options, stop).await;
            let path = temporary.path().to_owned();
            temporary.close().map_err(|reason| DemoError::Folder { path, reason })?;
            outcome
        }
    }
}

async fn run_in(folder: &Path, options: &Options, stop: CancellationToken) -> Result<(), DemoError> {
    let listener = startup::listen(options.listen).await?;
    let kept = Kept::read(folder)?;
    let lab = start_lab(folder, kept.as_ref(), options.dialect).await?;
    let outcome = run_with(folder, kept, &lab, listener, options, stop).await;
    lab.stop().await;
    outcome
}

async fn start_lab(folder: &Path, kept: Option<&Kept>, dialect: Dialect) -> Result<Arc<Lab>, DemoError> {
    let options = LabOptions {
        switches: Switches::of(dialect),
        ..LabOptions::new(folder.join("lab"))
    };
    Ok(Lab::start(match kept {
        Some(kept) => LabOptions {
            manager_port: kept.manager_port,
            server_ports: kept.server_ports.clone(),
            ..options
        },
        None => options,
    })
    .await?)
}

async fn run_with(
    folder: &Path,
    kept: Option<Kept>,
    lab: &Lab,
    listener: TcpListener,
    options: &Options,
    stop: CancellationToken,
) -> Result<(), DemoError> {
    let again = kept.is_some();
    let kept = match kept {
        Some(kept) => kept,
        None => Kept::new(lab.description()).write(folder)?,
    };
    let address = listener.local_addr().unwrap_or(options.listen);
    let settings = Settings {
        listen: address,
        insecure_http: true,
        ..Settings::usual(&folder.join("holdfast"))
    };
    let program = Program::open(&settings).await?;
    furnish::furnish(&program, &kept.accounts, lab.description()).await?;
    let report = Report {
        address: format!("http://{address}"),
        accounts: kept.accounts,
        lab: lab.description().clone(),
    };
    println!(
        "{}",
        if options.print_json {
            report.json()
        } else {
            report.page(again, options.data.is_some())
        }
    );
    Ok(program.serve(listener, stop).await?)
}
