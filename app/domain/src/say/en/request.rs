//! What is requested.

use super::list;
use crate::policy::{Policy, PolicyRules, RestoreGate};
use crate::request::{Asked, Change, Void, VoidApproval, Window};

pub(in crate::say) fn asked(asked: &Asked) -> String {
    match asked {
        Asked::Plan { subject, .. } => format!("Restore of {}", subject.name),
        Asked::Change(Change::Policy { from, .. }) => format!("Change of the protection policy {}", from.rules.name),
        Asked::Change(Change::Assignment {
            subject, to: Some(to), ..
        }) => {
            format!("Protection policy {} for {}", to.rules.name, subject.name)
        }
        Asked::Change(Change::Assignment { subject, to: None, .. }) => {
            format!("No protection policy for {}", subject.name)
        }
    }
}

pub(in crate::say) fn change(change: &Change) -> String {
    let (from, to) = change.gates();
    let gates = match from == to {
        true => format!("A restore {}, as before.", from.in_words()),
        false => format!("A restore {} instead of {}.", to.in_words(), approvals(from)),
    };
    match change {
        Change::Policy { from, to } => {
            let rest = others(from, to);
            [gates].into_iter().chain(rest).collect::<Vec<_>>().join(" ")
        }
        Change::Assignment { from, to, .. } => format!(
            "Protection policy: {} instead of {}. {gates}",
            name(to.as_ref()),
            name(from.as_ref())
        ),
    }
}

fn name(policy: Option<&Policy>) -> &str {
    policy.map_or("none", |policy| &policy.rules.name)
}

fn approvals(gate: RestoreGate) -> String {
    match gate.approvals() {
        0 => "none".into(),
        1 => "one approval".into(),
        several => format!("{several} approvals"),
    }
}

/// What changes beside the gate, a sentence each.
fn others(from: &Policy, to: &Policy) -> Vec<String> {
    let PolicyRules {
        name,
        method,
        patience_secs,
        may_kill,
        free_space_floor_percent,
        restore_gate: _,
        commit_within_hours,
        target,
    } = &to.rules;
    let old = &from.rules;
    let kill = |kills: bool| if kills { "yes" } else { "no" };
    let team = |policy: &Policy| {
        policy
            .team
            .as_ref()
            .map_or_else(|| "everybody's".to_owned(), ToString::to_string)
    };
    let pairs = [
        ("Name", name.clone(), old.name.clone()),
        ("Team", team(to), team(from)),
        ("Method", method.title().to_owned(), old.method.title().to_owned()),
        (
            "Shutdown timeout",
            format!("{patience_secs} s"),
            format!("{} s", old.patience_secs),
        ),
        (
            "Power off when it does not shut down",
            kill(*may_kill).to_owned(),
            kill(old.may_kill).to_owned(),
        ),
        (
            "Minimum free space",
            format!("{free_space_floor_percent} percent"),
            format!("{} percent", old.free_space_floor_percent),
        ),
        ("Backup target", target.to_string(), old.target.to_string()),
        (
            "Commit within",
            format!("{commit_within_hours} h"),
            format!("{} h", old.commit_within_hours),
        ),
    ];
    let changed = pairs.into_iter().filter(|(_, new, old)| new != old);
    changed
        .map(|(what, new, old)| format!("{what}: {new} instead of {old}."))
        .collect()
}

pub(in crate::say) fn window(window: &Window) -> String {
    match (window.not_before, window.not_after) {
        (None, None) => String::new(),
        (Some(begin), None) => format!(", to start not before {}", begin.display()),
        (None, Some(end)) => format!(", to start before {}", end.display()),
        (Some(begin), Some(end)) => format!(", to start between {} and {}", begin.display(), end.display()),
    }
}

pub(in crate::say) fn void(why: &Void) -> String {
    match why {
        Void::Approvals(void) => approval_void(void),
        Void::ChangedSince => "It has been changed since this was requested, so nothing was changed now.".into(),
        Void::NameTaken => "Another protection policy has this name now, so nothing was changed.".into(),
        Void::Requester { name } => {
            format!("{name}, who requested this, no longer has the right to do it, so nothing was done.")
        }
        Void::OtherTeam => "The protection policy belongs to another team now, so nothing was changed.".into(),
    }
}

pub(in crate::say) fn approval_void(void: &VoidApproval) -> String {
    format!(
        "The approval is void: {} may no longer decide requests for {}, so only {} of {} approvals count. Nothing was \
         started. Plan the restore again from the recovery point and request it.",
        list(&void.lost),
        void.subject,
        void.counted,
        void.needed
    )
}
