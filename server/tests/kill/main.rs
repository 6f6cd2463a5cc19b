//! `kill -9` of the real program in the middle of a backup and of a restore. The estate is another process and lives on;
//! the program is started again on the same data, waits until the lease of the dead one is over, and goes on. And two
//! programs on one database, of which one is stopped past its lease and continued.

#![cfg(test)]

mod program;
mod stopped;

use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, Phase, RunState};
use program::Program;
use world::World;

/// The world without an engine of its own: runs that are queued in it wait for the program.
async fn world() -> World {
    let mut world = World::start().await;
    world.stop_engine().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_survives_kill_9() {
    let world = world().await;
    let (vm, slots) = ("erp-app01", [0, 1]);
    world.protect(vm, BackupMethod::ManagerClone, RestoreGate::Free).await;
    for step in ["snapshot", "copy-1", "read-back", "remove-snapshot"] {
        let program = Program::start(&world);
        let run = world.start_backup(vm).await;
        program.kill_in(&world, &run, step, Phase::Forward).await;
        let again = Program::start(&world);
        let ended = world.ended(&run).await;
        assert_eq!(ended.summary.state, RunState::Succeeded, "killed in {step}: {ended:#?}");
        let point = world.point(ended.point.as_ref().unwrap()).await;
        let stored: Vec<String> = point.manifest.disks().iter().map(|disk| disk.sha256.clone()).collect();
        assert_eq!(stored, world.hashes(vm, &slots), "killed in {step}");
        let fence = world.store.run(&run).await.unwrap().unwrap().fence;
        assert_eq!(fence, 2, "killed in {step}: the second process has taken the run over");
        world.assert_clean(&format!("a backup that was killed in {step}"));
        again.kill();
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_survives_kill_9() {
    let world = world().await;
    let vm = "web01";
    world
        .protect(vm, BackupMethod::Reflink, RestoreGate::Approval { approvers: 1 })
        .await;
    let good = world.hashes(vm, &[0]);
    let program = Program::start(&world);
    let point = world.back_up(vm).await.manifest.point;
    program.kill();
    let places = [
        ("write-0", Phase::Forward, Decision::Commit),
        ("keep-0", Phase::Forward, Decision::Commit),
        ("swap-0", Phase::Forward, Decision::Commit),
        ("commit-1", Phase::Forward, Decision::Commit),
        ("swap-0", Phase::Undo, Decision::RollBack),
    ];
    for (step, phase, decision) in places {
        let place = format!("killed in {step}, {phase:?}");
        world.lab.scribble(world.vm(vm).as_str(), 0).unwrap();
        let overwritten = world.hashes(vm, &[0]);
        let program = Program::start(&world);
        let run = world.start_restore(&point).await;
        let operator = &world.people.operator;
        let decide = async {
            world.waiting(&run).await;
            world.backend.runs.decide(operator, &run, decision).await.unwrap();
        };
        let kill = program.kill_in(&world, &run, step, phase);
        let again = async {
            kill.await;
            Program::start(&world)
        };
        let (again, ()) = tokio::join!(again, decide);
        let ended = world.ended(&run).await;
        let (state, bytes) = match decision {
            Decision::Commit => (RunState::Succeeded, &good),
            Decision::RollBack => (RunState::RolledBack, &overwritten),
        };
        assert_eq!(ended.summary.state, state, "{place}: {ended:#?}");
        assert_eq!(&world.hashes(vm, &[0]), bytes, "{place}");
        assert!(world.vm_is_running(vm).await, "{place}");
        world.assert_clean(&place);
        again.kill();
    }
    world.stop().await;
}
