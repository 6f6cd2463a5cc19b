//! What people and machines get wrong before and during a run. Each gives a sentence that says what, where and what to
//! do; the estate is as it was.

use domain::policy::{BackupMethod, RestoreGate};
use domain::say::{Language, Say};
use lab::Fault;
use std::path::{Path, PathBuf};
use world::World;

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

/// The largest file of the backup target: the pack with the disks' data.
fn largest_pack(target: &Path) -> PathBuf {
    let mut files = Vec::new();
    let mut folders = vec![target.join("data")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => files.push((entry.metadata().unwrap().len(), entry.path())),
            }
        }
    }
    files.into_iter().max().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_chunk_is_found_before_anything_is_touched_and_can_be_repaired() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    let pack = largest_pack(&world.dir.path().join("target"));
    let whole = std::fs::read(&pack).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 16].iter_mut().for_each(|byte| *byte ^= 0xff);
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, damaged).unwrap();

    let run = world.restore(&point).await;
    let says = [
        "The recovery point is damaged; nothing was changed",
        "web01_system in slot 0",
        "another recovery point",
    ];
    let ended = world.fails(&run, &says).await;
    let steps: Vec<&str> = ended.journal.iter().map(|entry| entry.step.as_str()).collect();
    assert_eq!(steps, ["check-point"], "nothing else was begun");
    let (backend, operator) = (&world.backend, &world.people.operator);
    let refused = backend
        .restores
        .plan(operator, &point, &Default::default())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("is damaged"), "{refused}");
    let verified = backend.catalogue.verify(operator, &point).await.unwrap();
    assert!(
        verified.damage().unwrap().say(Language::En).contains("repair packs"),
        "it says what helps"
    );

    std::fs::write(&pack, whole).unwrap();
    let verified = backend.catalogue.verify(operator, &point).await.unwrap();
    assert_eq!(verified.damage(), None);
    backend
        .restores
        .plan(operator, &point, &Default::default())
        .await
        .unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_cannot_be_read_is_said_before_anything_is_copied() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    let disk = world.lab.disk_path(world.vm(VM).as_str(), 0).unwrap();
    let repository = disk.ancestors().nth(2).unwrap();
    let vm_cfg = repository
        .join("VirtualMachines")
        .join(world.vm(VM).as_str())
        .join("vm.cfg");
    std::fs::write(&vm_cfg, "name = 'web01'\nmemory = os.system('reboot')\n").unwrap();
    let run = world.start_backup(VM).await;
    let ended = world
        .fails(&run, &["web01", "line 2", "Make the Manager write it again"])
        .await;
    assert_eq!(ended.journal.len(), 1, "{:#?}", ended.journal);
    let edit = format!("edit Vm id={} description=anew", world.vm(VM));
    assert!(world.lab.execute(&edit).await.contains("Success"));
    world.back_up(VM).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_has_grown_since_is_not_shrunk_unasked() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    let disk = world.lab.disk_path(world.vm(VM).as_str(), 0).unwrap();
    let disk = std::fs::OpenOptions::new().write(true).open(disk).unwrap();
    disk.set_len(disk.metadata().unwrap().len() + (1 << 30)).unwrap();
    for repository in &world.lab.description().repositories {
        world
            .lab
            .execute(&format!("refresh Repository id={}", repository.id))
            .await;
    }
    world.refresh().await;
    let (restores, operator) = (&world.backend.restores, &world.people.operator);
    let refused = restores.plan(operator, &point, &Default::default()).await.unwrap_err();
    let refused = refused.to_string();
    assert!(
        refused.contains("web01_system") && refused.contains("Accept the size change"),
        "{refused}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_deleted_since_the_plan_is_not_looked_for_elsewhere() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let (vm, operator) = (world.vm(VM), &world.people.operator);
    let draft = world
        .backend
        .runs
        .plan_backup(operator, &world.subject(VM))
        .await
        .unwrap();
    for command in ["stop", "delete"] {
        let answer = world.lab.execute(&format!("{command} Vm id={vm}")).await;
        assert!(answer.contains("Success"), "{answer}");
    }
    let run = world.backend.runs.start_backup(operator, &draft.hash).await.unwrap();
    world
        .fails(&run, &[vm.as_str(), "no longer exists", "rebuild script"])
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_machine_that_the_manager_does_not_start_gets_its_disks_back() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);
    world.lab.faults().arm(Fault::FailJob {
        command: "start Vm".into(),
    });
    let run = world.restore(&point).await;
    world.fails(&run, &["Start the VM", "refused"]).await;
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    assert!(world.vm_is_running(VM).await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_is_not_reached_or_does_not_let_us_in_stops_the_run_at_its_first_step() {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    let manager = world.store.manager(&world.manager).await.unwrap().unwrap();
    let server = world.store.server_accesses(&world.manager).await.unwrap().remove(0);
    let nobody_there = store::ManagerRow {
        port: 1,
        ..manager.clone()
    };
    let wrong_password = store::ManagerRow {
        sealed_password: server.sealed_password,
        ..manager
    };
    for (row, says) in [
        (nobody_there, "Check the address, the network"),
        (wrong_password, "Check the account and the password on record"),
    ] {
        let tx = world.store.begin().await.unwrap();
        tx.put_manager(&row).await.unwrap();
        tx.commit().await.unwrap();
        let run = world.start_backup(VM).await;
        world.fails(&run, &["127.0.0.1", says]).await;
        let run = world.restore(&point).await;
        world.fails(&run, &["127.0.0.1", says]).await;
        assert!(world.vm_is_running(VM).await);
    }
    world.lab.exchange_host_key("manager").unwrap();
    let run = world.start_backup(VM).await;
    world.fails(&run, &["host key", "Compare the key"]).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_machines_with_one_name_the_one_that_was_meant_is_backed_up() {
    let world = World::start().await;
    let view = world
        .backend
        .estate
        .estate(&world.people.admin, &world.manager)
        .await
        .unwrap();
    let twins = view.estate.vms.iter().filter(|vm| vm.name == "test app");
    let twins: Vec<&str> = twins.map(|vm| vm.id.as_str()).collect();
    assert_eq!(twins.len(), 2);
    for id in twins {
        world.protect(id, BackupMethod::ManagerClone, FREE).await;
        let point = world.back_up(id).await;
        assert_eq!(point.vm().as_str(), id);
        assert_eq!(point.manifest.disks()[0].sha256, world.hashes(id, &[0])[0]);
        world.assert_clean("a backup of one of two");
    }
    world.stop().await;
}
