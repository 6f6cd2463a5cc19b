//! `holdfast lab`: the simulated estate alone, and the hand that reaches into it behind Holdfast's back.

use super::{Failure, run_async};
use clap::{Args, Subcommand};
use lab::rehearsal::{populated, quick};
use lab::{ControlRequest, Fault, Lab, LabControl, LabOptions, Mode, Switches};
use ovm::ovmcli::Version;
use std::path::PathBuf;

/// `holdfast lab`
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  holdfast lab --dir lab                          Runs an estate in the folder `lab`; Ctrl-C ends it
  holdfast lab --dialect 3.2                      Runs one whose Manager is of release 3.2
  holdfast lab --machines 2000                    A Manager with 2,000 machines and 6,000 disks, in memory
  holdfast lab ctl --dir lab scribble slot011 0   Overwrites parts of a disk, as a broken guest would
  holdfast lab ctl --dir lab orphans              What a program has left behind in the estate"
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Args)]
struct Run {
    /// Folder of the estate; what lies there is taken up again [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Seed of ids and disk contents of a new estate
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port of the Manager's command line; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    manager_port: u16,
    /// Release that the Manager plays: 3.2, 3.3 or 3.4
    #[arg(long, value_name = "RELEASE", default_value_t)]
    dialect: Version,
    /// Jobs of the Manager wait for `holdfast lab ctl push-jobs`
    #[arg(long)]
    explicit: bool,
    /// Instead of an estate with bytes: a Manager alone, in memory, with so many machines of three disks each. It needs no
    /// root and no folder; there are no servers to copy from, so it is for discovery, scripts and rehearsals
    #[arg(long, value_name = "N", conflicts_with_all = ["dir", "seed", "explicit"])]
    machines: Option<usize>,
}

#[derive(Subcommand)]
enum Command {
    /// Reach into a running estate
    Ctl(Ctl),
}

#[derive(Args)]
struct Ctl {
    /// Folder of the estate; of a demo, the folder `lab` in its data folder
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    #[command(subcommand)]
    request: Request,
}

/// Machines are named by id, or by name when only one has it.
#[derive(Subcommand)]
enum Request {
    /// Print addresses, host keys and accounts
    Describe,
    /// Print the whole estate
    State,
    /// Print what a program has left behind
    Orphans,
    /// Overwrite parts of a disk
    Scribble { vm: String, slot: u32 },
    /// Print the SHA-256 of a disk
    DiskHash { vm: String, slot: u32 },
    /// Let something go wrong, for example '{"kind":"cut_after","command":"clone"}'
    Fault {
        #[arg(value_parser = parse_fault)]
        fault: Fault,
    },
    /// Take back all faults
    Disarm,
    /// Leave the lock of a dead server on a machine
    StaleLock { vm: String },
    /// Let `manager`, or a server, show another host key from now on
    ExchangeHostKey { host: String },
    /// Restart the Manager: it forgets which keys may log in
    RestartManager,
    /// Drop the connections to the Manager on which no command runs
    DropIdle,
    /// Fill a repository, named by id, until so many bytes are free
    LeaveFree { repository: String, bytes: u64 },
    /// Let waiting jobs make so many transitions
    PushJobs { transitions: usize },
    /// Run a command of the Manager
    Execute { line: String },
}

fn parse_fault(text: &str) -> Result<Fault, serde_json::Error> {
    serde_json::from_str(text)
}

impl From<Request> for ControlRequest {
    fn from(request: Request) -> Self {
        match request {
            Request::Describe => Self::Describe,
            Request::State => Self::State,
            Request::Orphans => Self::Orphans,
            Request::Scribble { vm, slot } => Self::Scribble { vm, slot },
            Request::DiskHash { vm, slot } => Self::ReadDiskHash { vm, slot },
            Request::Fault { fault } => Self::Fault { fault },
            Request::Disarm => Self::DisarmFaults,
            Request::StaleLock { vm } => Self::StaleLock { vm },
            Request::ExchangeHostKey { host } => Self::ExchangeHostKey { host },
            Request::RestartManager => Self::RestartManager,
            Request::DropIdle => Self::DropIdleSessions,
            Request::LeaveFree { repository, bytes } => Self::LeaveFree { repository, bytes },
            Request::PushJobs { transitions } => Self::PushJobs { transitions },
            Request::Execute { line } => Self::Execute { line },
        }
    }
}

/// Runs an estate, or sends one request to it.
pub fn run(options: Options) -> Result<(), Failure> {
    super::log("warn")?;
    match options.command {
        Some(Command::Ctl(ctl)) => control(ctl),
        None => match options.run.machines {
            Some(machines) => run_crowd(machines, options.run),
            None => run_lab(options.run),
        },
    }
}

/// A Manager without bytes; its description has the form of the whole lab's.
fn run_crowd(machines: usize, options: Run) -> Result<(), Failure> {
    run_async(async |stop| {
        let switches = quick(Switches::of(options.dialect.into()));
        let manager = populated(machines, switches, options.manager_port).await?;
        let description = serde_json::json!({ "manager": manager.description(), "servers": [], "repositories": [] });
        println!("{}", serde_json::to_string_pretty(&description)?);
        stop.cancelled().await;
        manager.stop().await;
        Ok(())
    })
}

fn run_lab(options: Run) -> Result<(), Failure> {
    let (dir, _temporary) = match options.dir {
        Some(dir) => (dir, None),
        None => {
            let temporary = tempfile::Builder::new().prefix("holdfast-lab-").tempdir()?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    let lab_options = LabOptions {
        seed: options.seed,
        manager_port: options.manager_port,
        switches: Switches::of(options.dialect.into()),
        mode: if options.explicit {
            Mode::Explicit
        } else {
            Mode::Auto { speed: 1.0 }
        },
        ..LabOptions::new(dir)
    };
    run_async(async |stop| {
        let lab = Lab::start(lab_options).await?;
        println!("{}", serde_json::to_string_pretty(lab.description())?);
        stop.cancelled().await;
        lab.stop().await;
        Ok(())
    })
}

fn control(ctl: Ctl) -> Result<(), Failure> {
    run_async(async |_stop| {
        let answer = LabControl::of_dir(&ctl.dir).request(&ctl.request.into()).await?;
        match answer {
            serde_json::Value::Null => {}
            serde_json::Value::String(text) => println!("{text}"),
            other => println!("{}", serde_json::to_string_pretty(&other)?),
        }
        Ok(())
    })
}
