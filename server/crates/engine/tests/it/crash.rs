//! The process is lost at every place between two lines of the journal. After the next start nothing is left in the
//! estate, and either everything has happened or nothing.

use crate::moments::StopAt;
use crate::world::World;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, RunState};
use domain::time::Clock;
use engine::Moment;
use std::time::Duration;

const FREE: RestoreGate = RestoreGate::Free;

/// The moments with their numbers, without those after an outcome: the next intent is the same moment but for one line.
/// Behind a decision that line is the direction.
fn worth_losing(moments: &[(String, Moment)]) -> impl Iterator<Item = (usize, &(String, Moment))> {
    moments
        .iter()
        .enumerate()
        .filter(|(_, (step, moment))| *moment != Moment::AfterOutcome || step == "decide")
}

async fn backup_survives(method: BackupMethod, vm: &str, slots: &[u32]) {
    let mut world = World::start().await;
    world.protect(vm, method, FREE).await;
    let count = StopAt::never();
    world.restart(Some(count.clone())).await;
    world.back_up(vm).await;
    let moments = count.moments();
    assert!(moments.len() > 20, "{moments:?}");
    for (number, place) in worth_losing(&moments) {
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
    let made_before = engine::core::SystemClock.now();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    world.restart(None).await;
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
    restore(&mut world, &point, decision, None).await;
    let moments = count.moments();
    assert!(moments.len() > 25, "{moments:?}");
    let decided = moments.iter().position(|(step, _)| step == "decide").unwrap();
    // Up to the decision both ways are the same.
    let new = |(number, _): &(usize, _)| decision == Decision::Commit || *number > decided;
    for (number, place) in worth_losing(&moments).filter(new) {
        world.lab.scribble(world.vm("web01").as_str(), 0).unwrap();
        let overwritten = world.hashes("web01", &[0]);
        let stop = StopAt::nth(number);
        world.restart(Some(stop.clone())).await;
        let state = restore(&mut world, &point, decision, Some(&stop)).await;
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
async fn restore(
    world: &mut World,
    point: &domain::ids::PointId,
    decision: Decision,
    stop: Option<&StopAt>,
) -> RunState {
    let operator = world.people.operator.clone();
    let run = world.restore(point).await;
    let mut decided = false;
    let mut lost = stop.is_none();
    loop {
        if let Some(stop) = stop.filter(|_| !lost)
            && !stop.moments().is_empty()
            && tokio::time::timeout(std::time::Duration::from_millis(20), stop.stopped.notified())
                .await
                .is_ok()
        {
            world.restart(None).await;
            lost = true;
        }
        let state = world.run(&run).await.summary.state;
        if state == RunState::Waiting && !decided {
            decided = world.backend.runs.decide(&operator, &run, decision).await.is_ok();
        }
        if state.is_over() || state == RunState::NeedsOperator {
            return state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
