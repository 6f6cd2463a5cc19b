//! `delete`. What is in use stays; what is part of an object goes with it. Deleting a machine leaves its disks.

use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::model::{
    AccessGroup, Body, DomainType, Estate, Kind, MappedDisk, Object, Repository, StorageArray, Vm, VmDiskMapping,
    VmStatus,
};

/// Objects that keep an object of a kind from being deleted, as long as they refer to it.
const IN_USE_BY: &[(Kind, &[Kind])] = &[
    (Kind::VirtualDisk, &[Kind::VmDiskMapping]),
    (Kind::VirtualCdrom, &[Kind::VmDiskMapping]),
    (
        Kind::PhysicalDisk,
        &[
            Kind::VmDiskMapping,
            Kind::FileSystem,
            Kind::ServerPool,
            Kind::VmCloneStorageMapping,
        ],
    ),
    (
        Kind::Network,
        &[
            Kind::Vnic,
            Kind::Port,
            Kind::BondPort,
            Kind::VlanInterface,
            Kind::VmCloneNetworkMapping,
        ],
    ),
    (Kind::BondPort, &[Kind::VlanInterface, Kind::VlanGroup]),
    (Kind::VlanGroup, &[Kind::VlanSegment]),
    (Kind::VlanSegment, &[Kind::Network]),
    (Kind::FileServer, &[Kind::FileSystem]),
    (Kind::FileSystem, &[Kind::Repository, Kind::ServerPool]),
    (
        Kind::Repository,
        &[
            Kind::VirtualDisk,
            Kind::VirtualCdrom,
            Kind::Vm,
            Kind::RepositoryExport,
            Kind::VmCloneStorageMapping,
        ],
    ),
    (Kind::Server, &[Kind::Vm, Kind::Repository, Kind::RepositoryExport]),
    (Kind::ServerPool, &[Kind::Server, Kind::Vm]),
    (Kind::VolumeGroup, &[Kind::PhysicalDisk]),
    (Kind::StorageArray, &[Kind::VmCloneStorageMapping]),
];

/// Objects that go with the object that they refer to.
const PARTS: &[(Kind, &[Kind])] = &[
    (Kind::Vm, &[Kind::VmDiskMapping, Kind::Vnic, Kind::VmCloneCustomizer]),
    (
        Kind::VmCloneCustomizer,
        &[Kind::VmCloneStorageMapping, Kind::VmCloneNetworkMapping],
    ),
    (Kind::VlanSegment, &[Kind::VlanInterface]),
    (Kind::VmDiskMapping, &[Kind::VmCloneStorageMapping]),
    (Kind::Vnic, &[Kind::VmCloneNetworkMapping]),
    (
        Kind::Server,
        &[
            Kind::Port,
            Kind::BondPort,
            Kind::VlanInterface,
            Kind::FileServer,
            Kind::StorageInitiator,
        ],
    ),
    (Kind::ServerPool, &[Kind::AntiAffinityGroup]),
    (Kind::StorageArray, &[Kind::VolumeGroup, Kind::AccessGroup]),
];

fn listed(table: &'static [(Kind, &[Kind])], kind: Kind) -> &'static [Kind] {
    let mut rows = table.iter();
    rows.find(|(known, _)| *known == kind).map_or(&[], |(_, kinds)| *kinds)
}

impl Work {
    pub(super) async fn delete(&self) -> Outcome {
        self.step(150).await?;
        let id = self.subject()?;
        let object = self.read(|estate| {
            let object = estate.objects.get(id);
            let object = object.ok_or_else(|| CliError::coded("OVMAPI_4003E", "The object is gone."))?;
            unused(estate, object)?;
            allowed(estate, object)?;
            Ok(object.clone())
        })?;
        let storage = &self.manager.storage;
        let removed = match &object.body {
            Body::Vm(_) => self.read(|estate| storage.remove_vm(estate, id)),
            Body::VirtualDisk(disk) => storage.remove_disk(&disk.repository, id),
            Body::VirtualCdrom(cdrom) => storage.remove_iso(&cdrom.repository, id),
            Body::VmDiskMapping(mapping) => {
                storage.detach_slot(&mapping.vm, mapping.slot);
                Ok(())
            }
            _ => Ok(()),
        };
        removed
            .map_err(|error| CliError::coded("OVMRU_005003E", &format!("The file could not be removed: {error}")))?;
        self.change(|estate| {
            for part in parts(estate, &object) {
                forget(estate, &part);
            }
            let vm = match &object.body {
                Body::VmDiskMapping(mapping) => Some(&mapping.vm),
                Body::Vnic(vnic) => vnic.vm.as_ref(),
                _ => None,
            };
            if let Some(vm) = vm {
                storage.rewrite_vm_cfg(estate, vm);
            }
        });
        Ok(None)
    }
}

fn unused(estate: &Estate, object: &Object) -> Result<(), CliError> {
    let users = listed(IN_USE_BY, object.kind()).iter();
    let user = users
        .flat_map(|kind| estate.objects.referrers(&object.id, *kind))
        .find(|user| !matches!(&user.body, Body::VlanInterface(vlan) if vlan.segment.is_some()));
    match user {
        Some(user) => Err(CliError::coded(
            "OVMRU_005010E",
            &format!(
                "Cannot delete {}: it is in use by {} {}.",
                object.name,
                user.kind().as_str(),
                user.id
            ),
        )),
        None => Ok(()),
    }
}

/// What only the state of the object itself forbids.
fn allowed(estate: &Estate, object: &Object) -> Result<(), CliError> {
    let refuse = |code: &str, text: &str| Err(CliError::coded(code, text));
    match &object.body {
        Body::Vm(vm) if matches!(vm.status, VmStatus::Running | VmStatus::Suspended) => {
            refuse("OVMAPI_4050E", "A Vm that is not stopped cannot be deleted.")
        }
        Body::VmDiskMapping(VmDiskMapping { vm, disk, .. }) => {
            let cdrom = matches!(disk, MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom);
            match estate.get::<Vm>(vm).map(|vm| (vm.status, vm.domain_type)) {
                Some((VmStatus::Running, DomainType::XenHvm)) if !cdrom => refuse(
                    "OVMAPI_4051E",
                    "A disk cannot be detached from a running Vm without paravirtual drivers.",
                ),
                _ => Ok(()),
            }
        }
        Body::Repository(Repository { presented, .. }) if !presented.is_empty() => {
            refuse("OVMAPI_4052E", "The repository is presented to a server.")
        }
        Body::Server(server) if server.pool.is_some() => refuse("OVMAPI_4053E", "The server belongs to a server pool."),
        Body::FileServer(server) if server.access_host.is_empty() => {
            refuse("OVMAPI_4054E", "The local file server goes with its server.")
        }
        Body::BondPort(bond) if bond.interface.network.is_some() => {
            refuse("OVMAPI_4055E", "The bond carries a network.")
        }
        Body::VlanInterface(vlan) if vlan.interface.network.is_some() => {
            refuse("OVMAPI_4055E", "The VLAN interface carries a network.")
        }
        Body::StorageArray(StorageArray { unmanaged: true, .. }) => {
            refuse("OVMAPI_4056E", "The unmanaged storage arrays cannot be deleted.")
        }
        Body::StorageArray(_) => {
            let mut groups = estate.objects.referrers(&object.id, Kind::VolumeGroup);
            match groups.any(|group| estate.objects.referrers(&group.id, Kind::PhysicalDisk).next().is_some()) {
                true => refuse("OVMRU_005010E", "The storage array has physical disks."),
                false => Ok(()),
            }
        }
        Body::AccessGroup(AccessGroup { members, .. }) if !members.is_empty() => {
            refuse("OVMAPI_4057E", "The access group has members.")
        }
        _ => Ok(()),
    }
}

/// The object and everything that goes with it.
fn parts(estate: &Estate, object: &Object) -> Vec<String> {
    let mut found = vec![object.id.clone()];
    for kind in listed(PARTS, object.kind()) {
        for part in estate.objects.referrers(&object.id, *kind).filter(|part| goes(part)) {
            found.extend(parts(estate, part));
        }
    }
    found
}

/// A file server goes with its server only when it is the server's own.
fn goes(part: &Object) -> bool {
    match &part.body {
        Body::FileServer(server) => server.access_host.is_empty(),
        _ => true,
    }
}

/// Removes an object and every mention of it.
fn forget(estate: &mut Estate, id: &str) {
    estate.objects.remove(id);
    for other in estate.objects.all_referrers(id) {
        estate.objects.update(&other, |object| object.body.forget(id));
    }
}
