//! What is wrong with what somebody has entered, sorted by the forms in which it stands.

use super::group::groups;
use crate::fault::{HostFault, TargetFault};
use crate::ids::{TargetId, TeamId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

groups! {
    /// Why a field of a form cannot be accepted.
    Invalid {
        /// Of any form.
        Form(FormFlaw),
        /// An account, a team or a role.
        Account(AccountFlaw),
        /// A line of the console.
        Console(ConsoleFlaw),
        /// A host that is enrolled.
        Host(HostFlaw),
        /// A protection policy.
        Policy(PolicyFlaw),
        /// A request.
        Request(RequestFlaw),
        /// A backup target.
        Target(TargetFlaw),
    }
}

/// What is wrong with a field that several forms have, or with a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum FormFlaw {
    /// Not a whole number, or too large.
    NotANumber,
    /// Not a date and time.
    NotATime,
    /// A display name that is empty, too long or cannot be seen.
    Title,
    /// Not the name of the object that is about to be changed.
    NotConfirmed {
        /// Its name.
        name: String,
    },
    /// Not the number of a revision.
    NotARevision,
    /// No disk is chosen.
    NoDisk,
    /// Neither approved nor vetoed.
    NoVote,
    /// Neither committed nor rolled back.
    NoDecision,
    /// Neither resumed nor undone.
    NoSettlement,
    /// Something else was seen than the plan expects.
    SeenOtherwise {
        /// What it expects.
        expected: String,
    },
    /// Nothing was entered that was seen.
    NothingSeen,
    /// More than one line was entered, or a line that is too long.
    NotOneLine,
}

/// What is wrong with an account, a team or a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum AccountFlaw {
    /// No login name.
    AccountName,
    /// Another account has it.
    AccountTaken {
        /// The login name.
        name: String,
    },
    /// There is no account of this name.
    AccountUnknown {
        /// The login name.
        name: String,
    },
    /// A password that is too short or too long.
    PasswordLength,
    /// A password with the login name in it.
    PasswordHasName,
    /// Two different passwords where the same was to be entered twice.
    PasswordsDiffer,
    /// Not the password of the account.
    OldPassword,
    /// Nobody can log in so. Whether there is such an account is not told.
    Login,
    /// No role is chosen.
    NoRole,
    /// A team without a name.
    NoTeamName,
    /// Another team has the name.
    TeamTaken {
        /// The name.
        name: String,
    },
    /// There is no such team.
    TeamUnknown {
        /// Its id.
        team: TeamId,
    },
}

/// What is wrong with a line of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum ConsoleFlaw {
    /// An empty line.
    NoCommand,
    /// More than one line, or something that cannot be seen.
    ControlCharacter,
    /// A semicolon, which would begin another command.
    Semicolon,
    /// Not a command.
    NotACommand {
        /// What the reader of commands says.
        detail: String,
    },
    /// A command that does more than ask.
    MayChange {
        /// Its verb.
        verb: String,
    },
    /// A command that cannot be written in a way that has one meaning only.
    NotWritable {
        /// What stands in the way.
        detail: String,
    },
}

/// What is wrong with how a host is to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum HostFlaw {
    /// Neither a host name nor an address.
    HostName,
    /// No port has this number.
    PortOutOfRange,
    /// Not the name of an account.
    HostAccount,
    /// Not a fingerprint.
    Fingerprint {
        /// What the reader of fingerprints says.
        detail: String,
    },
    /// The host shows another key than the one entered.
    OtherHostKey {
        /// Host.
        host: String,
        /// Fingerprint that it shows.
        seen: String,
    },
    /// The host needs old algorithms, which are not allowed for it.
    OldAlgorithms(Box<HostFault>),
    /// The host refuses account and password.
    HostLogin {
        /// Host.
        host: String,
        /// Account.
        user: String,
    },
    /// The account can log in, and do nothing else.
    NoCommands {
        /// Host and port.
        host: String,
        /// Account.
        user: String,
        /// What the host printed.
        printed: String,
    },
}

/// What is wrong with a protection policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum PolicyFlaw {
    /// A number outside its range.
    OutOfRange {
        /// The number.
        value: u32,
        /// The smallest that is accepted.
        low: u32,
        /// The largest that is accepted.
        high: u32,
        /// What is counted.
        unit: Unit,
    },
    /// Another policy has the name.
    PolicyTaken {
        /// The name.
        name: String,
    },
    /// No method is chosen.
    NoMethod,
    /// It is not said whether a restore needs approval.
    NoGate,
    /// Nobody has added this backup target.
    TargetUnknown {
        /// Its name.
        target: TargetId,
    },
}

/// What a number of a policy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Hundredths.
    Percent,
    /// Persons.
    People,
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum RequestFlaw {
    /// A reason that is too short or too long.
    ReasonLength,
    /// A change that others have to approve has no reason yet.
    ReasonMissing {
        /// How many others.
        approvers: u8,
    },
    /// A time that is over.
    TimePast,
    /// A time that lies too far ahead.
    TimeFar {
        /// How many days ahead are accepted.
        days: i64,
    },
    /// A window that ends before it begins.
    WindowOrder,
}

/// What is wrong with a new backup target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "invalid.")]
pub enum TargetFlaw {
    /// Not a name of a backup target.
    TargetName,
    /// A folder that depends on where Holdfast was started.
    FolderNotAbsolute,
    /// A field without which it cannot be opened is empty.
    PartMissing,
    /// An address of an S3 service that is no address of the web.
    EndpointNoUrl,
    /// An S3 bucket without an access key.
    NoAccessKey,
    /// Another backup target has the name.
    TargetTaken {
        /// The name.
        target: TargetId,
    },
    /// It could not be opened because of what was entered here.
    TargetNotOpened(Box<TargetFault>),
}
