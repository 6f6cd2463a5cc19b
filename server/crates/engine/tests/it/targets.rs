//! Several backup targets: where backups go, and where restores come from.

use domain::ids::TargetId;
use domain::plan::Action;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, RunState};
use domain::target::{Location, NewTarget};
use vault::{PointTag, Vault};
use world::World;

const VM: &str = "web01";
const PASSWORD: &str = "another password";

/// A world with a second backup target, under whose policy the machine is.
async fn world() -> (World, TargetId) {
    let world = World::start().await;
    let new = NewTarget {
        name: "dc2".into(),
        location: Location::Folder {
            folder: world.dir.path().join("dc2").display().to_string(),
        },
        access_key: None,
        password: PASSWORD.into(),
        make_new: true,
    };
    let target = world.backend.targets.add(&world.people.admin, new).await.unwrap();
    let rules = |rules: &mut domain::policy::PolicyRules| rules.target = target.clone();
    world
        .protect_with(VM, BackupMethod::Reflink, RestoreGate::Free, rules)
        .await;
    (world, target)
}

/// Points in the backup target in this folder.
fn points_in(world: &World, folder: &str, password: &str) -> Vec<PointTag> {
    let vault = Vault::open(&world.dir.path().join(folder), password).unwrap();
    let points = vault.list_points().unwrap().into_iter();
    points.map(|point| point.point).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_the_target_of_its_policy_and_is_restored_from_there() {
    let (mut world, target) = world().await;
    let good = world.hashes(VM, &[0]);
    let draft = world.planned_backup(VM).await;
    let copies = draft.plan.steps.iter().filter_map(|step| match &step.action {
        Action::CopyDisk { target, .. } | Action::Publish { target } => Some(target),
        _ => None,
    });
    assert!(copies.clone().count() > 1 && copies.clone().all(|named| *named == target));

    let point = world.back_up(VM).await;
    let id = &point.manifest.point;
    assert_eq!(point.copies.len(), 1);
    assert_eq!(point.copies[0].target, target);
    assert_eq!(points_in(&world, "dc2", PASSWORD), [PointTag::new(id.as_str())]);
    assert_eq!(points_in(&world, "target", world::TARGET_PASSWORD), []);

    // Another engine opens it when it needs it.
    world.restart(None).await;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    assert_ne!(world.hashes(VM, &[0]), good);
    let run = world.restore(id).await;
    world.waiting(&run).await;
    let ended = world.decide(&run, Decision::Commit).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    assert_eq!(world.hashes(VM, &[0]), good);
    world.assert_clean("the restore from the second target");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_away_stops_its_own_backups_only() {
    let (world, target) = world().await;
    let (there, away) = (world.dir.path().join("dc2"), world.dir.path().join("away"));
    let point = world.back_up(VM).await;
    std::fs::rename(&there, &away).unwrap();
    let run = world.start_backup(VM).await;
    world.fails(&run, &["There is no backup target in", "dc2"]).await;
    let verified = world
        .backend
        .catalogue
        .verify(&world.people.operator, &point.manifest.point)
        .await;
    verified.unwrap_err();
    let kept = world.point(&point.manifest.point).await;
    assert_eq!(kept.copy_in(&target).unwrap().damaged, None, "it is only away");
    world
        .protect_with(VM, BackupMethod::Reflink, RestoreGate::Free, |rules| {
            rules.name = "first".into()
        })
        .await;
    let first = world.back_up(VM).await;
    assert!(first.copies[0].target.is_first());
    std::fs::rename(&away, &there).unwrap();
    world.stop().await;
}
