//! The rules of requests.

use super::*;
use crate::actor::{Grant, Role, Scope};
use crate::ids::{ManagerId, PointId};
use crate::plan::PlanHash;
use crate::subject::Subject;
use ovm::ids::VmId;

fn request(needed: u8, votes: &[(&str, Vote)]) -> Request {
    let plan_hash = PlanHash::new("aa");
    Request {
        id: RequestId::new("r1"),
        state: RequestState::Pending,
        asked: Asked::Plan {
            hash: plan_hash.clone(),
            point: PointId::new("p1"),
            subject: Subject::vm(&ManagerId::new("m1"), &VmId::new("0004fb"), "slot011"),
            window: Window::default(),
        },
        team: None,
        requested_by: UserId::new("olga"),
        requested_by_name: "olga".into(),
        requested_at: Timestamp(0),
        reason: "the disk was overwritten".into(),
        ticket: None,
        approvals_needed: needed,
        votes: votes
            .iter()
            .map(|(user, vote)| CastVote {
                user: UserId::new(*user),
                user_name: (*user).to_owned(),
                vote: *vote,
                reason: String::new(),
                at: Timestamp(1),
                seen: (&plan_hash).into(),
            })
            .collect(),
        expires_at: Timestamp(1000),
        run: None,
    }
}

fn vote(request: &Request, user: &str, vote: Vote) -> Result<RequestState, ServiceError> {
    request.after_vote(&UserId::new(user), vote, &AskedHash::new("aa"), Timestamp(10))
}

#[test]
fn approval_needs_as_many_people_as_the_rule_says() {
    assert_eq!(
        vote(&request(1, &[]), "anna", Vote::Approve),
        Ok(RequestState::Approved)
    );
    assert_eq!(vote(&request(2, &[]), "anna", Vote::Approve), Ok(RequestState::Pending));
    assert_eq!(
        vote(&request(2, &[("anna", Vote::Approve)]), "ben", Vote::Approve),
        Ok(RequestState::Approved)
    );
    assert_eq!(
        vote(&request(2, &[("anna", Vote::Approve)]), "ben", Vote::Veto),
        Ok(RequestState::Vetoed)
    );
}

#[test]
fn nobody_decides_his_own_request_and_nobody_twice() {
    assert!(vote(&request(1, &[]), "olga", Vote::Approve).is_err());
    assert!(vote(&request(1, &[]), "olga", Vote::Veto).is_err());
    assert!(vote(&request(2, &[("anna", Vote::Approve)]), "anna", Vote::Approve).is_err());
}

#[test]
fn another_plan_or_a_late_vote_does_not_count() {
    let request = request(1, &[]);
    assert!(
        request
            .after_vote(
                &UserId::new("anna"),
                Vote::Approve,
                &AskedHash::new("bb"),
                Timestamp(10)
            )
            .is_err()
    );
    assert!(
        request
            .after_vote(
                &UserId::new("anna"),
                Vote::Approve,
                &AskedHash::new("aa"),
                Timestamp(1000)
            )
            .is_err()
    );
}

fn account(name: &str, role: Role, scope: Scope) -> Actor {
    Actor {
        id: UserId::new(name),
        name: name.to_owned(),
        grants: vec![Grant { role, scope }],
    }
}

fn approver(name: &str) -> Actor {
    account(name, Role::Approver, Scope::All)
}

const TWO: &[(&str, Vote)] = &[("anna", Vote::Approve), ("ben", Vote::Approve)];

#[test]
fn only_votes_of_those_count_who_could_cast_them_again() {
    let request = request(2, TWO);
    let counted = |accounts: &[Actor]| request.counted(accounts).approvals();
    assert_eq!(counted(&[approver("anna"), approver("ben"), approver("carl")]), 2);
    assert_eq!(counted(&[approver("anna")]), 1, "ben cannot log in any more");
    let viewer = account("ben", Role::Viewer, Scope::All);
    assert_eq!(counted(&[approver("anna"), viewer]), 1, "ben has another role");
    let own = Request {
        requested_by: UserId::new("anna"),
        ..request.clone()
    };
    assert_eq!(own.counted(&[approver("anna"), approver("ben")]).approvals(), 1);
}

#[test]
fn a_vote_counts_for_the_team_that_the_machine_has_now() {
    let (blue, red) = (TeamId::new("blue"), TeamId::new("red"));
    let anna = [account("anna", Role::Approver, Scope::Team(blue.clone()))];
    let of = |team: Option<TeamId>| Request {
        team,
        ..request(1, &[("anna", Vote::Approve)])
    };
    assert_eq!(of(Some(blue)).void_because(&anna), None);
    assert!(of(Some(red)).void_because(&anna).is_some());
    assert!(of(None).void_because(&anna).is_some());
}

#[test]
fn a_vote_that_does_not_count_is_replaced_by_another() {
    let counted = request(2, &[("anna", Vote::Approve)]).counted(&[approver("ben")]);
    assert_eq!(vote(&counted, "ben", Vote::Approve), Ok(RequestState::Pending));
    let counted = request(2, TWO).counted(&[approver("ben"), approver("carl")]);
    assert_eq!(vote(&counted, "carl", Vote::Approve), Ok(RequestState::Approved));
}

#[test]
fn an_approval_is_void_when_too_few_are_left_and_says_whose_are_missing() {
    assert_eq!(request(0, &[]).void_because(&[]), None, "it needs none");
    assert_eq!(request(1, TWO).void_because(&[approver("ben")]), None, "one is enough");
    let told = request(2, TWO).void_because(&[approver("ben")]).unwrap();
    let expected = VoidApproval {
        subject: "slot011".into(),
        lost: vec!["anna".into()],
        counted: 1,
        needed: 2,
    };
    assert_eq!(told, expected);
    assert_eq!(request(2, TWO).void_because(&[]).unwrap().lost, ["anna", "ben"]);
}

#[test]
fn keys_name_states_both_ways() {
    for state in RequestState::ALL {
        assert_eq!(RequestState::from_key(state.key()), Some(state));
    }
}

fn approved(needed: u8, votes: &[(&str, Vote)]) -> Request {
    Request {
        state: RequestState::Approved,
        run: Some(RunId::new("run")),
        ..request(needed, votes)
    }
}

#[test]
fn an_approver_may_still_veto_and_whoever_asked_withdraw_what_is_approved() {
    let approved = approved(1, &[("anna", Vote::Approve)]);
    assert_eq!(vote(&approved, "ben", Vote::Veto), Ok(RequestState::Vetoed));
    assert_eq!(
        vote(&approved, "anna", Vote::Veto),
        Ok(RequestState::Vetoed),
        "she has seen something"
    );
    assert!(vote(&approved, "ben", Vote::Approve).is_err(), "it needs no more");
    assert!(vote(&approved, "olga", Vote::Veto).is_err(), "she can withdraw it");
    let late = approved.after_vote(&UserId::new("ben"), Vote::Veto, &AskedHash::new("aa"), Timestamp(1000));
    assert_eq!(late, Ok(RequestState::Vetoed), "what is approved does not expire");
    let withdrawn = |by: &str| approved.after_withdrawal(&UserId::new(by));
    assert_eq!(withdrawn("olga"), Ok(RequestState::Withdrawn));
    assert!(withdrawn("anna").is_err());
}

#[test]
fn whoever_has_approved_may_veto_and_whoever_has_vetoed_is_done() {
    let once = request(2, &[("anna", Vote::Approve)]);
    assert_eq!(vote(&once, "anna", Vote::Veto), Ok(RequestState::Vetoed));
    let vetoed = request(2, &[("anna", Vote::Veto)]);
    assert!(vote(&vetoed, "anna", Vote::Veto).is_err());
    assert!(vote(&vetoed, "anna", Vote::Approve).is_err());
}

#[test]
fn a_change_that_is_done_is_stopped_by_nobody() {
    let done = Request {
        run: None,
        ..approved(1, &[("anna", Vote::Approve)])
    };
    assert!(vote(&done, "ben", Vote::Veto).is_err());
    assert!(done.after_withdrawal(&UserId::new("olga")).is_err());
}

#[test]
fn what_came_to_nothing_is_neither_voted_on_nor_withdrawn() {
    use RequestState::{Expired, Missed, Vetoed, Void, Withdrawn};
    for state in [Expired, Missed, Vetoed, Void, Withdrawn] {
        let over = Request {
            state,
            ..approved(1, &[])
        };
        assert!(vote(&over, "ben", Vote::Veto).is_err(), "{state:?}");
        assert!(vote(&over, "ben", Vote::Approve).is_err(), "{state:?}");
        assert!(over.after_withdrawal(&UserId::new("olga")).is_err(), "{state:?}");
    }
}

#[test]
fn a_request_expires_before_its_window_closes() {
    let now = Timestamp(5_000);
    let usual = expiry(now, Window::default());
    assert!(usual > now);
    let closing = |end| Window {
        not_before: None,
        not_after: Some(end),
    };
    let soon = now.plus_seconds(60);
    assert_eq!(expiry(now, closing(soon)), soon);
    assert_eq!(expiry(now, closing(usual.plus_seconds(1))), usual);
}
