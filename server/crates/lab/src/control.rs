//! The control channel: JSON lines over a Unix socket, for tests that run the lab in another process.

use crate::error::LabError;
use crate::faults::Fault;
use crate::lab::Lab;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// What can be asked of a running lab. Machines are named by id, or by name when only one has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum ControlRequest {
    /// The description of the lab.
    Describe,
    /// The whole estate.
    State,
    /// What Holdfast left behind.
    Orphans,
    /// Overwrites a disk.
    Scribble {
        /// The machine.
        vm: String,
        /// The slot.
        slot: u32,
    },
    /// SHA-256 of a disk.
    ReadDiskHash {
        /// The machine.
        vm: String,
        /// The slot.
        slot: u32,
    },
    /// Arms a fault.
    Fault {
        /// Which.
        fault: Fault,
    },
    /// Takes back all faults.
    DisarmFaults,
    /// Leaves a lock of a dead server.
    StaleLock {
        /// The machine.
        vm: String,
    },
    /// Exchanges a host key.
    ExchangeHostKey {
        /// `manager` or a server's name.
        host: String,
    },
    /// Forgets the password logins and drops the idle connections.
    RestartManager,
    /// Drops the idle connections to the Manager.
    DropIdleSessions,
    /// Fills a repository.
    LeaveFree {
        /// Id of the repository.
        repository: String,
        /// Bytes that stay free.
        bytes: u64,
    },
    /// Lets jobs go on in explicit mode.
    PushJobs {
        /// How many transitions.
        transitions: usize,
    },
    /// Runs a Manager command.
    Execute {
        /// The command line.
        line: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ControlAnswer {
    Ok(Value),
    Error(String),
}

/// A client of the control channel.
#[derive(Clone, Debug)]
pub struct LabControl {
    socket: PathBuf,
}

impl LabControl {
    /// A client of the lab in `dir`.
    pub fn of_dir(dir: &Path) -> Self {
        Self {
            socket: dir.join("control.sock"),
        }
    }

    /// Asks, and returns the answer: a string, a number, an object, or null.
    pub async fn request(&self, request: &ControlRequest) -> Result<Value, LabError> {
        let failed = || LabError::file(&self.socket);
        let mut stream = UnixStream::connect(&self.socket).await.map_err(failed())?;
        let stored = |source| LabError::Stored {
            path: self.socket.clone(),
            source,
        };
        let mut line = serde_json::to_vec(request).map_err(stored)?;
        line.push(b'\n');
        stream.write_all(&line).await.map_err(failed())?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).await.map_err(failed())?;
        match serde_json::from_str(&answer).map_err(stored)? {
            ControlAnswer::Ok(value) => Ok(value),
            ControlAnswer::Error(reason) => Err(LabError::Control { reason }),
        }
    }
}

/// Opens the socket; one that a killed lab left is replaced.
pub(crate) fn bind(path: &Path) -> Result<UnixListener, LabError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(LabError::file(path)(error)),
        _ => {}
    }
    UnixListener::bind(path).map_err(LabError::file(path))
}

/// Serves the socket until the lab stops.
pub(crate) async fn serve(listener: UnixListener, lab: Weak<Lab>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(converse(stream, lab.clone()));
                }
                Err(error) => tracing::warn!(%error, "the control channel could not accept a client"),
            }
        }
    }
}

async fn converse(stream: UnixStream, lab: Weak<Lab>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    while let (Ok(Some(line)), Some(lab)) = (lines.next_line().await, lab.upgrade()) {
        let answer = match serde_json::from_str(&line) {
            Ok(request) => answer(&lab, request).await,
            Err(error) => Err(error.to_string()),
        };
        let answer = match answer {
            Ok(value) => ControlAnswer::Ok(value),
            Err(reason) => ControlAnswer::Error(reason),
        };
        let mut text = serde_json::to_vec(&answer).unwrap_or_default();
        text.push(b'\n');
        if writer.write_all(&text).await.is_err() {
            return;
        }
    }
}

async fn answer(lab: &Lab, request: ControlRequest) -> Result<Value, String> {
    let text = |error: LabError| error.to_string();
    let done = |()| Value::Null;
    match request {
        ControlRequest::Describe => Ok(json!(lab.description())),
        ControlRequest::State => Ok(json!(lab.estate())),
        ControlRequest::Orphans => Ok(json!(lab.orphans())),
        ControlRequest::Scribble { vm, slot } => lab.scribble(&vm, slot).map(done).map_err(text),
        ControlRequest::ReadDiskHash { vm, slot } => lab.disk_sha256(&vm, slot).map(Value::from).map_err(text),
        ControlRequest::StaleLock { vm } => lab.leave_stale_lock(&vm).map(done).map_err(text),
        ControlRequest::ExchangeHostKey { host } => lab.exchange_host_key(&host).map(Value::from).map_err(text),
        ControlRequest::Execute { line } => Ok(Value::from(lab.execute(&line).await)),
        ControlRequest::Fault { fault } => {
            lab.faults().arm(fault);
            Ok(Value::Null)
        }
        ControlRequest::DisarmFaults => {
            lab.faults().disarm_all();
            Ok(Value::Null)
        }
        ControlRequest::RestartManager => {
            lab.restart_manager();
            Ok(Value::Null)
        }
        ControlRequest::DropIdleSessions => {
            lab.drop_idle_sessions();
            Ok(Value::Null)
        }
        ControlRequest::LeaveFree { repository, bytes } => lab.leave_free(&repository, bytes).map(done).map_err(text),
        ControlRequest::PushJobs { transitions } => {
            lab.push_jobs(transitions);
            Ok(Value::Null)
        }
    }
}
