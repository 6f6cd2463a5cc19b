//! Changes by which fewer people would have to approve a restore are requested and approved; all others are done at once.

use crate::house::{BLUE, House, RED, at, now, rules, team};
use crate::requests::account;
use domain::actor::{Actor, Role, Scope};
use domain::error::{ServiceError, Thing};
use domain::ids::{PolicyId, RequestId};
use domain::policy::{Policy, PolicyRules, RestoreGate};
use domain::request::{Asked, AskedHash, Request, RequestState, Vote, Window};
use domain::say::{Language, Say};
use domain::services::{Changed, RequestFilter};

const REASON: &str = "a test system from today on";
const FREE: RestoreGate = RestoreGate::Free;

fn needing(approvers: u8) -> RestoreGate {
    RestoreGate::Approval { approvers }
}

/// Rules of the policy Gold with this gate.
fn gold(gate: RestoreGate) -> PolicyRules {
    PolicyRules {
        restore_gate: gate,
        ..rules("Gold")
    }
}

/// A policy of the team blue, an owner who is also an approver, and two other approvers.
struct Story {
    house: House,
    owner: Actor,
    anna: Actor,
    ben: Actor,
    policy: PolicyId,
}

impl Story {
    async fn with(gate: RestoreGate) -> Self {
        let house = House::furnished().await;
        let anna = account(&house, "anna", Role::Approver, Scope::All).await;
        let ben = account(&house, "ben", Role::Approver, Scope::Team(team(BLUE))).await;
        let mut owner = account(&house, "owner", Role::PolicyOwner, Scope::All).await;
        owner.grants.extend(anna.grants.clone());
        let tx = house.store.begin().await.unwrap();
        tx.set_grants(&owner.id, &owner.grants).await.unwrap();
        tx.commit().await.unwrap();
        let policies = &house.backend.policies;
        let policy = policies.save(&owner, None, Some(team(BLUE)), gold(gate), "").await;
        Self {
            policy: now(policy.unwrap()),
            house,
            owner,
            anna,
            ben,
        }
    }

    async fn saves(&self, rules: PolicyRules, reason: &str) -> Result<Changed<PolicyId>, ServiceError> {
        let (policies, id) = (&self.house.backend.policies, Some(self.policy.clone()));
        policies.save(&self.owner, id, Some(team(BLUE)), rules, reason).await
    }

    /// Requests the looser gate.
    async fn asks_for(&self, rules: PolicyRules) -> RequestId {
        requested(self.saves(rules, REASON).await)
    }

    async fn assigns(&self, policy: Option<&PolicyId>, reason: &str) -> Result<Changed<()>, ServiceError> {
        let policies = &self.house.backend.policies;
        policies.assign(&self.owner, &at(BLUE), policy.cloned(), reason).await
    }

    async fn votes(&self, who: &Actor, id: &RequestId, vote: Vote) -> Result<RequestState, ServiceError> {
        let seen = self.request(id).await.asked.hash();
        self.house.backend.restores.vote(who, id, &seen, vote, REASON).await
    }

    async fn request(&self, id: &RequestId) -> Request {
        self.house.store.request(id).await.unwrap().unwrap()
    }

    async fn gate(&self) -> RestoreGate {
        let policy = self.house.store.policy(&self.policy).await.unwrap();
        policy.unwrap().rules.restore_gate
    }

    async fn of_machine(&self) -> Option<Policy> {
        self.house.store.protection(&at(BLUE)).await.unwrap()
    }

    /// Why the newest void request came to nothing, as the trail says it.
    async fn void(&self) -> String {
        let void = self.house.trail("change.void.v1").await;
        void[0].event.detail.say(Language::En)
    }

    async fn told(&self, event: &str) -> usize {
        self.house.trail(event).await.len()
    }
}

fn requested<T: std::fmt::Debug>(changed: Result<Changed<T>, ServiceError>) -> RequestId {
    match changed {
        Ok(Changed::Requested(id)) => id,
        other => panic!("{other:?}"),
    }
}

fn field<T: std::fmt::Debug>(changed: Result<Changed<T>, ServiceError>) -> String {
    match changed {
        Err(ServiceError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_is_loosened_only_with_the_approval_of_somebody_else() {
    let story = Story::with(needing(1)).await;
    assert_eq!(
        field(story.saves(gold(FREE), "").await),
        "reason",
        "a request needs one"
    );
    let id = story.asks_for(gold(FREE)).await;
    assert_eq!(story.gate().await, needing(1), "nothing is changed yet");
    let asked = story.request(&id).await;
    assert_eq!((asked.approvals_needed, asked.state), (1, RequestState::Pending));
    let own = story.votes(&story.owner, &id, Vote::Approve).await;
    assert!(own.unwrap_err().to_string().contains("yourself"));

    let restores = &story.house.backend.restores;
    let listed = restores.list(&story.ben, &RequestFilter::default()).await.unwrap().rows;
    assert!(listed[0].waits_for(&story.ben), "an approver of the policy's team");
    let view = restores.get(&story.ben, &id).await.unwrap();
    assert_eq!(
        (view.plan, view.approvers),
        (None, vec!["anna".to_owned(), "ben".to_owned()])
    );
    assert_eq!(
        story.votes(&story.ben, &id, Vote::Approve).await,
        Ok(RequestState::Approved)
    );
    assert_eq!(story.gate().await, FREE, "with the last vote");
    assert_eq!(story.request(&id).await.state, RequestState::Approved);
    for event in ["change.requested.v1", "change.approved.v1"] {
        assert_eq!(story.told(event).await, 1, "{event}");
    }
    let saved = story.house.trail("policy.saved.v1").await;
    let last = &saved.last().unwrap().event;
    assert_eq!(last.actor, "ben");
    let detail = last.detail.say(Language::En);
    assert!(detail.contains("restores need 1 approval") && detail.contains("restores need no approval"));
    assert!(
        detail.ends_with(&format!("Requested by owner, request {id}.")),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_approve_it_as_the_stricter_gate_asks_for_and_votes_are_counted_anew() {
    let story = Story::with(needing(2)).await;
    let id = story.asks_for(gold(needing(1))).await;
    assert_eq!(
        story.votes(&story.anna, &id, Vote::Approve).await,
        Ok(RequestState::Pending)
    );
    assert!(
        story.votes(&story.anna, &id, Vote::Approve).await.is_err(),
        "one person counts once"
    );
    let tx = story.house.store.begin().await.unwrap();
    tx.set_grants(&story.anna.id, &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        story.votes(&story.ben, &id, Vote::Approve).await,
        Ok(RequestState::Pending)
    );
    assert_eq!(story.gate().await, needing(2), "anna is no approver any more");
    let carl = account(&story.house, "carl", Role::Approver, Scope::All).await;
    assert_eq!(story.votes(&carl, &id, Vote::Approve).await, Ok(RequestState::Approved));
    assert_eq!(story.gate().await, needing(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_restore_easier_is_done_at_once() {
    let story = Story::with(needing(1)).await;
    assert_eq!(
        story.saves(gold(needing(3)), "").await,
        Ok(Changed::Now(story.policy.clone()))
    );
    assert_eq!(story.gate().await, needing(3));
    let other = PolicyRules {
        commit_within_hours: 1,
        ..gold(needing(3))
    };
    assert_eq!(story.saves(other, "").await, Ok(Changed::Now(story.policy.clone())));
    assert_eq!(story.assigns(Some(&story.policy), "").await, Ok(Changed::Now(())));
    assert_eq!(story.told("change.requested.v1").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_gets_a_looser_policy_or_none_only_with_approval() {
    let story = Story::with(needing(2)).await;
    let (house, owner) = (&story.house, &story.owner);
    let free = house.backend.policies.save(
        owner,
        None,
        Some(team(BLUE)),
        PolicyRules {
            name: "Test".into(),
            ..gold(FREE)
        },
        "",
    );
    let free = now(free.await.unwrap());
    assert_eq!(
        field(story.assigns(Some(&free), "").await),
        "reason",
        "nobody has said that it is not production"
    );
    now(story.assigns(Some(&story.policy), "").await.unwrap());

    for to in [Some(&free), None] {
        let id = requested(story.assigns(to, REASON).await);
        let asked = story.request(&id).await;
        assert_eq!(asked.approvals_needed, 2, "{to:?}");
        assert_eq!(story.of_machine().await.unwrap().id, story.policy, "{to:?}");
        assert_eq!(
            story.votes(&story.anna, &id, Vote::Approve).await,
            Ok(RequestState::Pending)
        );
        assert_eq!(
            story.votes(&story.ben, &id, Vote::Approve).await,
            Ok(RequestState::Approved)
        );
        assert_eq!(story.of_machine().await.map(|policy| policy.id).as_ref(), to);
        now(story.assigns(Some(&story.policy), "").await.unwrap());
    }
    let assigned = house.trail("policy.assigned.v1").await;
    let detail = assigned[1].event.detail.say(Language::En);
    assert!(detail.contains("Requested by owner"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_is_not_as_it_was_any_more_is_void() {
    let story = Story::with(needing(1)).await;
    let id = story.asks_for(gold(FREE)).await;
    let stricter = story.saves(gold(needing(2)), "").await;
    now(stricter.unwrap());
    assert_eq!(
        story.votes(&story.anna, &id, Vote::Approve).await,
        Ok(RequestState::Void)
    );
    assert_eq!(story.gate().await, needing(2), "what was saved since stays");
    assert_eq!(story.request(&id).await.state, RequestState::Void);
    let detail = story.void().await;
    assert!(
        detail.starts_with("It has been changed since this was requested"),
        "{detail}"
    );
    assert!(story.votes(&story.ben, &id, Vote::Approve).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_void_when_whoever_asked_for_it_may_not_make_it_any_more() {
    let story = Story::with(needing(1)).await;
    for disabled in [false, true] {
        let id = story.asks_for(gold(FREE)).await;
        let tx = story.house.store.begin().await.unwrap();
        // What is left of the roles lets the owner approve, not own.
        let left = if disabled {
            &story.owner.grants
        } else {
            &story.anna.grants
        };
        tx.set_grants(&story.owner.id, left).await.unwrap();
        tx.set_disabled(&story.owner.id, disabled).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            story.votes(&story.anna, &id, Vote::Approve).await,
            Ok(RequestState::Void)
        );
        assert_eq!(story.gate().await, needing(1));
        let detail = story.void().await;
        assert!(
            detail.contains("owner, who requested this, no longer has the right"),
            "{detail}"
        );
    }
    assert_eq!(story.told("change.void.v1").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_would_take_a_name_which_is_taken_by_now_is_void() {
    let story = Story::with(needing(1)).await;
    let renamed = PolicyRules {
        name: "Silver".into(),
        ..gold(FREE)
    };
    let id = story.asks_for(renamed).await;
    let policies = &story.house.backend.policies;
    let other = policies.save(&story.owner, None, None, rules("Silver"), "").await;
    now(other.unwrap());
    assert_eq!(
        story.votes(&story.anna, &id, Vote::Approve).await,
        Ok(RequestState::Void)
    );
    assert_eq!(story.gate().await, needing(1));
    let detail = story.void().await;
    assert!(detail.contains("has this name now"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_for_one_policy_the_first_that_is_approved_is_done() {
    let story = Story::with(needing(3)).await;
    let first = story.asks_for(gold(needing(1))).await;
    let second = story.asks_for(gold(FREE)).await;
    let carl = account(&story.house, "carl", Role::Approver, Scope::All).await;
    let everybody = [&story.anna, &story.ben, &carl];
    for id in [&first, &second] {
        for who in &everybody[..2] {
            assert_eq!(story.votes(who, id, Vote::Approve).await, Ok(RequestState::Pending));
        }
    }
    let (one, other) = tokio::join!(
        story.votes(&carl, &first, Vote::Approve),
        story.votes(&carl, &second, Vote::Approve),
    );
    let states = [one.unwrap(), other.unwrap()];
    let done = match states {
        [RequestState::Approved, RequestState::Void] => needing(1),
        [RequestState::Void, RequestState::Approved] => FREE,
        other => panic!("{other:?}"),
    };
    assert_eq!(story.gate().await, done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_vetoed_withdrawn_and_expires_like_a_restore() {
    let story = Story::with(needing(1)).await;
    let vetoed = story.asks_for(gold(FREE)).await;
    assert_eq!(
        story.votes(&story.anna, &vetoed, Vote::Veto).await,
        Ok(RequestState::Vetoed)
    );
    let withdrawn = story.asks_for(gold(FREE)).await;
    let restores = &story.house.backend.restores;
    restores.withdraw(&story.owner, &withdrawn).await.unwrap();
    let late = story.asks_for(gold(FREE)).await;
    let story = Story {
        house: story.house.in_hours(5).await,
        ..story
    };
    assert!(story.votes(&story.anna, &late, Vote::Approve).await.is_err());
    assert_eq!(story.gate().await, needing(1));
    for event in ["change.vetoed.v1", "change.withdrawn.v1"] {
        assert_eq!(story.told(event).await, 1, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_done_is_not_vetoed_any_more() {
    let story = Story::with(needing(1)).await;
    let id = story.asks_for(gold(FREE)).await;
    assert_eq!(
        story.votes(&story.anna, &id, Vote::Approve).await,
        Ok(RequestState::Approved)
    );
    assert!(story.votes(&story.ben, &id, Vote::Veto).await.is_err());
    assert!(story.house.backend.restores.withdraw(&story.owner, &id).await.is_err());
    assert_eq!(story.gate().await, FREE);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_see_the_policy_does_not_see_the_request_and_no_other_change_is_voted_on() {
    let story = Story::with(needing(1)).await;
    let id = story.asks_for(gold(FREE)).await;
    let red = account(&story.house, "rita", Role::Approver, Scope::Team(team(RED))).await;
    let restores = &story.house.backend.restores;
    assert_eq!(
        restores.get(&red, &id).await,
        Err(ServiceError::not_found(Thing::Request, &id))
    );
    assert!(
        restores
            .list(&red, &RequestFilter::default())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let other = AskedHash::new("00");
    let unseen = restores.vote(&story.anna, &id, &other, Vote::Approve, "").await;
    assert!(
        unseen
            .unwrap_err()
            .to_string()
            .contains("not what this request asks for")
    );
    let asked = story.request(&id).await.asked;
    assert!(matches!(&asked, Asked::Change(_)) && asked.window() == Window::default());
}
