//! What the Manager finds when it looks at storage: LUNs, exports, and repositories of earlier Managers.

use super::plugins::UNMANAGED;
use crate::hardware::{Lun, NfsExport, StoredRepository};
use crate::model::{
    Body, Estate, FileServer, FileSystem, Kind, PhysicalDisk, Repository, RepositoryKind, Server, StorageArray,
    VirtualDisk,
};

/// Enters the LUNs that the servers see now: those of an iSCSI array, or those without one. New ones get the name that
/// the Manager makes up.
pub(crate) fn luns(estate: &mut Estate, array: Option<&str>) {
    let group = match array {
        Some(array) => array,
        None => UNMANAGED[0].2,
    };
    let mut groups = estate.objects.referrers(group, Kind::VolumeGroup);
    let Some(group) = groups.next().map(|object| object.id.clone()) else {
        return;
    };
    drop(groups);
    let hosts = array.and_then(|array| estate.get::<StorageArray>(array));
    let hosts = hosts.map(|array| array.access_hosts.clone());
    let here = |lun: &&Lun| match (&lun.array, &hosts) {
        (None, None) => true,
        (Some(host), Some(hosts)) => hosts.contains(host),
        _ => false,
    };
    let found: Vec<_> = estate.hardware.luns.iter().filter(here).cloned().collect();
    let servers: Vec<_> = estate.all::<Server>().map(|(object, _)| object.id.clone()).collect();
    for lun in found {
        let known = estate.all::<PhysicalDisk>().find(|(_, disk)| disk.wwid == lun.wwid);
        let known = known.map(|(object, _)| object.id.clone());
        match known {
            Some(id) => {
                estate.update(&id, |disk: &mut PhysicalDisk| {
                    disk.size = lun.size;
                    disk.servers.clone_from(&servers);
                });
            }
            None => enter_lun(estate, &lun, &group, &servers),
        }
    }
}

fn enter_lun(estate: &mut Estate, lun: &Lun, group: &str, servers: &[String]) {
    let mut names = (1..).map(|number: u32| format!("LUN ({number})"));
    let free = |name: &String| estate.objects.named(Kind::PhysicalDisk, name).next().is_none();
    let name = names.find(free).unwrap_or_default();
    let disk = PhysicalDisk {
        wwid: lun.wwid.clone(),
        size: lun.size,
        shareable: false,
        volume_group: group.to_owned(),
        servers: servers.to_vec(),
    };
    let disk = estate.add(&name, Body::PhysicalDisk(disk));
    let mut local = estate
        .all::<FileServer>()
        .filter(|(_, server)| server.access_host.is_empty());
    let found = local.next().map(|(object, _)| object.id.clone());
    drop(local);
    if let (Some(stored), Some(local)) = (&lun.holds, found) {
        let system = FileSystem {
            file_server: local,
            path: String::new(),
            size: lun.size,
            physical_disk: Some(disk.clone()),
            refreshed: false,
        };
        estate.add(&format!("fs on {name}"), Body::FileSystem(system));
        tracing::debug!(repository = stored.id, "a LUN holds a repository");
    }
}

/// Enters the exports of an NFS host that the Manager did not know.
pub(crate) fn exports(estate: &mut Estate, file_server: &str) {
    let Some(host) = estate
        .get::<FileServer>(file_server)
        .map(|server| server.access_host.clone())
    else {
        return;
    };
    let exports: Vec<NfsExport> = estate.hardware.exports(&host).to_vec();
    for export in exports {
        let mut known = estate.of::<FileSystem>(file_server);
        if known.any(|(_, system)| system.path == export.path) {
            continue;
        }
        drop(known);
        let name = format!("nfs on {host}:{}", export.path);
        let system = FileSystem {
            file_server: file_server.to_owned(),
            path: export.path,
            size: export.size,
            physical_disk: None,
            refreshed: false,
        };
        estate.add(&name, Body::FileSystem(system));
    }
}

/// What lies on a file system: the repository of an earlier Manager, which this one does not own yet.
pub(crate) fn file_system(estate: &mut Estate, id: &str) {
    estate.update(id, |system: &mut FileSystem| system.refreshed = true);
    let Some(stored) = stored_on(estate, id) else { return };
    if estate.get::<Repository>(&stored.id).is_some() {
        return;
    }
    let on_lun = estate
        .get::<FileSystem>(id)
        .is_some_and(|system| system.physical_disk.is_some());
    let repository = Repository {
        kind: if on_lun {
            RepositoryKind::Ocfs2
        } else {
            RepositoryKind::Nfs
        },
        file_system: id.to_owned(),
        share_path: String::new(),
        owned: false,
        presented: Vec::new(),
        free: 0,
    };
    estate.add_as(stored.id, &stored.name, Body::Repository(repository));
}

/// Enters the disk files of a repository of an earlier Manager.
pub(crate) fn repository(estate: &mut Estate, id: &str) {
    let Some(found) = estate.get::<Repository>(id).cloned() else {
        return;
    };
    let Some(stored) = stored_on(estate, &found.file_system).filter(|stored| stored.id == id) else {
        return;
    };
    for (disk, size) in stored.disks {
        if estate.get::<VirtualDisk>(&disk).is_none() {
            let body = VirtualDisk {
                repository: id.to_owned(),
                size,
                used: size,
                shareable: false,
                cloned: false,
            };
            estate.add_as(disk.clone(), &disk, Body::VirtualDisk(body));
        }
    }
}

fn stored_on(estate: &Estate, file_system: &str) -> Option<StoredRepository> {
    let system = estate.get::<FileSystem>(file_system)?;
    if let Some(disk) = &system.physical_disk {
        let wwid = &estate.get::<PhysicalDisk>(disk)?.wwid;
        let mut luns = estate.hardware.luns.iter();
        return luns.find(|lun| lun.wwid == *wwid)?.holds.clone();
    }
    let host = &estate.get::<FileServer>(&system.file_server)?.access_host;
    let mut exports = estate.hardware.exports(host).iter();
    exports.find(|export| export.path == system.path)?.holds.clone()
}
