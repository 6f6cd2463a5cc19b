//! Why a host did not do what was asked, and what that says about whether it happened.

use crate::core::internal;
use domain::error::ServiceError;
use ovm::ids::ServerId;
use ovm::shell::ShellError;
use ssh::SshError;
use ssh::ovmcli::OvmcliError;
use store::StoreError;
use thiserror::Error;

/// Why a host did not do what was asked. The text is a sentence for people.
#[derive(Debug, Error)]
pub(crate) enum ReachError {
    /// The way there.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The command line of the Manager.
    #[error(transparent)]
    Ovmcli(#[from] OvmcliError),
    /// The Manager answered with something that cannot be understood.
    #[error("The Manager's answer to `{command}` cannot be used: {reason}")]
    Unreadable {
        /// The command as sent.
        command: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A command on a server failed.
    #[error("`{command}` failed on server {server} with {status}: {stderr}")]
    Exit {
        /// The server.
        server: ServerId,
        /// The command line.
        command: String,
        /// `exit status 1`, `no exit status`.
        status: String,
        /// What it said.
        stderr: String,
    },
    /// A command that cannot be written.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// A question without an answer. The connection may be good; whoever was asked is not.
    #[error(
        "{who} has not answered `{command}` within {seconds} seconds. See whether it is overloaded or hangs, and restart its service if it does."
    )]
    Silent {
        /// `The Manager`, or a server.
        who: String,
        /// The command line.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
    /// Nobody has said how to reach the server.
    #[error(
        "Server {server} is not enrolled. An administrator enters its address, account and host key under Administration."
    )]
    NotEnrolled {
        /// The server.
        server: ServerId,
    },
    /// The Manager is not enrolled any more.
    #[error("The Manager is not enrolled any more.")]
    NoManager,
    /// The host has shown another key before, and nobody has settled it.
    #[error(
        "{host} has shown the host key {seen} instead of the pinned one. Every job for it is stopped until an administrator has compared the key on the host itself and enrolled it anew."
    )]
    KeyStopped {
        /// Name of the host.
        host: String,
        /// The key that it showed.
        seen: String,
    },
    /// A stored password or fingerprint cannot be used.
    #[error("{0}")]
    Credential(String),
    /// The run may be another process's by now.
    #[error("The lease of this process on the run is lost, so nothing was sent. Another process goes on with the run.")]
    LeaseLost,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReachError {
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
            Self::Exit { status, .. } => status == NO_EXIT_STATUS,
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

pub(super) const NO_EXIT_STATUS: &str = "no exit status";

impl From<ReachError> for ServiceError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Store(error) => internal(error),
            other => Self::Estate {
                what: other.to_string(),
                remedy: "Nothing was changed. Check the host and its enrolment under Administration, then try again."
                    .into(),
            },
        }
    }
}
