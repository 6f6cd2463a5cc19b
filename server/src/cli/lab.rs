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
  holdfast lab --dialect 3.2                      Runs one whose Manager has release 3.2
  holdfast lab --machines 2000                    Runs a Manager with 2,000 VMs and 6,000 disks, in memory
  holdfast lab ctl --dir lab scribble slot011 0   Overwrites parts of a disk, as a broken guest would
  holdfast lab ctl --dir lab orphans              Prints what a program has left behind in the estate"
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Args)]
struct Run {
    /// Folder of the estate; an estate already there is continued [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Seed of ids and disk contents of a new estate
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port of the Manager's command line; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    manager_port: u16,
    /// Release of the Manager: 3.2, 3.3 or 3.4
    #[arg(long, value_name = "RELEASE", default_value_t)]
    dialect: Version,
    /// Hold the Manager's jobs until `holdfast lab ctl push-jobs`
    #[arg(long)]
    explicit: bool,
    /// Run only a Manager, in memory, with this many VMs of three disks each. It needs neither root nor a folder, but has
    /// no servers to copy from: use it for discovery, scripts and rehearsals
    #[arg(long, value_name = "N", conflicts_with_all = ["dir", "seed", "explicit"])]
    machines: Option<usize>,
}

#[derive(Subcommand)]
enum Command {
    /// Control a running estate
    Ctl(Ctl),
}

#[derive(Args)]
struct Ctl {
    /// Folder of the estate; for a demo, the folder `lab` in its data folder
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    #[command(subcommand)]
    request: Request,
}

/// VMs are given by ID, or by name if it is unique.
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
    /// Inject a fault, for example '{"kind":"cut_after","command":"clone"}'
    Fault {
        #[arg(value_parser = parse_fault)]
        fault: Fault,
    },
    /// Remove all faults
    Disarm,
    /// Leave the lock of a dead server on a VM
    StaleLock { vm: String },
    /// Change the host key of `manager` or of a server
    ExchangeHostKey { host: String },
    /// Restart the Manager, which then forgets which keys may log in
    RestartManager,
    /// Drop the Manager's idle connections
    DropIdle,
    /// Fill a storage repository, given by ID, until this many bytes are free
    LeaveFree { repository: String, bytes: u64 },
    /// Let waiting jobs make this many transitions
    PushJobs { transitions: usize },
    /// Run a Manager command
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
