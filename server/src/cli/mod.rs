//! What a person types: one module a command. Errors end here, as a sentence on standard error.

mod config;
mod demo;
mod inspect;
mod lab;
mod script;
mod serve;
mod stream;
mod target;
mod user;

use clap::{Parser, Subcommand};
use domain::error::ServiceError;
use domain::say::{Language, Say};
use std::error::Error;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

const ABOUT: &str = "Backup and recovery for Oracle VM 3, from a browser";

const EXAMPLES: &str = "\
Examples:
  holdfast demo                          Explore a simulated estate
  holdfast config > holdfast.toml        Start a configuration file with every setting in it
  holdfast user create-admin anna        Create the first account
  holdfast serve                         Run Holdfast with ./holdfast.toml
  holdfast script check rebuild.ovmcli   Check a script of Manager commands before it runs
  holdfast inspect vmcfg vm.cfg          Print the definition of a VM as JSON
  HOLDFAST_LOG=debug holdfast serve --listen 127.0.0.1:9000

Settings are read from a file, then from the environment, then from flags; later ones win.";

#[derive(Parser)]
#[command(name = "holdfast", version, about = ABOUT, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run Holdfast
    Serve(crate::config::Sources),
    /// Run Holdfast with a simulated estate to explore
    Demo(demo::Options),
    /// Run only the simulated estate, or control a running one
    Lab(lab::Options),
    /// Print the effective settings, where each came from, and what they mean
    Config(crate::config::Sources),
    /// Manage accounts
    User(user::Options),
    /// Manage the backup target
    Target(target::Options),
    /// Check scripts for the Manager's command line
    Script(script::Options),
    /// Print Manager output, or a vm.cfg, as JSON
    Inspect(inspect::Options),
}

/// Anything that ends a command; its text is for a person.
type Failure = Box<dyn Error + Send + Sync>;

/// Does what the command line says.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(sources) => serve::run(&sources),
        Command::Demo(options) => demo::run(options),
        Command::Lab(options) => lab::run(options),
        Command::Config(sources) => config::run(&sources),
        Command::User(options) => user::run(options),
        Command::Target(options) => target::run(options),
        Command::Script(options) => return script::run(options),
        Command::Inspect(options) => return inspect::run(options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match error.downcast_ref::<ServiceError>() {
                Some(error) => complain(error),
                None => eprintln!("error: {error}"),
            }
            ExitCode::FAILURE
        }
    }
}

/// What a service has refused. Its fields are those of the forms on the pages, so they are not named.
fn complain(error: &ServiceError) {
    match error {
        ServiceError::Invalid { why, .. } => eprintln!("error: {}", why.say(Language::En)),
        other => eprintln!("error: {other}"),
    }
    eprintln!("code: {}", error.code());
}

/// Sends the log to standard error; standard output is for what a command prints.
fn log(filter: &str) -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(filter)?)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init()
}

/// Runs a command that waits for other things.
fn run_async<F>(command: impl FnOnce(CancellationToken) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async { command(stop_on_signal()?).await })
}

/// Cancelled by Ctrl-C or `kill`. Whoever asks a second time does not want to wait.
fn stop_on_signal() -> io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut signalled = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping; a second signal ends Holdfast immediately");
        stopper.cancel();
        signalled().await;
        std::process::exit(130);
    });
    Ok(stop)
}
