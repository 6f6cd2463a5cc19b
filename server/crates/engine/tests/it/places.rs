//! Only a few runs move disks at a time, and no snapshot stands on the estate for those that wait.

use domain::ids::RunId;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::RunState;
use std::time::Duration;
use world::World;

const MACHINES: usize = 20;
const PLACES: usize = 2;

/// Small machines, all of the same shape, under the same rules.
async fn crowd(world: &World) -> Vec<String> {
    let estate = world.backend.estate.estate(&world.people.operator, &world.manager);
    let estate = estate.await.unwrap().estate;
    let model = estate.vm(&world.vm("web01")).unwrap();
    let pool = model.pool.as_ref().unwrap();
    let mut names = Vec::new();
    for number in 1..=MACHINES {
        let name = format!("crowd{number:02}");
        let clone = format!("clone Vm id={} destType=Vm destName={name} serverPool={pool}", model.id);
        let answer = world.lab.execute(&clone).await;
        assert!(answer.contains("Success"), "{answer}");
        names.push(name);
    }
    world.refresh().await;
    for name in &names {
        world.protect(name, BackupMethod::ManagerClone, RestoreGate::Free).await;
    }
    names
}

/// Snapshots of runs that stand on the estate just now.
fn snapshots(world: &World) -> usize {
    let estate = world.lab.estate();
    let machines = estate.all::<lab::model::Vm>();
    machines.filter(|(object, _)| object.name.starts_with("hf-")).count()
}

/// The most snapshots that were there at once until all runs had succeeded.
async fn most_until_over(world: &World, runs: &[RunId]) -> usize {
    let mut most = 0;
    for run in runs {
        loop {
            most = most.max(snapshots(world));
            let state = world.run(run).await.summary.state;
            if state.is_over() {
                assert_eq!(state, RunState::Succeeded);
                break;
            }
            assert_ne!(state, RunState::NeedsOperator);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    most
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_machines_due_at_once_only_those_with_a_place_have_a_snapshot() {
    let world = World::with(|options| options.shrink_disks_by = 64).await;
    let names = crowd(&world).await;
    let mut runs = Vec::new();
    for name in &names {
        runs.push(world.start_backup(name).await);
    }
    let all = most_until_over(&world, &runs);
    let limit = Duration::from_secs(300);
    let most = tokio::time::timeout(limit, all).await.expect("the backups do not end");
    assert!((1..=PLACES).contains(&most), "{most} snapshots at once");
    world.assert_clean("twenty backups");
    world.stop().await;
}
