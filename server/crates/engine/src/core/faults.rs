//! The errors of the crates below as values that are stored and told. What decides (is it worth a retry, did it take
//! effect) is asked of the errors; what people read is made of the values.

use domain::fault::{HostFault, PlanFault, Refused, TargetFault, Waited};
use ssh::ovmcli::OvmcliError;
use ssh::{Connecting, Request, SshError};
use vault::{SHORTEST_PASSWORD, VaultError};

/// What is wrong with a host.
pub(crate) fn of_ssh(error: &SshError) -> HostFault {
    match error {
        SshError::Unreachable { host, source } => HostFault::Unreachable {
            host: host.clone(),
            reason: source.to_string(),
        },
        SshError::HostKeyChanged { host, expected, seen } => HostFault::KeyChanged {
            host: host.clone(),
            expected: expected.to_string(),
            seen: seen.to_string(),
        },
        SshError::NoCommonAlgorithm {
            host,
            kind,
            offered,
            legacy_offered,
        } => HostFault::NoCommonAlgorithm {
            host: host.clone(),
            kind: kind.clone(),
            offered: offered.clone(),
            old_offered: *legacy_offered,
        },
        SshError::InvalidKey { host, detail } => HostFault::InvalidKey {
            host: host.clone(),
            detail: detail.clone(),
        },
        SshError::Withheld { .. } => HostFault::LeaseLost,
        SshError::AuthenticationFailed { host, user } => HostFault::LoginRefused {
            host: host.clone(),
            user: user.clone(),
        },
        SshError::ConnectionLost { host, sent, reason } => HostFault::ConnectionLost {
            host: host.clone(),
            sent: *sent,
            reason: reason.clone(),
        },
        SshError::Timeout { host, during, seconds } => HostFault::NoAnswer {
            host: host.clone(),
            waited: waited(*during),
            seconds: *seconds,
        },
        SshError::Refused { host, what } => HostFault::Refused {
            host: host.clone(),
            what: match what {
                Request::OpenChannel => Refused::OpenChannel,
                Request::StartCommand => Refused::StartCommand,
            },
        },
        SshError::OutputTooLarge { host, limit } => HostFault::TooMuchOutput {
            host: host.clone(),
            limit: u64::try_from(*limit).unwrap_or(u64::MAX),
        },
        SshError::InputNotTaken { host } => HostFault::InputNotTaken { host: host.clone() },
        SshError::Input { host, source } => HostFault::NoInput {
            host: host.clone(),
            reason: source.to_string(),
        },
        SshError::Protocol { host, detail } => HostFault::Protocol {
            host: host.clone(),
            detail: detail.clone(),
        },
    }
}

fn waited(during: Connecting) -> Waited {
    match during {
        Connecting::Tcp => Waited::Connecting,
        Connecting::Keys => Waited::ExchangingKeys,
        Connecting::Login => Waited::LoggingIn,
    }
}

/// What is wrong with a Manager, or with what it has answered.
pub(crate) fn of_ovmcli(error: &OvmcliError) -> HostFault {
    match error {
        OvmcliError::NotRendered(error) => HostFault::Unwritable {
            detail: error.to_string(),
        },
        OvmcliError::Ssh(error) => of_ssh(error),
        OvmcliError::CutOff { command, source, .. } => HostFault::CutOff {
            command: command.clone(),
            by: Box::new(of_ssh(source)),
        },
        OvmcliError::Failed { command, error, .. } => HostFault::CommandRefused {
            command: command.clone(),
            reason: error.message.clone(),
        },
        OvmcliError::Unknown { command, .. } => HostFault::UnclearAnswer {
            command: command.clone(),
        },
    }
}

/// What is wrong with a backup target; none when the operation was cancelled.
pub(crate) fn of_vault(error: &VaultError) -> Option<TargetFault> {
    let place = String::clone;
    Some(match error {
        VaultError::Cancelled => return None,
        VaultError::Source { file, source } => TargetFault::Source {
            file: file.clone(),
            reason: source.to_string(),
        },
        VaultError::InvalidExtents { file } => TargetFault::InvalidExtents { file: file.clone() },
        VaultError::InvalidName { name } => TargetFault::InvalidName { name: name.clone() },
        VaultError::TargetFull { target } => TargetFault::Full { target: place(target) },
        VaultError::NoTarget { target } => TargetFault::Absent { target: place(target) },
        VaultError::TargetExists { target } => TargetFault::Exists { target: place(target) },
        VaultError::ForeignTarget { target } => TargetFault::Foreign { target: place(target) },
        VaultError::WrongPassword { target } => TargetFault::WrongPassword { target: place(target) },
        VaultError::NoKeyFile { folder } => TargetFault::NoKeyFile { folder: place(folder) },
        VaultError::DamagedKeyFile { file } => TargetFault::DamagedKeyFile { file: place(file) },
        VaultError::EmptyPassword { target } => TargetFault::EmptyPassword { target: place(target) },
        VaultError::ShortPassword { target } => TargetFault::ShortPassword {
            target: place(target),
            shortest: SHORTEST_PASSWORD,
        },
        VaultError::NoSnapshot { target, snapshot } => TargetFault::NoSnapshot {
            target: place(target),
            snapshot: snapshot.clone(),
        },
        VaultError::NoFile { snapshot, file } => TargetFault::NoFile {
            snapshot: snapshot.clone(),
            file: file.clone(),
        },
        VaultError::NothingStored { point } => TargetFault::NothingStored { point: point.clone() },
        VaultError::Damaged { snapshot, file, detail } => TargetFault::Damaged {
            snapshot: snapshot.clone(),
            file: file.clone(),
            detail: detail.clone(),
        },
        VaultError::Unreadable { snapshot, file, detail } => TargetFault::Unreadable {
            snapshot: snapshot.clone(),
            file: file.clone(),
            detail: detail.clone(),
        },
        VaultError::InvalidLocation { target, detail } => TargetFault::InvalidLocation {
            target: place(target),
            detail: detail.clone(),
        },
        VaultError::NoBucket { target } => TargetFault::NoBucket { target: place(target) },
        VaultError::WrongAccessKey { target } => TargetFault::WrongAccessKey { target: place(target) },
        VaultError::Refused { target, detail } => TargetFault::Refused {
            target: place(target),
            detail: detail.clone(),
        },
        VaultError::Unreachable { target, detail } => TargetFault::Unreachable {
            target: place(target),
            detail: detail.clone(),
        },
        VaultError::Target { target, detail } => TargetFault::Other {
            target: place(target),
            detail: detail.clone(),
        },
    })
}

/// A value of the plan that cannot be used.
pub(crate) fn unusable(error: impl std::fmt::Display) -> PlanFault {
    PlanFault::Unusable {
        detail: error.to_string(),
    }
}
