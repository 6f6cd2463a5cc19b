//! Somebody else has a hand in the machine: an administrator, another run, a server that nobody looks at.

use crate::moments::StopAt;
use domain::audit::AuditSubject;
use domain::fault::{Left, StepFault};
use domain::ids::{PointId, RunId};
use domain::plan::{StepTitle, UndoAction};
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, RunState, Settlement};
use domain::say::{Language, Say};
use engine::Moment;
use lab::{Fault, Mode};
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use world::{World, lab_in, told, until};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";
/// On a network share: stopped, copied, started.
const ON_NFS: &str = "intranet";

/// The file that is the machine's lock.
fn lock_of(world: &World, vm: &str) -> PathBuf {
    let disk = world.lab.disk_path(world.vm(vm).as_str(), 0).unwrap();
    let dlm = disk.ancestors().nth(4).unwrap().join("dlm");
    assert!(dlm.is_dir());
    dlm.join(world.vm(vm).as_str())
}

/// An administrator breaks the lock and starts the machine.
async fn start_it(world: &World, vm: &str) {
    std::fs::remove_file(lock_of(world, vm)).unwrap();
    let started = world.lab.execute(&format!("start Vm id={}", world.vm(vm))).await;
    assert!(started.contains("Success"), "{started}");
}

/// Whether the run has tried to clear something up.
async fn has_cleared_up(world: &World, run: &RunId) -> bool {
    let journal = world.run(run).await.journal;
    journal.iter().any(|entry| entry.step == "leftover")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_moved_under_a_machine_that_somebody_has_started_meanwhile() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);
    let stop = StopAt::at("keep-0", Moment::AfterIntent);
    world.restart(Some(stop.clone())).await;
    let run = world.restore(&point).await;
    stop.stopped.notified().await;
    world.stop_engine().await;
    start_it(&world, VM).await;
    world.restart(None).await;
    let stands = world.ended(&run).await;
    assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
    let message = told(&stands.summary);
    assert!(message.contains("somebody has started it"), "{message}");
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    let admin = world.people.admin.clone();
    let runs = world.backend.runs.clone();
    runs.settle(&admin, &run, Settlement::GoBack).await.unwrap();
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    assert!(world.vm_is_running(VM).await);
    world.assert_clean("a machine that somebody has started");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_machine_that_somebody_has_started_meanwhile_is_no_backup() {
    for moment in [Moment::AfterIntent, Moment::AfterEffect] {
        let mut world = World::start().await;
        world.protect(ON_NFS, BackupMethod::StopCopyStart, FREE).await;
        let stop = StopAt::at("copy-0", moment);
        world.restart(Some(stop.clone())).await;
        let run = world.start_backup(ON_NFS).await;
        stop.stopped.notified().await;
        world.stop_engine().await;
        start_it(&world, ON_NFS).await;
        world.restart(None).await;
        world.fails(&run, &["somebody has started it"]).await;
        assert!(world.points().await.is_empty());
        assert!(world.vm_is_running(ON_NFS).await);
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_left_is_not_touched_while_a_restore_has_the_machine_in_hand() {
    let mut world = World::start().await;
    let backup = backed_up_with_downtime(&world, VM).await;
    let other = backed_up_with_downtime(&world, ON_NFS).await;
    let point = world.run(&backup).await.point.unwrap();
    let at_work = || StopAt::at("keep-0", Moment::AfterIntent);
    let stop = at_work();
    world.restart(Some(stop.clone())).await;
    let restore = world.restore(&point).await;
    stop.stopped.notified().await;
    for run in [&backup, &other] {
        leave(&world, run, &undo_of_the_stop(&world, run).await).await;
    }
    // The new engine clears up at once, one after the other.
    let stop = at_work();
    world.restart(Some(stop.clone())).await;
    stop.stopped.notified().await;
    world.cleared_up(&other).await;
    assert!(lock_of(&world, VM).exists(), "the lock is the restore's");
    assert!(!world.vm_is_running(VM).await);
    assert!(!has_cleared_up(&world, &backup).await);
    world.restart(None).await;
    world.waiting(&restore).await;
    world.decide(&restore, Decision::Commit).await;
    // The machine runs: there is nothing to do any more.
    world.restart(None).await;
    world.cleared_up(&backup).await;
    assert!(!has_cleared_up(&world, &backup).await);
    assert!(world.vm_is_running(VM).await);
    world.assert_clean("clearing up");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backup_could_not_start_stays_down_when_a_restore_had_it_in_hand_since() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::StopCopyStart, FREE).await;
    // The Manager refuses for a long time.
    for _ in 0..30 {
        world.lab.faults().arm(Fault::FailJob {
            command: "start Vm".into(),
        });
    }
    let backup = world.start_backup(VM).await;
    let ended = world.ended(&backup).await;
    assert!(
        ended
            .leftovers
            .iter()
            .any(|left| left.say(Language::En).contains("Start the VM")),
        "{ended:#?}"
    );
    world.refresh().await;
    let point = world.points().await[0].point.clone();
    let restore = world.restore(&point).await;
    let waiting = world.waiting(&restore).await;
    assert!(
        waiting.plan.steps.iter().all(|step| step.id != "start"),
        "it is left stopped"
    );
    world.decide(&restore, Decision::Commit).await;
    world.lab.faults().disarm_all();
    // A new engine clears up first.
    world.restart(None).await;
    world.cleared_up(&backup).await;
    assert!(!world.vm_is_running(VM).await);
    let trail = world.store.audit_all().await.unwrap();
    let void = trail.iter().find(|row| row.event.event == "leftover.void.v1").unwrap();
    assert_eq!(void.event.subject, AuditSubject::Run(backup.clone()));
    assert!(
        void.event.detail.say(Language::En).contains(restore.as_str()),
        "{:?}",
        void.event.detail
    );
    world.assert_clean("a start that is void");
    world.stop().await;
}

/// A machine is stopped, copied and started again.
async fn backed_up_with_downtime(world: &World, vm: &str) -> RunId {
    world.protect(vm, BackupMethod::StopCopyStart, FREE).await;
    let run = world.start_backup(vm).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    run
}

/// How the stop of the machine in this run is undone.
async fn undo_of_the_stop(world: &World, run: &RunId) -> Vec<UndoAction> {
    let steps = world.run(run).await.plan.steps;
    steps.into_iter().find(|step| step.id == "stop").unwrap().undo
}

async fn leave(world: &World, run: &RunId, undo: &[UndoAction]) {
    let left = Left {
        title: StepTitle::StartVm.into(),
        fault: StepFault::Cancelled,
    };
    let tx = world.store.begin().await.unwrap();
    for undo in undo {
        let json = serde_json::to_string(undo).unwrap();
        let now = world.run(run).await.summary.queued_at;
        tx.insert_leftover(run, &left, &json, now).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_lock_is_broken_only_when_every_server_was_looked_at() {
    let world = World::start().await;
    world.protect(ON_NFS, BackupMethod::StopCopyStart, FREE).await;
    world.lab.leave_stale_lock(ON_NFS).unwrap();
    world.back_up(ON_NFS).await;
    world.assert_clean("a stale lock");
    world.stop().await;

    let dir = TempDir::new().unwrap();
    let lab = lab_in(&dir, |_| ()).await;
    let mut world = World::seeing(1, lab, dir).await;
    world.protect(ON_NFS, BackupMethod::StopCopyStart, FREE).await;
    world.lab.leave_stale_lock(ON_NFS).unwrap();
    let run = world.start_backup(ON_NFS).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    let message = told(&ended.summary);
    assert!(message.contains("xm list") && message.contains("--unlock"), "{message}");
    let lock = lock_of(&world, ON_NFS);
    assert!(lock.exists(), "going back does not break it either");
    // The administrator has looked at the other server. Then the machine is started again.
    std::fs::remove_file(lock).unwrap();
    world.restart(None).await;
    world.cleared_up(&run).await;
    assert!(world.vm_is_running(ON_NFS).await);
    world.assert_clean("a lock of somebody else");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_tool_that_fails_otherwise_has_not_given_the_lock_back() {
    let world = World::start().await;
    world.protect(ON_NFS, BackupMethod::StopCopyStart, FREE).await;
    world.lab.faults().arm(Fault::ServerFails {
        contains: "--unlock".into(),
        status: 127,
    });
    let run = world.start_backup(ON_NFS).await;
    world.fails(&run, &["Release the VM's lock", "exit status 127"]).await;
    assert!(world.vm_is_running(ON_NFS).await);
    world.stop().await;
}

/// A world in which the machine is backed up and then switched off, and jobs of the Manager take as long as this.
async fn switched_off(mode: Mode) -> (World, PointId) {
    let world = World::with(|options| options.mode = mode).await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    let killed = world.lab.execute(&format!("kill Vm id={}", world.vm(VM))).await;
    assert!(killed.contains("Success"), "{killed}");
    world.refresh().await;
    (world, point)
}

/// A job takes a few seconds.
const SLOW: Mode = Mode::Auto { speed: 0.1 };

/// A restore is stopped at a moment, and the engine with it.
async fn restored_up_to(world: &mut World, point: &PointId, step: &'static str, moment: Moment) -> RunId {
    let stop = StopAt::at(step, moment);
    world.restart(Some(stop.clone())).await;
    let run = world.restore(point).await;
    stop.stopped.notified().await;
    world.stop_engine().await;
    run
}

/// Somebody presses Start: the job is under way when this returns.
async fn begin_to_start(world: &World, vm: &str) -> JoinHandle<String> {
    let (lab, id) = (world.lab.clone(), world.vm(vm));
    let command = format!("start Vm id={id}");
    let start = tokio::spawn(async move { lab.execute(&command).await });
    let is_under_way = || {
        let estate = world.lab.estate();
        estate.objects.get(id.as_str()).unwrap().locked_by.is_some()
    };
    until("the machine is being started", async || is_under_way()).await;
    start
}

/// Waits until the step has begun, and until the Manager was asked about the machine a few times more.
async fn at_work(world: &World, run: &RunId, step: &str) {
    let has_begun = async || world.run(run).await.journal.iter().any(|entry| entry.step == step);
    until("the step begins", has_begun).await;
    for _ in 0..3 {
        // Met by a question, and without effect.
        world.lab.faults().arm(Fault::Delay {
            command: "show Vm".into(),
            millis: 0,
        });
    }
    let is_over = async || world.run(run).await.summary.state != RunState::Running;
    let asks = async || world.lab.faults().armed().is_empty() || is_over().await;
    until("the Manager is asked about the machine", asks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_a_machine_that_is_just_starting_is_not_broken() {
    let (mut world, point) = switched_off(SLOW).await;
    let run = restored_up_to(&mut world, &point, "absent-2", Moment::AfterOutcome).await;
    // The agent of a server takes the lock when it begins to start the machine.
    world.lab.leave_stale_lock(VM).unwrap();
    let lock = lock_of(&world, VM);
    let held = std::fs::read(&lock).unwrap();
    let start = begin_to_start(&world, VM).await;
    world.restart(None).await;
    at_work(&world, &run, "lock").await;
    assert_eq!(std::fs::read(&lock).unwrap(), held, "the lock is the agent's");
    // From then on the lab keeps it for as long as the machine runs.
    std::fs::remove_file(&lock).unwrap();
    let started = start.await.unwrap();
    assert!(started.contains("Success"), "{started}");
    let ended = world.fails(&run, &["Take the VM's lock", "is no longer stopped"]).await;
    assert!(!ended.journal.iter().any(|entry| entry.step == "dir-1"), "{ended:#?}");
    assert!(world.vm_is_running(VM).await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_moved_under_a_machine_that_is_just_starting() {
    let (mut world, point) = switched_off(SLOW).await;
    let before = world.hashes(VM, &[0]);
    let run = restored_up_to(&mut world, &point, "keep-0", Moment::AfterIntent).await;
    std::fs::remove_file(lock_of(&world, VM)).unwrap();
    let start = begin_to_start(&world, VM).await;
    world.restart(None).await;
    let stands = world.stands(&run).await;
    assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
    let message = told(&stands.summary);
    assert!(message.contains("somebody has started it"), "{message}");
    let started = start.await.unwrap();
    assert!(started.contains("Success"), "{started}");
    assert_eq!(world.hashes(VM, &[0]), before);
    world.stop().await;
}

/// The Manager knows nothing of it: its server came back with the machine.
#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_a_machine_that_a_server_runs_by_now_is_not_broken() {
    let (mut world, point) = switched_off(Mode::Immediate).await;
    let run = restored_up_to(&mut world, &point, "absent-2", Moment::AfterOutcome).await;
    world.lab.leave_stale_lock(VM).unwrap();
    let lock = lock_of(&world, VM);
    let held = std::fs::read(&lock).unwrap();
    let server = &world.lab.description().servers[1].name;
    let domains = format!("lab/servers/{server}/root/opt/lab/state/domains");
    let row = format!("{}\t7\t1024\t1\t-b----\t1.4\n", world.vm(VM));
    std::fs::write(world.dir.path().join(domains), row).unwrap();
    world.restart(None).await;
    let ended = world.stands(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    let message = told(&ended.summary);
    assert!(message.contains("still running on this server"), "{message}");
    assert_eq!(std::fs::read(&lock).unwrap(), held);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_tool_that_always_refuses_is_said_to_be_broken() {
    let world = World::start().await;
    world.protect(ON_NFS, BackupMethod::StopCopyStart, FREE).await;
    for _ in 0..3 {
        world.lab.faults().arm(Fault::ServerFails {
            contains: "ovs-agent-dlm".into(),
            status: 1,
        });
    }
    let run = world.start_backup(ON_NFS).await;
    let says = ["lock tool", "does not work", "It printed: sh: Input/output error."];
    world.fails(&run, &says).await;
    assert!(world.vm_is_running(ON_NFS).await);
    world.stop().await;
}
