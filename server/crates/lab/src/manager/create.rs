//! `create`.

use super::job::{Outcome, Work};
use super::reply::CliError;
use super::{lookup, vmcfg};
use crate::model::{
    Body, CloneType, Estate, Kind, MappedDisk, Repository, StorageMapping, Tag, VirtualDisk, Vm, VmCloneCustomizer,
    VmDiskMapping, VmStatus, Vnic,
};
use std::fs::OpenOptions;

const GIB: u64 = 1 << 30;

impl Work {
    /// Makes an object and returns its id.
    pub(super) async fn create(&self) -> Outcome {
        self.step(150).await?;
        let id = match lookup::kind(self.command.object_type.as_deref())? {
            Kind::Vm => self.create_vm()?,
            Kind::VirtualDisk => self.create_disk()?,
            Kind::VmDiskMapping => self.create_mapping()?,
            Kind::Vnic => self.create_vnic()?,
            Kind::VmCloneStorageMapping => self.create_storage_mapping()?,
            Kind::VmCloneCustomizer => {
                let vm = self.target()?.to_owned();
                self.insert(Body::VmCloneCustomizer(VmCloneCustomizer { vm }))?
            }
            Kind::Tag => self.insert(Body::Tag(Tag::default()))?,
            kind => return Err(CliError::syntax(&format!("create does not take {}", kind.as_str()))),
        };
        Ok(Some(id))
    }

    /// Enters an object with the command's name and description.
    pub(super) fn insert(&self, body: Body) -> Result<String, CliError> {
        let id = self.change(|estate| estate.new_id(body.kind()));
        self.insert_as(id, body)
    }

    pub(super) fn insert_as(&self, id: String, body: Body) -> Result<String, CliError> {
        let name = self.required("name")?;
        let description = self.command.attribute("description").unwrap_or_default();
        self.change(|estate| {
            let id = estate.add_as(id, name, body);
            if let Some(object) = estate.objects.get_mut(&id) {
                description.clone_into(&mut object.description);
            }
            Ok(id)
        })
    }

    fn create_disk(&self) -> Result<String, CliError> {
        let repository = self.target()?.to_owned();
        let size = self.required("size")?;
        let gib = size.parse().ok().filter(|gib| (1..=1_000_000).contains(gib));
        let gib: u64 = gib.ok_or_else(|| invalid("size", size))?;
        let sparse = boolean("sparse", self.required("sparse")?)?;
        let shareable = boolean("shareable", self.required("shareable")?)?;
        let id = self.change(|estate| estate.new_id(Kind::VirtualDisk));
        let path = self.manager.files.disk(&repository, &id);
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|file| {
                file.set_len(gib * GIB)?;
                if sparse {
                    return Ok(());
                }
                rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, gib * GIB).map_err(Into::into)
            });
        if let Err(error) = made {
            // What could not be allocated must not stay.
            let _ = std::fs::remove_file(&path);
            return Err(CliError::coded(
                "OVMRU_005002E",
                &format!("The virtual disk could not be created: {error}"),
            ));
        }
        let body = Body::VirtualDisk(VirtualDisk {
            repository,
            size: gib * GIB,
            used: if sparse { 0 } else { gib * GIB },
            shareable,
            cloned: false,
        });
        self.insert_as(id, body)
    }

    fn create_mapping(&self) -> Result<String, CliError> {
        let vm = self.target()?.to_owned();
        let slot = self.required("slot")?;
        let slot = slot
            .parse()
            .ok()
            .filter(|slot| *slot <= 1_000_000)
            .ok_or_else(|| invalid("slot", slot))?;
        let disk = self.read(|estate| {
            let disk = self.mapped_disk(estate)?;
            may_map(estate, &vm, slot, &disk)?;
            Ok(disk)
        })?;
        let cdrom = matches!(disk, MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom);
        let body = VmDiskMapping {
            vm: vm.clone(),
            slot,
            disk,
        };
        let id = self.insert(Body::VmDiskMapping(body))?;
        self.change(|estate| vmcfg::rewrite(&self.manager.files, estate, &vm));
        let running = self.read(|estate| estate.get::<Vm>(&vm).is_some_and(|vm| vm.status == VmStatus::Running));
        if running && !cdrom {
            self.manager.live.detach(&vm);
            let attached = self.read(|estate| self.manager.live.attach(&self.manager.files, estate, &vm));
            attached.map_err(|error| {
                CliError::coded("OVMAPI_5001E", &format!("The disk could not be attached: {error}"))
            })?;
        }
        Ok(id)
    }

    fn mapped_disk(&self, estate: &Estate) -> Result<MappedDisk, CliError> {
        let attribute = |key: &str| self.command.attribute(key);
        match (
            attribute("physicalDisk"),
            attribute("virtualDisk"),
            attribute("virtualCd"),
        ) {
            (Some(value), None, None) => Ok(MappedDisk::Physical(lookup::reference(
                estate,
                Kind::PhysicalDisk,
                value,
            )?)),
            (None, Some(value), None) => Ok(MappedDisk::Virtual(lookup::reference(
                estate,
                Kind::VirtualDisk,
                value,
            )?)),
            (None, None, Some(value)) => cdrom(estate, value),
            _ => Err(CliError::syntax(
                "give exactly one of physicalDisk, virtualDisk and virtualCd",
            )),
        }
    }

    fn create_vnic(&self) -> Result<String, CliError> {
        let vm = self.target()?.to_owned();
        let network = self.required("network")?;
        let network = self.read(|estate| lookup::reference(estate, Kind::Network, network))?;
        let mac = match self.command.attribute("macAddress") {
            Some(mac) => self.read(|estate| free_mac(estate, mac, None))?,
            None => self.change(Estate::new_mac),
        };
        let order = self.read(|estate| estate.vnics_of(&vm).last().map_or(0, |(_, vnic)| vnic.order + 1));
        let body = Vnic {
            vm: Some(vm.clone()),
            mac,
            network,
            order,
        };
        let id = self.insert(Body::Vnic(body))?;
        self.change(|estate| vmcfg::rewrite(&self.manager.files, estate, &vm));
        Ok(id)
    }

    fn create_storage_mapping(&self) -> Result<String, CliError> {
        let customizer = self.target()?.to_owned();
        let clone_type = self.required("cloneType")?;
        let clone_type = CloneType::parse(clone_type).ok_or_else(|| invalid("cloneType", clone_type))?;
        let repository = self.command.attribute("repository");
        let repository =
            repository.ok_or_else(|| CliError::not_simulated("clones to physical disks and storage arrays"))?;
        let body = self.read(|estate| {
            let mapping = lookup::reference(estate, Kind::VmDiskMapping, self.required("vmDiskMapping")?)?;
            let source = estate
                .get::<VmCloneCustomizer>(&customizer)
                .map(|customizer| customizer.vm.as_str());
            let owner = estate.get::<VmDiskMapping>(&mapping).map(|mapping| mapping.vm.as_str());
            if source != owner {
                return Err(CliError::coded(
                    "OVMAPI_4030E",
                    "The disk mapping does not belong to the customizer's Vm.",
                ));
            }
            let repository = lookup::reference(estate, Kind::Repository, repository)?;
            Ok(StorageMapping {
                customizer,
                mapping,
                clone_type,
                repository,
            })
        })?;
        self.insert(Body::VmCloneStorageMapping(body))
    }
}

/// The disc that `virtualCd=` names.
pub(super) fn cdrom(estate: &Estate, value: &str) -> Result<MappedDisk, CliError> {
    if value.eq_ignore_ascii_case("EMPTY_CDROM") {
        return Ok(MappedDisk::EmptyCdrom);
    }
    Ok(MappedDisk::Cdrom(lookup::reference(estate, Kind::VirtualCdrom, value)?))
}

/// Whether a disk may come into a slot.
fn may_map(estate: &Estate, vm: &str, slot: u32, disk: &MappedDisk) -> Result<(), CliError> {
    if estate.mappings_of(vm).iter().any(|(_, mapping)| mapping.slot == slot) {
        return Err(CliError::coded(
            "OVMAPI_4031E",
            &format!("Slot {slot} of the Vm is in use."),
        ));
    }
    let Some(id) = disk.id() else { return Ok(()) };
    let shareable = match estate.objects.get(id).map(|object| &object.body) {
        Some(Body::VirtualDisk(disk)) => disk.shareable && reachable(estate, vm, &disk.repository)?,
        Some(Body::PhysicalDisk(disk)) => disk.shareable,
        _ => true,
    };
    if !shareable && estate.users_of(id).next().is_some() {
        let text = format!(
            "The disk {} is not shareable and is mapped to a Vm already.",
            estate.name_of(id)
        );
        return Err(CliError::coded("OVMAPI_4032E", &text));
    }
    Ok(())
}

/// A server can only use what is presented to it.
fn reachable(estate: &Estate, vm: &str, repository: &str) -> Result<bool, CliError> {
    let server = estate.get::<Vm>(vm).and_then(|vm| vm.server.as_ref());
    match (server, estate.get::<Repository>(repository)) {
        (Some(server), Some(found)) if !found.presented.contains(server) => Err(CliError::coded(
            "OVMAPI_4033E",
            &format!(
                "The repository {} is not presented to the server of the Vm.",
                estate.name_of(repository)
            ),
        )),
        _ => Ok(true),
    }
}

/// A hardware address that no other card has.
pub(super) fn free_mac(estate: &Estate, mac: &str, own: Option<&str>) -> Result<String, CliError> {
    let mac = mac.to_ascii_lowercase();
    let octets: Vec<_> = mac.split(':').collect();
    let valid = octets.len() == 6
        && octets
            .iter()
            .all(|octet| octet.len() == 2 && u8::from_str_radix(octet, 16).is_ok());
    if !valid {
        return Err(invalid("macAddress", &mac));
    }
    match estate
        .all::<Vnic>()
        .any(|(object, vnic)| vnic.mac == mac && Some(object.id.as_str()) != own)
    {
        true => Err(CliError::coded(
            "OVMAPI_4034E",
            &format!("The MAC address {mac} is in use."),
        )),
        false => Ok(mac),
    }
}

/// A value that the attribute does not take.
pub(super) fn invalid(key: &str, value: &str) -> CliError {
    CliError::syntax(&format!("{value} is not a value of {key}"))
}

/// Reads `Yes` or `No`.
pub(super) fn boolean(key: &str, value: &str) -> Result<bool, CliError> {
    match value.to_ascii_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(invalid(key, value)),
    }
}
