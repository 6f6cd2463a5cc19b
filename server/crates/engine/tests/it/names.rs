//! Names that collide with those of somebody else: what is not Holdfast's is neither used nor removed.

use crate::moments::StopAt;
use domain::ids::RunId;
use domain::note::Note;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::RunState;
use engine::Moment;
use lab::Fault;
use lab::model::Object;
use std::time::Duration;
use world::{World, told, until};

const VM: &str = "web01";

fn twin(command: &str) -> Fault {
    Fault::Twin {
        command: command.to_owned(),
    }
}

/// What somebody else has made under a name of Holdfast, as type and id.
fn of_somebody_else(world: &World) -> Vec<(String, String)> {
    let estate = world.lab.estate();
    let objects = estate.objects.values();
    let theirs = objects.filter(|object| object.description == Object::BY_SOMEBODY_ELSE);
    theirs
        .map(|object| (object.kind().as_str().to_owned(), object.id.clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_objects_of_one_name_the_run_uses_and_removes_its_own() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::ManagerClone, RestoreGate::Free).await;
    // A mapping of somebody else in Holdfast's customizer goes with that.
    for (command, theirs) in [
        ("create VmCloneCustomizer", 1),
        ("create VmCloneStorageMapping", 1),
        ("clone Vm", 2),
    ] {
        world.lab.faults().arm(twin(command));
        let point = world.back_up(VM).await;
        assert_eq!(point.manifest.disks()[0].sha256, world.hashes(VM, &[0])[0]);
        assert_eq!(world.lab.faults().armed(), [], "{command} was not met");
        world.assert_clean(command);
        assert_eq!(of_somebody_else(&world).len(), theirs, "{command}");
    }
    world.stop().await;
}

/// An engine tries again and again to clear up.
async fn says_each_failure_once(world: &mut World, run: &RunId) {
    let count = StopAt::never();
    world
        .restart_with(|options| {
            options.breakpoints = Some(count.clone());
            options.rhythm.sweep = Duration::from_millis(20);
        })
        .await;
    let begun = ("leftover".to_owned(), Moment::AfterIntent);
    let attempts = || count.moments().iter().filter(|moment| **moment == begun).count();
    until("clearing up was tried four times", async || attempts() >= 4).await;
    let journal = world.run(run).await.journal;
    let said = journal.iter().filter(|entry| entry.step == "leftover");
    let said: Vec<&Vec<Note>> = said.map(|entry| &entry.notes).collect();
    let repeated = |(at, notes): (usize, &&Vec<Note>)| said.iter().skip(at + 1).any(|other| other == notes);
    assert!(!said.is_empty() && !said.iter().enumerate().any(repeated), "{said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_tells_which_is_its_own_the_run_ends_and_asks_a_person() {
    let mut world = World::with(|options| options.switches.clone_prints_id = false).await;
    world.protect(VM, BackupMethod::ManagerClone, RestoreGate::Free).await;
    world.lab.faults().arm(twin("clone Vm"));
    let run = world.start_backup(VM).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    let message = told(&ended.summary);
    assert!(
        message.contains("2 objects of type Vm") && message.contains("delete or rename"),
        "{message}"
    );
    assert!(!ended.leftovers.is_empty(), "what is left is shown");
    says_each_failure_once(&mut world, &run).await;
    let theirs = of_somebody_else(&world);
    let [(_, id)] = theirs.as_slice() else {
        panic!("{theirs:?}");
    };
    // The person renames what is his; then the rest is cleared up.
    let renamed = world.lab.execute(&format!("edit Vm id={id} name=mine")).await;
    assert!(renamed.contains("Success"), "{renamed}");
    world.restart(None).await;
    world.cleared_up(&run).await;
    world.assert_clean("clearing up");
    assert_eq!(of_somebody_else(&world), theirs);
    world.stop().await;
}
