//! Starting, stopping, dying and coming back.

use crate::harness::{TestLab, options};
use lab::{Lab, LabError, LabOptions};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Directory of the lab that this process runs until it is killed, when it is the child of
/// [`a_killed_lab_leaves_nothing_and_can_come_back`].
const CHILD: &str = "HOLDFAST_LAB_CHILD";

/// Whether a mount, loop device or process still uses the directory.
fn in_use(dir: &Path) -> bool {
    let dir = dir.display().to_string();
    let loops = Command::new("losetup").arg("-a").output().unwrap().stdout;
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let holder = command_lines().any(|words| words.starts_with("unshare") && words.contains(&dir));
    String::from_utf8_lossy(&loops).contains(&dir) || mounts.contains(&dir) || holder
}

/// What every process was started with. One that ends meanwhile has none.
fn command_lines() -> impl Iterator<Item = String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let words = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    words.map(|words| String::from_utf8_lossy(&words).replace('\0', " "))
}

/// Waits until nothing of a lab is left; the kernel ends a killed one in its own time.
async fn gone(dir: &Path) {
    while in_use(dir) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn start_and_stop_leave_nothing() {
    if let Some(dir) = std::env::var_os(CHILD) {
        let lab = Lab::start(LabOptions::new(dir)).await.unwrap();
        std::future::pending::<()>().await;
        return lab.stop().await;
    }
    let test = TestLab::start().await;
    let dir = test.dir.path().canonicalize().unwrap();
    assert!(in_use(&dir));
    test.lab.stop().await;
    gone(&dir).await;
}

#[tokio::test]
async fn a_restart_resumes() {
    let test = TestLab::start().await;
    assert!(matches!(
        Lab::start(options(&test.dir)).await,
        Err(LabError::InUse { .. })
    ));
    test.ok("edit Vm name=web01 description='changed; here'").await;
    test.lab.scribble("web01", 0).unwrap();
    let (before, hash) = (
        test.lab.description().clone(),
        test.lab.disk_sha256("web01", 0).unwrap(),
    );
    test.lab.stop().await;
    let TestLab { lab, dir } = test;
    drop(lab);

    let lab = Lab::start(options(&dir)).await.unwrap();
    let after = lab.description();
    assert_eq!(after.manager.host_key_fingerprint, before.manager.host_key_fingerprint);
    assert_eq!(
        after.servers[1].host_key_fingerprint,
        before.servers[1].host_key_fingerprint
    );
    assert_eq!(after.repositories, before.repositories);
    assert_eq!(lab.disk_sha256("web01", 0).unwrap(), hash);
    assert!(
        lab.execute("show Vm name=web01")
            .await
            .contains("  Description = changed; here\n")
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_killed_lab_leaves_nothing_and_can_come_back() {
    let dir = TempDir::new().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "life::start_and_stop_leave_nothing", "--nocapture"])
        .env(CHILD, dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !dir.path().join("control.sock").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the child ended early");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let path = dir.path().canonicalize().unwrap();
    gone(&path).await;
    let lab = Lab::start(options(&dir)).await.unwrap();
    assert!(lab.execute("list Vm").await.contains("name:web01"));
    assert_eq!(lab.disk_sha256("web01", 0).unwrap().len(), 64);
    lab.stop().await;
}

#[tokio::test]
async fn the_seed_decides() {
    let ids = async |seed: u64| {
        let test = TestLab::with(|options| options.seed = seed).await;
        let ids: Vec<_> = test.lab.estate().objects.keys().cloned().collect();
        let found = (ids, test.lab.disk_sha256("web01", 0).unwrap());
        test.lab.stop().await;
        found
    };
    let (one, same, other) = (ids(1).await, ids(1).await, ids(2).await);
    assert_eq!(one, same);
    assert!(one.0 != other.0 && one.1 != other.1);
}
