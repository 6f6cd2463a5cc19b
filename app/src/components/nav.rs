//! The ways in. One that the actor's roles never open is not shown.

use crate::context;
use domain::actor::{Actor, Permission};
use leptos::prelude::*;

/// Address, word, and permissions of which one opens the page.
const WAYS: [(&str, &str, &[Permission]); 9] = [
    ("/", "Overview", &[Permission::ViewEstate, Permission::ViewRuns]),
    ("/estate", "Estate", &[Permission::ViewEstate]),
    ("/protection", "Protection", &[Permission::ViewEstate]),
    ("/points", "Recovery points", &[Permission::ViewEstate]),
    ("/restores", "Restores", &[Permission::ViewRuns]),
    ("/runs", "Runs", &[Permission::ViewRuns]),
    ("/handbook", "Handbook", &[Permission::DownloadArtefacts]),
    ("/audit", "Audit", &[Permission::ReadAudit]),
    (
        "/administration",
        "Administration",
        &[Permission::Administer, Permission::ViewAccounts],
    ),
];

/// The links, the one of this page marked.
#[component]
pub fn Nav(actor: Actor) -> impl IntoView {
    let path = context::path();
    let links: Vec<_> = WAYS
        .into_iter()
        .filter(|(_, _, needed)| needed.iter().any(|permission| opens(&actor, *permission)))
        .map(|(address, word, _)| {
            let current = leads_to(address, &path).then_some("page");
            view! { <li><a href=address aria-current=current>{word}</a></li> }
        })
        .collect();
    view! { <ul class="nav">{links}</ul> }
}

/// The trail and the accounts belong to no team; all else is opened by a role for any team.
fn opens(actor: &Actor, permission: Permission) -> bool {
    match permission {
        Permission::ReadAudit | Permission::Administer | Permission::ViewAccounts => actor.may(permission, None),
        _ => actor.may_somewhere(permission),
    }
}

/// Whether a page belongs to a way in. Plans are seen on the way to a restore or a run, and belong to runs.
fn leads_to(way: &str, path: &str) -> bool {
    match way {
        "/" => path == "/",
        "/runs" if path.starts_with("/plans/") => true,
        _ => path == way || path.strip_prefix(way).is_some_and(|rest| rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::leads_to;

    #[test]
    fn a_way_in_leads_to_its_pages_only() {
        assert!(leads_to("/", "/"));
        assert!(!leads_to("/", "/estate"));
        assert!(leads_to("/estate", "/estate/m1/vms/7"));
        assert!(!leads_to("/estate", "/estates"));
        assert!(leads_to("/runs", "/plans/ab"));
    }
}
