//! Claims, leases, fences.

use crate::harness::{Fixture, on_both};
use crate::processes::{begin, end_lease};
use crate::samples::{new_run, one_queued_run, queue, vm_id};
use domain::ids::RunId;
use domain::plan::Bindings;
use domain::run::{Decision, Message, Outcome, Phase, RunState, Settled};
use domain::time::Timestamp;
use ovm::ids::VmId;
use store::{Claim, RunAnswer, Store, StoreError};

on_both!(
    two_workers_at_once_claim_a_run_once,
    the_oldest_run_is_claimed_first,
    a_run_is_claimed_again_only_when_its_process_has_lost_its_lease,
    what_a_process_is_not_busy_with_it_claims_again,
    a_run_given_back_is_claimed_again,
    a_run_that_waits_for_a_person_is_nobodys,
    a_run_whose_question_is_answered_is_claimed_once,
    a_run_that_was_ended_in_the_queue_is_not_begun_by_whoever_had_claimed_it,
    a_run_that_is_over_is_never_claimed,
    a_run_that_needs_an_operator_is_claimed_when_settled,
    a_worker_that_was_overtaken_cannot_write,
    who_clears_up_has_the_machine_alone,
);

async fn claim(store: &Store, process: &str, now: i64) -> Option<Claim> {
    claim_beside(store, process, &[], now).await
}

/// For a process that is busy with these.
async fn claim_beside(store: &Store, process: &str, busy: &[RunId], now: i64) -> Option<Claim> {
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_run(process, busy, Timestamp(now)).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn set_state(store: &Store, run: &RunId, fence: i64, state: RunState) {
    let tx = store.begin().await.unwrap();
    tx.set_run_state(run, fence, state, &[], None, None).await.unwrap();
    tx.commit().await.unwrap();
}

/// The workers have connections of their own, as two servers would.
async fn two_workers_at_once_claim_a_run_once(fixture: &Fixture) {
    one_queued_run(&fixture.store).await;
    for process in ["here", "there"] {
        begin(&fixture.store, process, 100).await;
    }
    let other = Store::connect(&fixture.url).await.unwrap();
    let (here, there) = tokio::join!(claim(&fixture.store, "here", 100), claim(&other, "there", 100));
    assert!(here.is_some() != there.is_some(), "{here:?} {there:?}");
    assert_eq!(here.or(there).unwrap().fence, 1);
}

async fn the_oldest_run_is_claimed_first(fixture: &Fixture) {
    one_queued_run(&fixture.store).await;
    let tx = fixture.store.begin().await.unwrap();
    queue(&tx, &new_run("r2", VmId::new("b"), 5)).await;
    tx.commit().await.unwrap();
    begin(&fixture.store, "w", 100).await;
    let first = claim(&fixture.store, "w", 100).await.unwrap().run.summary.id;
    let busy = std::slice::from_ref(&first);
    let second = claim_beside(&fixture.store, "w", busy, 100).await.unwrap();
    let second = second.run.summary.id;
    assert_eq!((first.as_str(), second.as_str()), ("r2", "r1"));
    assert_eq!(claim_beside(&fixture.store, "w", &[first, second], 100).await, None);
}

async fn a_run_is_claimed_again_only_when_its_process_has_lost_its_lease(fixture: &Fixture) {
    let store = &fixture.store;
    one_queued_run(store).await;
    begin(store, "second", 100).await;
    for state in [RunState::Queued, RunState::Running, RunState::RollingBack] {
        begin(store, "first", 100).await;
        let Claim { run, fence } = claim(store, "first", 100).await.unwrap();
        let id = run.summary.id;
        set_state(store, &id, fence, state).await;
        assert_eq!(claim(store, "second", 101).await, None, "{state:?}");
        end_lease(fixture, "first").await;
        let again = claim(store, "second", 101).await.unwrap();
        assert_eq!((again.run.fence, again.fence), (fence + 1, fence + 1));
        let tx = store.begin().await.unwrap();
        tx.release_lease(&id, again.fence).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn wait_for_decision(store: &Store, claimed: &Claim, until: i64) {
    let (id, fence) = (&claimed.run.summary.id, claimed.fence);
    let tx = store.begin().await.unwrap();
    let until = Some(Timestamp(until));
    tx.set_run_state(id, fence, RunState::Waiting, &[], None, until)
        .await
        .unwrap();
    tx.release_lease(id, fence).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_run_that_waits_for_a_person_is_nobodys(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    begin(store, "w", 100).await;
    let claimed = claim(store, "w", 100).await.unwrap();
    wait_for_decision(store, &claimed, 1000).await;
    assert_eq!(claim(store, "w", 999).await, None);
    let late = claim(store, "w", 1000).await.unwrap();
    wait_for_decision(store, &late, 1_000_000).await;
    assert_eq!(claim(store, "w", 1000).await, None);
    let tx = store.begin().await.unwrap();
    tx.set_decision(&id, Decision::Commit).await.unwrap();
    tx.commit().await.unwrap();
    assert!(claim(store, "w", 1000).await.is_some(), "it is decided");
}

/// A question without an end of its time, behind a decision to commit: only its own answer calls a worker.
async fn a_run_whose_question_is_answered_is_claimed_once(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    begin(store, "w", 100).await;
    let claimed = claim(store, "w", 100).await.unwrap();
    let tx = store.begin().await.unwrap();
    let forward = Phase::Forward;
    let asked = tx
        .begin_entry(&id, claimed.fence, "look", forward, Timestamp(1))
        .await
        .unwrap();
    tx.set_run_state(&id, claimed.fence, RunState::Waiting, &[], None, None)
        .await
        .unwrap();
    tx.set_decision(&id, Decision::Commit).await.unwrap();
    tx.release_lease(&id, claimed.fence).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(store, "w", 100).await, None);
    let answer = |by: &str| RunAnswer {
        by: by.into(),
        observed: "0004fb".into(),
        at: Timestamp(2),
    };
    let tx = store.begin().await.unwrap();
    tx.insert_answer(&id, "another", &answer("olga")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(store, "w", 100).await, None, "it has asked something else");
    let tx = store.begin().await.unwrap();
    tx.insert_answer(&id, "look", &answer("olga")).await.unwrap();
    let second = tx.insert_answer(&id, "look", &answer("anna")).await.unwrap_err();
    assert!(matches!(second, StoreError::Conflict { .. }), "{second}");
    tx.commit().await.unwrap();
    let busy = claim_beside(store, "w", std::slice::from_ref(&id), 100).await;
    assert_eq!(busy, None, "the task that has asked has not ended");
    let taken = claim(store, "w", 100).await.unwrap();
    let tx = store.begin().await.unwrap();
    assert_eq!(tx.answer(&id, "look").await.unwrap(), Some(answer("olga")));
    let (done, learned) = (Outcome::Done, Bindings::default());
    tx.finish_entry(&id, taken.fence, asked, done, "", &[], None, &learned, Timestamp(3))
        .await
        .unwrap();
    tx.release_lease(&id, taken.fence).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(store, "w", 100).await, None, "the answer is taken up");
}

/// Its process stood still between the claim and the first step, for longer than its lease.
async fn a_run_that_was_ended_in_the_queue_is_not_begun_by_whoever_had_claimed_it(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    begin(store, "slow", 100).await;
    let Claim { fence, .. } = claim(store, "slow", 100).await.unwrap();
    end_lease(fixture, "slow").await;
    let tx = store.begin().await.unwrap();
    let message = [Message::TakenBack.into()];
    let ended = tx
        .end_queued(&id, RunState::Cancelled, &message, Timestamp(1_000_000))
        .await;
    assert!(ended.unwrap());
    tx.commit().await.unwrap();
    let tx = store.begin().await.unwrap();
    let begun = tx.set_run_state(&id, fence, RunState::Running, &[], None, None).await;
    assert!(matches!(begun, Err(StoreError::Fenced)), "{begun:?}");
}

async fn what_a_process_is_not_busy_with_it_claims_again(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    begin(store, "w", 100).await;
    let first = claim(store, "w", 100).await.unwrap();
    assert_eq!(claim_beside(store, "w", &[id], 100).await, None);
    let again = claim(store, "w", 100).await.unwrap();
    assert_eq!(again.fence, first.fence + 1, "a worker had to stop where it was");
}

async fn a_run_given_back_is_claimed_again(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    begin(store, "first", 100).await;
    let first = claim(store, "first", 100).await.unwrap();
    let tx = store.begin().await.unwrap();
    tx.release_lease(&id, first.fence).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(store, "second", 101).await.unwrap().fence, first.fence + 1);
}

async fn a_run_that_is_over_is_never_claimed(fixture: &Fixture) {
    let id = one_queued_run(&fixture.store).await;
    for state in RunState::ALL.into_iter().filter(|state| state.is_over()) {
        set_state(&fixture.store, &id, 0, state).await;
        assert_eq!(claim(&fixture.store, "w", i64::MAX).await, None, "{state:?}");
    }
}

async fn a_run_that_needs_an_operator_is_claimed_when_settled(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    set_state(store, &id, 0, RunState::NeedsOperator).await;
    assert_eq!(claim(store, "w", 100).await, None);
    let tx = store.begin().await.unwrap();
    tx.settle_run(
        &id,
        RunState::RollingBack,
        &[Message::Settled(Settled::GoesBack).into()],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let claimed = claim(store, "w", 100).await.unwrap();
    assert_eq!(claimed.run.summary.state, RunState::RollingBack);
}

async fn a_worker_that_was_overtaken_cannot_write(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    begin(store, "slow", 100).await;
    let old = claim(store, "slow", 100).await.unwrap().fence;
    let tx = store.begin().await.unwrap();
    let seq = tx
        .begin_entry(&id, old, "copy", Phase::Forward, Timestamp(101))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    end_lease(fixture, "slow").await;
    let new = claim(store, "quick", 100_000).await.unwrap().fence;

    let (nothing, at) = (Bindings::default(), Timestamp(100_001));
    let tx = store.begin().await.unwrap();
    let attempts = [
        tx.release_lease(&id, old).await,
        tx.set_run_state(&id, old, RunState::Succeeded, &[], Some(at), None)
            .await,
        tx.begin_entry(&id, old, "next", Phase::Forward, at).await.map(drop),
        tx.note_entry(&id, old, seq, &nothing).await,
        tx.finish_entry(&id, old, seq, Outcome::Done, "", &[], None, &nothing, at)
            .await,
    ];
    for attempt in attempts {
        assert!(matches!(attempt, Err(StoreError::Fenced)), "{attempt:?}");
    }
    tx.finish_entry(&id, new, seq, Outcome::Unknown, "", &[], None, &nothing, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let journal = store.journal(&id).await.unwrap();
    assert_eq!(
        journal.iter().map(|entry| entry.outcome).collect::<Vec<_>>(),
        [Some(Outcome::Unknown)]
    );
    assert_eq!(store.run(&id).await.unwrap().unwrap().summary.state, RunState::Queued);
}

async fn claim_to_clear_up(store: &Store, run: &RunId, now: i64) -> Option<Claim> {
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_to_clear_up(run, "sweeper", Timestamp(now)).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn who_clears_up_has_the_machine_alone(fixture: &Fixture) {
    let store = &fixture.store;
    let old = one_queued_run(store).await;
    begin(store, "w", 100).await;
    begin(store, "sweeper", 100).await;
    assert_eq!(claim_to_clear_up(store, &old, 100).await, None, "it is not over");
    let fence = claim(store, "w", 100).await.unwrap().fence;
    set_state(store, &old, fence, RunState::Failed).await;

    let held = claim_to_clear_up(store, &old, 101).await.unwrap();
    assert_eq!(claim_to_clear_up(store, &old, 102).await, None, "another one has it");
    let tx = store.begin().await.unwrap();
    queue(&tx, &new_run("r2", vm_id(), 5)).await;
    queue(&tx, &new_run("r3", VmId::new("other"), 6)).await;
    tx.commit().await.unwrap();
    let other = claim(store, "w", 103).await.unwrap();
    let other = other.run.summary.id;
    assert_eq!(other.as_str(), "r3", "the machine is in hand");
    assert_eq!(claim_beside(store, "w", std::slice::from_ref(&other), 104).await, None);

    let tx = store.begin().await.unwrap();
    tx.end_clear_up(&old, held.fence).await.unwrap();
    tx.commit().await.unwrap();
    let last = claim_beside(store, "w", &[other], 106).await.unwrap();
    assert_eq!(last.run.summary.id.as_str(), "r2");
    assert_eq!(claim_to_clear_up(store, &old, 107).await, None, "another run holds it");
}
