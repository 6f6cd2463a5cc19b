//! The engine is stopped at every place between two lines of the journal and drops its work where it is. After the next
//! start nothing is left in the estate, and either everything has happened or nothing.
//!
//! To the journal and the estate this is the loss of the process, but for the lease, which is given back so that nobody
//! waits for its end. The program is truly killed in the tests `kill` of the server.

use crate::moments::StopAt;
use domain::ids::{PointId, RunId};
use domain::plan::{Action, Conduct, Plan, Step};
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, RunDetail, RunState};
use domain::time::{Clock, Timestamp};
use engine::Moment;
use engine::core::SystemClock;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use world::{World, soon};

const FREE: RestoreGate = RestoreGate::Free;

/// The moments with their numbers, without those that are another moment but for one line. Those after an outcome are the
/// next intent, but behind a decision that line is the direction. Those after the intent of a step that only looks are the
/// moment before it.
fn worth_losing<'a>(
    moments: &'a [(String, Moment)],
    plan: &Plan,
) -> impl Iterator<Item = (usize, &'a (String, Moment))> {
    let looks = plan.steps.iter().filter(|step| only_looks(step));
    let looks: BTreeSet<String> = looks.map(|step| step.id.clone()).collect();
    let is_of_its_own = move |step: &String, moment: Moment| match moment {
        Moment::AfterIntent => !looks.contains(step),
        Moment::AfterEffect => true,
        Moment::AfterOutcome => step == "decide",
    };
    let numbered = moments.iter().enumerate();
    numbered.filter(move |(_, (step, moment))| is_of_its_own(step, *moment))
}

fn only_looks(step: &Step) -> bool {
    step.conduct == Conduct::LOOK || matches!(step.action, Action::ReadBack { .. } | Action::CheckPoint { .. })
}

/// The time in an hour.
struct AnHourLater;

impl Clock for AnHourLater {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(3600)
    }
}

async fn backup_survives(method: BackupMethod, vm: &str, slots: &[u32]) {
    let mut world = World::start().await;
    world.protect(vm, method, FREE).await;
    let count = StopAt::never();
    world.restart(Some(count.clone())).await;
    let run = world.start_backup(vm).await;
    let plan = world.ended(&run).await.plan;
    let moments = count.moments();
    assert!(moments.len() > 20, "{moments:?}");
    for (number, place) in worth_losing(&moments, &plan) {
        let stop = StopAt::nth(number);
        world.restart(Some(stop.clone())).await;
        let run = world.start_backup(vm).await;
        stop.stopped.notified().await;
        world.restart(None).await;
        let ended = world.ended(&run).await;
        assert_eq!(
            ended.summary.state,
            RunState::Succeeded,
            "stopped at {place:?}: {ended:#?}"
        );
        let point = world.point(ended.point.as_ref().unwrap()).await;
        let stored: Vec<String> = point.manifest.disks().iter().map(|disk| disk.sha256.clone()).collect();
        assert_eq!(stored, world.hashes(vm, slots), "stopped at {place:?}");
        world.assert_clean(&format!("a backup that was stopped at {place:?}"));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_through_the_manager_survives_a_lost_process_at_every_step() {
    backup_survives(BackupMethod::ManagerClone, "erp-app01", &[0, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_by_reflink_survives_a_lost_process_at_every_step() {
    backup_survives(BackupMethod::Reflink, "web01", &[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_is_as_old_as_its_snapshot_although_the_process_was_lost_behind_it() {
    let mut world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, FREE).await;
    let count = StopAt::never();
    world.restart(Some(count.clone())).await;
    world.back_up("web01").await;
    let snapshot = ("reflink-0".to_owned(), Moment::AfterEffect);
    let number = count.moments().iter().position(|moment| *moment == snapshot);
    let stop = StopAt::nth(number.unwrap());
    world.restart(Some(stop.clone())).await;
    let run = world.start_backup("web01").await;
    stop.stopped.notified().await;
    assert!(stop.is_at("reflink-0", Moment::AfterEffect));
    let made_before = SystemClock.now();
    world
        .restart_with(|options| options.clock = Arc::new(AnHourLater))
        .await;
    let ended = world.ended(&run).await;
    let point = world.point(ended.point.as_ref().unwrap()).await;
    assert!(point.manifest.taken_at <= made_before, "{ended:#?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_downtime_survives_a_lost_process_at_every_step() {
    backup_survives(BackupMethod::StopCopyStart, "intranet", &[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_survives_a_lost_process_at_every_step() {
    restore_survives(Decision::Commit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_survives_a_lost_process_at_every_step() {
    restore_survives(Decision::RollBack).await;
}

async fn restore_survives(decision: Decision) {
    let mut world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, FREE).await;
    let good = world.hashes("web01", &[0]);
    let point = world.back_up("web01").await.manifest.point;
    let count = StopAt::never();
    world.restart(Some(count.clone())).await;
    let plan = restore(&mut world, &point, decision, None).await.plan;
    let moments = count.moments();
    assert!(moments.len() > 25, "{moments:?}");
    let decided = moments.iter().position(|(step, _)| step == "decide").unwrap();
    // Up to the decision both ways are the same.
    let new = |(number, _): &(usize, _)| decision == Decision::Commit || *number > decided;
    for (number, place) in worth_losing(&moments, &plan).filter(new) {
        world.lab.scribble(world.vm("web01").as_str(), 0).unwrap();
        let overwritten = world.hashes("web01", &[0]);
        let stop = StopAt::nth(number);
        world.restart(Some(stop.clone())).await;
        let state = restore(&mut world, &point, decision, Some(&stop)).await.summary.state;
        let (wanted, bytes) = match decision {
            Decision::Commit => (RunState::Succeeded, &good),
            Decision::RollBack => (RunState::RolledBack, &overwritten),
        };
        assert_eq!(state, wanted, "stopped at {place:?}");
        assert_eq!(&world.hashes("web01", &[0]), bytes, "stopped at {place:?}");
        assert!(world.vm_is_running("web01").await, "stopped at {place:?}");
        world.assert_clean(&format!("a restore that was stopped at {place:?}"));
    }
    world.stop().await;
}

/// Restores and decides; loses the process on the way when `stop` says so.
async fn restore(world: &mut World, point: &PointId, decision: Decision, stop: Option<&StopAt>) -> RunDetail {
    let run = world.restore(point).await;
    let what = || format!("the restore {run} is over");
    soon(what, restored(world, &run, decision, stop)).await
}

async fn restored(world: &mut World, run: &RunId, decision: Decision, stop: Option<&StopAt>) -> RunDetail {
    let operator = world.people.operator.clone();
    let mut decided = false;
    let mut lost = stop.is_none();
    loop {
        if let Some(stop) = stop.filter(|_| !lost)
            && !stop.moments().is_empty()
            && tokio::time::timeout(Duration::from_millis(20), stop.stopped.notified())
                .await
                .is_ok()
        {
            world.restart(None).await;
            lost = true;
        }
        let detail = world.run(run).await;
        let state = detail.summary.state;
        if state == RunState::Waiting && !decided {
            decided = world.backend.runs.decide(&operator, run, decision).await.is_ok();
        }
        if state.is_over() || state == RunState::NeedsOperator {
            return detail;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
