//! A disk whose power can be cut: what its file system has not written by then is lost.

use std::{fs, path::PathBuf, process::Command};
use tempfile::TempDir;

/// An ext4 file system in a file, mounted; both are gone at the end.
pub struct CutDisk(TempDir);

impl CutDisk {
    pub fn new() -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        let image = fs::File::create(disk.image()).unwrap();
        image.set_len(256 * 1024 * 1024).unwrap();
        run(Command::new("mkfs.ext4").arg("-q").arg(disk.image()));
        disk.mount();
        disk
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("mounted")
    }

    fn image(&self) -> PathBuf {
        self.0.path().join("image")
    }

    fn mount(&self) {
        fs::create_dir_all(self.path()).unwrap();
        run(Command::new("mount")
            .args(["-o", "loop"])
            .args([self.image(), self.path()]));
    }

    /// The disk as it is after its power was cut at this moment: what has reached the device, mounted elsewhere.
    pub fn cut(&self) -> Self {
        let left = Self(tempfile::tempdir().unwrap());
        fs::copy(self.image(), left.image()).unwrap();
        left.mount();
        left
    }
}

impl Drop for CutDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.path()).status().ok();
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(
        status.success(),
        "{command:?}: this test mounts a file system, so it needs root and the package e2fsprogs"
    );
}
