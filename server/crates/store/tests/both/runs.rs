//! Plans, runs, journals, leftovers.

use crate::harness::{Fixture, on_both};
use crate::samples::{OLGA, left, manager_id, new_run, one_queued_run, people_and_manager, plan, queue, subject};
use domain::ids::{RunId, UserId};
use domain::note::Note;
use domain::plan::{Bindings, PlanHash};
use domain::run::{Decision, Message, Outcome, Phase, RunState, Settled};
use domain::subject::SubjectRef;
use domain::time::Timestamp;
use ovm::ids::VmId;
use store::{Claim, Store, StoreError, Tx, Wanted};

on_both!(
    a_plan_comes_back_byte_for_byte,
    a_changed_plan_is_refused,
    runs_are_listed_newest_first,
    a_decision_counts_once,
    a_run_that_needs_an_operator_is_settled_once,
    a_wish_for_an_unknown_run_is_refused,
    a_wish_to_cancel_counts_while_the_run_is_under_way,
    a_withdrawn_intent_was_never_written,
    the_journal_tells_intents_and_outcomes_in_order,
    an_outcome_is_written_once,
    leftovers_stay_until_they_are_removed,
);

async fn claimed(store: &Store) -> (Tx, RunId, i64) {
    one_queued_run(store).await;
    let tx = store.begin().await.unwrap();
    let Claim { run, fence } = tx.claim_run("worker", &[], Timestamp(100)).await.unwrap().unwrap();
    (tx, run.summary.id, fence)
}

async fn a_plan_comes_back_byte_for_byte(fixture: &Fixture) {
    people_and_manager(&fixture.store).await;
    let sealed = plan("r1");
    let tx = fixture.store.begin().await.unwrap();
    tx.insert_plan(&sealed, &UserId::new(OLGA), Timestamp(1)).await.unwrap();
    tx.commit().await.unwrap();
    let found = fixture.store.plan(sealed.hash()).await.unwrap().unwrap();
    assert_eq!(found.sealed, sealed);
    assert_eq!(found.planned_by, UserId::new(OLGA));
    assert_eq!(fixture.store.plan(&PlanHash::new("00")).await.unwrap(), None);
}

async fn a_changed_plan_is_refused(fixture: &Fixture) {
    one_queued_run(&fixture.store).await;
    let tx = fixture.store.begin().await.unwrap();
    let other = plan("r2");
    tx.insert_plan(&other, &UserId::new(OLGA), Timestamp(1)).await.unwrap();
    tx.commit().await.unwrap();
    let (hash, another) = (plan("r1").hash().to_string(), other.hash().to_string());
    let exchange = format!(
        "UPDATE plan SET body = (SELECT body FROM plan WHERE hash = '{another}'),
         base = (SELECT base FROM plan WHERE hash = '{another}') WHERE hash = '{hash}'"
    );
    fixture.sql(&exchange).await.unwrap();
    let refused = fixture.store.plan(plan("r1").hash()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Plan(_)));
}

async fn runs_are_listed_newest_first(fixture: &Fixture) {
    let store = &fixture.store;
    one_queued_run(store).await;
    let other = VmId::new("another");
    let tx = store.begin().await.unwrap();
    queue(&tx, &new_run("r2", other.clone(), 20)).await;
    let ended = Some(Timestamp(40));
    tx.set_run_state(
        &RunId::new("r2"),
        0,
        RunState::Failed,
        &[Message::LeftBehind.into()],
        ended,
        None,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let ids = |runs: Vec<domain::run::RunSummary>| runs.into_iter().map(|run| run.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(store.runs(None, &Wanted::newest(10)).await.unwrap()), ["r2", "r1"]);
    assert_eq!(ids(store.runs(None, &Wanted::newest(1)).await.unwrap()), ["r2"]);
    let rest = Wanted {
        before: Some("20-r2".parse().unwrap()),
        ..Wanted::newest(9)
    };
    assert_eq!(ids(store.runs(None, &rest).await.unwrap()), ["r1"]);
    assert_eq!(
        ids(store.runs(Some(RunState::Queued), &Wanted::newest(10)).await.unwrap()),
        ["r1"]
    );
    assert_eq!(ids(store.runs_of(&subject().at(), 10).await.unwrap()), ["r1"]);
    let failed = store
        .runs_of(&SubjectRef::vm(&manager_id(), &other), 10)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(failed.state, RunState::Failed);
    assert_eq!(failed.message, [Message::LeftBehind.into()]);
    assert_eq!(failed.ended_at, Some(Timestamp(40)));
    assert_eq!(failed.plan_hash, *plan("r2").hash());
}

async fn a_decision_counts_once(fixture: &Fixture) {
    let run = one_queued_run(&fixture.store).await;
    let tx = fixture.store.begin().await.unwrap();
    tx.set_decision(&run, Decision::Commit).await.unwrap();
    let refused = tx.set_decision(&run, Decision::RollBack).await.unwrap_err();
    assert_eq!(refused.to_string(), "This run is decided already.");
    assert_eq!(tx.run(&run).await.unwrap().unwrap().decision, Some(Decision::Commit));
}

async fn a_run_that_needs_an_operator_is_settled_once(fixture: &Fixture) {
    let (tx, run, fence) = claimed(&fixture.store).await;
    let message = [Message::Settled(Settled::GoesOn).into()];
    let settled = |state| tx.settle_run(&run, state, &message);
    assert!(matches!(settled(RunState::Running).await, Err(StoreError::Conflict(_))));
    tx.set_run_state(
        &run,
        fence,
        RunState::NeedsOperator,
        &[Message::LeftBehind.into()],
        None,
        None,
    )
    .await
    .unwrap();
    settled(RunState::RollingBack).await.unwrap();
    let late = settled(RunState::Running).await.unwrap_err();
    assert_eq!(late.to_string(), "This run no longer needs an administrator.");
    let row = tx.run(&run).await.unwrap().unwrap();
    assert_eq!(
        (row.summary.state, row.summary.message),
        (RunState::RollingBack, message.to_vec())
    );
}

async fn a_wish_for_an_unknown_run_is_refused(fixture: &Fixture) {
    let nowhere = RunId::new("nowhere");
    let tx = fixture.store.begin().await.unwrap();
    for refused in [
        tx.request_cancel(&nowhere).await,
        tx.set_decision(&nowhere, Decision::Commit).await,
        tx.settle_run(&nowhere, RunState::Running, &[]).await,
    ] {
        assert_eq!(refused.unwrap_err().to_string(), "There is no run nowhere.");
    }
}

async fn a_wish_to_cancel_counts_while_the_run_is_under_way(fixture: &Fixture) {
    let (tx, run, fence) = claimed(&fixture.store).await;
    let is_wished = async || tx.run(&run).await.unwrap().unwrap().cancel_requested;
    for state in RunState::ALL {
        tx.set_run_state(&run, fence, state, &[], None, None).await.unwrap();
        let wish = tx.request_cancel(&run).await;
        match state {
            RunState::Queued | RunState::Running => wish.unwrap(),
            _ => assert!(matches!(wish, Err(StoreError::Conflict(_))), "{state:?}"),
        }
    }
    let needs_operator = RunState::NeedsOperator;
    for (settled, still) in [(RunState::RollingBack, true), (RunState::Running, false)] {
        tx.set_run_state(&run, fence, needs_operator, &[], None, None)
            .await
            .unwrap();
        tx.settle_run(&run, settled, &[]).await.unwrap();
        assert_eq!(is_wished().await, still, "{settled:?}");
    }
    tx.set_decision(&run, Decision::Commit).await.unwrap();
    let late = tx.request_cancel(&run).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "it is committed");
}

async fn a_withdrawn_intent_was_never_written(fixture: &Fixture) {
    let (tx, run, fence) = claimed(&fixture.store).await;
    let begun = tx.begin_entry(&run, fence, "copy", Phase::Undo, Timestamp(101)).await;
    let seq = begun.unwrap();
    tx.withdraw_entry(&run, fence, seq).await.unwrap();
    assert!(tx.journal(&run).await.unwrap().is_empty());
    let again = tx.withdraw_entry(&run, fence, seq).await;
    assert!(matches!(again, Err(StoreError::Missing { .. })));
}

async fn the_journal_tells_intents_and_outcomes_in_order(fixture: &Fixture) {
    let (tx, run, fence) = claimed(&fixture.store).await;
    let learned = Bindings([("clone".to_owned(), "0004fb".to_owned())].into());
    assert_eq!(
        tx.begin_entry(&run, fence, "clone", Phase::Forward, Timestamp(101))
            .await
            .unwrap(),
        1
    );
    tx.note_entry(&run, fence, 1, &learned).await.unwrap();
    assert_eq!(tx.journal(&run).await.unwrap()[0].learned, learned);
    tx.finish_entry(
        &run,
        fence,
        1,
        Outcome::Done,
        "Success\0",
        &[Note::TookEffect],
        Some(1 << 40),
        &learned,
        Timestamp(102),
    )
    .await
    .unwrap();
    assert_eq!(
        tx.begin_entry(&run, fence, "clone", Phase::Undo, Timestamp(103))
            .await
            .unwrap(),
        2
    );
    tx.commit().await.unwrap();

    let journal = fixture.store.journal(&run).await.unwrap();
    assert_eq!(journal.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    let (done, open) = (&journal[0], &journal[1]);
    assert_eq!(
        (done.outcome, done.bytes, done.ended_at),
        (Some(Outcome::Done), Some(1 << 40), Some(Timestamp(102)))
    );
    assert_eq!(
        (done.learned.clone(), done.observed.as_str()),
        (learned, "Success\u{fffd}")
    );
    assert_eq!((open.phase, open.outcome, open.ended_at), (Phase::Undo, None, None));
    assert_eq!(open.started_at, Timestamp(103));
}

async fn an_outcome_is_written_once(fixture: &Fixture) {
    let (tx, run, fence) = claimed(&fixture.store).await;
    let seq = tx
        .begin_entry(&run, fence, "copy", Phase::Forward, Timestamp(101))
        .await
        .unwrap();
    let nothing = Bindings::default();
    tx.finish_entry(
        &run,
        fence,
        seq,
        Outcome::Failed,
        "Refused.",
        &[],
        None,
        &nothing,
        Timestamp(102),
    )
    .await
    .unwrap();
    let again = tx
        .finish_entry(&run, fence, seq, Outcome::Done, "", &[], None, &nothing, Timestamp(103))
        .await;
    assert!(matches!(again, Err(StoreError::Missing { .. })));
    assert_eq!(tx.journal(&run).await.unwrap()[0].outcome, Some(Outcome::Failed));
}

async fn leftovers_stay_until_they_are_removed(fixture: &Fixture) {
    let run = one_queued_run(&fixture.store).await;
    let tx = fixture.store.begin().await.unwrap();
    let clone = tx
        .insert_leftover(&run, &left(), "{\"a\":1}", Timestamp(5))
        .await
        .unwrap();
    let file = tx.insert_leftover(&run, &left(), "{}", Timestamp(6)).await.unwrap();
    let same = tx
        .insert_leftover(&run, &left(), "{\"a\":1}", Timestamp(7))
        .await
        .unwrap();
    assert_eq!(same, clone, "the same is removed once");
    tx.leftover_removed(file, Timestamp(7)).await.unwrap();
    tx.commit().await.unwrap();
    let open = fixture.store.leftovers(None, true).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].id, &open[0].run, open[0].undo_json.as_str()),
        (clone, &run, "{\"a\":1}")
    );
    let all = fixture.store.leftovers(Some(&run), false).await.unwrap();
    assert_eq!(all.iter().map(|left| left.id).collect::<Vec<_>>(), [clone, file]);
    assert!(
        fixture
            .store
            .leftovers(Some(&RunId::new("r9")), false)
            .await
            .unwrap()
            .is_empty()
    );
}
