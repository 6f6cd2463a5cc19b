//! A repository that goes away: what is not to be seen is not gone.

use crate::moments::Meanwhile;
use domain::ids::RunId;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, RunState, Settlement};
use domain::say::{Language, Say};
use std::path::PathBuf;
use world::{World, told};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

/// The repository of the machine's first disk.
#[derive(Clone)]
struct Mount(PathBuf);

impl Mount {
    fn of(world: &World) -> Self {
        let disk = world.lab.disk_path(world.vm(VM).as_str(), 0).unwrap();
        Self(disk.ancestors().nth(2).unwrap().to_owned())
    }

    /// Where it was mounted there is an empty directory.
    fn take_away(&self) {
        let away = self.0.join("away");
        std::fs::create_dir(&away).unwrap();
        for name in [".ovsrepo", ".holdfast", "VirtualDisks"] {
            std::fs::rename(self.0.join(name), away.join(name)).unwrap();
        }
    }

    fn bring_back(&self) {
        let away = self.0.join("away");
        for name in [".ovsrepo", ".holdfast", "VirtualDisks"] {
            std::fs::rename(away.join(name), self.0.join(name)).unwrap();
        }
        std::fs::remove_dir(&away).unwrap();
    }
}

struct Scene {
    world: World,
    run: RunId,
    good: Vec<String>,
    overwritten: Vec<String>,
}

impl Scene {
    /// A restored machine that waits for a decision.
    async fn set() -> Self {
        let world = World::start().await;
        world.protect(VM, BackupMethod::Reflink, FREE).await;
        let good = world.hashes(VM, &[0]);
        let point = world.back_up(VM).await.manifest.point;
        world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
        let overwritten = world.hashes(VM, &[0]);
        let run = world.restore(&point).await;
        world.waiting(&run).await;
        Self {
            world,
            run,
            good,
            overwritten,
        }
    }

    /// The run stands still with a sentence that says this.
    async fn stands_still(&self, decision: Decision, says: &str) {
        let (world, operator) = (&self.world, &self.world.people.operator);
        world.backend.runs.decide(operator, &self.run, decision).await.unwrap();
        let stands = world.ended(&self.run).await;
        assert_eq!(stands.summary.state, RunState::NeedsOperator, "{stands:#?}");
        let message = told(&stands.summary);
        assert!(message.contains(says), "{message}");
    }

    async fn goes_on(self, state: RunState, bytes: fn(&Self) -> &Vec<String>) {
        let world = &self.world;
        let (runs, admin) = (&world.backend.runs, &world.people.admin);
        runs.settle(admin, &self.run, Settlement::GoOn).await.unwrap();
        let ended = world.ended(&self.run).await;
        assert_eq!(ended.summary.state, state, "{ended:#?}");
        assert_eq!(&world.hashes(VM, &[0]), bytes(&self));
        assert!(world.vm_is_running(VM).await);
        world.assert_clean("a repository that was away");
        self.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_a_repository_that_is_not_mounted() {
    let scene = Scene::set().await;
    let mount = Mount::of(&scene.world);
    mount.take_away();
    scene.stands_still(Decision::Commit, "is not mounted").await;
    mount.bring_back();
    scene.goes_on(RunState::Succeeded, |scene| &scene.good).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_waits_for_a_repository_that_is_not_mounted() {
    let scene = Scene::set().await;
    let mount = Mount::of(&scene.world);
    mount.take_away();
    scene.stands_still(Decision::RollBack, "is not mounted").await;
    mount.bring_back();
    scene.goes_on(RunState::RolledBack, |scene| &scene.overwritten).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_asks_for_a_kept_file_that_somebody_has_moved() {
    let scene = Scene::set().await;
    let disk = scene.world.lab.disk_path(scene.world.vm(VM).as_str(), 0).unwrap();
    let tag = scene.run.tag();
    let kept = Mount::of(&scene.world).0.join(".holdfast").join(tag).join("old");
    let kept = kept.join(disk.file_name().unwrap());
    let elsewhere = disk.ancestors().nth(2).unwrap().join("elsewhere");
    std::fs::rename(&kept, &elsewhere).unwrap();
    scene.stands_still(Decision::RollBack, "Neither").await;
    std::fs::rename(&elsewhere, &kept).unwrap();
    scene.goes_on(RunState::RolledBack, |scene| &scene.overwritten).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_in_a_repository_that_is_not_mounted_is_removed_later() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, FREE).await;
    let mount = Mount::of(&world);
    let meanwhile = mount.clone();
    world
        .restart(Some(Meanwhile::at("remove-snapshot-1", move || meanwhile.take_away())))
        .await;
    let run = world.start_backup(VM).await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    assert!(
        ended.leftovers[0].say(Language::En).contains("is not mounted"),
        "{:?}",
        ended.leftovers
    );
    mount.bring_back();
    world.restart(None).await;
    world.cleared_up(&run).await;
    world.assert_clean("a repository that was away");
    world.stop().await;
}
