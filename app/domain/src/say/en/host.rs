//! Why a host did not do what was asked.

use super::full_stop;
use crate::fault::{HostFault, Refused, Waited};

pub(in crate::say) fn fault(fault: &HostFault) -> String {
    match fault {
        HostFault::Unreachable { host, reason } => format!(
            "{host} cannot be reached ({reason}). Check the address, the network, and that its SSH service is running."
        ),
        HostFault::KeyChanged { host, expected, seen } => format!(
            "{host} shows the host key {seen}, but {expected} is on record: either the host was reinstalled, or somebody is \
             intercepting the connection. Nothing was sent. Compare the key on the host itself before you accept the new one."
        ),
        HostFault::KeyStopped { host, seen } => format!(
            "{host} showed the host key {seen} instead of the pinned one. All jobs for it are stopped until an administrator \
             has compared the key on the host itself and enrolled it again."
        ),
        HostFault::NoCommonAlgorithm {
            host,
            kind,
            offered,
            old_offered,
        } => {
            let advice = match old_offered {
                true => "Old algorithms were offered as well, so its SSH service must be set up to offer more.",
                false => "An old host needs the setting “Allow old algorithms”.",
            };
            format!("{host} and Holdfast have no {kind} algorithm in common (the host offers {offered}). {advice}")
        }
        HostFault::InvalidKey { host, detail } => {
            format!("The private key for {host} cannot be read ({detail}). Enter it again, with its passphrase.")
        }
        HostFault::LoginRefused { host, user } => {
            format!("{host} refused the login of {user}. Check the account and the password on record.")
        }
        HostFault::ConnectionLost { host, sent, reason } => {
            let then = match sent {
                true => "The command had been sent, so its effect must be looked up.",
                false => "Nothing had been sent, so it can be tried again.",
            };
            format!("The connection to {host} was lost ({reason}). {then}")
        }
        HostFault::NoAnswer {
            host,
            waited: what,
            seconds,
        } => {
            format!(
                "{host} did not answer within {seconds} s while {}. Check its load and the network.",
                waited(*what)
            )
        }
        HostFault::Refused { host, what } => {
            let what = match what {
                Refused::OpenChannel => "open a channel",
                Refused::StartCommand => "start the command",
            };
            format!("{host} refused to {what}. It may have reached its limit of sessions.")
        }
        HostFault::TooMuchOutput { host, limit } => {
            format!("The command on {host} printed more than {limit} bytes and was cut off.")
        }
        HostFault::InputNotTaken { host } => {
            format!("The command on {host} ended before it had read all of its input; its error output says why.")
        }
        HostFault::NoInput { host, reason } => format!(
            "The input for the command on {host} could not be read: {}",
            full_stop(reason)
        ),
        HostFault::Protocol { host, detail } => format!("{host} does not speak SSH as expected: {}", full_stop(detail)),
        HostFault::CutOff { command, by } => format!("{} The command was `{command}`.", self::fault(by)),
        HostFault::CommandRefused { command, reason } => {
            format!("The Manager refused `{command}`: {}", full_stop(reason))
        }
        HostFault::UnclearAnswer { command } => format!(
            "The Manager's answer to `{command}` does not say whether it worked. Check the object before you continue."
        ),
        HostFault::UnusableAnswer { command, reason } => {
            format!("The answer to `{command}` cannot be used: {}", full_stop(reason))
        }
        HostFault::Exit {
            server,
            command,
            status,
            printed,
        } => {
            let status = status.map_or_else(|| "no exit status".to_owned(), |status| format!("exit status {status}"));
            let printed = if printed.is_empty() {
                "."
            } else {
                &format!(": {}", full_stop(printed))
            };
            format!("`{command}` failed on server {server} with {status}{printed}")
        }
        HostFault::Silent {
            server,
            command,
            seconds,
        } => {
            let who = server
                .as_ref()
                .map_or_else(|| "The Manager".to_owned(), |server| format!("Server {server}"));
            format!(
                "{who} did not answer `{command}` within {seconds} seconds. Check whether it is overloaded or hangs, and \
                 restart its service if it does."
            )
        }
        HostFault::NotMounted { server, path } => format!(
            "The storage repository {path} is not mounted on server {server}: its mark {path}/.ovsrepo is missing. Present \
             it to the server again, then try again."
        ),
        HostFault::NotEnrolled { server } => format!(
            "Server {server} is not enrolled. An administrator enters its address, account and host key under \
             Administration."
        ),
        HostFault::NoManager => "The Manager is no longer enrolled.".into(),
        HostFault::Credential { detail } | HostFault::Database { detail } => full_stop(detail),
        HostFault::Unwritable { detail } => format!(
            "The command cannot be written, so it was not sent: {}",
            full_stop(detail)
        ),
        HostFault::LeaseLost => "This process has lost its lease on the run, so nothing was sent. Another process \
                                 continues the run."
            .into(),
    }
}

fn waited(what: Waited) -> &'static str {
    match what {
        Waited::Connecting => "connecting",
        Waited::ExchangingKeys => "exchanging keys",
        Waited::LoggingIn => "logging in",
    }
}
