//! What goes wrong out there: each gives a sentence with the remedy, and leaves the estate as it was.

use domain::policy::{BackupMethod, RestoreGate};
use domain::run::RunState;
use lab::Fault;
use world::{World, told};

const FREE: RestoreGate = RestoreGate::Free;

fn words(text: &str) -> String {
    text.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_gets_over_a_lost_connection_at_every_command_of_the_manager() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::ManagerClone, FREE).await;
    for command in [
        "create VmCloneCustomizer",
        "create VmCloneStorageMapping",
        "clone Vm",
        "delete VmCloneCustomizer",
    ] {
        for fault in [
            Fault::CutBefore {
                command: words(command),
            },
            Fault::CutMiddle {
                command: words(command),
            },
            Fault::CutAfter {
                command: words(command),
            },
            Fault::Locked {
                command: words(command),
                attempts: 2,
            },
            Fault::ExitStatus {
                command: words(command),
                status: 7,
            },
        ] {
            world.lab.faults().arm(fault.clone());
            let point = world.back_up("web01").await;
            assert_eq!(point.manifest.disks()[0].sha256, world.hashes("web01", &[0])[0]);
            assert!(world.lab.faults().armed().is_empty(), "{fault:?} was not met");
            world.assert_clean(&format!("{fault:?}"));
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_that_fails_halfway_leaves_nothing_and_says_so() {
    let world = World::start().await;
    world.protect("erp-app01", BackupMethod::ManagerClone, FREE).await;
    world.lab.faults().arm(Fault::FailJob {
        command: words("clone Vm"),
    });
    let run = world.start_backup("erp-app01").await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    assert!(told(&ended.summary).contains("refused"));
    assert!(world.points().await.is_empty());
    world.assert_clean("a clone that failed");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_breaks_off_leaves_nothing_and_the_next_one_works() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, FREE).await;
    world.lab.faults().arm(Fault::ServerCut {
        contains: words("dd"),
        after_bytes: 3 << 20,
    });
    let run = world.start_backup("web01").await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    world.assert_clean("a copy that broke off");
    world.back_up("web01").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_breaks_off_while_writing_leaves_the_machine_as_it_was() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, FREE).await;
    let point = world.back_up("web01").await.manifest.point;
    world.lab.scribble(world.vm("web01").as_str(), 0).unwrap();
    let overwritten = world.hashes("web01", &[0]);
    world.lab.faults().arm(Fault::ServerCut {
        contains: words("tar"),
        after_bytes: 2 << 20,
    });
    let run = world.restore(&point).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    assert_eq!(world.hashes("web01", &[0]), overwritten);
    assert!(world.vm_is_running("web01").await);
    world.assert_clean("a restore that broke off");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_ignores_the_stop_is_switched_off_when_the_policy_allows_it() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::StopCopyStart, FREE).await;
    world.lab.faults().arm(Fault::IgnoreStop);
    world.back_up("web01").await;
    assert!(world.vm_is_running("web01").await);
    world.assert_clean("a kill");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_host_key_stops_every_job_for_that_host() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, FREE).await;
    let server = world.lab.description().servers[0].name.clone();
    for server in world.lab.description().servers.iter().map(|server| server.name.clone()) {
        world.lab.exchange_host_key(&server).unwrap();
    }
    let run = world.start_backup("web01").await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    let message = told(&ended.summary);
    assert!(message.contains("host key"), "{message}");
    let servers = world
        .backend
        .estate
        .servers(&world.people.admin, &world.manager)
        .await
        .unwrap();
    assert!(
        servers.iter().any(|server| server.changed_fingerprint.is_some()),
        "{server} shows its other key"
    );
    world.assert_clean("a changed host key");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_gone_or_has_changed_voids_the_plan() {
    let world = World::start().await;
    world.protect("web01", BackupMethod::Reflink, FREE).await;
    let operator = &world.people.operator;
    let draft = world
        .backend
        .runs
        .plan_backup(operator, &world.subject("web01"))
        .await
        .unwrap();
    world.lab.execute(&format!("stop Vm id={}", world.vm("web01"))).await;
    let run = world.backend.runs.start_backup(operator, &draft.hash).await.unwrap();
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed);
    let message = told(&ended.summary);
    assert!(
        message.contains("no longer holds") && message.contains("plan again"),
        "{message}"
    );
    world.assert_clean("a void plan");
    world.stop().await;
}
