//! Managers of every release: discovered whole, backed up, restored in place, rebuilt; and what a release cannot do.

use domain::policy::{BackupMethod, RestoreGate};
use domain::run::Decision;
use lab::model::{FileSystem, PhysicalDisk};
use lab::rehearsal::{self, RehearsalManager};
use lab::{Dialect, Hardware, Switches};
use ovm::estate::{Estate, Kind};
use ovm::ovmcli::{CheckOptions, Code, Status, check_script, parse_answers};
use ovm::script::Scope;
use world::{World, new_manager};

/// A world around a Manager of the release, discovered anew now that its servers are known.
async fn world(dialect: Dialect) -> World {
    let world = World::with(|options| options.switches = rehearsal::quick(Switches::of(dialect))).await;
    world.refresh().await;
    world
}

async fn estate(world: &World) -> Estate {
    let admin = &world.people.admin;
    let view = world.backend.estate.estate(admin, &world.manager).await.unwrap();
    Estate::clone(&view.estate)
}

/// The model has every object that the Manager has, and nothing else.
async fn is_discovered_whole(world: &World, dialect: Dialect) {
    let estate = estate(world).await;
    assert_eq!(estate.version, dialect.version());
    assert_eq!(estate.problems, [], "{dialect:?}");
    assert!(estate.manager_uuid.is_some());
    let kept = world.lab.estate();
    let parts = |kind| match kind {
        Kind::Vnic => estate.vms.iter().map(|vm| vm.vnics.len()).sum(),
        Kind::VmDiskMapping => estate.vms.iter().map(|vm| vm.mappings.len()).sum(),
        kind => {
            let counts = estate.counts();
            let found = counts.iter().find(|(counted, _)| *counted == kind);
            found.map_or(0, |(_, number)| *number as usize)
        }
    };
    for kind in Kind::ALL {
        let there = kept
            .objects
            .values()
            .filter(|object| object.kind().as_str() == kind.type_name());
        let expected = match kind.type_in(dialect.release()) {
            Some(_) => there.count(),
            None => 0,
        };
        assert_eq!(parts(kind), expected, "{kind} of {dialect:?}");
    }
    for vm in &estate.vms {
        let text = vm.vm_cfg.as_deref().unwrap_or_default();
        assert!(text.contains(vm.id.as_str()), "{dialect:?} {}: {text}", vm.name);
        assert!(vm.vnics.iter().all(|card| card.mac.is_some() && card.network.is_some()));
    }
}

/// A machine of two disks, in two repositories, is backed up, overwritten and restored in place, byte for byte.
async fn comes_back(world: &World, method: BackupMethod) {
    let (vm, slots) = ("erp-app01", [0, 1]);
    world.protect(vm, method, RestoreGate::Free).await;
    let before = world.hashes(vm, &slots);
    let point = world.back_up(vm).await;
    assert_eq!(point.manifest.machine().method, method);
    assert!(
        point.manifest.machine().vm.vm_cfg.is_some(),
        "a recovery point has the definition"
    );
    world.assert_clean("a backup");
    for slot in slots {
        world.lab.scribble(world.vm(vm).as_str(), slot).unwrap();
    }
    assert_ne!(world.hashes(vm, &slots), before);
    let run = world.restore(&point.manifest.point).await;
    world.waiting(&run).await;
    assert_eq!(world.hashes(vm, &slots), before);
    assert!(world.vm_is_running(vm).await);
    world.decide(&run, Decision::Commit).await;
    let shown = world.lab.execute(&format!("show Vm id={}", world.vm(vm))).await;
    assert!(shown.contains("High Availability = Yes"), "{shown}");
    world.assert_clean("a commit");
}

/// The release knows every command, attribute and value; what the Manager brings along by itself is not made by the script.
fn is_clean(script: &str, dialect: Dialect) {
    let options = CheckOptions {
        version: Some(dialect.release()),
        complete: false,
    };
    let mut findings = check_script(script, options).findings;
    findings.retain(|finding| finding.code != Code::Reference);
    assert_eq!(findings, [], "{script}");
}

/// The script of the estate is clean in its release, and makes the estate again on an empty Manager of that release.
async fn is_rebuilt(world: &World, dialect: Dialect, says: &[&str]) {
    let (operator, manager) = (&world.people.operator, &world.manager);
    let documents = &world.backend.documents;
    let script = documents.script(operator, manager, &Scope::Estate).await.unwrap();
    is_clean(&script.for_cli, dialect);
    for part in says {
        assert!(script.for_people.contains(part), "{part}: {}", script.for_people);
    }
    let outcome = documents
        .rehearse(operator, manager, &Scope::Estate)
        .await
        .unwrap()
        .outcome;
    assert!(outcome.is_equal(), "{dialect:?}: {outcome:#?}");
    assert!(outcome.made > 50, "{dialect:?}: {outcome:#?}");
    let machine = Scope::Vm(world.vm("web01"));
    let script = documents.script(operator, manager, &machine).await.unwrap();
    is_clean(&script.for_cli, dialect);
    for part in says {
        assert!(script.for_people.contains(part), "{part}: {}", script.for_people);
    }
}

/// The command line form of the script, sent line by line to an empty Manager, makes the estate again; gives what differs.
async fn differs_when_sent(world: &World, dialect: Dialect) -> Vec<String> {
    let original = estate(world).await;
    let (operator, manager) = (&world.people.operator, &world.manager);
    let documents = &world.backend.documents;
    let script = documents.script(operator, manager, &Scope::Estate).await.unwrap();
    let empty = rehearsal::start(Hardware::from(&original), dialect).await.unwrap();
    for line in script.for_cli.lines() {
        let line = filled_in(line, &empty).await;
        let printed = empty.execute(&line).await;
        assert_eq!(
            parse_answers(printed.as_bytes())[0].status,
            Status::Success,
            "{line}: {printed}"
        );
    }
    let rebuilt = discovered(world, &empty).await;
    let differences = ovm::estate::compare(&original, &rebuilt);
    differences.into_iter().map(|change| change.sentence).collect()
}

/// With values in the place of the words in braces, as a person puts them who looks them up.
async fn filled_in(line: &str, manager: &RehearsalManager) -> String {
    let mut line = line.to_owned();
    while let Some(word) = line.split_once("${").and_then(|(_, rest)| rest.split_once('}')) {
        let word = word.0.to_owned();
        let on_lun = word.strip_prefix("NAME_OF_FILE_SYSTEM_ON_LUN_");
        let value = match (word.strip_prefix("NAME_OF_LUN_"), on_lun) {
            (Some(wwid), _) => lun(manager, wwid).1,
            (None, Some(wwid)) => name_of_file_system(manager, wwid),
            (None, None) => "secret".to_owned(),
        };
        line = line.replace(&format!("${{{word}}}"), &value);
    }
    line
}

/// Id and name of the LUN with a WWID.
fn lun(manager: &RehearsalManager, wwid: &str) -> (String, String) {
    let estate = manager.estate();
    let mut luns = estate.all::<PhysicalDisk>();
    let found = luns.find(|(_, lun)| lun.wwid == wwid);
    found
        .map(|(object, _)| (object.id.clone(), object.name.clone()))
        .unwrap()
}

fn name_of_file_system(manager: &RehearsalManager, wwid: &str) -> String {
    let (estate, (lun, _)) = (manager.estate(), lun(manager, wwid));
    let mut systems = estate.all::<FileSystem>();
    let found = systems.find(|(_, system)| system.physical_disk.as_ref() == Some(&lun));
    found.map(|(object, _)| object.name.clone()).unwrap()
}

/// The estate of a Manager that is enrolled for this.
async fn discovered(world: &World, manager: &RehearsalManager) -> Estate {
    let new = new_manager("rebuilt", manager.description(), false);
    let (estates, admin) = (&world.backend.estate, &world.people.admin);
    let id = estates.enrol(admin, new).await.unwrap();
    Estate::clone(&estates.estate(admin, &id).await.unwrap().estate)
}

#[tokio::test(flavor = "multi_thread")]
async fn release_3_4() {
    let world = world(Dialect::V34).await;
    is_discovered_whole(&world, Dialect::V34).await;
    comes_back(&world, BackupMethod::ManagerClone).await;
    is_rebuilt(&world, Dialect::V34, &["macAddress="]).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn release_3_3() {
    let world = world(Dialect::V33).await;
    is_discovered_whole(&world, Dialect::V33).await;
    comes_back(&world, BackupMethod::ManagerClone).await;
    is_rebuilt(
        &world,
        Dialect::V33,
        &["`edit Vnic` sets the old one", "edit Vnic name="],
    )
    .await;
    assert_eq!(differs_when_sent(&world, Dialect::V33).await, [""; 0]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn release_3_2() {
    let world = world(Dialect::V32).await;
    is_discovered_whole(&world, Dialect::V32).await;
    // What it cannot do is refused, with the method that does it; what it can do works.
    world
        .protect("web01", BackupMethod::ManagerClone, RestoreGate::Free)
        .await;
    let operator = &world.people.operator;
    let planned = world.backend.runs.plan_backup(operator, &world.subject("web01")).await;
    let refusal = planned.unwrap_err().to_string();
    for part in ["release 3.2.8.736", "has no clone customizers", "Reflink on a server"] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    comes_back(&world, BackupMethod::Reflink).await;
    let notes = ["the name of a network card is its MAC address", "add Vnic name="];
    is_rebuilt(&world, Dialect::V32, &notes).await;
    assert_eq!(differs_when_sent(&world, Dialect::V32).await, [""; 0]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_on_a_network_share_comes_back_in_release_3_2() {
    let world = world(Dialect::V32).await;
    let vm = "intranet";
    world.protect(vm, BackupMethod::ManagerClone, RestoreGate::Free).await;
    let before = world.hashes(vm, &[0]);
    let point = world.back_up(vm).await;
    assert_eq!(point.manifest.machine().method, BackupMethod::StopCopyStart);
    world.lab.scribble(world.vm(vm).as_str(), 0).unwrap();
    let run = world.restore(&point.manifest.point).await;
    world.waiting(&run).await;
    assert_eq!(world.hashes(vm, &[0]), before);
    world.stop().await;
}
