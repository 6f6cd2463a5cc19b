//! Requests and votes, and the rule that nobody decides on their own request.

use crate::harness::{Fixture, on_both};
use crate::samples::{ANNA, OLGA, one_queued_run, plan, point, policy, request, subject, vote};
use domain::ids::{RequestId, RunId, UserId};
use domain::plan::PlanHash;
use domain::policy::RestoreGate;
use domain::request::{Asked, CastVote, Change, Request, RequestState, Vote};
use domain::time::Timestamp;
use sea_orm::sqlx::error::ErrorKind;
use sea_orm::{DbErr, RuntimeErr};
use store::{StoreError, Wanted};

on_both!(
    a_request_comes_back_with_its_votes,
    requests_are_listed_newest_first,
    only_overdue_pending_requests_have_expired,
    only_a_request_that_still_waits_expires,
    nobody_votes_on_his_own_request,
    nobody_votes_twice,
    the_tables_refuse_self_approval_by_themselves,
    a_request_for_a_change_comes_back_as_it_was,
    a_request_asks_for_one_thing,
    a_veto_takes_the_place_of_an_approval_only,
);

/// Stores a plan, a point and the requests `q1`, `q2`; returns the hash of the plan.
async fn two_requests(fixture: &Fixture) -> PlanHash {
    one_queued_run(&fixture.store).await;
    let hash = plan("r1").hash().clone();
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_point(&point("p1", 1)).await.unwrap();
    tx.insert_request(&request("q1", &hash, 10)).await.unwrap();
    tx.insert_request(&request("q2", &hash, 20)).await.unwrap();
    tx.commit().await.unwrap();
    hash
}

fn ids(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|request| request.id.as_str()).collect()
}

async fn a_request_comes_back_with_its_votes(fixture: &Fixture) {
    let hash = two_requests(fixture).await;
    let (id, run) = (RequestId::new("q1"), RunId::new("r1"));
    let cast = vote(ANNA, Vote::Approve, &hash);
    let tx = fixture.store.begin().await.unwrap();
    assert_eq!(tx.request(&id).await.unwrap(), Some(request("q1", &hash, 10)));
    tx.insert_vote(&id, &UserId::new(OLGA), &cast).await.unwrap();
    tx.set_request_state(&id, RequestState::Approved, Some(&run))
        .await
        .unwrap();
    tx.set_request_state(&id, RequestState::Approved, None).await.unwrap();
    tx.commit().await.unwrap();
    let expected = Request {
        state: RequestState::Approved,
        votes: vec![cast],
        run: Some(run),
        ..request("q1", &hash, 10)
    };
    assert_eq!(fixture.store.request(&id).await.unwrap(), Some(expected));
}

async fn only_a_request_that_still_waits_expires(fixture: &Fixture) {
    two_requests(fixture).await;
    let (decided, waits) = (RequestId::new("q1"), RequestId::new("q2"));
    let tx = fixture.store.begin().await.unwrap();
    tx.set_request_state(&decided, RequestState::Approved, None)
        .await
        .unwrap();
    assert!(!tx.expire_request(&decided).await.unwrap());
    assert!(tx.expire_request(&waits).await.unwrap());
    assert_eq!(
        tx.request(&decided).await.unwrap().unwrap().state,
        RequestState::Approved
    );
    assert_eq!(tx.request(&waits).await.unwrap().unwrap().state, RequestState::Expired);
}

async fn requests_are_listed_newest_first(fixture: &Fixture) {
    let hash = two_requests(fixture).await;
    let store = &fixture.store;
    let tx = store.begin().await.unwrap();
    tx.insert_vote(
        &RequestId::new("q1"),
        &UserId::new(OLGA),
        &vote(ANNA, Vote::Veto, &hash),
    )
    .await
    .unwrap();
    tx.set_request_state(&RequestId::new("q1"), RequestState::Vetoed, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let all = store.requests(None, None, &Wanted::newest(10)).await.unwrap();
    assert_eq!(ids(&all), ["q2", "q1"]);
    assert_eq!((all[0].votes.len(), all[1].votes.len()), (0, 1));
    assert_eq!(
        ids(&store
            .requests(Some(RequestState::Vetoed), None, &Wanted::newest(10))
            .await
            .unwrap()),
        ["q1"]
    );
    assert_eq!(ids(&store.requests_of(&subject().at(), 1).await.unwrap()), ["q2"]);
}

async fn only_overdue_pending_requests_have_expired(fixture: &Fixture) {
    two_requests(fixture).await;
    let store = &fixture.store;
    assert!(store.pending_expired(Timestamp(109)).await.unwrap().is_empty());
    assert_eq!(ids(&store.pending_expired(Timestamp(110)).await.unwrap()), ["q1"]);
    let tx = store.begin().await.unwrap();
    tx.set_request_state(&RequestId::new("q1"), RequestState::Withdrawn, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ids(&store.pending_expired(Timestamp(1000)).await.unwrap()), ["q2"]);
}

async fn nobody_votes_on_his_own_request(fixture: &Fixture) {
    let hash = two_requests(fixture).await;
    let id = RequestId::new("q1");
    let own = vote(OLGA, Vote::Approve, &hash);
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx.insert_vote(&id, &UserId::new(OLGA), &own).await.unwrap_err();
    assert_eq!(refused.to_string(), "Nobody decides on their own request.");
    drop(tx);
    // Saying that somebody else asked does not help.
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx.insert_vote(&id, &UserId::new(ANNA), &own).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict(_)), "{refused:?}");
    drop(tx);
    assert!(fixture.store.request(&id).await.unwrap().unwrap().votes.is_empty());
}

async fn nobody_votes_twice(fixture: &Fixture) {
    let hash = two_requests(fixture).await;
    let (id, olga) = (RequestId::new("q1"), UserId::new(OLGA));
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_vote(&id, &olga, &vote(ANNA, Vote::Approve, &hash))
        .await
        .unwrap();
    let refused = tx
        .insert_vote(&id, &olga, &vote(ANNA, Vote::Approve, &hash))
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "anna has voted on this request already.");
}

/// As somebody with access to the database would try it.
async fn the_tables_refuse_self_approval_by_themselves(fixture: &Fixture) {
    two_requests(fixture).await;
    let insert = |requested_by: &str, voter: &str| {
        format!(
            "INSERT INTO vote (request, requested_by, voter, voter_name, vote, reason, at, seen)
             VALUES ('q1', '{requested_by}', '{voter}', 'x', 'approve', '', 1, 'aa')"
        )
    };
    assert_eq!(rule(fixture.sql(&insert(OLGA, OLGA)).await), ErrorKind::CheckViolation);
    assert_eq!(
        rule(fixture.sql(&insert(ANNA, OLGA)).await),
        ErrorKind::ForeignKeyViolation
    );
    // Nor may one who voted become the one who asked.
    assert_eq!(fixture.sql(&insert(OLGA, ANNA)).await.unwrap(), 1);
    let swap = format!("UPDATE restore_request SET requested_by = '{ANNA}' WHERE id = 'q1'");
    assert_eq!(rule(fixture.sql(&swap).await), ErrorKind::ForeignKeyViolation);
}

fn for_a_change(id: &str) -> Request {
    let free = |name: &str| {
        let mut policy = policy(name, name);
        policy.rules.restore_gate = RestoreGate::Free;
        policy
    };
    let change = Change::Assignment {
        subject: subject(),
        from: None,
        to: Some(free("test")),
    };
    Request {
        asked: Asked::Change(change),
        ..request(id, &PlanHash::new("none"), 30)
    }
}

async fn a_request_for_a_change_comes_back_as_it_was(fixture: &Fixture) {
    two_requests(fixture).await;
    let of_machine = for_a_change("q3");
    let of_policy = Request {
        asked: Asked::Change(Change::Policy {
            from: policy("gold", "Gold"),
            to: policy("gold", "Silver"),
        }),
        ..for_a_change("q4")
    };
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_request(&of_machine).await.unwrap();
    tx.insert_request(&of_policy).await.unwrap();
    tx.commit().await.unwrap();
    for request in [&of_machine, &of_policy] {
        assert_eq!(
            fixture.store.request(&request.id).await.unwrap().as_ref(),
            Some(request)
        );
    }
    let of_subject = fixture.store.requests_of(&subject().at(), 9).await.unwrap();
    assert_eq!(ids(&of_subject), ["q3", "q2", "q1"], "a policy is no object");
}

async fn a_request_asks_for_one_thing(fixture: &Fixture) {
    two_requests(fixture).await;
    for wrong in ["change = '{}'", "plan_hash = NULL", "point = NULL", "subject = NULL"] {
        let update = format!("UPDATE restore_request SET {wrong} WHERE id = 'q1'");
        assert_eq!(rule(fixture.sql(&update).await), ErrorKind::CheckViolation, "{wrong}");
    }
}

async fn a_veto_takes_the_place_of_an_approval_only(fixture: &Fixture) {
    let hash = two_requests(fixture).await;
    let id = RequestId::new("q1");
    let veto = CastVote {
        reason: "It is the wrong point.".into(),
        at: Timestamp(60),
        ..vote(ANNA, Vote::Veto, &hash)
    };
    let tx = fixture.store.begin().await.unwrap();
    assert!(tx.replace_approval(&id, &veto).await.is_err(), "there is none");
    let approval = vote(ANNA, Vote::Approve, &hash);
    tx.insert_vote(&id, &UserId::new(OLGA), &approval).await.unwrap();
    tx.replace_approval(&id, &veto).await.unwrap();
    assert!(tx.replace_approval(&id, &veto).await.is_err(), "it is a veto already");
    assert_eq!(tx.request(&id).await.unwrap().unwrap().votes, [veto]);
}

fn rule(answer: Result<u64, DbErr>) -> ErrorKind {
    match answer.unwrap_err() {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) => cause.as_database_error().unwrap().kind(),
        other => panic!("{other}"),
    }
}
