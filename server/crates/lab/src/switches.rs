//! The points at which nobody could say how a real Oracle VM Manager behaves. Each is a switch whose default is the
//! most likely answer, so that a client can be run over the whole matrix and a wrong guess here cannot hide a
//! fragile parser.

use serde::{Deserialize, Serialize};

/// How the Manager answers where its real behaviour is uncertain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// End of line until a session sets `EndlineChars`.
    pub line_end: LineEnd,
    /// What an exec request prints last.
    pub closing_line: ClosingLine,
    /// `Data: ` instead of `Data:`.
    pub blank_after_data: bool,
    /// Print `JobId:` on answers to commands that change something.
    pub job_id: bool,
    /// Where `Error Msg:` stands in a failed answer.
    pub error_line: ErrorLine,
    /// What an empty list prints.
    pub empty_list: EmptyList,
    /// `Id = <id>  [<name>]` in `show`, as 3.4.6 does, instead of the bare id.
    pub bracket_after_id: bool,
    /// Sort the keys of `show`, as `set AlphabetizeAttributes=Yes` does.
    pub alphabetize: bool,
    /// Spelling of booleans.
    pub booleans: Booleans,
    /// SSH exit status of an exec request in which a command failed.
    pub exit_status_on_failure: u32,
    /// Zone abbreviation in the `Time:` line; the digits are UTC all the same, as clients must not interpret it.
    pub time_zone: String,
    /// Kind of the Manager's SSH host key.
    pub manager_host_key: HostKeyKind,
    /// Offer only what a Manager of 2013 offers: SHA-1 key exchange, CBC ciphers, SHA-1 MAC.
    pub legacy_algorithms: bool,
    /// Refuse key logins until that user has logged in with the password from the same address.
    pub key_needs_password_login: bool,
    /// Idle time after which the Manager drops a session, in seconds.
    pub idle_timeout_seconds: u64,
    /// Whether `;` inside quotes separates commands of an exec request too.
    pub semicolon_splits_quotes: bool,
    /// Which Manager is played: key names and layout of `show`.
    pub dialect: Dialect,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            line_end: LineEnd::LfCr,
            closing_line: ClosingLine::ConnectionClosed,
            blank_after_data: false,
            job_id: true,
            error_line: ErrorLine::AfterJobId,
            empty_list: EmptyList::DataOnly,
            bracket_after_id: true,
            alphabetize: false,
            booleans: Booleans::YesNo,
            exit_status_on_failure: 0,
            time_zone: "UTC".to_owned(),
            manager_host_key: HostKeyKind::Rsa,
            legacy_algorithms: false,
            key_needs_password_login: true,
            idle_timeout_seconds: 15 * 60,
            semicolon_splits_quotes: false,
            dialect: Dialect::V34,
        }
    }
}

/// End of line on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// `\n\r`: what five independent scripts saw.
    LfCr,
    /// `\r\n`.
    CrLf,
    /// `\n`.
    Lf,
    /// `\r`.
    Cr,
}

impl LineEnd {
    /// The bytes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LfCr => "\n\r",
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
        }
    }
}

/// Last line of an exec request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingLine {
    /// `OVM> Connection closed.`, seen on 3.4.
    ConnectionClosed,
    /// The bare prompt.
    Prompt,
    /// Nothing.
    Nothing,
}

/// Place of the error text in the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorLine {
    /// `Status`, `Time`, `JobId`, `Error Msg`.
    AfterJobId,
    /// `Status`, `Time`, `Error Msg`, `JobId`.
    AfterTime,
    /// `Status`, `Error Msg`, `Time`, `JobId`.
    BeforeTime,
}

/// What stands where the items of an empty list would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyList {
    /// `Data:` and nothing below it.
    DataOnly,
    /// `Data:` with `None` below it.
    None,
    /// No `Data:` line.
    NoData,
}

/// Spelling of booleans in `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Booleans {
    /// `Yes` and `No`, as seen.
    YesNo,
    /// `yes` and `no`.
    LowerCase,
}

/// Kind of an SSH host key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostKeyKind {
    /// RSA, 2048 bits.
    Rsa,
    /// DSA, 1024 bits, as a Manager of 2016 presented.
    Dsa,
    /// Ed25519.
    Ed25519,
}

/// Which version of the Manager's language is spoken. Older dialects join here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// 3.4.
    V34,
}

impl Dialect {
    /// What `showversion` prints.
    pub fn version(self) -> &'static str {
        match self {
            Self::V34 => "3.4.6.2105",
        }
    }
}
