//! Requests for a change, and windows: what the forms send, what the pages say.

use crate::estate::{self, SLOT};
use crate::plans;
use crate::site::Site;
use domain::actor::Role;
use domain::error::{RequestFlaw, ServiceError};
use domain::policy::{Policy, RestoreGate};
use domain::request::{Asked, Change, Request, RequestState, Window};
use domain::run::RunState;
use domain::time::Timestamp;
use std::sync::atomic::Ordering::Relaxed;

/// The usual policy is to need nobody's approval any more.
fn loosening() -> Request {
    let from = estate::policy_view().policy;
    let mut rules = from.rules.clone();
    rules.restore_gate = RestoreGate::Free;
    rules.commit_within_hours = 48;
    let to = Policy { rules, ..from.clone() };
    Request {
        asked: Asked::Change(Change::Policy { from, to }),
        ..plans::request()
    }
}

async fn page(role: Role, request: Request, not_begun: bool) -> String {
    let mut site = Site::of(&[role]);
    *site.facts.requests.lock().unwrap() = vec![request];
    *site.facts.approvers.lock().unwrap() = vec!["anna".into()];
    site.facts.not_begun.store(not_begun, Relaxed);
    site.text("/restores/r1").await
}

#[tokio::test]
async fn a_request_for_a_change_says_what_is_different_afterwards() {
    let text = page(Role::Viewer, loosening(), true).await;
    assert!(text.contains("Change of the protection policy Gold"), "{text}");
    assert!(text.contains("A restore needs no approval instead of one approval."));
    assert!(text.contains("Commit within: 48 h instead of 1 h."), "{text}");
    assert!(text.contains("needs four-eyes approval by one person"));
    assert!(!text.contains("Steps</h2>") && !text.contains("<form method=\"post\" action=\"/fn/restores"));
    for (state, says) in [
        (RequestState::Approved, "The change was made with the last approval."),
        (RequestState::Vetoed, "The change is not made."),
        (RequestState::Expired, "Nobody decided in time. The change is not made."),
        (RequestState::Void, "so nothing was changed."),
    ] {
        let text = page(Role::Viewer, Request { state, ..loosening() }, false).await;
        assert!(text.contains(says), "{state:?}: {text}");
    }
    let mut site = Site::of(&[Role::Viewer]);
    *site.facts.requests.lock().unwrap() = vec![loosening()];
    let list = site.text("/restores").await;
    assert!(list.contains(">Change of the protection policy Gold<"), "{list}");
}

#[tokio::test]
async fn a_change_is_approved_by_the_name_of_what_it_changes_and_its_hash() {
    let mut site = Site::of(&[Role::Approver]);
    *site.facts.requests.lock().unwrap() = vec![loosening()];
    let hash = loosening().asked.hash();
    let text = site.text("/restores/r1").await;
    assert!(text.contains("Approve the change of Gold") && text.contains("pattern=\"Gold\""));
    assert!(text.contains(&format!("name=\"seen\" value=\"{hash}\"")));
    let vote = |confirm| {
        [
            ("request", "r1"),
            ("seen", hash.as_str()),
            ("vote", "approve"),
            ("reason", ""),
            ("confirm", confirm),
        ]
    };
    let back = site.post("/fn/restores/vote", &vote("slot011")).await;
    assert!(back.contains("flash="), "another name is not enough");
    let to = site.post("/fn/restores/vote", &vote("Gold")).await;
    assert_eq!(to, "/restores/r1?notice=approved");
    assert_eq!(site.facts.asked(), [format!("Approve r1 {}", hash.short())]);
}

#[tokio::test]
async fn a_policy_says_what_it_takes_to_loosen_it_and_such_a_change_leads_to_its_request() {
    let mut site = Site::of(&[Role::PolicyOwner]);
    let text = site.text("/protection/gold").await;
    assert!(text.contains("must first be approved by one person"), "{text}");
    assert!(text.contains("id=\"policy-reason\""));
    assert!(
        !site.text("/protection/new").await.contains("id=\"policy-reason\""),
        "there is nothing to loosen"
    );
    let fields = [
        ("policy", "gold"),
        ("name", "Gold"),
        ("method", "reflink"),
        ("gate", "free"),
        ("commit_within_hours", "48"),
        ("patience_secs", "60"),
        ("free_space_floor_percent", "5"),
        ("reason", "not production any more"),
    ];
    *site.facts.refusal.lock().unwrap() = Some(ServiceError::invalid("reason", RequestFlaw::ReasonLength));
    let back = site.post("/fn/policies/save", &fields).await;
    let text = site.text(&back).await;
    assert!(
        text.contains("id=\"policy-reason-error\"") && text.contains("not production any more"),
        "{text}"
    );
    let to = site.post("/fn/policies/save", &fields).await;
    assert_eq!(to, "/restores/r2?notice=change-requested");
    assert_eq!(
        site.facts.asked(),
        ["save Some(PolicyId(\"gold\")) Gold not production any more"]
    );
    let assign = [
        ("manager", "m1"),
        ("vm", SLOT),
        ("policy", ""),
        ("reason", "it is a test system"),
    ];
    let to = site.post("/fn/policies/assign", &assign).await;
    assert_eq!(to, "/restores/r2?notice=change-requested");
}

#[tokio::test]
async fn a_restore_is_requested_for_a_window_in_utc() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    let hash = plans::restore().hash;
    let text = site.text(&format!("/plans/{hash}")).await;
    assert!(text.contains("type=\"datetime-local\"") && text.contains("Not before (optional, UTC)"));
    let sent = |begin, end| {
        [
            ("plan", hash.as_str()),
            ("reason", "the disk was overwritten"),
            ("confirm", "slot011"),
            ("not_before", begin),
            ("not_after", end),
        ]
    };
    let back = site.post("/fn/restores/submit", &sent("tonight", "")).await;
    let text = site.text(&back).await;
    assert!(
        text.contains("id=\"request-not_before-error\"") && text.contains("value=\"tonight\""),
        "{text}"
    );
    site.post("/fn/restores/submit", &sent("2026-12-01T03:00", "2026-12-01T05:30"))
        .await;
    site.post("/fn/restores/submit", &sent("", "")).await;
    let plain = format!("submit {} the disk was overwritten", hash.short());
    let in_window = format!("{plain}, to start between 2026-12-01 03:00:00 UTC and 2026-12-01 05:30:00 UTC");
    assert_eq!(site.facts.asked(), [in_window, plain]);
}

#[tokio::test]
async fn an_approved_restore_that_has_not_begun_can_be_vetoed_and_says_when_it_may() {
    let window = Window {
        not_before: Some(Timestamp(1_766_000_000_000)),
        not_after: None,
    };
    let Asked::Plan {
        hash, point, subject, ..
    } = plans::request().asked
    else {
        panic!("it asks for a plan");
    };
    let approved = Request {
        asked: Asked::Plan {
            hash,
            point,
            subject,
            window,
        },
        state: RequestState::Approved,
        ..plans::request()
    };
    let waits = page(Role::Approver, approved.clone(), true).await;
    assert!(waits.contains("Not before 2025-12-17 19:33:20 UTC"), "{waits}");
    assert!(waits.contains("Veto the request") && !waits.contains("Approve overwriting"));
    let begun = page(Role::Approver, approved.clone(), false).await;
    assert!(!begun.contains("Veto the request"));
    let missed = Request {
        state: RequestState::Missed,
        ..approved
    };
    let missed = page(Role::RestoreOperator, missed, false).await;
    assert!(missed.contains("before its window closed. The plan will not run.") && missed.contains("Plan again"));
}

#[tokio::test]
async fn a_run_that_has_missed_its_window_is_found_among_the_states_and_on_the_overview() {
    let mut site = Site::of(&[Role::Viewer]);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Missed);
    let text = site.text("/runs").await;
    assert!(
        text.contains("href=\"/runs?state=missed\"") && text.contains("Window missed"),
        "{text}"
    );
    let overview = site.text("/").await;
    let failed = overview.split("id=\"failed\"").nth(1).unwrap();
    assert!(
        failed.contains("Window missed"),
        "whoever counted on it reads it at once: {failed}"
    );
}
