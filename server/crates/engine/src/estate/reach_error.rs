//! Why a host did not do what was asked, and what that says about whether it happened.

use crate::core::{faults, internal};
use domain::error::{Errand, ServiceError};
use domain::fault::HostFault;
use domain::say::{Language, Say};
use ovm::ids::ServerId;
use ovm::shell::ShellError;
use ssh::SshError;
use ssh::ovmcli::OvmcliError;
use std::fmt;
use store::StoreError;

/// Why a host did not do what was asked.
#[derive(Debug)]
pub(crate) enum ReachError {
    /// The way there.
    Ssh(SshError),
    /// The command line of the Manager.
    Ovmcli(OvmcliError),
    /// The Manager answered with something that cannot be understood.
    Unreadable {
        /// The command as sent.
        command: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A command on a server failed.
    Exit {
        /// The server.
        server: ServerId,
        /// The command line.
        command: String,
        /// Its exit status, if it had one.
        status: Option<u32>,
        /// What it said.
        stderr: String,
    },
    /// A command that cannot be written.
    Shell(ShellError),
    /// A question without an answer. The connection may be good; whoever was asked is not.
    Silent {
        /// The server; none for the Manager.
        server: Option<ServerId>,
        /// The command line.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
    /// Nobody has said how to reach the server.
    NotEnrolled {
        /// The server.
        server: ServerId,
    },
    /// The Manager is not enrolled any more.
    NoManager,
    /// The host has shown another key before, and nobody has settled it.
    KeyStopped {
        /// Name of the host.
        host: String,
        /// The key that it showed.
        seen: String,
    },
    /// A stored password or fingerprint cannot be used.
    Credential(String),
    /// The run may be another process's by now.
    LeaseLost,
    /// The database.
    Store(StoreError),
}

impl From<SshError> for ReachError {
    fn from(error: SshError) -> Self {
        Self::Ssh(error)
    }
}

impl From<OvmcliError> for ReachError {
    fn from(error: OvmcliError) -> Self {
        Self::Ovmcli(error)
    }
}

impl From<ShellError> for ReachError {
    fn from(error: ShellError) -> Self {
        Self::Shell(error)
    }
}

impl From<StoreError> for ReachError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// For the log.
impl fmt::Display for ReachError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.fault().say(Language::En))
    }
}

impl std::error::Error for ReachError {}

impl ReachError {
    /// As a value that is stored and told.
    pub(crate) fn fault(&self) -> HostFault {
        match self {
            Self::Ssh(error) => faults::of_ssh(error),
            Self::Ovmcli(error) => faults::of_ovmcli(error),
            Self::Unreadable { command, reason } => HostFault::UnusableAnswer {
                command: command.clone(),
                reason: reason.clone(),
            },
            Self::Exit {
                server,
                command,
                status,
                stderr,
            } => HostFault::Exit {
                server: server.clone(),
                command: command.clone(),
                status: *status,
                printed: stderr.clone(),
            },
            Self::Shell(error) => HostFault::Unwritable {
                detail: error.to_string(),
            },
            Self::Silent {
                server,
                command,
                seconds,
            } => HostFault::Silent {
                server: server.clone(),
                command: command.clone(),
                seconds: *seconds,
            },
            Self::NotEnrolled { server } => HostFault::NotEnrolled { server: server.clone() },
            Self::NoManager => HostFault::NoManager,
            Self::KeyStopped { host, seen } => HostFault::KeyStopped {
                host: host.clone(),
                seen: seen.clone(),
            },
            Self::Credential(detail) => HostFault::Credential { detail: detail.clone() },
            Self::LeaseLost => HostFault::LeaseLost,
            Self::Store(error) => HostFault::Database {
                detail: error.to_string(),
            },
        }
    }

    /// The Manager shows an object in a way that cannot be used.
    pub(crate) fn unreadable(object_type: &str, id: &str, why: impl std::fmt::Display) -> Self {
        Self::Unreadable {
            command: format!("show {object_type} id={id}"),
            reason: why.to_string(),
        }
    }

    /// The Manager understood and said no, or answered with something else than an answer, as it does to a command or
    /// type that it does not know.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Ovmcli(OvmcliError::Failed { .. } | OvmcliError::Unknown { .. })
        )
    }

    /// Whether the run is no longer this process's to work on, so that it stops where it is.
    pub(crate) fn is_lease_lost(&self) -> bool {
        matches!(
            self,
            Self::LeaseLost
                | Self::Ssh(SshError::Withheld { .. })
                | Self::Ovmcli(OvmcliError::Ssh(SshError::Withheld { .. }))
        )
    }

    /// Whether something may have happened that we did not hear of.
    pub(crate) fn leaves_outcome_open(&self) -> bool {
        match self {
            Self::Ssh(error) => error.was_sent() || error.is_retryable(),
            Self::Ovmcli(OvmcliError::Ssh(error)) => error.was_sent() || error.is_retryable(),
            Self::Ovmcli(error) => matches!(error, OvmcliError::CutOff { .. } | OvmcliError::Unknown { .. }),
            Self::Exit { status, .. } => status.is_none(),
            Self::Silent { .. } => true,
            _ => false,
        }
    }

    /// Whether somebody was there, and closed the connection before a word was said.
    pub(crate) fn is_turned_away(&self) -> bool {
        let closed = |error: &SshError| matches!(error, SshError::ConnectionLost { sent: false, .. });
        match self {
            Self::Ssh(error) | Self::Ovmcli(OvmcliError::Ssh(error)) => closed(error),
            _ => false,
        }
    }

    /// Whether nobody was there to answer: the next question would fare no better.
    pub(crate) fn is_unreachable(&self) -> bool {
        match self {
            Self::Ssh(_) | Self::Silent { .. } => true,
            Self::Ovmcli(error) => matches!(error, OvmcliError::Ssh(_) | OvmcliError::CutOff { .. }),
            _ => false,
        }
    }
}

impl From<ReachError> for ServiceError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Store(error) => internal(error),
            other => Self::estate(other.fault(), Errand::Reading),
        }
    }
}
