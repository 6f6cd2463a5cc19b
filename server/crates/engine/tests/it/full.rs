//! No room left: in the storage repository, in the backup target.

use crate::moments::Meanwhile;
use domain::policy::{BackupMethod, RestoreGate};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use world::World;

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

/// A file that takes all room.
struct Filler(PathBuf);

impl Filler {
    /// In the repository in which the machine's first disk lies.
    fn beside(world: &World, vm: &str) -> Self {
        let loops = world.lab.description().reflinks;
        assert!(loops, "without a loop mount this would fill the machine's own disk");
        let disk = world.lab.disk_path(world.vm(vm).as_str(), 0).unwrap();
        Self(disk.ancestors().nth(2).unwrap().join("filler"))
    }

    fn fill(&self) {
        for size in ["1G", "100M", "10M", "1M", "100K", "4K"] {
            let mut count = 0;
            while fallocate(&self.0, size, count) {
                count += 1;
            }
        }
    }

    fn empty(&self) {
        for size in ["1G", "100M", "10M", "1M", "100K", "4K"] {
            for count in 0..1000 {
                if std::fs::remove_file(part(&self.0, size, count)).is_err() {
                    break;
                }
            }
        }
    }
}

fn part(path: &Path, size: &str, count: u32) -> PathBuf {
    path.with_file_name(format!("filler-{size}-{count}"))
}

fn fallocate(path: &Path, size: &str, count: u32) -> bool {
    let file = part(path, size, count);
    let done = Command::new("fallocate")
        .args(["-l", size])
        .arg(&file)
        .output()
        .unwrap();
    if !done.status.success() {
        std::fs::remove_file(&file).ok();
    }
    done.status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_storage_repository_stops_a_backup_and_a_restore() {
    let mut world = World::start().await;
    world.protect(VM, BackupMethod::ManagerClone, FREE).await;
    let point = world.back_up(VM).await.manifest.point;
    world.lab.scribble(world.vm(VM).as_str(), 0).unwrap();
    let overwritten = world.hashes(VM, &[0]);

    let filler = Arc::new(Filler::beside(&world, VM));
    filler.fill();
    let run = world.start_backup(VM).await;
    world
        .fails(&run, &[" is free; ", "Free up space in the storage repository"])
        .await;
    filler.empty();

    let meanwhile = filler.clone();
    world
        .restart(Some(Meanwhile::at("write-0", move || meanwhile.fill())))
        .await;
    let run = world.restore(&point).await;
    world
        .fails(&run, &["cannot be written", "is full: free up space"])
        .await;
    filler.empty();
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    assert!(world.vm_is_running(VM).await);
    world.stop().await;
}

/// A small file system over the folder of the backup target; taken away with this.
struct SmallTarget(PathBuf);

impl SmallTarget {
    fn mount(dir: &TempDir) -> Self {
        let target = dir.path().join("target");
        std::fs::create_dir(&target).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m", "none"]).arg(&target);
        assert!(
            mount.status().unwrap().success(),
            "this test mounts a tmpfs and must run as root"
        );
        Self(target)
    }
}

impl Drop for SmallTarget {
    fn drop(&mut self) {
        // Lazily: a thread may still be closing its file.
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_backup_target_stops_a_backup() {
    let dir = TempDir::new().unwrap();
    let target = SmallTarget::mount(&dir);
    let world = World::start_in(dir).await;
    world.protect("erp-app01", BackupMethod::ManagerClone, FREE).await;
    let run = world.start_backup("erp-app01").await;
    world
        .fails(&run, &["the backup target", "is full. Enlarge its file system"])
        .await;
    assert!(world.points().await.is_empty());
    drop(target);
    world.stop().await;
}
