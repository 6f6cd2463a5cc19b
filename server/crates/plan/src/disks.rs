//! The disks of a plan that are files, and the repositories in which they lie: every path on a server is made here.

use domain::plan::{Place, RemoteFile, SlotDisk};
use ovm::estate::{Repository, VirtualDisk};
use ovm::ids::{MappingId, ServerId};

/// A disk that is a file, with the server through which it is reached.
#[derive(Clone)]
pub(crate) struct FileDisk<'a> {
    pub slot: u32,
    pub mapping: &'a MappingId,
    pub disk: &'a VirtualDisk,
    pub repository: &'a Repository,
    pub server: ServerId,
}

/// A repository that holds disks of the plan, with the server through which it is reached.
#[derive(Clone)]
pub(crate) struct Site<'a> {
    /// From 1, in the order of the slots; part of step ids.
    pub number: usize,
    pub repository: &'a Repository,
    pub server: ServerId,
}

impl FileDisk<'_> {
    /// As titles name it.
    pub fn named(&self) -> SlotDisk {
        SlotDisk {
            slot: self.slot,
            name: self.disk.name.clone(),
        }
    }

    /// Where the Manager keeps it.
    pub fn path(&self) -> String {
        format!("{}/VirtualDisks/{}", root(self.repository), self.disk.id)
    }

    /// Its namesake in the directory that the run has in the same repository.
    pub fn path_in_own_dir(&self, tag: &str) -> String {
        format!("{}/{}", own_dir(self.repository, tag), self.disk.id)
    }

    /// Where it is kept after it was replaced.
    pub fn path_kept(&self, tag: &str) -> String {
        format!("{}/old/{}", own_dir(self.repository, tag), self.disk.id)
    }

    /// A path on the server through which the disk is reached.
    pub fn on_server(&self, path: impl Into<String>) -> RemoteFile {
        RemoteFile {
            server: self.server.clone(),
            path: path.into(),
        }
    }

    pub fn place(&self) -> Place {
        Place::Server(self.server.clone())
    }
}

impl<'a> Site<'a> {
    /// The repositories of these disks.
    pub fn of(disks: &[FileDisk<'a>]) -> Vec<Self> {
        let mut sites: Vec<Self> = Vec::new();
        for disk in disks {
            if !sites.iter().any(|site| site.holds(disk)) {
                let (number, server) = (sites.len() + 1, disk.server.clone());
                sites.push(Self {
                    number,
                    repository: disk.repository,
                    server,
                });
            }
        }
        sites
    }

    /// Display name of the repository.
    pub fn name(&self) -> String {
        self.repository.name.clone()
    }

    pub fn holds(&self, disk: &FileDisk<'_>) -> bool {
        self.repository.id == disk.repository.id
    }

    /// Where the repository is mounted.
    pub fn root(&self) -> String {
        root(self.repository)
    }

    /// The directory that the run has in it: on the same file system as the disks, and outside `VirtualDisks`, where
    /// the Manager would take its files for disks.
    pub fn own_dir(&self, tag: &str) -> String {
        own_dir(self.repository, tag)
    }

    pub fn on_server(&self, path: impl Into<String>) -> RemoteFile {
        RemoteFile {
            server: self.server.clone(),
            path: path.into(),
        }
    }

    pub fn place(&self) -> Place {
        Place::Server(self.server.clone())
    }
}

fn root(repository: &Repository) -> String {
    format!("/OVS/Repositories/{}", repository.id)
}

fn own_dir(repository: &Repository, tag: &str) -> String {
    format!("{}/.holdfast/{tag}", root(repository))
}
