//! The file commands of a restore, run for real in a directory: forward, back, back again, and where they must refuse.

use crate::common::{step, world};
use domain::plan::{Action, Plan};
use domain::policy::BackupMethod::ManagerClone;
use ovm::shell::Shell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Scene {
    root: tempfile::TempDir,
    plan: Plan,
}

impl Scene {
    fn new() -> Self {
        let world = world(ManagerClone, &[(0, "gold")]);
        let plan = world.restore(&world.point()).unwrap();
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("OVS/Repositories/gold-id/VirtualDisks")).unwrap();
        let scene = Self { root, plan };
        fs::write(scene.original(), "old").unwrap();
        scene
    }

    fn repository(&self) -> PathBuf {
        self.root.path().join("OVS/Repositories/gold-id")
    }

    fn original(&self) -> PathBuf {
        self.repository().join("VirtualDisks/d0.img")
    }

    fn fresh(&self) -> PathBuf {
        self.repository().join(".holdfast/hf-7q2k/d0.img")
    }

    fn run(&self, action: &Action) -> bool {
        let Action::Shell { shell } = action else { return true };
        let root = self.root.path().display();
        let moved = |word: &str| Ok::<_, ()>(word.replace("/OVS/", &format!("{root}/OVS/")));
        let line = Shell::try_map_values(shell, moved).unwrap().render().unwrap();
        Command::new("/bin/sh")
            .args(["-c", &line])
            .output()
            .unwrap()
            .status
            .success()
    }

    fn forward(&self, id: &str) -> bool {
        self.run(&step(&self.plan, id).action)
    }

    fn back(&self, id: &str) -> bool {
        step(&self.plan, id).undo.iter().all(|undo| self.run(&undo.action))
    }

    fn swapped() -> Self {
        let scene = Self::new();
        assert!(scene.forward("dir-1"));
        fs::write(scene.fresh(), "new").unwrap();
        assert!(scene.forward("keep-0") && scene.forward("swap-0") && scene.forward("files-1"));
        scene
    }
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn forward_the_new_file_has_the_old_name_and_the_old_one_is_kept_until_the_commit() {
    let scene = Scene::swapped();
    assert_eq!(read(scene.original()), "new");
    assert_eq!(read(scene.repository().join(".holdfast/hf-7q2k/old/d0.img")), "old");
    assert!(scene.forward("commit-1"));
    assert_eq!(read(scene.original()), "new");
    assert!(!scene.fresh().parent().unwrap().exists());
}

#[test]
fn back_the_old_file_is_in_its_place_and_nothing_is_left() {
    let scene = Scene::swapped();
    // What the guest has written since makes no difference.
    fs::write(scene.original(), "new and more").unwrap();
    for id in ["swap-0", "keep-0", "dir-1"] {
        assert!(scene.back(id), "{id}");
    }
    assert_eq!(read(scene.original()), "old");
    assert!(!scene.fresh().parent().unwrap().exists());
    assert!(scene.back("dir-1"), "harmless when there is nothing to undo");
}

#[test]
fn back_from_half_a_file_nothing_is_left() {
    let scene = Scene::new();
    assert!(scene.forward("dir-1"));
    fs::write(scene.fresh(), "ne").unwrap();
    assert!(scene.back("dir-1"));
    assert_eq!(read(scene.original()), "old");
    assert!(!scene.fresh().exists());
}

#[test]
fn a_kept_file_is_never_removed_by_the_way_back() {
    let scene = Scene::swapped();
    assert!(!scene.back("dir-1"), "the old file was not moved back");
    assert_eq!(read(scene.repository().join(".holdfast/hf-7q2k/old/d0.img")), "old");
}

#[test]
fn a_move_that_would_replace_a_file_fails_and_replaces_nothing() {
    let scene = Scene::new();
    assert!(scene.forward("dir-1"));
    fs::write(scene.fresh(), "new").unwrap();
    let old = scene.repository().join(".holdfast/hf-7q2k/old/d0.img");
    fs::write(&old, "kept before").unwrap();
    assert!(!scene.forward("keep-0") && !scene.forward("swap-0"));
    assert_eq!(
        (read(scene.original()), read(&old), read(scene.fresh())),
        ("old".into(), "kept before".into(), "new".into())
    );
}
