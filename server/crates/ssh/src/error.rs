//! What can go wrong on the way to a server, and what to do about it.

use crate::{HostKeyFingerprint, algorithms};
use std::io;

/// Why a connection or a remote command failed. `host` is always `name:port`.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// No TCP connection.
    #[error("{host} cannot be reached: {source}; check the address, the network and that its SSH service runs")]
    Unreachable {
        /// Server.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another key than the pinned one. The connection was ended before anything was sent.
    #[error(
        "{host} shows the host key {seen}, but {expected} is on record: either the server was reinstalled or somebody \
         stands in between; nothing was sent; compare the key on the server itself before you accept the new one"
    )]
    HostKeyChanged {
        /// Server.
        host: String,
        /// The pinned key.
        expected: HostKeyFingerprint,
        /// The key that it presented.
        seen: HostKeyFingerprint,
    },
    /// The two sides have no algorithm in common. The setting has the name that forms give it.
    #[error("{host} and Holdfast have no {kind} algorithm in common (the host offers {offered}); {}", if *.legacy_offered {
        "old ones were offered too, so its SSH service must be set up to offer more"
    } else {
        "an old host needs the setting \"Allow old algorithms\""
    })]
    NoCommonAlgorithm {
        /// Server.
        host: String,
        /// Key exchange, host key, cipher or MAC.
        kind: String,
        /// What the server offers.
        offered: String,
        /// Old algorithms were among those of Holdfast.
        legacy_offered: bool,
    },
    /// The private key on record cannot be used.
    #[error("the private key for {host} cannot be read ({detail}); enter it again, with its passphrase")]
    InvalidKey {
        /// Server.
        host: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The gate of the session was closed. Nothing was sent.
    #[error("the command was not sent to {host}: whoever wanted it may not send any more")]
    Withheld {
        /// Server.
        host: String,
    },
    /// The server refused every credential.
    #[error("{host} refused the login of {user}; check the account and the password on record")]
    AuthenticationFailed {
        /// Server.
        host: String,
        /// Account.
        user: String,
    },
    /// The connection ended.
    #[error("the connection to {host} was lost ({reason}){}", if *.sent {
        "; the command had been sent, so whether it took effect must be looked up"
    } else {
        "; nothing had been sent, so it can be tried again"
    })]
    ConnectionLost {
        /// Server.
        host: String,
        /// Whether a command may have been started.
        sent: bool,
        /// What was noticed.
        reason: String,
    },
    /// No answer while connecting or logging in.
    #[error("{host} did not answer in {seconds} s ({during:?}); check the server's load and the network")]
    Timeout {
        /// Server.
        host: String,
        /// What was waited for.
        during: Connecting,
        /// How long.
        seconds: u64,
    },
    /// The server did not open a channel or did not start the command.
    #[error("{host} refused to {what:?}; it may be at its limit of sessions")]
    Refused {
        /// Server.
        host: String,
        /// What was asked.
        what: Request,
    },
    /// More output than the caller can hold. The command was cut off.
    #[error("the command on {host} printed more than {limit} bytes; it was cut off")]
    OutputTooLarge {
        /// Server.
        host: String,
        /// Allowed size in bytes.
        limit: usize,
    },
    /// The command ended while it was still being fed.
    #[error("the command on {host} ended before it had taken all of its input; its error output tells why")]
    InputNotTaken {
        /// Server.
        host: String,
    },
    /// What should be fed to the command could not be read on our side. The command was cut off.
    #[error("the input for the command on {host} could not be read: {source}")]
    Input {
        /// Server.
        host: String,
        /// What the reader said.
        source: io::Error,
    },
    /// Something that the protocol does not allow.
    #[error("{host} does not speak SSH as expected: {detail}")]
    Protocol {
        /// Server.
        host: String,
        /// What was noticed.
        detail: String,
    },
}

/// A part of making a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connecting {
    /// The TCP connection.
    Tcp,
    /// The key exchange.
    Keys,
    /// The login.
    Login,
}

/// What a server can refuse after the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// To open one more channel.
    OpenChannel,
    /// To start the command.
    StartCommand,
}

impl SshError {
    /// Whether the same call may succeed later *and* is safe to repeat, because no command had been started.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Refused { .. } => true,
            Self::ConnectionLost { sent, .. } => !sent,
            _ => false,
        }
    }

    /// Whether a command may have been started before the failure.
    pub fn was_sent(&self) -> bool {
        match self {
            Self::ConnectionLost { sent, .. } => *sent,
            Self::OutputTooLarge { .. } | Self::InputNotTaken { .. } | Self::Input { .. } => true,
            _ => false,
        }
    }

    /// An error of the SSH library before any command was sent.
    pub(crate) fn before_sending(host: &str, error: russh::Error) -> Self {
        let host = host.to_owned();
        match error {
            russh::Error::NoCommonAlgo { kind, ours, theirs } => Self::NoCommonAlgorithm {
                host,
                kind: format!("{kind:?}").to_lowercase(),
                offered: theirs.join(", "),
                legacy_offered: algorithms::has_legacy(&ours),
            },
            russh::Error::ChannelOpenFailure(_) => Self::Refused {
                host,
                what: Request::OpenChannel,
            },
            russh::Error::Version | russh::Error::Inconsistent | russh::Error::PacketSize(_) => Self::Protocol {
                host,
                detail: error.to_string(),
            },
            other => Self::ConnectionLost {
                host,
                sent: false,
                reason: other.to_string(),
            },
        }
    }
}

impl From<SshError> for io::Error {
    fn from(error: SshError) -> Self {
        let kind = match error {
            SshError::ConnectionLost { .. } => io::ErrorKind::ConnectionReset,
            SshError::Timeout { .. } => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
