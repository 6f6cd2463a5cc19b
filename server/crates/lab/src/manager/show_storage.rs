//! `show` of everything that holds bytes.

use super::show::{Lines, ids};
use crate::model::{
    FileServer, FileSystem, Kind, MappedDisk, Object, PhysicalDisk, Repository, VirtualCdrom, VirtualDisk, Vm,
    VmDiskMapping,
};

pub(super) fn file_server(out: &mut Lines, object: &Object, server: &FileServer) {
    let systems = ids::<FileSystem>(out.estate, |system| system.file_server == object.id);
    out.put("Access Host", &server.access_host);
    let plugin = match server.access_host.as_str() {
        "" => "oracle.ocfs2.OCFS2.OCFS2Plugin (0.1.0-54)  [Oracle OCFS2 File system]",
        _ => "oracle.generic.NFSPlugin.GenericNFSPlugin (1.1.0)  [Oracle Generic Network File System]",
    };
    out.put("FileServer Plugin", plugin);
    out.refer_all("Admin Server", server.admin_servers.iter().map(String::as_str));
    out.refer_all("File System", systems.iter().map(String::as_str));
}

pub(super) fn file_system(out: &mut Lines, object: &Object, system: &FileSystem) {
    let repositories = ids::<Repository>(out.estate, |repository| repository.file_system == object.id);
    out.gib("Size (GiB)", system.size);
    out.refer("File Server", &system.file_server);
    out.refer_if("Physical Disk", system.physical_disk.as_deref());
    out.flag("Refreshed", true);
    out.refer_all("Repository", repositories.iter().map(String::as_str));
}

pub(super) fn repository(out: &mut Lines, object: &Object, repository: &Repository) {
    let estate = out.estate;
    out.refer("File System", &repository.file_system);
    if let Some(system) = estate.get::<FileSystem>(&repository.file_system) {
        out.gib("File System Size (GiB)", system.size);
    }
    out.gib("File System Free (GiB)", repository.free);
    if let Some((manager, _)) = estate.objects.iter().find(|(_, object)| object.kind() == Kind::Manager) {
        out.put("Manager UUID", manager);
    }
    out.refer_all("Presented Server", repository.presented.iter().map(String::as_str));
    let here = &object.id;
    for (key, found) in [
        (
            "VirtualCdrom",
            ids::<VirtualCdrom>(estate, |cdrom| cdrom.repository == *here),
        ),
        (
            "VirtualDisk",
            ids::<VirtualDisk>(estate, |disk| disk.repository == *here),
        ),
        ("Vm", ids::<Vm>(estate, |vm| vm.repository == *here)),
    ] {
        out.refer_all(key, found.iter().map(String::as_str));
    }
}

pub(super) fn physical_disk(out: &mut Lines, object: &Object, disk: &PhysicalDisk) {
    out.gib("Size (GiB)", disk.size);
    out.flag("Shareable", disk.shareable);
    out.put("Page83 ID", &disk.wwid);
    out.put("Device Names", format!("/dev/mapper/{}", disk.wwid));
    out.flag("Thin Provision", true);
    let group = "Generic_SAN_Volume_Group @ Unmanaged FibreChannel Storage Array  [FibreChannel Volume Group]";
    out.put("VolumeGroup", group);
    out.put("San Server", "Unmanaged FibreChannel Storage Array");
    users(out, &object.id);
}

pub(super) fn virtual_disk(out: &mut Lines, object: &Object, disk: &VirtualDisk) {
    out.gib("Max (GiB)", disk.size);
    out.gib("Used (GiB)", disk.used);
    out.flag("Shareable", disk.shareable);
    out.refer("Repository Id", &disk.repository);
    users(out, &object.id);
}

pub(super) fn virtual_cdrom(out: &mut Lines, object: &Object, cdrom: &VirtualCdrom) {
    out.gib("Size (GiB)", cdrom.size);
    out.refer("Repository Id", &cdrom.repository);
    users(out, &object.id);
}

/// Six lines, of which one names the disk; the common part adds id and name.
pub(super) fn mapping(out: &mut Lines, mapping: &VmDiskMapping) {
    out.put("Slot", mapping.slot);
    out.flag("Emulated Block Device", false);
    match &mapping.disk {
        MappedDisk::Virtual(id) => out.refer("Virtual Disk", id),
        MappedDisk::Physical(id) => out.refer("Physical Disk", id),
        MappedDisk::Cdrom(id) => out.refer("Virtual Cd", id),
        MappedDisk::EmptyCdrom => out.put("Virtual Cd", "EMPTY_CDROM"),
    }
    out.refer("Vm", &mapping.vm);
}

/// The mappings that use a disk.
pub(super) fn users(out: &mut Lines, disk: &str) {
    let users: Vec<_> = out.estate.users_of(disk).map(|(object, _)| object.id.clone()).collect();
    out.refer_all("VmDiskMapping", users.iter().map(String::as_str));
}
