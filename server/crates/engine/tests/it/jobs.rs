//! Jobs of the Manager that wait, fail late, fail in part, or find no room.

use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, RunState};
use domain::say::{Language, Say};
use lab::{Fault, Mode};
use world::{World, told, until};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";
/// Two disks in two repositories.
const LARGE: &str = "erp-app01";

fn words(text: &str) -> String {
    text.to_owned()
}

/// A world in which both machines are backed up through the Manager.
async fn world() -> World {
    let world = World::start().await;
    for vm in [VM, LARGE] {
        world.protect(vm, BackupMethod::ManagerClone, FREE).await;
    }
    world
}

/// Backups of the machine fail under each of these with a sentence that says this, and leave nothing.
async fn backup_fails(world: &World, faults: impl IntoIterator<Item = (Fault, &str)>) {
    for (fault, says) in faults {
        world.lab.faults().arm(fault.clone());
        let run = world.start_backup(LARGE).await;
        world.fails(&run, &["refused", says]).await;
        assert_eq!(world.lab.faults().armed(), [], "{fault:?} was not met");
        assert_eq!(world.points().await, []);
    }
    world.back_up(LARGE).await;
    world.assert_clean("the backup after the faults");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_job_that_fails_leaves_a_parent_that_is_removed() {
    let world = world().await;
    let child = |command: &str| {
        let fault = Fault::FailChild {
            command: words(command),
        };
        (fault, "a child job ended with")
    };
    backup_fails(
        &world,
        ["create VmCloneCustomizer", "create VmCloneStorageMapping", "clone Vm"].map(child),
    )
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_without_room_or_with_a_late_failure_leaves_nothing() {
    let world = world().await;
    let no_space = Fault::NoSpace {
        command: words("clone Vm"),
    };
    let late = Fault::FailLate {
        command: words("clone Vm"),
        millis: 120_000,
    };
    let late_mapping = Fault::FailLate {
        command: words("create VmCloneStorageMapping"),
        millis: 20_000,
    };
    backup_fails(
        &world,
        [
            (no_space, "No space left on device"),
            (late, "Input/output error"),
            (late_mapping, "Input/output error"),
        ],
    )
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_counts_as_removed_although_the_job_has_failed() {
    let world = world().await;
    for command in [
        "delete VmDiskMapping",
        "delete VirtualDisk",
        "delete Vm",
        "delete VmCloneCustomizer",
    ] {
        world.lab.faults().arm(Fault::FailChild {
            command: words(command),
        });
    }
    let run = world.start_backup(LARGE).await;
    let ended = world.ended(&run).await;
    let summary = &ended.summary;
    assert_eq!(
        (summary.state, &summary.message),
        (RunState::Succeeded, &vec![]),
        "{ended:#?}"
    );
    assert_eq!(world.lab.faults().armed(), []);
    world.assert_clean("removals that were called failures");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_removed_is_shown_and_removed_later() {
    let mut world = world().await;
    for _ in 0..2 {
        world.lab.faults().arm(Fault::FailJob {
            command: words("delete Vm"),
        });
    }
    let run = world.start_backup(VM).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    assert!(told(&ended.summary).contains("could not be removed yet"));
    assert!(
        ended.leftovers[0].say(Language::En).contains("Remove the clone"),
        "{:?}",
        ended.leftovers
    );
    world.lab.faults().disarm_all();
    // A new engine clears up first.
    world.restart(None).await;
    world.cleared_up(&run).await;
    world.assert_clean("clearing up");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_are_locked_for_a_while_are_waited_for() {
    let world = world().await;
    let lock = |command: &str| {
        world.lab.faults().arm(Fault::LockedFor {
            command: words(command),
            millis: 1_500,
        });
    };
    ["create VmCloneCustomizer", "clone Vm", "delete VirtualDisk"]
        .into_iter()
        .for_each(lock);
    let good = world.hashes(VM, &[0]);
    let point = world.back_up(VM).await.manifest.point;
    world.assert_clean("a backup of something that was locked");
    ["edit Vm", "stop Vm", "start Vm", "refresh Repository"]
        .into_iter()
        .for_each(lock);
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let run = world.restore(&point).await;
    world.waiting(&run).await;
    world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    assert_eq!(world.lab.faults().armed(), []);
    world.assert_clean("a restore of something that was locked");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_stays_locked_ends_the_run_with_the_managers_words() {
    let world = world().await;
    let locked = Fault::Locked {
        command: words("clone Vm"),
        attempts: 1_000,
    };
    world.lab.faults().arm(locked);
    let run = world.start_backup(VM).await;
    world.fails(&run, &["GEN_000029", "locked"]).await;
    world.stop().await;
}

/// A restore fails under this fault, and the machine runs as it did before.
async fn restore_fails(world: &World, point: &domain::ids::PointId, fault: Fault) {
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);
    world.lab.faults().arm(fault.clone());
    let run = world.restore(point).await;
    world.fails(&run, &["refused"]).await;
    assert_eq!(world.lab.faults().armed(), [], "{fault:?} was not met");
    assert_eq!(world.hashes(VM, &[0]), overwritten, "{fault:?}");
    let shown = world.lab.execute(&format!("show Vm id={}", world.vm(VM))).await;
    assert!(shown.contains("Status = Running"), "{fault:?}: {shown}");
    assert!(shown.contains("High Availability = Yes"), "{fault:?}: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_whose_jobs_fail_late_or_in_part_is_undone() {
    let world = world().await;
    let point = world.back_up(VM).await.manifest.point;
    for command in ["edit Vm", "refresh Repository", "start Vm"] {
        let late = Fault::FailLate {
            command: words(command),
            millis: 60_000,
        };
        restore_fails(&world, &point, late).await;
        restore_fails(
            &world,
            &point,
            Fault::FailChild {
                command: words(command),
            },
        )
        .await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_lost_while_the_manager_clones_finds_the_whole_clone() {
    let mut world = World::with(|options| options.mode = Mode::Auto { speed: 0.5 }).await;
    world.protect(LARGE, BackupMethod::ManagerClone, FREE).await;
    let run = world.start_backup(LARGE).await;
    let is_being_made = |world: &World| {
        let estate = world.lab.estate();
        estate
            .all::<lab::model::Vm>()
            .any(|(object, _)| object.name.starts_with("hf-"))
    };
    until("the clone is being made", async || is_being_made(&world)).await;
    world.restart(None).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    let point = world.point(ended.point.as_ref().unwrap()).await;
    let stored: Vec<_> = point.manifest.disks().iter().map(|disk| disk.sha256.clone()).collect();
    assert_eq!(stored, world.hashes(LARGE, &[0, 1]));
    world.assert_clean("a clone that went on alone");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_a_server_without_an_exit_status_is_looked_up_or_ends_the_run() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let unknown = |contains: &str| Fault::ServerNoStatus {
        contains: words(contains),
    };
    // These are looked up or done once more.
    for contains in ["df", "mkdir", "reflink", "rm -rf"] {
        world.lab.faults().arm(unknown(contains));
        world.back_up(VM).await;
        assert_eq!(world.lab.faults().armed(), [], "{contains} was not met");
        world.assert_clean(contains);
    }
    // Of what was read without an end, nobody knows whether it is whole.
    for contains in ["stat -L", "dd"] {
        world.lab.faults().arm(unknown(contains));
        let run = world.start_backup(VM).await;
        world.fails(&run, &["no exit status"]).await;
        assert_eq!(world.lab.faults().armed(), [], "{contains} was not met");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_backups_share_a_manager_that_makes_one_clone_at_a_time() {
    let world = World::with(|options| {
        options.mode = Mode::Auto { speed: 1.0 };
        options.switches.one_clone_at_a_time = true;
        options.switches.waits_for_locks = false;
    })
    .await;
    let machines = [VM, LARGE, "db01"];
    let mut runs = Vec::new();
    for vm in machines {
        world.protect(vm, BackupMethod::ManagerClone, FREE).await;
        runs.push(world.start_backup(vm).await);
    }
    for run in runs {
        let ended = world.ended(&run).await;
        assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    }
    world.assert_clean("three backups at once");
    world.stop().await;
}
