//! Two programs on one database. One is stopped (SIGSTOP) in the middle of a restore, longer than its lease lasts; the
//! other takes the run over, and comes to the pause before the decision; then the first is continued. What changes the
//! estate was commanded once, says the estate.

use crate::program::Program;
use domain::run::{Decision, RunState};
use std::collections::BTreeMap;
use world::{Database, World};

const VM: &str = "web01";

/// On PostgreSQL only: a process that is stopped may hold the locks of a SQLite file, and then nobody else gets in before
/// it goes on or dies. The engine's own tests let one stand still on SQLite, too, where it holds none.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_stopped_past_the_lease_does_nothing_twice() {
    let database = Database::postgres();
    let mut world = database.world().await;
    let (point, good, _) = world.overwritten(VM).await;
    world.stop_engine().await;
    for step in ["stop", "write-0", "keep-0", "swap-0", "start"] {
        let begun = world.lab.heard().len();
        let first = Program::on(&world, &database);
        let run = world.start_restore(&point).await;
        first.stop_in(&world, &run, step).await;
        let second = Program::on(&world, &database);
        world.waiting(&run).await;
        first.go_on();
        let operator = &world.people.operator;
        world
            .backend
            .runs
            .decide(operator, &run, Decision::Commit)
            .await
            .unwrap();
        let ended = world.ended(&run).await;
        assert_eq!(
            ended.summary.state,
            RunState::Succeeded,
            "stopped in {step}: {ended:#?}"
        );
        // The one that was stopped is alive again, and has come as far as it can.
        second.kill();
        let later = world.start_backup(VM).await;
        let later = world.ended(&later).await.summary.state;
        assert_eq!(later, RunState::Succeeded, "stopped in {step}");
        let twice = commanded_twice(&world, begun);
        assert!(twice.is_empty(), "stopped in {step}: {twice:#?}");
        assert_eq!(world.hashes(VM, &[0]), good, "stopped in {step}");
        assert!(world.vm_is_running(VM).await, "stopped in {step}");
        world.assert_clean(&format!("a restore that was stopped in {step}"));
        world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
        first.kill();
    }
    world.stop().await;
}

/// The commands since then that move a file of a disk, or stop or start the machine, and were heard more than once.
/// Writing the new file anew is no second effect: it is begun again when it was broken off.
fn commanded_twice(world: &World, begun: usize) -> Vec<(String, usize)> {
    let changes = |line: &String| line.contains("mv -T") || line.starts_with("start Vm") || line.starts_with("stop Vm");
    let mut heard = BTreeMap::new();
    for line in world.lab.heard().into_iter().skip(begun).filter(changes) {
        *heard.entry(line).or_insert(0) += 1;
    }
    heard.into_iter().filter(|(_, times)| *times > 1).collect()
}
