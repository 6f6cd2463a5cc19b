//! Repositories, disks and CD images.

use super::{ReadError, bag::Bag};
use crate::{
    estate::{Kind, Object, PhysicalDisk, Repository, RepositoryKind, VirtualCdrom, VirtualDisk},
    ids::{CdromId, DiskId, FileServerId, FileSystemId, PhysicalDiskId, RepositoryId, ServerId},
    ovmcli::{Answer, Item},
};

/// A repository from `show Repository`. Its kind is known only if the file system's name tells; see [`settle_kind`].
pub fn repository(item: &Item, answer: &Answer) -> Result<Repository, ReadError> {
    let mut bag = Bag::new("Repository", item, answer)?;
    let file_system = bag.reference("File System");
    let name = file_system
        .as_ref()
        .map(|reference| reference.name.clone())
        .filter(|name| !name.is_empty());
    Ok(Repository {
        id: RepositoryId::new(&item.id),
        name: bag.name.clone(),
        file_system: file_system.map(|reference| FileSystemId::new(reference.id)),
        kind: name.as_deref().map_or(RepositoryKind::Unknown, kind_of_name),
        file_system_name: name,
        file_server: None,
        free_bytes: bag.size("File System Free (GiB)")?,
        presented_to: bag
            .references("Presented Server")
            .into_iter()
            .map(|server| ServerId::new(server.id))
            .collect(),
        other: bag.rest(),
    })
}

/// Tells the kind of a repository from its file system and file server, as far as they are known. A file system on a
/// LUN, or served by a server's own file server, is OCFS2; one of a network file server is NFS.
pub fn settle_kind(
    mut repository: Repository,
    file_system: Option<&Object>,
    file_server: Option<&Object>,
) -> Repository {
    let mut links = file_system.iter().flat_map(|object| &object.links);
    let server = links.find(|link| link.kind == Kind::FileServer);
    repository.file_server = server.map(|server| FileServerId::new(&server.id));
    let on_lun = file_system.is_some_and(|object| object.link(Kind::PhysicalDisk).is_some());
    let told = [
        repository.kind,
        server.map_or(RepositoryKind::Unknown, |server| kind_of_name(&server.name)),
        file_server.map_or(RepositoryKind::Unknown, kind_of_plugin),
        if on_lun {
            RepositoryKind::Ocfs2
        } else {
            RepositoryKind::Unknown
        },
    ];
    let known = told.into_iter().find(|kind| *kind != RepositoryKind::Unknown);
    repository.kind = known.unwrap_or(repository.kind);
    repository
}

/// The Manager names network file systems `nfs:...` or `nfs on ...`, and a server's own file server `Local FS ...`.
fn kind_of_name(name: &str) -> RepositoryKind {
    let name = name.to_lowercase();
    if name.starts_with("nfs:") || name.starts_with("nfs on ") {
        RepositoryKind::Nfs
    } else if name.starts_with("local fs") {
        RepositoryKind::Ocfs2
    } else {
        RepositoryKind::Unknown
    }
}

fn kind_of_plugin(file_server: &Object) -> RepositoryKind {
    let plugins = file_server
        .attributes
        .iter()
        .filter(|(key, _)| key.to_lowercase().contains("plugin"));
    for (_, plugin) in plugins {
        let value = plugin.to_lowercase();
        if value.contains("network file system") || value.contains("nfs") {
            return RepositoryKind::Nfs;
        }
        if value.contains("ocfs2") || value.contains("local") {
            return RepositoryKind::Ocfs2;
        }
    }
    RepositoryKind::Unknown
}

/// A virtual disk from `show VirtualDisk`.
pub fn virtual_disk(item: &Item, answer: &Answer) -> Result<VirtualDisk, ReadError> {
    let mut bag = Bag::new("VirtualDisk", item, answer)?;
    Ok(VirtualDisk {
        id: DiskId::new(&item.id),
        name: bag.name.clone(),
        repository: bag
            .reference("Repository")
            .map(|repository| RepositoryId::new(repository.id)),
        size_bytes: bag.size("Max (GiB)")?,
        used_bytes: bag.size("Used (GiB)")?,
        shareable: bag.flag("Shareable"),
        other: bag.rest(),
    })
}

/// A CD image from `show VirtualCdrom`.
pub fn cdrom(item: &Item, answer: &Answer) -> Result<VirtualCdrom, ReadError> {
    let mut bag = Bag::new("VirtualCdrom", item, answer)?;
    Ok(VirtualCdrom {
        id: CdromId::new(&item.id),
        name: bag.name.clone(),
        repository: bag
            .reference("Repository")
            .map(|repository| RepositoryId::new(repository.id)),
        other: bag.rest(),
    })
}

/// A LUN from `show PhysicalDisk`.
pub fn physical_disk(item: &Item, answer: &Answer) -> Result<PhysicalDisk, ReadError> {
    let mut bag = Bag::new("PhysicalDisk", item, answer)?;
    Ok(PhysicalDisk {
        id: PhysicalDiskId::new(&item.id),
        name: bag.name.clone(),
        wwid: bag.text("Page83 ID"),
        size_bytes: bag.size("Size (GiB)")?,
        shareable: bag.flag("Shareable"),
        other: bag.rest(),
    })
}
