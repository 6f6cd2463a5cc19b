//! Who has what in hand, and who waits in line for it.

use crate::harness::{Fixture, on_both};
use crate::processes::{begin, end_lease};
use crate::samples::{manager_id, new_run, one_queued_run, people_and_manager, queue, subject, vm_id};
use domain::ids::RunId;
use domain::request::Window;
use domain::run::{Message, RunState};
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use ovm::ids::{PoolId, VmId};
use std::sync::atomic::{AtomicU32, Ordering};
use store::{NewRun, Store, Wanted};

on_both!(
    runs_for_one_subject_are_done_one_after_the_other,
    a_run_over_a_pool_is_not_passed_by_for_ever,
    a_run_that_stands_still_keeps_what_it_holds,
    a_run_that_nobody_works_on_is_ended_in_the_queue,
    who_died_while_clearing_up_holds_nothing,
    a_subject_knows_every_run_that_touched_it,
    a_run_whose_window_is_ahead_stands_in_nobodys_way,
    a_run_whose_window_has_closed_is_found,
);

fn of(id: &str, machines: &[&str], queued_at: i64) -> NewRun {
    let touches = machines
        .iter()
        .map(|name| SubjectRef::vm(&manager_id(), &VmId::new(*name)));
    NewRun {
        touches: touches.collect(),
        ..new_run(id, vm_id(), queued_at)
    }
}

async fn queued(store: &Store, runs: &[NewRun]) {
    people_and_manager(store).await;
    let tx = store.begin().await.unwrap();
    for run in runs {
        queue(&tx, run).await;
    }
    tx.commit().await.unwrap();
}

/// The run that is claimed next, by a process of its own, with its fence.
async fn next(store: &Store) -> Option<(String, i64)> {
    static PROCESSES: AtomicU32 = AtomicU32::new(0);
    let process = format!("w{}", PROCESSES.fetch_add(1, Ordering::Relaxed));
    begin(store, &process, 1_000).await;
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_run(&process, &[], Timestamp(1_000)).await.unwrap();
    tx.commit().await.unwrap();
    claim.map(|claim| (claim.run.summary.id.to_string(), claim.fence))
}

async fn set(store: &Store, run: &str, fence: i64, state: RunState) {
    let tx = store.begin().await.unwrap();
    let ended_at = state.is_over().then_some(Timestamp(1_001));
    tx.set_run_state(&RunId::new(run), fence, state, &[], ended_at, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn waits_for(store: &Store, run: &str) -> Vec<String> {
    let run = store.run(&RunId::new(run)).await.unwrap().unwrap();
    run.summary.waiting_for.iter().map(ToString::to_string).collect()
}

async fn runs_for_one_subject_are_done_one_after_the_other(fixture: &Fixture) {
    let store = &fixture.store;
    queued(store, &[of("r1", &["a"], 1), of("r2", &["a"], 2), of("r3", &["b"], 3)]).await;
    assert_eq!(waits_for(store, "r1").await, [""; 0]);
    assert_eq!(waits_for(store, "r2").await, ["r1"], "it is older");
    assert_eq!(next(store).await, Some(("r1".into(), 1)));
    assert_eq!(next(store).await, Some(("r3".into(), 1)), "r2 waits");
    assert_eq!(next(store).await, None);
    assert_eq!(waits_for(store, "r2").await, ["r1"], "it holds the machine");
    set(store, "r1", 1, RunState::Succeeded).await;
    assert_eq!(waits_for(store, "r2").await, [""; 0]);
    assert_eq!(next(store).await, Some(("r2".into(), 1)));
    let all = store.runs(None, &Wanted::newest(9)).await.unwrap();
    assert!(all.iter().all(|run| run.waiting_for.is_empty()), "{all:?}");
}

/// Younger runs of its machines come again and again; they stand behind it.
async fn a_run_over_a_pool_is_not_passed_by_for_ever(fixture: &Fixture) {
    let store = &fixture.store;
    let runs = [
        of("r1", &["a"], 1),
        of("pool", &["a", "b", "c"], 2),
        of("r2", &["b"], 3),
        of("r3", &["a"], 4),
    ];
    queued(store, &runs).await;
    assert_eq!(next(store).await, Some(("r1".into(), 1)));
    assert_eq!(next(store).await, None, "b is free, but the older run wants it");
    assert_eq!(waits_for(store, "pool").await, ["r1"]);
    assert_eq!(waits_for(store, "r3").await, ["pool", "r1"]);
    set(store, "r1", 1, RunState::Failed).await;
    assert_eq!(next(store).await, Some(("pool".into(), 1)));
    assert_eq!(next(store).await, None, "it holds all three");
    set(store, "pool", 1, RunState::Succeeded).await;
    assert_eq!(next(store).await, Some(("r2".into(), 1)));
    assert_eq!(next(store).await, Some(("r3".into(), 1)));
}

async fn a_run_that_stands_still_keeps_what_it_holds(fixture: &Fixture) {
    let store = &fixture.store;
    queued(store, &[of("r1", &["a"], 1), of("r2", &["a"], 2)]).await;
    assert_eq!(next(store).await, Some(("r1".into(), 1)));
    for state in RunState::ALL.into_iter().filter(|state| !state.is_over()) {
        set(store, "r1", 1, state).await;
        assert_eq!(next(store).await, None, "{state:?}");
    }
    assert_eq!(waits_for(store, "r2").await, ["r1"]);
}

async fn a_run_that_nobody_works_on_is_ended_in_the_queue(fixture: &Fixture) {
    let store = &fixture.store;
    queued(store, &[of("r1", &["a"], 1), of("r2", &["a"], 2), of("r3", &["a"], 3)]).await;
    assert_eq!(next(store).await, Some(("r1".into(), 1)));
    let tx = store.begin().await.unwrap();
    let end = async |run| {
        let (id, state) = (RunId::new(run), RunState::Cancelled);
        tx.end_queued(&id, state, &[Message::CancelledInTime.into()], Timestamp(1_000))
            .await
            .unwrap()
    };
    assert!(!end("r1").await, "somebody works on it");
    assert!(end("r2").await);
    assert!(!end("r2").await, "it is over");
    tx.commit().await.unwrap();
    assert_eq!(waits_for(store, "r3").await, ["r1"]);
    let ended = store.run(&RunId::new("r2")).await.unwrap().unwrap().summary;
    assert_eq!(
        (ended.state, ended.ended_at),
        (RunState::Cancelled, Some(Timestamp(1_000)))
    );
    let at = SubjectRef::vm(&manager_id(), &VmId::new("a"));
    let tx = store.begin().await.unwrap();
    let waiting = tx.queued_runs_of(&at).await.unwrap();
    assert_eq!(
        waiting.iter().map(|run| run.summary.id.as_str()).collect::<Vec<_>>(),
        ["r1", "r3"]
    );
}

async fn who_died_while_clearing_up_holds_nothing(fixture: &Fixture) {
    let store = &fixture.store;
    queued(store, &[of("r1", &["a"], 1)]).await;
    assert_eq!(next(store).await, Some(("r1".into(), 1)));
    set(store, "r1", 1, RunState::Failed).await;
    begin(store, "sweeper", 1_000).await;
    let tx = store.begin().await.unwrap();
    let claim = tx
        .claim_to_clear_up(&RunId::new("r1"), "sweeper", Timestamp(1_000))
        .await;
    assert!(claim.unwrap().is_some());
    queue(&tx, &of("r2", &["a"], 2)).await;
    tx.commit().await.unwrap();
    assert_eq!(next(store).await, None, "it is cleared up after r1");
    end_lease(fixture, "sweeper").await;
    assert_eq!(next(store).await, Some(("r2".into(), 1)));
}

/// The run that is claimed next at this time.
async fn next_at(store: &Store, at: i64) -> Option<String> {
    static PROCESSES: AtomicU32 = AtomicU32::new(0);
    let process = format!("t{}", PROCESSES.fetch_add(1, Ordering::Relaxed));
    begin(store, &process, at).await;
    let tx = store.begin().await.unwrap();
    let claim = tx.claim_run(&process, &[], Timestamp(at)).await.unwrap();
    tx.commit().await.unwrap();
    claim.map(|claim| claim.run.summary.id.to_string())
}

fn within(id: &str, queued_at: i64, not_before: Option<i64>, not_after: Option<i64>) -> NewRun {
    let window = Window {
        not_before: not_before.map(Timestamp),
        not_after: not_after.map(Timestamp),
    };
    NewRun {
        window,
        ..of(id, &["a"], queued_at)
    }
}

async fn a_run_whose_window_is_ahead_stands_in_nobodys_way(fixture: &Fixture) {
    let store = &fixture.store;
    let restore = within("restore", 1, Some(2_000), None);
    queued(store, &[restore, of("r2", &["a"], 2), of("r3", &["a"], 3)]).await;
    assert_eq!(waits_for(store, "restore").await, [""; 0]);
    assert_eq!(waits_for(store, "r2").await, [""; 0]);
    assert_eq!(next_at(store, 1_000).await.as_deref(), Some("r2"));
    assert_eq!(next_at(store, 1_999).await, None, "r3 waits for r2");
    assert_eq!(waits_for(store, "r3").await, ["r2"]);
    assert_eq!(next_at(store, 2_000).await, None, "r2 holds the machine");
    assert_eq!(waits_for(store, "restore").await, ["r2"], "it is in line now");
    assert_eq!(waits_for(store, "r3").await, ["r2", "restore"], "where it was queued");
    set(store, "r2", 1, RunState::Succeeded).await;
    assert_eq!(next_at(store, 2_001).await.as_deref(), Some("restore"));
}

async fn a_run_whose_window_has_closed_is_found(fixture: &Fixture) {
    let store = &fixture.store;
    let runs = [
        within("r1", 1, None, Some(2_000)),
        within("r2", 2, Some(1_500), Some(3_000)),
        within("r3", 3, None, None),
    ];
    queued(store, &runs).await;
    let past = async |now| {
        let runs = store.runs_past_their_window(Timestamp(now)).await.unwrap();
        runs.iter().map(|run| run.summary.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(past(1_999).await, [""; 0]);
    assert_eq!(past(2_000).await, ["r1"]);
    let kept = store.run(&RunId::new("r2")).await.unwrap().unwrap().summary.window;
    assert_eq!(kept, runs[1].window);
    let tx = store.begin().await.unwrap();
    let (id, state) = (RunId::new("r1"), RunState::Missed);
    assert!(
        tx.end_queued(&id, state, &[Message::TakenBack.into()], Timestamp(2_000))
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(past(2_999).await, [""; 0], "it is over");
    assert_eq!(next_at(store, 2_999).await.as_deref(), Some("r2"), "it holds nothing");
}

async fn a_subject_knows_every_run_that_touched_it(fixture: &Fixture) {
    let store = &fixture.store;
    one_queued_run(store).await;
    let pool = SubjectRef {
        manager: manager_id(),
        object: Object::Pool(PoolId::new("p")),
    };
    let over_pool = NewRun {
        subject: pool.clone().named("pool"),
        touches: vec![pool.clone(), subject().at()],
        ..new_run("r2", vm_id(), 20)
    };
    let tx = store.begin().await.unwrap();
    queue(&tx, &over_pool).await;
    tx.commit().await.unwrap();
    let of = async |subject: &SubjectRef| {
        let runs = store.runs_of(subject, 9).await.unwrap();
        runs.into_iter().map(|run| run.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of(&subject().at()).await, ["r2", "r1"]);
    assert_eq!(of(&pool).await, ["r2"]);
}
