//! The lab's own way to the files of the repositories, below the servers.

use crate::model::{CloneType, Estate, MappedDisk, PhysicalDisk, VirtualCdrom, VirtualDisk};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Paths and file operations below the lab's directory inside the namespace.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    inside: PathBuf,
    reflinks: bool,
    first_server: String,
}

impl Files {
    /// Files below `inside`, see [`super::Namespace::inside`].
    pub fn new(inside: PathBuf, reflinks: bool, first_server: &str) -> Self {
        Self {
            inside,
            reflinks,
            first_server: first_server.to_owned(),
        }
    }

    /// Root of a repository.
    pub fn repository(&self, repository: &str) -> PathBuf {
        self.inside.join("mnt").join(repository)
    }

    /// A disk file.
    pub fn disk(&self, repository: &str, disk: &str) -> PathBuf {
        self.repository(repository).join("VirtualDisks").join(disk)
    }

    /// A CD image.
    pub fn iso(&self, repository: &str, iso: &str) -> PathBuf {
        self.repository(repository).join("ISOs").join(iso)
    }

    /// The block device of a LUN.
    pub fn lun(&self, wwid: &str) -> PathBuf {
        let root = self.inside.join("servers").join(&self.first_server).join("root");
        root.join("dev/mapper").join(wwid)
    }

    /// The locks of the pool, by VM id.
    pub fn locks(&self) -> PathBuf {
        self.inside.join("dlm")
    }

    /// The file or device behind a mapping; nothing for an empty drive.
    pub fn mapped(&self, estate: &Estate, disk: &MappedDisk) -> Option<PathBuf> {
        match disk {
            MappedDisk::Virtual(id) => Some(self.disk(&estate.get::<VirtualDisk>(id)?.repository, id)),
            MappedDisk::Cdrom(id) => Some(self.iso(&estate.get::<VirtualCdrom>(id)?.repository, id)),
            MappedDisk::Physical(id) => Some(self.lun(&estate.get::<PhysicalDisk>(id)?.wwid)),
            MappedDisk::EmptyCdrom => None,
        }
    }

    /// Clones a disk file. A thin clone is a real reflink where the lab has one.
    pub async fn clone_file(&self, from: &Path, to: &Path, clone_type: CloneType) -> io::Result<()> {
        let mut command = Command::new("cp");
        match clone_type {
            CloneType::ThinClone if self.reflinks => command.arg("--reflink=always"),
            CloneType::ThinClone | CloneType::SparseCopy => command.args(["--reflink=never", "--sparse=always"]),
            CloneType::NonSparseCopy => command.args(["--reflink=never", "--sparse=never"]),
        };
        let output = command.arg("--no-clobber").arg("--").args([from, to]).output().await?;
        if output.status.success() {
            return Ok(());
        }
        // A file that was written halfway must not look like a disk.
        let _ = std::fs::remove_file(to);
        Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ))
    }
}

/// Size and allocated bytes of a file.
pub(crate) fn sizes(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.blocks() * 512))
}

/// Hex SHA-256 of a whole file or device.
pub(crate) fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
