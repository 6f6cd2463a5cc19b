//! Restore requests and votes, and the rule that nobody decides on his own request.

use crate::harness::{Fixture, on_both};
use crate::samples::{ANNA, OLGA, one_queued_run, plan, point, request, subject, vote};
use domain::ids::{RequestId, RunId, UserId};
use domain::plan::PlanHash;
use domain::request::{RequestState, RestoreRequest, Vote};
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

fn ids(requests: &[RestoreRequest]) -> Vec<&str> {
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
    let expected = RestoreRequest {
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
    assert_eq!(refused.to_string(), "Nobody decides on his own request.");
    drop(tx);
    // Saying that somebody else asked does not help.
    let tx = fixture.store.begin().await.unwrap();
    let refused = tx.insert_vote(&id, &UserId::new(ANNA), &own).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }), "{refused:?}");
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

/// As somebody with access to the data base would try it.
async fn the_tables_refuse_self_approval_by_themselves(fixture: &Fixture) {
    two_requests(fixture).await;
    let insert = |requested_by: &str, voter: &str| {
        format!(
            "INSERT INTO vote (request, requested_by, voter, voter_name, vote, reason, at, plan_hash)
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

fn rule(answer: Result<u64, DbErr>) -> ErrorKind {
    match answer.unwrap_err() {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) => cause.as_database_error().unwrap().kind(),
        other => panic!("{other}"),
    }
}
