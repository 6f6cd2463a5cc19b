//! How the fixture was made: an estate with a history, stopped in the middle of its work, as an upgrade finds it. Run it
//! at a release to keep that release too: `cargo test -p engine --test it makes_a_fixture -- --ignored`.

use super::{FOLDER, LAB, NAMES, listed, logged_in, slots};
use crate::moments::HoldAt;
use domain::actor::{Grant, Role, Scope};
use domain::document::ScriptForm;
use domain::ids::{RunId, TeamId};
use domain::point::Artefact;
use domain::policy::{BackupMethod, RestoreGate};
use domain::request::Vote;
use domain::run::{Decision, RunState, Settlement};
use engine::Moment;
use lab::Fault;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use world::{PASSWORD, World, person};

const APPROVAL: RestoreGate = RestoreGate::Approval { approvers: 1 };

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes the fixture anew, of the release that is compiled"]
async fn makes_a_fixture() {
    let mut world = World::with(LAB).await;
    // Nobody reads the images of CDs, and their noise would make the fixture large.
    for (vm, slot) in [("erp-app01", 2), ("win-files", 1)] {
        empty(&world.lab.disk_path(world.vm(vm).as_str(), slot).unwrap());
    }
    people(&world).await;
    let stuck = history(&world).await;
    papers(&world).await;
    let mut overwritten = under_way(&mut world).await;
    overwritten.insert(NAMES.stuck, stuck);

    let auditor = logged_in(&world.backend, "aud").await;
    let mut list = listed(&world.backend, &world.people.operator, &auditor).await;
    list["overwritten"] = json!(overwritten);
    trim(&world);
    std::fs::write(world.dir.path().join("seal.key"), world.seal_key.to_hex()).unwrap();
    world.lab.stop().await;
    pack(world.dir.path(), &serde_json::to_string_pretty(&list).unwrap());
}

/// Accounts of every kind, a team, logins that were refused, passwords that were changed.
async fn people(world: &World) {
    let (accounts, admin) = (&world.backend.accounts, &world.people.admin);
    person(&world.backend, admin, "aud", &[Role::Auditor]).await;
    let team: TeamId = accounts.create_team(admin, "Payroll").await.unwrap();
    let grants = vec![Grant {
        role: Role::BackupOperator,
        scope: Scope::Team(team.clone()),
    }];
    let tess = accounts.create_user(admin, "tess", PASSWORD, grants).await.unwrap();
    let vm = world.subject("intranet");
    let estate = &world.backend.estate;
    estate.set_team(admin, &vm, Some(team)).await.unwrap();
    accounts.set_grants(admin, &tess, Vec::new()).await.unwrap();
    accounts.set_disabled(admin, &tess, true).await.unwrap();
    accounts.set_disabled(admin, &tess, false).await.unwrap();
    accounts
        .set_password(admin, &tess, "another horse battery")
        .await
        .unwrap();
    accounts
        .login("tess", "a wrong password", "127.0.0.1")
        .await
        .unwrap_err();
    let tess = accounts
        .login("tess", "another horse battery", "127.0.0.1")
        .await
        .unwrap();
    let changed = accounts.change_password(&tess.actor, "another horse battery", PASSWORD);
    accounts.logged_out(&changed.await.unwrap().actor).await.unwrap();
}

/// Points of every method, runs and requests that came to every end. What was on the disk of the machine whose restore
/// is stuck.
async fn history(world: &World) -> Vec<String> {
    let operator = &world.people.operator;
    for (vm, method) in [
        ("web01", BackupMethod::Reflink),
        ("erp-app01", BackupMethod::ManagerClone),
        ("intranet", BackupMethod::StopCopyStart),
        ("win-files", BackupMethod::Reflink),
        ("rac1", BackupMethod::Reflink),
    ] {
        world
            .protect_with(vm, method, APPROVAL, |rules| rules.commit_within_hours = 720)
            .await;
        world.back_up(vm).await;
    }
    let first = world
        .points()
        .await
        .into_iter()
        .find(|point| point.subject.name == "web01");
    let first = first.unwrap().point;
    world.backend.catalogue.verify(operator, &first).await.unwrap();
    for decision in [Decision::Commit, Decision::RollBack] {
        world.lab.scribble(world.vm("web01").as_str(), 0).unwrap();
        let run = world.restored(&first).await;
        world.decide(&run, decision).await;
    }
    let vm = world.subject("web01");
    world.back_up("web01").await;

    // A failed and a cancelled backup.
    let fails = Fault::FailJob {
        command: "clone Vm".into(),
    };
    world.lab.faults().arm(fails);
    let run = world.start_backup("erp-app01").await;
    assert_eq!(world.ended(&run).await.summary.state, RunState::Failed);
    world.lab.faults().arm(Fault::ServerSilent { contains: "dd".into() });
    let run = world.start_backup("win-files").await;
    while !world.lab.faults().armed().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.backend.runs.cancel(operator, &run).await.unwrap();
    assert_eq!(world.ended(&run).await.summary.state, RunState::Cancelled);

    // Two restores that get stuck: one is settled, the other still stands.
    let stuck = stuck(world, &first).await;
    let admin = &world.people.admin;
    world
        .backend
        .runs
        .settle(admin, &stuck, Settlement::GoBack)
        .await
        .unwrap();
    assert_eq!(world.ended(&stuck).await.summary.state, RunState::Failed);
    let (point, _, overwritten) = world.overwritten(NAMES.stuck).await;
    self::stuck(world, &point).await;

    // A veto, a withdrawal, and one that nobody has decided.
    let (request, hash) = world.request_restore(&first).await;
    let (restores, approver) = (&world.backend.restores, &world.people.approver);
    let vetoed = restores.vote(approver, &request, &hash, Vote::Veto, "not during the day");
    vetoed.await.unwrap();
    let (request, _) = world.request_restore(&first).await;
    restores.withdraw(operator, &request).await.unwrap();
    world.request_restore(&first).await;

    damaged(world).await;
    let estate = &world.backend.estate;
    estate.set_team(admin, &vm, None).await.unwrap();
    estate.ask(admin, &world.manager, "list Vm").await.unwrap();
    overwritten
}

/// A restore whose step `start` has an unknown outcome.
async fn stuck(world: &World, point: &domain::ids::PointId) -> RunId {
    for _ in 0..2 {
        let cut = Fault::CutBefore {
            command: "start Vm".into(),
        };
        world.lab.faults().arm(cut);
    }
    let run = world.start_restore(point).await;
    assert_eq!(world.ended(&run).await.summary.state, RunState::NeedsOperator);
    run
}

/// A point whose packs were changed in the backup target since.
async fn damaged(world: &World) {
    let data = world.dir.path().join("target/data");
    let before = files(&data);
    world.protect("db01", BackupMethod::Reflink, APPROVAL).await;
    let point = world.back_up("db01").await.manifest.point;
    for pack in files(&data).difference(&before) {
        let mut bytes = std::fs::read(pack).unwrap();
        bytes[0] ^= 1;
        std::fs::write(pack, bytes).unwrap();
    }
    let found = world.backend.catalogue.verify(&world.people.operator, &point).await;
    assert!(found.unwrap().damage().is_some());
}

/// Scripts, a rehearsal, a handbook, a file of a point, the trail.
async fn papers(world: &World) {
    let (backend, operator) = (&world.backend, &world.people.operator);
    let scope = ovm::script::Scope::Vm(world.vm("web01"));
    let documents = &backend.documents;
    let script = documents.download_script(operator, &world.manager, &scope, ScriptForm::Cli);
    script.await.unwrap();
    documents.rehearse(operator, &world.manager, &scope).await.unwrap();
    backend
        .handbooks
        .handbook(operator, &world.manager, &scope)
        .await
        .unwrap();
    let point = world.points().await.pop().unwrap().point;
    backend
        .catalogue
        .artefact(operator, &point, Artefact::VmCfg)
        .await
        .unwrap();
    drop(backend.audit.export(&logged_in(backend, "aud").await).await.unwrap());
}

/// Runs at every place at which an upgrade can meet them, on the machines of [`NAMES`]. What the restores are to replace.
async fn under_way(world: &mut World) -> BTreeMap<&'static str, Vec<String>> {
    let hold = HoldAt::nothing();
    world.restart(Some(hold.clone())).await;
    let newest = |world: &World, vm: &'static str| {
        let points = world.backend.catalogue.clone();
        let (operator, filter) = (world.people.operator.clone(), Default::default());
        async move {
            let rows = points.points(&operator, &filter).await.unwrap().rows;
            rows.into_iter().find(|point| point.subject.name == vm).unwrap().point
        }
    };
    // The clone of this backup stays: it cannot be removed, however often that is tried.
    world
        .protect(NAMES.leftover, BackupMethod::ManagerClone, APPROVAL)
        .await;
    for _ in 0..50 {
        world.lab.faults().arm(Fault::FailJob {
            command: "delete Vm".into(),
        });
    }
    let run = world.start_backup(NAMES.leftover).await;
    assert!(!world.ended(&run).await.leftovers.is_empty());

    let mut overwritten = BTreeMap::new();
    for vm in [NAMES.waiting, NAMES.rolling_back, NAMES.writing, NAMES.approved] {
        world.lab.scribble(world.vm(vm).as_str(), 0).unwrap();
        overwritten.insert(vm, world.hashes(vm, slots(vm)));
    }
    world.restored(&newest(world, NAMES.waiting).await).await;
    let run = world.restored(&newest(world, NAMES.rolling_back).await).await;
    hold.arm("swap-0", Moment::AfterEffect);
    let operator = world.people.operator.clone();
    world
        .backend
        .runs
        .decide(&operator, &run, Decision::RollBack)
        .await
        .unwrap();
    hold.held(&run).await;

    hold.arm("copy-1", Moment::AfterIntent);
    world.protect(NAMES.copying, BackupMethod::Reflink, APPROVAL).await;
    let run = world.start_backup(NAMES.copying).await;
    hold.held(&run).await;
    hold.arm("write-1", Moment::AfterIntent);
    let run = world.start_restore(&newest(world, NAMES.writing).await).await;
    hold.held(&run).await;

    world.stop_engine().await;
    world.start_restore(&newest(world, NAMES.approved).await).await;
    world.start_backup(NAMES.queued).await;
    overwritten
}

/// A file of the same length without data.
fn empty(path: &Path) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(0).unwrap();
    file.set_len(length).unwrap();
}

/// Gives the room of removed files back, so that the images do not keep their bytes.
fn trim(world: &World) {
    for (vm, slot) in [("web01", 0), ("win-files", 0)] {
        let disk = world.lab.disk_path(world.vm(vm).as_str(), slot).unwrap();
        let root = disk.ancestors().nth(2).unwrap();
        // Where it is impossible, the fixture becomes larger.
        Command::new("fstrim").arg(root).status().ok();
    }
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => [path].into(),
        })
        .collect()
}

/// The list of what is in it lies beside the archive.
fn pack(dir: &Path, list: &str) {
    for lun in files(&dir.join("lab/luns")) {
        empty(&lun);
    }
    std::fs::create_dir_all(FOLDER).unwrap();
    std::fs::write(Path::new(FOLDER).join("expected.json"), list.to_owned() + "\n").unwrap();
    let packed = Command::new("tar")
        .args([
            "--create",
            "--gzip",
            "--sparse",
            "--exclude=lab/servers",
            "--exclude=*.sock",
        ])
        .arg("--file")
        .arg(Path::new(FOLDER).join("state.tar.gz"))
        .arg("--directory")
        .arg(dir)
        .args(["holdfast.db", "holdfast.db-wal", "seal.key", "target", "lab"])
        .status();
    assert!(packed.unwrap().success());
}
