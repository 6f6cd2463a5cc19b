//! Approvals count as long as those who gave them could give them again.

use crate::house::{BLUE, House, RED, at, point, team};
use crate::roles::{plan, plan_hash, request};
use domain::actor::{Actor, Grant, Role, Scope};
use domain::ids::{RequestId, UserId};
use domain::plan::SealedPlan;
use domain::request::{Request, RequestState, Vote};
use domain::services::RequestFilter;
use domain::time::Timestamp;

/// How an approver stops being one.
#[derive(Clone, Copy, Debug)]
enum Loses {
    Account,
    Role,
    TeamOfTheMachine,
}

/// A machine of the team blue, and a request for it that two people have to approve.
async fn house_with_request() -> House {
    let house = House::furnished().await;
    house.insert(&point("point", "free", "none", "00")).await;
    let (sealed, asker) = (SealedPlan::seal(plan()).unwrap(), UserId::new("asker"));
    let tx = house.store.begin().await.unwrap();
    tx.insert_user(&asker, "asker", "").await.unwrap();
    tx.insert_plan(&sealed, &asker, Timestamp(0)).await.unwrap();
    let waits = Request {
        approvals_needed: 2,
        ..request(&sealed, asker)
    };
    tx.insert_request(&waits).await.unwrap();
    let blue = team(BLUE);
    tx.set_subject_team(&at("free"), Some(&blue)).await.unwrap();
    tx.commit().await.unwrap();
    house
}

async fn approver(house: &House, name: &str, scope: Scope) -> Actor {
    let grants = vec![Grant {
        role: Role::Approver,
        scope,
    }];
    let id = UserId::new(name);
    let tx = house.store.begin().await.unwrap();
    tx.insert_user(&id, name, "").await.unwrap();
    tx.set_grants(&id, &grants).await.unwrap();
    tx.commit().await.unwrap();
    Actor {
        id,
        name: name.to_owned(),
        grants,
    }
}

async fn loses(house: &House, person: &Actor, what: Loses) {
    let tx = house.store.begin().await.unwrap();
    let red = team(RED);
    match what {
        Loses::Account => tx.set_disabled(&person.id, true).await,
        Loses::Role => tx.set_grants(&person.id, &[]).await,
        Loses::TeamOfTheMachine => tx.set_subject_team(&at("free"), Some(&red)).await,
    }
    .unwrap();
    tx.commit().await.unwrap();
}

async fn approves(house: &House, person: &Actor) -> RequestState {
    let restores = &house.backend.restores;
    let (id, seen) = (RequestId::new("request"), (&plan_hash()).into());
    restores.vote(person, &id, &seen, Vote::Approve, "").await.unwrap()
}

/// How many approvals the pages show, each on its own way.
async fn shown(house: &House, person: &Actor) -> [usize; 2] {
    let restores = &house.backend.restores;
    let view = restores.get(person, &RequestId::new("request")).await.unwrap();
    let listed = restores.list(person, &RequestFilter::default()).await.unwrap();
    [view.request.approvals(), listed.rows[0].approvals()]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_of_somebody_who_is_no_approver_any_more_does_not_count() {
    for what in [Loses::Account, Loses::Role, Loses::TeamOfTheMachine] {
        let house = house_with_request().await;
        let anna = approver(&house, "anna", Scope::Team(team(BLUE))).await;
        let ben = approver(&house, "ben", Scope::All).await;
        let carl = approver(&house, "carl", Scope::All).await;
        assert_eq!(approves(&house, &anna).await, RequestState::Pending);
        assert_eq!(shown(&house, &ben).await, [1, 1], "{what:?}");
        loses(&house, &anna, what).await;
        assert_eq!(shown(&house, &ben).await, [0, 0], "{what:?}");
        assert_eq!(approves(&house, &ben).await, RequestState::Pending, "{what:?}");
        assert!(house.trail("restore.queued.v1").await.is_empty());
        assert_eq!(approves(&house, &carl).await, RequestState::Approved, "{what:?}");
        assert_eq!(house.trail("restore.queued.v1").await.len(), 1);
        assert_eq!(shown(&house, &ben).await, [3, 3], "who has agreed is history");
    }
}
