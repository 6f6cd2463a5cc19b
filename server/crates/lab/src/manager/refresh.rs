//! `refresh` and `validate`: only then does the Manager see what lies in storage now.

use super::job::{Outcome, Work};
use super::reply::CliError;
use super::storage_objects::may_refresh;
use super::{Storage, scan};
use crate::model::{
    AccessGroup, Body, Estate, FileServer, FileSystem, Repository, RepositoryKind, VirtualCdrom, VirtualDisk,
};
use crate::server::{Files, sizes};
use std::collections::BTreeMap;
use std::path::Path;

impl Work {
    pub(super) async fn refresh(&self) -> Outcome {
        self.step(400).await?;
        let storage = &self.manager.storage;
        self.change(|estate| match &self.subject {
            Some(id) => refresh(storage, estate, id, self.command.is("validate")),
            None => {
                refresh_all(storage, estate);
                Ok(())
            }
        })?;
        Ok(None)
    }
}

/// Looks again at everything that was looked at before: a file system that was never refreshed, and a repository that
/// is presented to no server, are left out.
pub(crate) fn refresh_all(storage: &Storage, estate: &mut Estate) {
    scan::luns(estate, None);
    let systems = estate.all::<FileSystem>().filter(|(_, system)| system.refreshed);
    let systems: Vec<_> = systems.map(|(object, _)| object.id.clone()).collect();
    for id in systems {
        scan::file_system(estate, &id);
    }
    let known = estate
        .all::<Repository>()
        .filter(|(_, known)| !known.presented.is_empty());
    let known: Vec<_> = known.map(|(object, _)| object.id.clone()).collect();
    for id in known {
        refresh_repository(storage, estate, &id);
    }
}

fn refresh(storage: &Storage, estate: &mut Estate, id: &str, only_validate: bool) -> Result<(), CliError> {
    let refuse = |text: &str| Err(CliError::coded("OVMAPI_9001E", text));
    match estate.objects.get(id).map(|object| object.body.clone()) {
        Some(Body::Repository(found)) if found.presented.is_empty() => {
            return refuse("The repository is not presented to any server.");
        }
        Some(Body::Repository(_)) => refresh_repository(storage, estate, id),
        Some(Body::FileSystem(_)) => scan::file_system(estate, id),
        Some(Body::FileServer(FileServer { refresh_servers, .. })) if refresh_servers.is_empty() => {
            return refuse("The file server has no refresh server.");
        }
        Some(Body::FileServer(found)) if !found.access_host.is_empty() && !answers(estate, &found.access_host) => {
            return refuse(&format!("The host {} does not answer.", found.access_host));
        }
        Some(Body::FileServer(_)) if only_validate => {}
        Some(Body::FileServer(_)) => scan::exports(estate, id),
        Some(Body::StorageArray(array)) => {
            may_refresh(estate, id, &array)?;
            if !only_validate {
                scan::luns(estate, (!array.unmanaged).then_some(id));
            }
        }
        Some(Body::AccessGroup(AccessGroup { owner, .. })) => return refresh(storage, estate, &owner, only_validate),
        Some(Body::Server(_)) => scan::luns(estate, None),
        _ => {}
    }
    Ok(())
}

fn answers(estate: &Estate, host: &str) -> bool {
    estate.hardware.nfs.iter().any(|known| known.host == host)
}

fn refresh_repository(storage: &Storage, estate: &mut Estate, id: &str) {
    scan::repository(estate, id);
    match storage {
        Storage::Disks(disks) => read_repository(&disks.files, estate, id),
        Storage::ObjectsOnly => count_repository(estate, id),
    }
}

/// Free space of a repository without bytes: what its disks do not use.
fn count_repository(estate: &mut Estate, id: &str) {
    let used: u64 = estate.of::<VirtualDisk>(id).map(|(_, disk)| disk.used).sum();
    let system = estate.get::<Repository>(id).map(|repository| &repository.file_system);
    let size = system
        .and_then(|system| estate.get::<FileSystem>(system))
        .map_or(0, |system| system.size);
    estate.update(id, |repository: &mut Repository| {
        repository.free = size.saturating_sub(used)
    });
}

/// Reads one repository: free space, sizes, and files that the Manager did not know.
fn read_repository(files: &Files, estate: &mut Estate, id: &str) {
    let Some(kind) = estate.get::<Repository>(id).map(|repository| repository.kind) else {
        return;
    };
    let root = files.repository(id);
    let free = free_bytes(&root, kind);
    estate.update(id, |repository: &mut Repository| repository.free = free);
    for (file, (size, used)) in listing(&root.join("VirtualDisks"), ".img") {
        let known = estate.update(&file, |disk: &mut VirtualDisk| (disk.size, disk.used) = (size, used));
        if known.is_none() {
            let disk = VirtualDisk {
                repository: id.to_owned(),
                size,
                used,
                shareable: false,
                cloned: false,
            };
            estate.add_as(file.clone(), &file, Body::VirtualDisk(disk));
        }
    }
    for (file, (size, _)) in listing(&root.join("ISOs"), ".iso") {
        if estate.get::<VirtualCdrom>(&file).is_none() {
            let cdrom = VirtualCdrom {
                repository: id.to_owned(),
                size,
            };
            estate.add_as(file.clone(), &file, Body::VirtualCdrom(cdrom));
        }
    }
}

/// An export of a filer has room that has nothing to do with the lab's disk.
fn free_bytes(root: &Path, kind: RepositoryKind) -> u64 {
    match (kind, rustix::fs::statvfs(root)) {
        (RepositoryKind::Ocfs2, Ok(status)) => status.f_bavail * status.f_frsize,
        _ => 50 << 30,
    }
}

fn listing(directory: &Path, suffix: &str) -> BTreeMap<String, (u64, u64)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.ends_with(suffix).then_some(())?;
            Some((name, sizes(&entry.path()).ok()?))
        })
        .collect()
}
