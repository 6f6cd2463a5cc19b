//! Runs that wait: for a place to move their disks, for a Manager or server that says nothing, for a job that does not end.

use crate::moments::Gate;
use domain::ids::RunId;
use domain::plan::Said;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::Message;
use domain::run::{Outcome, RunDetail, RunState};
use engine::Limits;
use lab::{Fault, Mode};
use std::time::Duration;
use world::{World, soon, until};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

async fn cancelled(world: &World, run: &RunId) -> RunDetail {
    world.backend.runs.cancel(&world.people.operator, run).await.unwrap();
    let ended = world.ended(run).await;
    assert_eq!(ended.summary.state, RunState::Cancelled, "{ended:#?}");
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_runs_while_its_backup_waits_for_a_place() {
    let mut world = World::start().await;
    let gate = Gate::at("copy-0");
    world.restart(Some(gate.clone())).await;
    let machines = [VM, "intranet", "db01", "erp-app01"];
    let mut runs = Vec::new();
    for vm in machines {
        world.protect(vm, BackupMethod::StopCopyStart, FREE).await;
        runs.push((vm, world.start_backup(vm).await));
    }
    until("two runs copy", async || gate.arrived().len() == 2).await;
    let waits = |run: &RunDetail| {
        let waits = |message: &Said<Message>| matches!(message, Said::Typed(Message::WaitsFor(_)));
        run.summary.message.iter().any(waits)
    };
    let (copied, waiting): (Vec<_>, Vec<_>) = runs.iter().partition(|(_, run)| gate.arrived().contains(run));
    for (vm, run) in &waiting {
        until("the others say that they wait", async || waits(&world.run(run).await)).await;
        assert!(world.vm_is_running(vm).await, "{vm} waits for others and does not run");
    }
    // Who waits can be stopped, and reading back needs no place.
    let given_up = cancelled(&world, &waiting[0].1).await;
    assert!(
        given_up.journal.iter().all(|entry| entry.step != "stop"),
        "{given_up:#?}"
    );
    assert_eq!(gate.arrived().len(), 2);
    gate.open();
    for (vm, run) in copied.iter().chain([&waiting[1]]) {
        let ended = world.ended(run).await;
        assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
        assert!(world.vm_is_running(vm).await, "{vm} does not run");
    }
    world.assert_clean("backups that had waited");
    world.stop().await;
}

/// A world that gives questions a second, and jobs too.
async fn impatient(mode: Mode) -> World {
    let mut world = World::with(|options| options.mode = mode).await;
    let limits = Limits {
        question: Duration::from_secs(2),
        job: Duration::from_secs(1),
        ..Limits::default()
    };
    world.restart_with(|options| options.limits = limits).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_answer_is_given_up_and_asked_again_later() {
    let world = impatient(Mode::Auto { speed: 200.0 }).await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    for fault in [
        Fault::Silent {
            command: "show Vm".into(),
        },
        Fault::ServerSilent {
            contains: "test -e".into(),
        },
    ] {
        world.lab.faults().arm(fault.clone());
        let run = world.start_backup(VM).await;
        let ended = world.ended(&run).await;
        assert_eq!(ended.summary.state, RunState::Succeeded, "{fault:?}: {ended:#?}");
        assert_eq!(world.lab.faults().armed(), [], "{fault:?} was not met");
    }
    world.assert_clean("questions without answers");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discovery_ends_with_the_first_question_that_nobody_answers() {
    let world = impatient(Mode::Auto { speed: 200.0 }).await;
    for _ in 0..100 {
        world.lab.faults().arm(Fault::Silent { command: "show".into() });
    }
    let (estate, admin) = (&world.backend.estate, &world.people.admin);
    let discovery = estate.refresh(admin, &world.manager);
    let error = soon(|| "the discovery gives up".into(), discovery).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("The Manager did not answer `show "), "{text}");
    assert!(world.lab.faults().armed().len() > 80, "it has asked on and on");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled_while_a_command_is_not_answered() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    world.lab.faults().arm(Fault::Silent {
        command: "clone Vm".into(),
    });
    let run = world.start_backup(VM).await;
    world.faults_met().await;
    let ended = cancelled(&world, &run).await;
    let clone = ended.journal.iter().find(|entry| entry.step == "snapshot").unwrap();
    assert_eq!(clone.outcome, Some(Outcome::Unknown), "{ended:#?}");
    world.assert_clean("a clone that was never answered");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_has_fallen_silent_is_cancelled() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    world.lab.faults().arm(Fault::ServerSilent { contains: "dd".into() });
    let run = world.start_backup(VM).await;
    world.faults_met().await;
    cancelled(&world, &run).await;
    world.assert_clean("a copy that never came");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_whose_job_does_not_end_is_not_called_removed() {
    let mut world = impatient(Mode::Auto { speed: 0.1 }).await;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    world.lab.faults().arm(Fault::CutDuring {
        command: "clone Vm".into(),
    });
    let run = world.start_backup(VM).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    assert!(!ended.leftovers.is_empty(), "{ended:#?}");
    let removed = ended.journal.iter().any(|entry| {
        entry.step == "snapshot" && entry.phase == domain::run::Phase::Undo && entry.outcome == Some(Outcome::Done)
    });
    assert!(!removed, "{ended:#?}");
    let nothing_is_held = async || {
        world
            .lab
            .estate()
            .objects
            .values()
            .all(|object| object.locked_by.is_none())
    };
    until("the job comes to its end", nothing_is_held).await;
    // A new engine clears up first.
    world.restart(None).await;
    world.cleared_up(&run).await;
    world.assert_clean("a clone that was removed later");
    world.stop().await;
}
