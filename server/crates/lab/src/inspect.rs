//! What a test asks of the lab behind the back of the program under test.

use crate::error::LabError;
use crate::lab::Lab;
use crate::manager::scribble;
use crate::model::{Body, Estate, Kind, Object, Repository, ServerPool, VirtualDisk, Vm, VmDiskMapping};
use crate::server::sha256;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// Names of everything that Holdfast makes in an estate start so.
const PREFIX: &str = "hf-";
/// File that takes away the free space of a repository.
const BALLAST: &str = ".lab-ballast";
/// Directory that Holdfast uses in a repository.
const DIRECTORY: &str = ".holdfast";

/// What a program left behind. Empty in every field means: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphans {
    /// Objects of the Manager, as `Type id name`.
    pub objects: Vec<String>,
    /// Files, as paths on the servers.
    pub files: Vec<String>,
    /// Machines whose lock is held.
    pub locks: Vec<String>,
}

impl Orphans {
    /// Whether nothing was left.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Lab {
    /// The estate as the Manager sees it now.
    pub fn estate(&self) -> Estate {
        self.manager.store.read(Clone::clone)
    }

    /// Id of the machine with this id, or with this name when only one has it.
    pub fn vm_id(&self, id_or_name: &str) -> Result<String, LabError> {
        self.manager.store.read(|estate| {
            if estate.get::<Vm>(id_or_name).is_some() {
                return Ok(id_or_name.to_owned());
            }
            let mut found = estate.objects.named(Kind::Vm, id_or_name);
            match (found.next(), found.next()) {
                (Some(object), None) => Ok(object.id.clone()),
                _ => Err(unknown(format!("single machine called {id_or_name}"))),
            }
        })
    }

    /// Hex SHA-256 of the file or LUN that is mapped to a slot now.
    pub fn disk_sha256(&self, vm: &str, slot: u32) -> Result<String, LabError> {
        let path = self.disk_path(vm, slot)?;
        sha256(&path).map_err(LabError::file(path))
    }

    /// Overwrites the start and many places of a disk: through the running guest when there is one, else in the file.
    pub fn scribble(&self, vm: &str, slot: u32) -> Result<(), LabError> {
        let path = self.disk_path(vm, slot)?;
        let file = match self.disks.live.get(&self.vm_id(vm)?, slot) {
            Some(open) => open,
            None => OpenOptions::new()
                .read(true)
                .write(true)
                .open(&path)
                .map_err(LabError::file(&path))?
                .into(),
        };
        scribble(&file).map_err(LabError::file(path))
    }

    /// What Holdfast left in the estate.
    pub fn orphans(&self) -> Orphans {
        let (objects, repositories) = self.manager.store.read(|estate| {
            let objects = estate.objects.values().filter(|object| is_orphan(estate, object));
            let objects = objects
                .map(|object| format!("{} {} {}", object.kind().as_str(), object.id, object.name))
                .collect();
            let repositories: Vec<_> = estate
                .all::<Repository>()
                .map(|(object, _)| object.id.clone())
                .collect();
            (objects, repositories)
        });
        let mut files = Vec::new();
        for repository in repositories {
            let root = self.disks.files.repository(&repository);
            let strangers = walk(&root.join(DIRECTORY)).into_iter().chain(self.unknown_disks(&root));
            files.extend(strangers.filter_map(|path| {
                let inside = path.strip_prefix(&root).ok()?.display().to_string();
                Some(format!("/OVS/Repositories/{repository}/{inside}"))
            }));
        }
        let locks = std::fs::read_dir(self.disks.files.locks())
            .into_iter()
            .flatten()
            .flatten();
        Orphans {
            objects,
            files,
            locks: locks
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect(),
        }
    }

    /// Holds a machine's lock in the name of a server that is dead.
    pub fn leave_stale_lock(&self, vm: &str) -> Result<(), LabError> {
        let path = self.disks.files.locks().join(self.vm_id(vm)?);
        std::fs::write(&path, "ovs99\n").map_err(LabError::file(path))
    }

    /// Makes every pool one without a cluster, as pools on network shares alone may be: nothing keeps locks.
    pub fn dissolve_clusters(&self) {
        self.manager.store.change(|estate| {
            let pools: Vec<_> = estate
                .all::<ServerPool>()
                .map(|(object, _)| object.id.clone())
                .collect();
            for pool in pools {
                estate.update(&pool, |pool: &mut ServerPool| pool.clustered = false);
            }
        });
    }

    /// Presents a new host key from now on; `host` is `manager` or a server's name.
    pub fn exchange_host_key(&self, host: &str) -> Result<String, LabError> {
        let key = self
            .host_keys
            .get(host)
            .ok_or_else(|| unknown(format!("host called {host}")))?;
        key.exchange()?;
        Ok(key.fingerprint())
    }

    /// Lets waiting and coming jobs make so many transitions in explicit mode.
    pub fn push_jobs(&self, transitions: usize) {
        self.manager.pace.push(transitions);
    }

    /// Forgets the password logins and drops the connections on which no command runs, as a restart of the Manager does:
    /// key logins fail until the next password login.
    pub fn restart_manager(&self) {
        self.manager_host.forget_logins();
        self.manager_host.drop_idle();
    }

    /// Drops every connection to the Manager on which no command runs, as the end of the idle time does.
    pub fn drop_idle_sessions(&self) {
        self.manager_host.drop_idle();
    }

    /// Fills a repository, given by id, until only so many bytes are free: what needs more fails with `ENOSPC`. Call it
    /// again with another number to make room. Fails where the lab has no file systems of its own.
    pub fn leave_free(&self, repository: &str, bytes: u64) -> Result<(), LabError> {
        let root = self.disks.files.repository(repository);
        if !self.disks.namespace.reflinks() || !root.exists() {
            return Err(unknown(format!(
                "file system of its own for the repository {repository}"
            )));
        }
        let path = root.join(BALLAST);
        leave_free(&root, &path, bytes).map_err(LabError::file(path))
    }

    /// Writes pseudo-random data over every writable disk of the running machines once, as their guests would.
    pub fn let_guests_write(&self, round: u64) {
        self.disks.live.guest_writes(round);
    }

    /// The file or device behind a slot, as this process can open it.
    pub fn disk_path(&self, vm: &str, slot: u32) -> Result<PathBuf, LabError> {
        let vm = self.vm_id(vm)?;
        let path = self.manager.store.read(|estate| {
            let mappings = estate.mappings_of(&vm);
            let (_, mapping) = mappings.into_iter().find(|(_, mapping)| mapping.slot == slot)?;
            self.disks.files.mapped(estate, &mapping.disk)
        });
        path.ok_or_else(|| unknown(format!("disk in slot {slot} of {vm}")))
    }

    /// Disk images that the Manager does not know: the next refresh would show them as new disks.
    fn unknown_disks(&self, root: &Path) -> Vec<PathBuf> {
        let known = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.manager
                .store
                .read(|estate| estate.get::<VirtualDisk>(&name).is_some())
        };
        walk(&root.join("VirtualDisks"))
            .into_iter()
            .filter(|path| !known(path))
            .collect()
    }
}

/// Makes the ballast so long that only `bytes` are free.
fn leave_free(root: &Path, ballast: &Path, bytes: u64) -> std::io::Result<()> {
    let file = File::create(ballast)?;
    let status = statvfs(root)?;
    let length = (status.f_bavail * status.f_frsize).saturating_sub(bytes);
    if length > 0 {
        fallocate(&file, FallocateFlags::empty(), 0, length)?;
    }
    Ok(())
}

fn unknown(what: String) -> LabError {
    LabError::Unknown { what }
}

/// Made by Holdfast, or a clone's disk that no machine but such a clone uses.
fn is_orphan(estate: &Estate, object: &Object) -> bool {
    let made = |id: &str| estate.name_of(id).starts_with(PREFIX);
    match &object.body {
        Body::Job(_) => false,
        _ if object.description == Object::BY_SOMEBODY_ELSE => false,
        Body::VirtualDisk(VirtualDisk { cloned: true, .. }) => estate
            .users_of(&object.id)
            .all(|(_, VmDiskMapping { vm, .. })| made(vm)),
        _ => object.name.starts_with(PREFIX),
    }
}

/// All files below a directory; none when it is not there.
fn walk(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files.extend(walk(&path)),
            _ => files.push(path),
        }
    }
    files
}
