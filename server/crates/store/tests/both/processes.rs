//! Leases of processes, and the places that hang on them.

use crate::harness::{Fixture, on_both};
use crate::samples::one_queued_run;
use domain::ids::RunId;
use domain::time::Timestamp;
use store::{ClockFault, NewProcess, Store, StoreError, Ticket};

on_both!(
    a_lease_that_is_over_is_not_renewed,
    a_process_that_begins_anew_holds_nothing,
    who_has_lost_the_lease_has_lost_the_claim,
    a_lease_that_ends_later_than_it_can_is_cut,
    a_run_that_is_to_be_cancelled_is_told_to_its_process,
    places_are_taken_in_the_order_of_arrival,
    the_places_of_a_dead_process_are_free,
    a_ticket_of_an_earlier_claim_is_void,
    what_was_told_is_heard_once_and_forgotten,
);

/// A process with a lease of 30 seconds.
pub async fn begin(store: &Store, id: &str, now: i64) {
    let new = NewProcess {
        id: id.into(),
        host: "here".into(),
        lease_secs: 30,
    };
    let tx = store.begin().await.unwrap();
    tx.begin_process(&new, Timestamp(now)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Lets the lease of a process run out. PostgreSQL has its own time, so that no test can bring another.
pub async fn end_lease(fixture: &Fixture, id: &str) {
    let sql = format!("UPDATE process SET lease_until = 0 WHERE id = '{id}'");
    assert_eq!(fixture.sql(&sql).await.unwrap(), 1);
}

async fn renew(store: &Store, id: &str, now: i64) -> Result<(), StoreError> {
    let tx = store.begin().await.unwrap();
    tx.renew_process(id, Timestamp(now)).await?;
    tx.commit().await
}

/// Claims the only run.
async fn claim(store: &Store, process: &str) -> i64 {
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_run(process, &[], Timestamp(100)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    claim.fence
}

async fn a_lease_that_is_over_is_not_renewed(fixture: &Fixture) {
    let store = &fixture.store;
    begin(store, "a", 100).await;
    renew(store, "a", 101).await.unwrap();
    end_lease(fixture, "a").await;
    assert!(matches!(renew(store, "a", 102).await, Err(StoreError::Fenced)));
    let nobody = renew(store, "nobody", 102).await;
    assert!(matches!(nobody, Err(StoreError::Fenced)));
}

/// SQLite takes the time that the process brings.
#[tokio::test]
async fn a_lease_lasts_for_its_length() {
    let fixture = Fixture::sqlite().await;
    begin(&fixture.store, "a", 100).await;
    renew(&fixture.store, "a", 30_099).await.unwrap();
    renew(&fixture.store, "a", 60_098).await.unwrap();
    let late = renew(&fixture.store, "a", 90_098).await;
    assert!(matches!(late, Err(StoreError::Fenced)));
}

async fn a_process_that_begins_anew_holds_nothing(fixture: &Fixture) {
    let store = &fixture.store;
    let run = one_queued_run(store).await;
    begin(store, "a", 100).await;
    let fence = claim(store, "a").await;
    let place = stand(store, "a", &run).await;
    let held = |fence| store.still_claimed(&run, fence, "a", Timestamp(101));
    assert!(held(fence).await.unwrap());
    begin(store, "a", 102).await;
    assert!(!held(fence).await.unwrap());
    assert!(matches!(serve(store, &place).await, Err(StoreError::Fenced)));
}

async fn who_has_lost_the_lease_has_lost_the_claim(fixture: &Fixture) {
    let store = &fixture.store;
    let run = one_queued_run(store).await;
    begin(store, "a", 100).await;
    let fence = claim(store, "a").await;
    let held = |fence, process: &'static str| store.still_claimed(&run, fence, process, Timestamp(101));
    assert!(held(fence, "a").await.unwrap());
    assert!(!held(fence - 1, "a").await.unwrap(), "that was an earlier claim");
    assert!(!held(fence, "b").await.unwrap(), "that is another process");
    end_lease(fixture, "a").await;
    assert!(!held(fence, "a").await.unwrap());
}

async fn a_lease_that_ends_later_than_it_can_is_cut(fixture: &Fixture) {
    let store = &fixture.store;
    begin(store, "a", 100).await;
    begin(store, "b", 100).await;
    let cut = async || {
        let tx = store.begin().await.unwrap();
        let cut = tx.cut_long_leases(Timestamp(200)).await.unwrap();
        tx.commit().await.unwrap();
        cut
    };
    assert_eq!(cut().await, []);
    let later = "UPDATE process SET lease_until = lease_until + 3600000 WHERE id = 'a'";
    fixture.sql(later).await.unwrap();
    let fault = ClockFault {
        process: "a".into(),
        host: "here".into(),
    };
    assert_eq!(cut().await, [fault]);
    assert_eq!(cut().await, []);
}

async fn a_run_that_is_to_be_cancelled_is_told_to_its_process(fixture: &Fixture) {
    let store = &fixture.store;
    let run = one_queued_run(store).await;
    begin(store, "a", 100).await;
    claim(store, "a").await;
    assert_eq!(store.cancelled_runs("a").await.unwrap(), []);
    let tx = store.begin().await.unwrap();
    tx.request_cancel(&run).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.cancelled_runs("a").await.unwrap(), [run]);
    assert_eq!(store.cancelled_runs("b").await.unwrap(), []);
}

/// A ticket of a run for the only place there is.
async fn stand(store: &Store, process: &str, run: &RunId) -> Ticket {
    let ticket = Ticket {
        id: format!("ticket of {run} in {process}"),
        resource: "clone m".into(),
        capacity: 1,
    };
    let tx = store.begin().await.unwrap();
    tx.put_ticket(&ticket, process, run).await.unwrap();
    tx.commit().await.unwrap();
    ticket
}

async fn serve(store: &Store, ticket: &Ticket) -> Result<bool, StoreError> {
    let tx = store.begin().await.unwrap();
    let served = tx.serve_ticket(ticket, Timestamp(100)).await?;
    tx.commit().await?;
    let waits = store.ticket_waits(ticket, Timestamp(100)).await?;
    assert_eq!(waits, !served);
    Ok(served)
}

async fn give_back(store: &Store, ticket: &Ticket) {
    let tx = store.begin().await.unwrap();
    tx.drop_tickets(std::slice::from_ref(&ticket.id)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn places_are_taken_in_the_order_of_arrival(fixture: &Fixture) {
    let store = &fixture.store;
    let other = Store::connect(&fixture.url).await.unwrap();
    begin(store, "a", 100).await;
    begin(&other, "b", 100).await;
    let first = stand(store, "a", &RunId::new("r1")).await;
    let second = stand(&other, "b", &RunId::new("r2")).await;
    let third = stand(store, "a", &RunId::new("r3")).await;
    assert!(!serve(&other, &second).await.unwrap(), "another came before");
    assert!(serve(store, &first).await.unwrap());
    assert!(serve(store, &first).await.unwrap(), "it has its place");
    assert!(!serve(&other, &second).await.unwrap(), "there is one place");
    give_back(store, &first).await;
    assert!(!serve(store, &third).await.unwrap());
    assert!(serve(&other, &second).await.unwrap());
    give_back(&other, &second).await;
    assert!(serve(store, &third).await.unwrap());
}

async fn the_places_of_a_dead_process_are_free(fixture: &Fixture) {
    let store = &fixture.store;
    begin(store, "a", 100).await;
    begin(store, "b", 100).await;
    let held = stand(store, "a", &RunId::new("r1")).await;
    assert!(serve(store, &held).await.unwrap());
    stand(store, "a", &RunId::new("r2")).await;
    let waiting = stand(store, "b", &RunId::new("r3")).await;
    assert!(!serve(store, &waiting).await.unwrap());
    end_lease(fixture, "a").await;
    assert!(serve(store, &waiting).await.unwrap());
    assert!(matches!(serve(store, &held).await, Err(StoreError::Fenced)));
}

async fn a_ticket_of_an_earlier_claim_is_void(fixture: &Fixture) {
    let store = &fixture.store;
    begin(store, "a", 100).await;
    begin(store, "b", 100).await;
    let run = RunId::new("r1");
    let earlier = stand(store, "a", &run).await;
    assert!(serve(store, &earlier).await.unwrap());
    let now = stand(store, "b", &run).await;
    assert!(serve(store, &now).await.unwrap());
    assert!(matches!(serve(store, &earlier).await, Err(StoreError::Fenced)));
}

async fn what_was_told_is_heard_once_and_forgotten(fixture: &Fixture) {
    let store = &fixture.store;
    let before = store.last_news().await.unwrap();
    for (told, at) in [("one", 100), ("two", 200)] {
        let tx = store.begin().await.unwrap();
        tx.put_news("a", &[told.to_owned()], Timestamp(at)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let heard = store.news_after(before, 9).await.unwrap();
    let payloads: Vec<&str> = heard.iter().map(|told| told.payload.as_str()).collect();
    assert_eq!(payloads, ["one", "two"]);
    assert_eq!(store.news_after(heard[0].seq, 9).await.unwrap(), heard[1..]);
    let tx = store.begin().await.unwrap();
    tx.forget_news(Timestamp(200)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.news_after(before, 9).await.unwrap(), heard[1..]);
    assert_eq!(store.last_news().await.unwrap(), heard[1].seq);
}
