//! Claims, leases, fences.

use crate::harness::{Fixture, on_both};
use crate::samples::{new_run, one_queued_run, queue, vm_id};
use domain::ids::RunId;
use domain::plan::Bindings;
use domain::run::{Outcome, Phase, RunState};
use domain::time::Timestamp;
use ovm::ids::VmId;
use store::{Claim, Store, StoreError};

on_both!(
    two_workers_at_once_claim_a_run_once,
    the_oldest_run_is_claimed_first,
    a_run_is_claimed_again_only_when_its_lease_is_over,
    a_run_given_back_is_claimed_again,
    a_run_that_is_over_is_never_claimed,
    a_run_that_needs_an_operator_is_claimed_when_settled,
    a_worker_that_was_overtaken_cannot_write,
    who_clears_up_has_the_machine_alone,
);

async fn claim(store: &Store, owner: &str, now: i64) -> Option<Claim> {
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_run(owner, Timestamp(now), 30).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn set_state(store: &Store, run: &RunId, fence: i64, state: RunState) {
    let tx = store.begin().await.unwrap();
    tx.set_run_state(run, fence, state, None, None, None).await.unwrap();
    tx.commit().await.unwrap();
}

/// The workers have connections of their own, as two servers would.
async fn two_workers_at_once_claim_a_run_once(fixture: &Fixture) {
    one_queued_run(&fixture.store).await;
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
    let claimed = [
        claim(&fixture.store, "w", 100).await,
        claim(&fixture.store, "w", 100).await,
    ];
    assert_eq!(
        claimed.map(|claim| claim.unwrap().run.summary.id.to_string()),
        ["r2", "r1"]
    );
    assert_eq!(claim(&fixture.store, "w", 100).await, None);
}

async fn a_run_is_claimed_again_only_when_its_lease_is_over(fixture: &Fixture) {
    let store = &fixture.store;
    one_queued_run(store).await;
    let mut now = 100;
    for state in [
        RunState::Queued,
        RunState::Running,
        RunState::Waiting,
        RunState::RollingBack,
    ] {
        let Claim { run, fence } = claim(store, "first", now).await.unwrap();
        let id = run.summary.id;
        set_state(store, &id, fence, state).await;
        assert_eq!(claim(store, "second", now + 29_999).await, None, "{state:?}");
        let tx = store.begin().await.unwrap();
        tx.renew_lease(&id, fence, Timestamp(now + 60_000)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim(store, "second", now + 59_999).await, None, "{state:?}");
        let again = claim(store, "second", now + 60_000).await.unwrap();
        assert_eq!((again.run.fence, again.fence), (fence + 1, fence + 1));
        now += 1_000_000;
    }
}

async fn a_run_given_back_is_claimed_again(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
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
    tx.settle_run(&id, RunState::RollingBack, "Everything is undone.")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let claimed = claim(store, "w", 100).await.unwrap();
    assert_eq!(claimed.run.summary.state, RunState::RollingBack);
}

async fn a_worker_that_was_overtaken_cannot_write(fixture: &Fixture) {
    let store = &fixture.store;
    let id = one_queued_run(store).await;
    let old = claim(store, "slow", 100).await.unwrap().fence;
    let tx = store.begin().await.unwrap();
    let seq = tx
        .begin_entry(&id, old, "copy", Phase::Forward, Timestamp(101))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let new = claim(store, "quick", 100_000).await.unwrap().fence;

    let (nothing, at) = (Bindings::default(), Timestamp(100_001));
    let tx = store.begin().await.unwrap();
    let attempts = [
        tx.renew_lease(&id, old, at).await,
        tx.release_lease(&id, old).await,
        tx.set_run_state(&id, old, RunState::Succeeded, None, Some(at), None)
            .await,
        tx.begin_entry(&id, old, "next", Phase::Forward, at).await.map(drop),
        tx.note_entry(&id, old, seq, &nothing).await,
        tx.finish_entry(&id, old, seq, Outcome::Done, "", None, &nothing, at)
            .await,
    ];
    for attempt in attempts {
        assert!(matches!(attempt, Err(StoreError::Fenced)), "{attempt:?}");
    }
    tx.finish_entry(&id, new, seq, Outcome::Unknown, "", None, &nothing, at)
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
    let claim = tx.claim_to_clear_up(run, "sweeper", Timestamp(now), 30).await.unwrap();
    tx.commit().await.unwrap();
    claim
}

async fn who_clears_up_has_the_machine_alone(fixture: &Fixture) {
    let store = &fixture.store;
    let old = one_queued_run(store).await;
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
    assert_eq!(other.run.summary.id.as_str(), "r3", "the machine is in hand");
    assert_eq!(claim(store, "w", 104).await, None);

    let tx = store.begin().await.unwrap();
    tx.end_clear_up(&old, held.fence).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(store, "w", 106).await.unwrap().run.summary.id.as_str(), "r2");
    assert_eq!(claim_to_clear_up(store, &old, 107).await, None, "another run holds it");
}
