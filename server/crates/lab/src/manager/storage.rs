//! The bytes below the objects: real files on real mounts, or none at all. A Manager without bytes is what rehearsals
//! of rebuild scripts and measurements of discovery need: it knows sizes and names, and every rule but those of files.

use super::{LiveDisks, vmcfg};
use crate::error::LabError;
use crate::model::{CloneType, Estate, Object, RepositoryKind};
use crate::seed;
use crate::server::{Files, Namespace, sizes};
use rustix::fs::{FallocateFlags, fallocate};
use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// Where the bytes are.
pub(crate) enum Storage {
    /// Files below the servers.
    Disks(Arc<Disks>),
    /// Nowhere.
    ObjectsOnly,
}

/// Files, the mounts that hold them, and the machines that have them open.
pub(crate) struct Disks {
    pub files: Files,
    pub namespace: Namespace,
    pub live: LiveDisks,
    /// Size of a new OCFS2-like repository.
    pub repository_size: u64,
}

impl Storage {
    /// The files, when there are any.
    pub fn disks(&self) -> Option<&Disks> {
        match self {
            Self::Disks(disks) => Some(disks),
            Self::ObjectsOnly => None,
        }
    }

    /// Makes the file of a new disk.
    pub fn create_disk(&self, repository: &str, disk: &str, size: u64, sparse: bool) -> io::Result<()> {
        let Some(disks) = self.disks() else { return Ok(()) };
        let path = disks.files.disk(repository, disk);
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        let made = made.and_then(|file| {
            file.set_len(size)?;
            if sparse {
                return Ok(());
            }
            fallocate(&file, FallocateFlags::empty(), 0, size).map_err(Into::into)
        });
        if made.is_err() {
            // What could not be allocated must not stay.
            let _ = std::fs::remove_file(&path);
        }
        made
    }

    /// Makes the file of a disk longer.
    pub fn grow_disk(&self, repository: &str, disk: &str, size: u64) -> io::Result<()> {
        let Some(disks) = self.disks() else { return Ok(()) };
        let path = disks.files.disk(repository, disk);
        OpenOptions::new().write(true).open(path)?.set_len(size)
    }

    /// Clones the file `from`, a repository and a disk, to `to`; gives its size and its allocated bytes.
    pub async fn clone_disk(
        &self,
        from: (&str, &str),
        to: (&str, &str),
        clone_type: CloneType,
    ) -> io::Result<Option<(u64, u64)>> {
        let Some(disks) = self.disks() else { return Ok(None) };
        let path = disks.files.disk(to.0, to.1);
        let source = disks.files.disk(from.0, from.1);
        disks.files.clone_file(&source, &path, clone_type).await?;
        Ok(sizes(&path).ok())
    }

    /// Removes the file of a disk. One that is gone already is as good.
    pub fn remove_disk(&self, repository: &str, disk: &str) -> io::Result<()> {
        let path = self.disks().map(|disks| disks.files.disk(repository, disk));
        path.map_or(Ok(()), |path| unless_missing(std::fs::remove_file(path)))
    }

    /// Removes a CD image.
    pub fn remove_iso(&self, repository: &str, iso: &str) -> io::Result<()> {
        let path = self.disks().map(|disks| disks.files.iso(repository, iso));
        path.map_or(Ok(()), |path| unless_missing(std::fs::remove_file(path)))
    }

    /// The text of a machine's definition; nothing when the file is missing.
    pub fn read_vm_cfg(&self, estate: &Estate, vm: &str) -> Option<String> {
        match self.disks() {
            Some(disks) => std::fs::read_to_string(vmcfg::path(&disks.files, estate, vm)?).ok(),
            None => Some(vmcfg::text(estate, vm)),
        }
    }

    /// Writes the definition of a new machine.
    pub fn create_vm_cfg(&self, estate: &Estate, vm: &str) -> io::Result<()> {
        let disks = self.disks();
        disks.map_or(Ok(()), |disks| vmcfg::create(&disks.files, estate, vm))
    }

    /// Writes the definition of a changed machine.
    pub fn rewrite_vm_cfg(&self, estate: &Estate, vm: &str) {
        if let Some(disks) = self.disks() {
            vmcfg::rewrite(&disks.files, estate, vm);
        }
    }

    /// Removes the directory of a machine.
    pub fn remove_vm(&self, estate: &Estate, vm: &str) -> io::Result<()> {
        let path = self.disks().and_then(|disks| vmcfg::path(&disks.files, estate, vm));
        let directory = path.as_deref().and_then(Path::parent);
        directory.map_or(Ok(()), |directory| unless_missing(std::fs::remove_dir_all(directory)))
    }

    /// Opens the disks of a machine that starts.
    pub fn attach(&self, estate: &Estate, vm: &str) -> io::Result<()> {
        let disks = self.disks();
        disks.map_or(Ok(()), |disks| disks.live.attach(&disks.files, estate, vm))
    }

    /// Closes the disks of a machine that ended.
    pub fn detach(&self, vm: &str) {
        if let Some(disks) = self.disks() {
            disks.live.detach(vm);
        }
    }

    /// Closes one disk of a machine.
    pub fn detach_slot(&self, vm: &str, slot: u32) {
        if let Some(disks) = self.disks() {
            disks.live.detach_slot(vm, slot);
        }
    }

    /// Whether somebody holds the pool's lock on a machine.
    pub fn is_locked(&self, vm: &str) -> bool {
        self.disks().is_some_and(|disks| disks.files.locks().join(vm).exists())
    }

    /// Makes the storage of a new repository.
    pub async fn create_repository(&self, repository: &Object, kind: RepositoryKind) -> Result<(), LabError> {
        let Some(disks) = self.disks() else { return Ok(()) };
        let namespace = &disks.namespace;
        namespace.mount(kind, &repository.id, disks.repository_size).await?;
        seed::mark_repository(&disks.files, repository, kind)
    }

    /// Mounts a repository on a server, or takes it away.
    pub async fn present(&self, server: &str, repository: &str, presented: bool) -> Result<(), LabError> {
        let Some(disks) = self.disks() else { return Ok(()) };
        disks.namespace.present(server, repository, presented).await
    }
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
