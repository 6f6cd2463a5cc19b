//! What the page of a run offers when it waits for somebody, and when it is over.

use crate::plans;
use crate::site::Site;
use domain::actor::Role;
use domain::ids::RunId;
use domain::request::Request;
use domain::run::{RunState, Settlement};

const RUN: &str = "/runs/7q2k";

fn site(role: Role, state: RunState) -> Site {
    let site = Site::of(&[role]);
    *site.facts.run_state.lock().unwrap() = Some(state);
    site
}

#[tokio::test]
async fn a_run_that_stands_still_offers_only_what_will_be_done() {
    let buttons = [
        "Resume the run on slot011",
        "Undo everything on slot011",
        "Resume the undo on slot011",
    ];
    let unknown = "The outcome of a step is unknown.";
    let (stuck, past) = ("The undo did not finish.", "past its point of no return.");
    for (settlements, offered, why) in [
        (vec![Settlement::GoOn, Settlement::GoBack], [true, true, false], unknown),
        (vec![Settlement::GoOn], [true, false, false], past),
        (vec![Settlement::GoBack], [false, false, true], stuck),
    ] {
        let mut site = site(Role::Administrator, RunState::NeedsOperator);
        *site.facts.settlements.lock().unwrap() = settlements.clone();
        let text = site.text(RUN).await;
        assert_eq!(buttons.map(|button| text.contains(button)), offered, "{settlements:?}");
        for sentence in [unknown, stuck, past] {
            assert_eq!(text.contains(sentence), sentence == why, "{settlements:?}: {sentence}");
        }
    }
}

#[tokio::test]
async fn a_queued_run_says_whom_it_waits_for() {
    let mut site = site(Role::Viewer, RunState::Queued);
    assert!(!site.get(RUN).await.text.contains("Waiting for <"));
    *site.facts.waiting_for.lock().unwrap() = ["3x5a", "9b1c"].map(RunId::new).into();
    for page in [RUN, "/runs"] {
        let html = site.get(page).await.text;
        assert!(
            html.contains("Waiting for <") && html.contains("href=\"/runs/9b1c\""),
            "{page}: {html}"
        );
    }
}

#[tokio::test]
async fn a_run_is_settled_only_under_the_machines_name() {
    let mut site = site(Role::Administrator, RunState::NeedsOperator);
    *site.facts.settlements.lock().unwrap() = vec![Settlement::GoBack];
    let send = |settlement, confirm| [("run", "7q2k"), ("settlement", settlement), ("confirm", confirm)];
    let back = site.post("/fn/runs/settle", &send("go_back", "slot01")).await;
    assert!(site.text(&back).await.contains("id=\"go-back-confirm-error\""));
    for settlement in ["go_back", "go_on"] {
        let done = site.post("/fn/runs/settle", &send(settlement, "slot011")).await;
        assert_eq!(done, "/runs/7q2k?notice=settled");
    }
    assert_eq!(site.facts.asked(), ["GoBack 7q2k", "GoOn 7q2k"]);
}

#[tokio::test]
async fn who_may_not_go_on_reads_who_may() {
    let cases = [
        (
            RunState::NeedsOperator,
            Role::RestoreOperator,
            "A user with the role Administrator can decide how it continues.",
        ),
        (
            RunState::Waiting,
            Role::Administrator,
            "A user with the role Restore Operator can commit it or roll it back.",
        ),
        (
            RunState::Failed,
            Role::Viewer,
            "A user with the role Restore Operator can plan it again.",
        ),
    ];
    for (state, role, sentence) in cases {
        let text = site(role, state).text(RUN).await;
        assert!(text.contains(sentence), "{state:?}: {text}");
        let own = match state {
            RunState::NeedsOperator => Role::Administrator,
            _ => Role::RestoreOperator,
        };
        let text = site(own, state).text(RUN).await;
        assert!(!text.contains("A user with the role"), "{state:?} as {own:?}");
    }
    let text = site(Role::Viewer, RunState::NeedsOperator).text("/runs").await;
    assert!(text.contains("Needs an administrator") && !text.contains("Needs an operator"));
}

#[tokio::test]
async fn a_run_that_was_in_vain_leads_to_a_new_plan() {
    let again = "<a href=\"/points/p1\" class=\"button\">Plan again</a>";
    for (state, offered) in [
        (RunState::Running, false),
        (RunState::Succeeded, false),
        (RunState::Failed, true),
        (RunState::Cancelled, true),
        (RunState::RolledBack, true),
    ] {
        let text = site(Role::RestoreOperator, state).text(RUN).await;
        assert_eq!(text.contains(again), offered, "{state:?}");
    }
}

#[tokio::test]
async fn a_restore_says_how_many_agreed_to_it() {
    let asked = async |approvals_needed, votes| {
        let mut site = site(Role::Viewer, RunState::Running);
        let request = Request {
            approvals_needed,
            votes,
            ..plans::request()
        };
        *site.facts.requests.lock().unwrap() = vec![request];
        site.text(RUN).await
    };
    let free = asked(0, vec![]).await;
    assert!(free.contains("Requested by olga; no approval was needed: "), "{free}");
    assert!(free.contains("href=\"/restores/r1\""));
    let two = asked(2, vec![plans::approval("anna"), plans::approval("ben")]).await;
    assert!(two.contains("Requested by olga, with 2 approvals: "), "{two}");
}
