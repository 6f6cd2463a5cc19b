//! Why a host did not do what was asked.

use ovm::ids::ServerId;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// Why a host did not do what was asked. `host` is `name:port`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "estate.")]
pub enum HostFault {
    /// No TCP connection.
    Unreachable {
        /// Host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// Another key than the pinned one; nothing was sent.
    KeyChanged {
        /// Host.
        host: String,
        /// Pinned fingerprint.
        expected: String,
        /// Fingerprint that it showed.
        seen: String,
    },
    /// It has shown another key before, and nobody has settled it.
    KeyStopped {
        /// Display name of the host.
        host: String,
        /// Fingerprint that it showed.
        seen: String,
    },
    /// The two sides have no algorithm in common.
    NoCommonAlgorithm {
        /// Host.
        host: String,
        /// Key exchange, host key, cipher or MAC.
        kind: String,
        /// What the host offers.
        offered: String,
        /// Old algorithms were among those of Holdfast.
        old_offered: bool,
    },
    /// The private key on record cannot be used.
    InvalidKey {
        /// Host.
        host: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The host refused the login.
    LoginRefused {
        /// Host.
        host: String,
        /// Account.
        user: String,
    },
    /// The connection ended.
    ConnectionLost {
        /// Host.
        host: String,
        /// A command may have been started.
        sent: bool,
        /// What was noticed.
        reason: String,
    },
    /// No answer while the connection was made.
    NoAnswer {
        /// Host.
        host: String,
        /// What was waited for.
        waited: Waited,
        /// Seconds.
        seconds: u64,
    },
    /// The host did not do what its protocol offers.
    Refused {
        /// Host.
        host: String,
        /// What was asked.
        what: Refused,
    },
    /// More output than is taken.
    TooMuchOutput {
        /// Host.
        host: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A command ended before it had taken all of its input.
    InputNotTaken {
        /// Host.
        host: String,
    },
    /// The input for a command could not be read on our side.
    NoInput {
        /// Host.
        host: String,
        /// What the reader said.
        reason: String,
    },
    /// It does not speak SSH as the standard has it.
    Protocol {
        /// Host.
        host: String,
        /// What was noticed.
        detail: String,
    },
    /// The connection to the Manager broke after a command was sent.
    CutOff {
        /// The command line.
        command: String,
        /// How it broke.
        by: Box<HostFault>,
    },
    /// The Manager refused a command.
    CommandRefused {
        /// The command line.
        command: String,
        /// What it said.
        reason: String,
    },
    /// The Manager's answer says neither success nor failure.
    UnclearAnswer {
        /// The command line.
        command: String,
    },
    /// An answer that cannot be used.
    UnusableAnswer {
        /// The command line.
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
        printed: String,
    },
    /// No answer to a question.
    Silent {
        /// The server; none for the Manager.
        server: Option<ServerId>,
        /// The command line.
        command: String,
        /// Seconds that it was given.
        seconds: u64,
    },
    /// A storage repository is not mounted on a server.
    NotMounted {
        /// The server.
        server: ServerId,
        /// Where it should be.
        path: String,
    },
    /// Nobody has said how to reach the server.
    NotEnrolled {
        /// The server.
        server: ServerId,
    },
    /// The Manager is not enrolled.
    NoManager,
    /// A stored password or fingerprint cannot be used.
    Credential {
        /// What is wrong with it.
        detail: String,
    },
    /// A command that cannot be written; it was not sent.
    Unwritable {
        /// What is wrong with it.
        detail: String,
    },
    /// Another process goes on with the run, so nothing was sent.
    LeaseLost,
    /// The database could not say how to reach it.
    Database {
        /// What was noticed.
        detail: String,
    },
}

/// A part of making a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waited {
    /// The TCP connection.
    Connecting,
    /// The key exchange.
    ExchangingKeys,
    /// The login.
    LoggingIn,
}

/// What a host can refuse after the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// To open one more channel.
    OpenChannel,
    /// To start the command.
    StartCommand,
}
