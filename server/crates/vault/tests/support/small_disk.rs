//! A file system that fills up soon.

use std::{path::Path, process::Command};
use tempfile::TempDir;

/// A small file system that is gone at the end.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one of this size, as `mount` takes it.
    pub fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder.path());
        assert!(
            mount.status().unwrap().success(),
            "this test mounts a tmpfs and must run as root"
        );
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a writer thread of the library may still be closing its file.
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}
