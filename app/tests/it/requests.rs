//! What the page of a request says at each of its ends: who can still agree, until when, and what to do when it was in vain.

use crate::plans;
use crate::site::Site;
use domain::actor::Role;
use domain::request::{Request, RequestState};

/// The page of a request, as somebody with this role reads it.
async fn page(role: Role, request: Request, approvers: &[&str]) -> String {
    let mut site = Site::of(&[role]);
    *site.facts.requests.lock().unwrap() = vec![request];
    *site.facts.approvers.lock().unwrap() = approvers.iter().map(ToString::to_string).collect();
    site.text("/restores/r1").await
}

fn in_state(state: RequestState) -> Request {
    Request {
        state,
        ..plans::request()
    }
}

#[tokio::test]
async fn a_request_says_who_can_give_the_approvals_that_are_missing() {
    let two = Request {
        approvals_needed: 2,
        ..plans::request()
    };
    let enough = page(Role::RestoreOperator, two.clone(), &["anna", "ben"]).await;
    assert!(enough.contains("2 approvals still needed, from someone other than olga."));
    assert!(
        enough.contains("Can be given by: ") && enough.contains("anna, ben"),
        "{enough}"
    );
    assert!(!enough.contains("Not enough approvers"));

    let too_few = page(Role::RestoreOperator, two.clone(), &["anna"]).await;
    assert!(too_few.contains("Not enough approvers"), "{too_few}");
    assert!(too_few.contains("2 approvals still needed, and can be given by: anna. An administrator must grant"));

    let one_more = Request {
        votes: vec![plans::approval("anna")],
        ..two
    };
    let nobody = page(Role::RestoreOperator, one_more.clone(), &[]).await;
    assert!(nobody.contains("1 approval still needed, and can be given by: nobody."));
    let one = page(Role::RestoreOperator, one_more, &["ben"]).await;
    assert!(one.contains("Can be given by: ") && !one.contains("Not enough approvers"));

    let decided = page(Role::RestoreOperator, in_state(RequestState::Vetoed), &[]).await;
    assert!(!decided.contains("Can be given by") && !decided.contains("Not enough approvers"));
}

#[tokio::test]
async fn a_request_expires_only_as_long_as_it_waits() {
    let expires = ">Expires</dt>";
    let waits = page(Role::Viewer, plans::request(), &["anna"]).await;
    assert!(waits.contains(expires), "{waits}");
    for state in [RequestState::Approved, RequestState::Vetoed, RequestState::Withdrawn] {
        let decided = page(Role::Viewer, in_state(state), &["anna"]).await;
        assert!(!decided.contains(expires), "{state:?}");
    }
    let time = format!("datetime=\"{}\"", plans::request().expires_at.iso());
    for (state, shown) in [(RequestState::Pending, true), (RequestState::Approved, false)] {
        let mut site = Site::of(&[Role::Viewer]);
        *site.facts.requests.lock().unwrap() = vec![in_state(state)];
        assert_eq!(
            site.text("/restores").await.contains(&time),
            shown,
            "{state:?} in the list"
        );
    }
}

#[tokio::test]
async fn a_request_that_came_to_nothing_leads_to_a_new_one() {
    let again = "<a href=\"/points/p1\" class=\"button\">Plan again</a>";
    for (state, offered) in [
        (RequestState::Pending, false),
        (RequestState::Approved, false),
        (RequestState::Vetoed, true),
        (RequestState::Expired, true),
        (RequestState::Withdrawn, true),
    ] {
        let text = page(Role::RestoreOperator, in_state(state), &["anna"]).await;
        assert_eq!(text.contains(again), offered, "{state:?}: {text}");
    }
    let text = page(Role::Viewer, in_state(RequestState::Vetoed), &[]).await;
    assert!(!text.contains(again));
    assert!(text.contains("A user with the role Restore Operator can plan it again."));
}

/// The part of the page with this id.
fn part<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = format!("<div id=\"{id}\" data-live=\"\">");
    page.split(&begin).nth(1).unwrap().split("<div id=").next().unwrap()
}

/// A page that follows the news replaces the parts that changed: the forms stand in one that changes only with the decision.
#[tokio::test]
async fn the_vote_of_another_changes_the_votes_and_leaves_the_forms_as_they_are() {
    let waits = Request {
        approvals_needed: 3,
        ..plans::request()
    };
    let voted = Request {
        votes: vec![plans::approval("ben")],
        ..waits.clone()
    };
    let (before, after) = (
        page(Role::Approver, waits, &["anna", "ben"]).await,
        page(Role::Approver, voted, &["anna"]).await,
    );
    assert_ne!(part(&before, "votes"), part(&after, "votes"));
    assert_ne!(part(&before, "approvers"), part(&after, "approvers"));
    let forms = |page: &str| part(page, "decide").split("</section>").next().unwrap().to_owned();
    assert!(forms(&before).contains("Approve overwriting slot011’s disks"));
    assert_eq!(forms(&before), forms(&after));
    let decided = page(Role::Approver, in_state(RequestState::Withdrawn), &[]).await;
    assert!(!forms(&decided).contains("<form"), "{}", forms(&decided));
}
