//! `show` of everything that holds bytes.

use super::lines::Lines;
use crate::model::{
    AccessGroup, FileServer, FileSystem, Kind, MappedDisk, Object, PhysicalDisk, Repository, RepositoryExport,
    RepositoryKind, StorageArray, VirtualCdrom, VirtualDisk, VmDiskMapping, VolumeGroup,
};
use crate::switches::Dialect;

pub(super) fn file_server(out: &mut Lines, object: &Object, server: &FileServer) {
    out.put("Access Host", &server.access_host);
    out.refer("FileServer Plugin", &server.plugin);
    out.flag("Uniform Exports", server.uniform);
    out.refer_all("Admin Server", server.admin_servers.iter().map(String::as_str));
    out.refer_all("Refresh Server", server.refresh_servers.iter().map(String::as_str));
    out.refer_to("File System", &object.id, Kind::FileSystem);
}

pub(super) fn file_system(out: &mut Lines, object: &Object, system: &FileSystem) {
    let estate = out.estate;
    out.put("Path", &system.path);
    out.gib("Size (GiB)", system.size);
    let used: u64 = estate
        .of::<Repository>(&object.id)
        .map(|(_, it)| system.size.saturating_sub(it.free))
        .sum();
    out.gib("Free (GiB)", system.size.saturating_sub(used));
    out.refer("File Server", &system.file_server);
    out.refer_if("Physical Disk", system.physical_disk.as_deref());
    out.flag("Refreshed", system.refreshed);
    out.flag("Shared", system.physical_disk.is_none());
    out.refer_to("Repository", &object.id, Kind::Repository);
}

pub(super) fn repository(out: &mut Lines, object: &Object, repository: &Repository) {
    let estate = out.estate;
    out.refer("File System", &repository.file_system);
    if let Some(system) = estate.get::<FileSystem>(&repository.file_system) {
        out.gib("File System Size (GiB)", system.size);
    }
    out.gib("File System Free (GiB)", repository.free);
    if repository.kind == RepositoryKind::Nfs {
        out.put("Share Path", &repository.share_path);
    }
    if let Some(manager) = estate.manager().filter(|_| repository.owned) {
        out.put("Manager UUID", &manager.id);
    }
    out.refer_all("Presented Server", repository.presented.iter().map(String::as_str));
    for (key, kind) in [
        ("VirtualCdrom", Kind::VirtualCdrom),
        ("VirtualDisk", Kind::VirtualDisk),
        ("Vm", Kind::Vm),
    ] {
        out.refer_to(key, &object.id, kind);
    }
}

pub(super) fn export(out: &mut Lines, export: &RepositoryExport) {
    out.put("Client Host Name", &export.client);
    out.put("Options", &export.options);
    out.refer("Repository", &export.repository);
    out.refer("Server", &export.server);
}

pub(super) fn array(out: &mut Lines, object: &Object, array: &StorageArray) {
    out.constant("Storage Type", &array.storage_type);
    let key = match out.switches.dialect {
        Dialect::V32 => "San Server Plugin",
        Dialect::V33 | Dialect::V34 => "StorageArray Plugin",
    };
    out.refer(key, &array.plugin);
    out.put_all("Access Host", &array.access_hosts);
    if let Some(port) = array.access_port {
        out.put("Access Port", port);
    }
    if !array.access_username.is_empty() {
        out.put("Access Username", &array.access_username);
    }
    out.flag("Use Chap", array.use_chap);
    out.refer_all("Admin Server", array.admin_servers.iter().map(String::as_str));
    out.refer_to("Volume Group", &object.id, Kind::VolumeGroup);
    out.refer_to("Access Group", &object.id, Kind::AccessGroup);
}

/// How other objects name a storage array.
fn array_key(out: &Lines) -> &'static str {
    match out.switches.dialect {
        Dialect::V32 => "San Server",
        Dialect::V33 | Dialect::V34 => "Storage Array",
    }
}

pub(super) fn volume_group(out: &mut Lines, object: &Object, group: &VolumeGroup) {
    out.refer(array_key(out), &group.array);
    out.refer_to("Physical Disk", &object.id, Kind::PhysicalDisk);
}

pub(super) fn access_group(out: &mut Lines, group: &AccessGroup) {
    let kind = |id: &str| out.estate.objects.get(id).map(Object::kind);
    let owner = match kind(&group.owner) {
        Some(Kind::FileServer) => "File Server",
        _ => array_key(out),
    };
    let members: Vec<_> = [
        ("Storage Initiator", Kind::StorageInitiator),
        ("Physical Disk", Kind::PhysicalDisk),
        ("File System", Kind::FileSystem),
        ("Server", Kind::Server),
        ("Server Pool", Kind::ServerPool),
    ]
    .into_iter()
    .map(|(key, wanted)| {
        (
            key,
            group
                .members
                .iter()
                .filter(|id| kind(id) == Some(wanted))
                .collect::<Vec<_>>(),
        )
    })
    .collect();
    out.refer(owner, &group.owner);
    for (key, ids) in members {
        out.refer_all(key, ids.into_iter().map(String::as_str));
    }
}

/// Exactly eight lines, as a Manager of 2017 printed them; 3.4.6 has more.
pub(super) fn physical_disk(out: &mut Lines, object: &Object, disk: &PhysicalDisk) {
    let estate = out.estate;
    out.gib("Size (GiB)", disk.size);
    out.flag("Shareable", disk.shareable);
    out.put("Page83 ID", &disk.wwid);
    let is_newest = out.switches.dialect >= Dialect::V34;
    if is_newest {
        out.put("Device Names", format!("/dev/mapper/{}", disk.wwid));
    }
    out.flag("Thin Provision", true);
    out.refer("VolumeGroup", &disk.volume_group);
    let array = estate
        .get::<VolumeGroup>(&disk.volume_group)
        .map(|group| estate.name_of(&group.array));
    out.put("San Server", array.unwrap_or_default());
    if is_newest {
        users(out, &object.id);
    }
}

pub(super) fn virtual_disk(out: &mut Lines, object: &Object, disk: &VirtualDisk) {
    out.gib("Max (GiB)", disk.size);
    out.gib("Used (GiB)", disk.used);
    out.flag("Shareable", disk.shareable);
    out.refer("Repository Id", &disk.repository);
    if out.switches.disks_name_mappings {
        users(out, &object.id);
    }
}

pub(super) fn virtual_cdrom(out: &mut Lines, object: &Object, cdrom: &VirtualCdrom) {
    out.gib("Size (GiB)", cdrom.size);
    out.refer("Repository Id", &cdrom.repository);
    users(out, &object.id);
}

/// Six lines, of which one names the disk; the common part adds id and name. In 3.2 that one is the same for whatever is
/// in the slot.
pub(super) fn mapping(out: &mut Lines, mapping: &VmDiskMapping) {
    out.put("Slot", mapping.slot);
    out.flag("Emulated Block Device", false);
    match &mapping.disk {
        disk if out.switches.dialect == Dialect::V32 => match disk.id() {
            Some(id) => out.refer("Virtual Disk Id", id),
            None => out.put("Virtual Disk Id", "EMPTY_CDROM"),
        },
        MappedDisk::Virtual(id) => out.refer("Virtual Disk", id),
        MappedDisk::Physical(id) => out.refer("Physical Disk", id),
        MappedDisk::Cdrom(id) => out.refer("Virtual Cd", id),
        MappedDisk::EmptyCdrom => out.put("Virtual Cd", "EMPTY_CDROM"),
    }
    out.refer("Vm", &mapping.vm);
}

/// The mappings that use a disk.
fn users(out: &mut Lines, disk: &str) {
    out.refer_to("VmDiskMapping", disk, Kind::VmDiskMapping);
}
