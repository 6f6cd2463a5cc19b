//! Wishes and answers that come late: the last one counts only as long as nothing else was decided.

use crate::moments::StopAt;
use async_trait::async_trait;
use domain::error::ServiceError;
use domain::ids::RunId;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, Phase, RunState, Settlement};
use engine::core::SystemClock;
use engine::{Breakpoints, Moment, adopt_target};
use lab::Fault;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use vault::Vault;
use world::{TARGET_PASSWORD, World, told, until};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

/// Writes down the wish to cancel behind a step, as another server would: nobody here is woken for it.
struct CancelBehind(&'static str, Store);

#[async_trait]
impl Breakpoints for CancelBehind {
    async fn reached(&self, run: &RunId, step: &str, moment: Moment) {
        if step == self.0 && moment == Moment::AfterOutcome {
            let tx = self.1.begin().await.unwrap();
            tx.request_cancel(run).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_cancel_is_taken_before_anybody_can_commit_and_not_behind_it() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let good = world.hashes(VM, &[0]);
    let point = world.back_up(VM).await.manifest.point;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);
    world
        .restart(Some(Arc::new(CancelBehind("running", world.store.clone()))))
        .await;
    let run = world.restore(&point).await;
    let stands = world
        .until(&run, |state| state.is_over() || state == RunState::Waiting)
        .await;
    assert_eq!(stands.summary.state, RunState::Cancelled, "{stands:#?}");
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    world.assert_clean("a wish that came late");

    world.restart(None).await;
    let run = world.restore(&point).await;
    world.waiting(&run).await;
    let tx = world.store.begin().await.unwrap();
    tx.request_cancel(&run).await.unwrap_err();
    drop(tx);
    let refused = world.backend.runs.cancel(&world.people.operator, &run).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
    world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_to_roll_back_counts_whatever_the_state_says() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);
    let stop = StopAt::at("decide", Moment::AfterOutcome);
    world.restart(Some(stop.clone())).await;
    let run = world.restore(&point).await;
    world.waiting(&run).await;
    let operator = world.people.operator.clone();
    let runs = world.backend.runs.clone();
    runs.decide(&operator, &run, Decision::RollBack).await.unwrap();
    stop.stopped.notified().await;
    world.stop_engine().await;
    // As a process of an earlier version left it that was lost between two transactions.
    let fence = world.store.run(&run).await.unwrap().unwrap().fence;
    let tx = world.store.begin().await.unwrap();
    tx.set_run_state(&run, fence, RunState::Waiting, &[], None, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.restart(None).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::RolledBack, "{ended:#?}");
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    world.assert_clean("a roll back");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cancelled_before_it_is_published_leaves_nothing_in_the_target() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let stop = StopAt::at("read-back", Moment::AfterIntent);
    world.restart(Some(stop.clone())).await;
    let run = world.start_backup(VM).await;
    stop.stopped.notified().await;
    let operator = world.people.operator.clone();
    world.backend.runs.cancel(&operator, &run).await.unwrap();
    world.restart(None).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Cancelled, "{ended:#?}");
    let vault = Vault::open(&world.dir.path().join("target"), TARGET_PASSWORD).unwrap();
    assert!(vault.list_points().unwrap().is_empty());
    assert!(vault.list_unfinished().unwrap().is_empty());
    world.back_up(VM).await;
    assert_eq!(vault.list_points().unwrap().len(), 1);
    world.stop().await;
}

/// Takes a new backup target for that of the database behind a step, as somebody does on the command line.
struct AdoptBehind(&'static str, Store, PathBuf);

#[async_trait]
impl Breakpoints for AdoptBehind {
    async fn reached(&self, _run: &RunId, step: &str, moment: Moment) {
        if step == self.0 && moment == Moment::AfterOutcome {
            adopt_target(&self.1, &SystemClock, &self.2, TARGET_PASSWORD, true)
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_in_a_target_that_is_not_the_one_any_more_is_not_published() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let other = world.dir.path().join("other");
    let adopt = AdoptBehind("read-back", world.store.clone(), other);
    world.restart(Some(Arc::new(adopt))).await;
    let run = world.start_backup(VM).await;
    world
        .fails(&run, &["Publish the recovery point", "has been adopted since"])
        .await;
    assert!(world.points().await.is_empty());
    world.stop().await;
}

/// Does something to the key files of the backup target behind a step.
struct KeysBehind(&'static str, fn(&Path), PathBuf);

#[async_trait]
impl Breakpoints for KeysBehind {
    async fn reached(&self, _run: &RunId, step: &str, moment: Moment) {
        if step == self.0 && moment == Moment::AfterOutcome {
            self.1(&self.2);
        }
    }
}

/// The backup goes on as if nothing had happened: it has the key in memory.
async fn backup_without_keys(lose: fn(&Path)) -> (World, RunId) {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let keys = world.dir.path().join("target/keys");
    world.restart(Some(Arc::new(KeysBehind("read-back", lose, keys)))).await;
    let run = world.start_backup(VM).await;
    (world, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_lost_meanwhile_is_back_before_a_point_is_published() {
    let (world, run) = backup_without_keys(|keys| std::fs::remove_dir_all(keys).unwrap()).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    let vault = Vault::open(&world.dir.path().join("target"), TARGET_PASSWORD).unwrap();
    assert_eq!(vault.list_points().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_nobody_could_open_is_not_published() {
    let lose = |keys: &Path| {
        std::fs::remove_dir_all(keys).unwrap();
        std::fs::write(keys, "no folder").unwrap();
    };
    let (world, run) = backup_without_keys(lose).await;
    world.fails(&run, &["Publish the recovery point", "key file"]).await;
    assert!(world.points().await.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_shuts_down_late_is_started_again_when_an_operator_says_so() {
    let world = World::start().await;
    world
        .protect_with("intranet", BackupMethod::StopCopyStart, FREE, |rules| {
            rules.may_kill = false;
        })
        .await;
    world.lab.faults().arm(Fault::IgnoreStop);
    let run = world.start_backup("intranet").await;
    let stands = world.ended(&run).await;
    assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
    let message = told(&stands.summary);
    assert!(message.contains("may still shut down"), "{message}");
    assert!(world.vm_is_running("intranet").await);
    // Now the guest has shut down.
    let vm = world.vm("intranet");
    world.lab.execute(&format!("kill Vm id={vm}")).await;
    let admin = &world.people.admin;
    world
        .backend
        .runs
        .settle(admin, &run, Settlement::GoBack)
        .await
        .unwrap();
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    assert!(world.vm_is_running("intranet").await);
    world.assert_clean("a guest that was late");
    world.stop().await;
}

/// Waits until the run has begun to undo the stop of its machine.
async fn undoes_the_stop(world: &World, run: &RunId) {
    let undoes = |entry: &domain::run::JournalEntry| entry.step == "stop" && entry.phase == Phase::Undo;
    let has_begun = async || world.run(run).await.journal.iter().any(undoes);
    until("the stop is being undone", has_begun).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_shuts_down_after_the_run_was_cancelled_is_started_again() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    // It may be switched off, so the step before that ends although the machine still runs.
    let stop = StopAt::at("stop", Moment::AfterOutcome);
    world.restart(Some(stop.clone())).await;
    world.lab.faults().arm(Fault::IgnoreStop);
    let run = world.restore(&point).await;
    stop.stopped.notified().await;
    let operator = world.people.operator.clone();
    world.backend.runs.cancel(&operator, &run).await.unwrap();
    world.restart(None).await;
    undoes_the_stop(&world, &run).await;
    // Now the guest has shut down.
    let vm = world.vm(VM);
    let killed = world.lab.execute(&format!("kill Vm id={vm}")).await;
    assert!(killed.contains("Success"), "{killed}");
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Cancelled, "{ended:#?}");
    assert!(world.vm_is_running(VM).await);
    world.assert_clean("a guest that was late");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_may_still_shut_down_is_looked_at_when_it_could_not_be_switched_off() {
    let world = World::start().await;
    world.protect("intranet", BackupMethod::StopCopyStart, FREE).await;
    world.lab.faults().arm(Fault::IgnoreStop);
    world.lab.faults().arm(Fault::FailJob {
        command: "kill Vm".into(),
    });
    let run = world.start_backup("intranet").await;
    let stands = world.ended(&run).await;
    assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
    let message = told(&stands.summary);
    assert!(message.contains("may still shut down"), "{message}");
    assert!(
        stands.leftovers.is_empty(),
        "nobody takes it for started: {:?}",
        stands.leftovers
    );
    // Who has looked says that it will not shut down: it is not waited for again.
    let admin = &world.people.admin;
    let runs = &world.backend.runs;
    runs.settle(admin, &run, Settlement::GoBack).await.unwrap();
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    assert!(world.vm_is_running("intranet").await);
    world.assert_clean("a guest that goes on");
    world.stop().await;
}
