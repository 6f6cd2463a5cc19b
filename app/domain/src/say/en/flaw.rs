//! What is wrong with what somebody has entered, and what is expected: a sentence for the field.

use super::full_stop;
use crate::account::{NAME_LENGTH, PASSWORD_LENGTH};
use crate::error::{AccountFlaw, ConsoleFlaw, FormFlaw, HostFlaw, Invalid, PolicyFlaw, RequestFlaw, TargetFlaw, Unit};
use crate::fault::TargetFault;
use crate::plan::LONGEST_OBSERVATION;
use crate::request::REASON_LENGTH;
use crate::target::NAME_LENGTH as TARGET_NAME_LENGTH;

pub(in crate::say) fn invalid(why: &Invalid) -> String {
    match why {
        Invalid::Form(why) => form(why),
        Invalid::Account(why) => account(why),
        Invalid::Console(why) => console(why),
        Invalid::Host(why) => host(why),
        Invalid::Policy(why) => policy(why),
        Invalid::Request(why) => request(why),
        Invalid::Target(why) => target(why),
    }
}

fn form(why: &FormFlaw) -> String {
    match why {
        FormFlaw::NotANumber => "Enter a whole number.".into(),
        FormFlaw::NotATime => "Give date and time in UTC, for example 2026-11-30 03:00.".into(),
        FormFlaw::Title => "The name needs 1 to 60 visible characters.".into(),
        FormFlaw::NotConfirmed { name } => format!("Type the VM’s name exactly as shown: {name}"),
        FormFlaw::NotARevision => "Enter the number of a revision.".into(),
        FormFlaw::NoDisk => "Choose at least one disk.".into(),
        FormFlaw::NoVote => "Approve the request or veto it.".into(),
        FormFlaw::NoDecision => "Commit the restore or roll it back.".into(),
        FormFlaw::NoSettlement => "Choose whether to resume or to undo the run.".into(),
        FormFlaw::SeenOtherwise { expected } => {
            format!("The plan expects {expected}. Check it again; if it stays different, undo the run.")
        }
        FormFlaw::NotOneLine => format!("Enter one line of up to {LONGEST_OBSERVATION} characters."),
        FormFlaw::NothingSeen => "Enter what you saw: the steps that follow need it.".into(),
    }
}

pub(in crate::say) fn account(why: &AccountFlaw) -> String {
    match why {
        AccountFlaw::AccountName => {
            let (shortest, longest) = NAME_LENGTH.into_inner();
            format!(
                "A name has {shortest} to {longest} characters: lowercase letters, digits, dots, hyphens and underscores."
            )
        }
        AccountFlaw::AccountTaken { name } => format!("There is an account {name} already."),
        AccountFlaw::AccountUnknown { name } => format!("There is no account {name}."),
        AccountFlaw::PasswordLength => {
            let (shortest, longest) = PASSWORD_LENGTH.into_inner();
            format!(
                "A password has {shortest} to {longest} characters; a passphrase works well. It must not contain the \
                 login name."
            )
        }
        AccountFlaw::PasswordHasName => "A password must not contain the login name.".into(),
        AccountFlaw::PasswordsDiffer => "The passwords do not match.".into(),
        AccountFlaw::OldPassword => "The old password is wrong.".into(),
        AccountFlaw::Login => "Name or password is wrong.".into(),
        AccountFlaw::NoRole => "Choose a role.".into(),
        AccountFlaw::NoTeamName => "Enter a name for the team.".into(),
        AccountFlaw::TeamTaken { name } => format!("There is a team {name} already."),
        AccountFlaw::TeamUnknown { team } => format!("There is no team {team}."),
    }
}

fn console(why: &ConsoleFlaw) -> String {
    match why {
        ConsoleFlaw::NoCommand => "Type a command, for example `list Vm`.".into(),
        ConsoleFlaw::ControlCharacter => "A command is one line without control characters.".into(),
        ConsoleFlaw::Semicolon => {
            "A semicolon would start a second command. If the name of an object contains one, address it by its ID."
                .into()
        }
        ConsoleFlaw::NotACommand { detail } => format!("This is not a valid command: {}", full_stop(detail)),
        ConsoleFlaw::MayChange { verb } => format!(
            "`{verb}` may change something, so the console does not send it. The commands it sends are listed on its page."
        ),
        ConsoleFlaw::NotWritable { detail } => sentence(detail),
    }
}

fn host(why: &HostFlaw) -> String {
    match why {
        HostFlaw::HostName => "Give a host name or an address, without port and user.".into(),
        HostFlaw::PortOutOfRange => "Give a port from 1 to 65535.".into(),
        HostFlaw::HostAccount => "Give the account in one word.".into(),
        HostFlaw::Fingerprint { detail } => sentence(detail),
        HostFlaw::OtherHostKey { host, seen } => {
            format!("{host} shows the host key {seen}. Nothing was sent. Compare it with what the host itself says.")
        }
        HostFlaw::OldAlgorithms(fault) => super::host::fault(fault),
        HostFlaw::HostLogin { host, user } => format!("{host} refused the login of {user} with this password."),
        HostFlaw::NoCommands { host, user, printed } => {
            format!("{host} lets {user} log in, but not run commands: {printed}")
        }
    }
}

fn policy(why: &PolicyFlaw) -> String {
    match why {
        PolicyFlaw::OutOfRange { value, low, high, unit } => {
            let unit = match unit {
                Unit::Seconds => "seconds",
                Unit::Hours => "hours",
                Unit::Percent => "percent",
                Unit::People => "people",
            };
            format!("Enter {low} to {high} {unit}; {value} is out of range.")
        }
        PolicyFlaw::PolicyTaken { name } => format!("There is a protection policy {name} already."),
        PolicyFlaw::NoMethod => "Choose a method.".into(),
        PolicyFlaw::NoGate => "Choose whether a restore needs approval.".into(),
        PolicyFlaw::TargetUnknown { target } => {
            format!(
                "There is no backup target {target}, so every backup under this policy would fail. Choose another one, \
                 or have an administrator add it under this name."
            )
        }
    }
}

fn request(why: &RequestFlaw) -> String {
    let (shortest, longest) = REASON_LENGTH.into_inner();
    match why {
        RequestFlaw::ReasonLength => {
            format!("Give a reason of {shortest} to {longest} characters; an auditor will read it.")
        }
        RequestFlaw::ReasonMissing { approvers } => {
            let people = match approvers {
                1 => "one other person".to_owned(),
                several => format!("{several} other people"),
            };
            format!(
                "Fewer people would have to approve a restore, so {people} must approve this change first. Say why in \
                 {shortest} to {longest} characters; they and an auditor will read it."
            )
        }
        RequestFlaw::TimePast => "This time is in the past. Times are in UTC.".into(),
        RequestFlaw::TimeFar { days } => format!("This is more than {days} days ahead."),
        RequestFlaw::WindowOrder => "The window must end after it begins.".into(),
    }
}

fn target(why: &TargetFlaw) -> String {
    match why {
        TargetFlaw::TargetName => format!(
            "Use a name of up to {} lower-case letters, digits and hyphens that begins with a letter.",
            TARGET_NAME_LENGTH.end()
        ),
        TargetFlaw::FolderNotAbsolute => "Enter the absolute path of the folder.".into(),
        TargetFlaw::PartMissing => "This is needed to open the backup target.".into(),
        TargetFlaw::EndpointNoUrl => {
            "Begin the address with https:// or http://, for example https://s3.example.com.".into()
        }
        TargetFlaw::NoAccessKey => "Enter an access key.".into(),
        TargetFlaw::TargetTaken { target } => {
            format!("There already is a backup target {target}. Choose another name.")
        }
        TargetFlaw::TargetNotOpened(fault) => {
            let said = full_stop(&super::target::fault(fault));
            match fault.as_ref() {
                TargetFault::Absent { .. } => format!("{said} Or have a new one created there."),
                _ => said,
            }
        }
    }
}

/// What a library has said, which begins small and ends without a full stop.
fn sentence(said: &str) -> String {
    let mut chars = said.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    full_stop(&first.chain(chars).collect::<String>())
}
