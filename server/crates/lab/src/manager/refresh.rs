//! `refresh`: only then does the Manager see what lies in a repository now.

use super::job::{Outcome, Work};
use crate::model::{Body, Estate, Repository, RepositoryKind, VirtualCdrom, VirtualDisk};
use crate::server::{Files, sizes};
use std::collections::BTreeMap;
use std::path::Path;

impl Work {
    pub(super) async fn refresh(&self) -> Outcome {
        self.step(400).await?;
        let files = &self.manager.files;
        self.change(|estate| match &self.subject {
            Some(id) => refresh(files, estate, id),
            None => refresh_all(files, estate),
        });
        Ok(None)
    }
}

/// Reads every repository that is presented to some server.
pub(crate) fn refresh_all(files: &Files, estate: &mut Estate) {
    let presented: Vec<_> = estate
        .all::<Repository>()
        .filter(|(_, repository)| !repository.presented.is_empty())
        .map(|(object, _)| object.id.clone())
        .collect();
    for id in presented {
        refresh(files, estate, &id);
    }
}

/// Reads one repository: free space, sizes, and files that the Manager did not know.
fn refresh(files: &Files, estate: &mut Estate, id: &str) {
    let Some(kind) = estate.get::<Repository>(id).map(|repository| repository.kind) else {
        return;
    };
    let root = files.repository(id);
    let free = free_bytes(&root, kind);
    if let Some(repository) = estate.get_mut::<Repository>(id) {
        repository.free = free;
    }
    for (file, (size, used)) in listing(&root.join("VirtualDisks"), ".img") {
        match estate.get_mut::<VirtualDisk>(&file) {
            Some(disk) => (disk.size, disk.used) = (size, used),
            None => {
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
