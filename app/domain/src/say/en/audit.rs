//! What rows of the audit trail say.

use super::{count, fault, full_stop, request, run};
use crate::actor::{Grant, Scope};
use crate::audit::{
    AskedFor, Detail, Enrolled, HostPlace, LoginRefusal, OfRequest, OfRun, PolicyForm, RequestStage, Voted,
};
use crate::ids::TargetId;
use crate::say::{Language, Say, together};
use crate::words::size;

const EN: Language = Language::En;

pub(in crate::say) fn detail(detail: &Detail) -> String {
    match detail {
        Detail::BackupStarted { name, point } => format!("Backup of {name} to recovery point {point}."),
        Detail::Request { asked, stage } => of_request(asked, stage),
        Detail::RestoreQueued { name, run, window } => {
            format!("Restore of {name} queued as run {run}{}.", request::window(window))
        }
        Detail::DecisionTimedOut => "Nobody committed it in time.".into(),
        Detail::RestoreCommitted(of) => {
            format!("{} The restored disks stay; the replaced ones are removed.", of_run(of))
        }
        Detail::RestoreRolledBack(of) => format!("{} The replaced disks are put back.", of_run(of)),
        Detail::RunCancelled(of) => format!("{} Cancelled before anything was started.", of_run(of)),
        Detail::CancelRequested(of) => format!("{} It stops at the next safe point.", of_run(of)),
        Detail::RunSettled { run: of, settled } => format!("{} {}", of_run(of), run::settled(*settled)),
        Detail::RunConfirmed {
            run: of,
            title,
            observed,
        } => {
            let seen = if observed.is_empty() {
                String::new()
            } else {
                format!(" Seen: {observed}.")
            };
            format!("{} Confirmed: {}.{seen}", of_run(of), title.say(EN))
        }
        Detail::RunEnded {
            run: of,
            state,
            message,
        } => {
            let ended = format!("{} of {}: {}.", run::kind(of.kind), of.name, state.title());
            format!("{ended} {}", together(message, EN)).trim().to_owned()
        }
        Detail::PointPublished {
            name,
            disks,
            consistency,
        } => format!("{} of {name}, {}.", count(*disks, "disk"), consistency.title()),
        Detail::PointVerified { disks, target } => {
            let read = format!(
                "{} read back and intact, and so are the files stored with them.",
                count(*disks, "stored disk")
            );
            read + &in_target(target)
        }
        Detail::PointDamaged { damage, target } => fault::damage(damage) + &in_target(target),
        Detail::TargetAdded { name, place } => format!("Added as {name}, in {place}."),
        Detail::TargetChecked { fault: None } => "Its password opens it.".into(),
        Detail::TargetChecked { fault: Some(why) } => format!("It cannot be used: {}", fault::fault(why)),
        Detail::PointSealedAgain { snapshot } => format!(
            "Its stored data was gone from the backup target, as after a power failure, but its parts were there: they are \
             now stored as {snapshot}."
        ),
        Detail::PartsDiscarded => "What was stored for it was removed because it was never completed.".into(),
        Detail::TargetPruned { removed, marked, hours } => format!(
            "{} of unneeded data removed; {} found to be unneeded, kept for another {hours} hours.",
            size(*removed),
            size(*marked)
        ),
        Detail::KeyPutBack => {
            "Its key file was missing or damaged, and was written again from the copy in the database. \
                               Check the storage of the backup target."
                .into()
        }
        Detail::TargetAdopted { place, instead_of } => match instead_of {
            Some(id) => format!("The backup target in {place} was adopted instead of {id}."),
            None => format!("The backup target in {place} was adopted as the first."),
        },
        Detail::LeftoverRemoved(left) => left.say(EN),
        Detail::LeftoverVoid { left, run } => format!(
            "{} Not done, because run {run} has changed the VM since.",
            full_stop(&left.say(EN))
        ),
        Detail::ArtefactDownloaded { artefact, name } => format!("{} of {name}.", artefact.file_name()),
        Detail::HandbookExported { subject, revision } => format!("{subject}, revision {revision}."),
        Detail::ScriptDownloaded { file, scope, revision } => {
            format!("{file} of {}, revision {revision}.", scope.key())
        }
        Detail::PlanDownloaded { file, plan } => format!("{file} of plan {}.", plan.short()),
        Detail::ScriptRehearsed {
            steps,
            refused,
            differences,
        } => format!(
            "{}, {refused} refused, {}.",
            count(usize::try_from(*steps).unwrap_or(usize::MAX), "step"),
            count(*differences, "difference")
        ),
        Detail::PolicySaved { was, is, request } => was_is(was.as_ref().map(policy), &policy(is)) + &by(request),
        Detail::PolicyAssigned { was, is, request } => {
            was_is(Some(none_if(was.as_deref())), &none_if(is.as_deref())) + &by(request)
        }
        Detail::TeamChanged { was, is } => {
            let name = |team: &Option<crate::ids::TeamId>| none_if(team.as_ref().map(|team| team.as_str()));
            was_is(Some(name(was)), &name(is))
        }
        Detail::EstateDiscovered { vms, problems } => format!(
            "{vms} VMs and templates found, {} could not be read.",
            count(*problems, "object")
        ),
        Detail::DiscoveryFailed(why) => super::host::fault(why),
        Detail::ManagerEnrolled(enrolled) | Detail::ServerEnrolled(enrolled) => host(enrolled),
        Detail::ConsoleAsked { line } => line.clone(),
        Detail::AccountCreated { grants } => format!("Roles: {}.", roles(grants)),
        Detail::RolesChanged { was, is } => was_is(Some(roles(was)), &roles(is)),
        Detail::PasswordSet => "All sessions of the account have ended.".into(),
        Detail::PasswordRefused => "The current password was wrong.".into(),
        Detail::LoginRefused(why) => match why {
            LoginRefusal::NoAccount => "There is no such account.".into(),
            LoginRefusal::WrongPassword => "The password was wrong.".into(),
            LoginRefusal::Disabled => "The account is disabled.".into(),
        },
        Detail::AccountDisabled
        | Detail::AccountEnabled
        | Detail::PasswordChanged
        | Detail::LoginAccepted
        | Detail::LoginEnded => String::new(),
        Detail::TeamCreated { name } => format!("Name: {name}."),
        Detail::TrailExported => "All rows up to this one.".into(),
        Detail::HostKeyChanged { expected, seen } => {
            format!("It showed the host key {seen} instead of {expected}; jobs for it are stopped.")
        }
    }
}

fn of_request(asked: &AskedFor, stage: &RequestStage) -> String {
    let what = match asked {
        AskedFor::Restore(name) => format!("Restore of {name}"),
        AskedFor::Policy(name) => format!("Change of the protection policy {name}"),
        AskedFor::Assignment {
            name,
            policy: Some(policy),
        } => format!("Protection policy {policy} for {name}"),
        AskedFor::Assignment { name, policy: None } => format!("No protection policy for {name}"),
    };
    match stage {
        RequestStage::Requested { reason } => format!("{what} requested: {reason}"),
        RequestStage::Approved(vote) | RequestStage::Vetoed(vote) => {
            let Voted { requested_by, reason } = vote;
            format!("{what}, requested by {requested_by}. {reason}")
                .trim()
                .to_owned()
        }
        RequestStage::Withdrawn { reason } => format!("{what}. It was requested because: {reason}"),
        RequestStage::Expired => format!("{what}. Nobody decided it in time."),
        RequestStage::Missed { closed } => format!("{what}. {}", run::missed(*closed)),
        RequestStage::Void(why) => request::void(why),
    }
}

fn in_target(target: &Option<TargetId>) -> String {
    let told = target.as_ref().map(|target| format!(" Backup target: {target}."));
    told.unwrap_or_default()
}

/// The request behind a change, where there is one.
fn by(request: &Option<OfRequest>) -> String {
    let by = |request: &OfRequest| format!(" Requested by {}, request {}.", request.by, request.id);
    request.as_ref().map(by).unwrap_or_default()
}

fn of_run(run: &OfRun) -> String {
    format!("{} of {}.", run::kind(run.kind), run.name)
}

/// `Was: ... Is: ...`, or only what is.
fn was_is(was: Option<String>, is: &str) -> String {
    match was {
        Some(was) => format!("Was: {was}. Is: {is}."),
        None => format!("Is: {is}."),
    }
}

fn none_if(name: Option<&str>) -> String {
    name.unwrap_or("none").to_owned()
}

fn policy(policy: &PolicyForm) -> String {
    let team = match &policy.team {
        None => "for everybody".to_owned(),
        Some(team) => format!("of team {team}"),
    };
    let kill = if policy.may_kill {
        "then powered off"
    } else {
        "never powered off"
    };
    let gate = match policy.approvers {
        0 => "no approval".to_owned(),
        approvers => count(approvers.into(), "approval"),
    };
    let target = policy.target.as_ref().map(|target| format!(", backup target {target}"));
    let target = target.unwrap_or_default();
    format!(
        "{}, {team}, {}, {} s to shut down, {kill}, at least {} % free, restores need {gate} and a commit within {} h{target}",
        policy.name,
        policy.method.title(),
        policy.patience_secs,
        policy.free_space_floor_percent,
        policy.commit_within_hours
    )
}

fn host(enrolled: &Enrolled) -> String {
    let place = |place: &HostPlace| format!("{}:{} with host key {}", place.host, place.port, place.fingerprint);
    was_is(enrolled.was.as_ref().map(place), &place(&enrolled.is))
}

/// `Viewer, Backup Operator for team t1`.
fn roles(grants: &[Grant]) -> String {
    let one = |grant: &Grant| match &grant.scope {
        Scope::All => grant.role.title().to_owned(),
        Scope::Team(team) => format!("{} for team {team}", grant.role.title()),
    };
    match grants {
        [] => "no role".to_owned(),
        grants => grants.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}
