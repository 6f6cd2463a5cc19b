//! What a machine is put together from: disks, disk mappings, network cards, and the plans of clones.

use super::grammar::invalid;
use super::job::{Outcome, Work};
use super::lookup::{self, Names};
use super::reply::CliError;
use crate::model::{
    Body, CloneType, Estate, Kind, MappedDisk, Network, NetworkMapping, Repository, StorageMapping, VirtualDisk, Vm,
    VmCloneCustomizer, VmDiskMapping, VmStatus, Vnic,
};
use crate::switches::Dialect;

const GIB: u64 = 1 << 30;

impl Work {
    pub(super) fn create_disk(&self) -> Result<String, CliError> {
        let repository = self.target()?.to_owned();
        self.read(|estate| usable(estate, &repository))?;
        let size = self.number("size").unwrap_or(1) * GIB;
        let sparse = self.flag("sparse") == Some(true);
        let id = self.change(|estate| estate.new_id(Kind::VirtualDisk));
        let made = self.manager.storage.create_disk(&repository, &id, size, sparse);
        made.map_err(|error| {
            CliError::coded(
                "OVMRU_005002E",
                &format!("The virtual disk could not be created: {error}"),
            )
        })?;
        let body = Body::VirtualDisk(VirtualDisk {
            repository,
            size,
            used: if sparse { 0 } else { size },
            shareable: self.flag("shareable") == Some(true),
            cloned: false,
        });
        self.insert_as(id, body)
    }

    /// `resize` makes disk files longer, never shorter.
    pub(super) async fn resize(&self) -> Outcome {
        self.step(300).await?;
        self.grow(self.subject()?)?;
        Ok(None)
    }

    /// `size=` of `resize`, and of `edit VirtualDisk` in 3.2.
    pub(super) fn grow(&self, id: &str) -> Result<(), CliError> {
        let size = self.number("size").unwrap_or(1) * GIB;
        let disk = self.read(|estate| estate.get::<VirtualDisk>(id).cloned());
        let Some(disk) = disk else {
            let text = "The plug-in of the storage array cannot resize physical disks.";
            return Err(CliError::coded("OVMRU_005004E", text));
        };
        if size <= disk.size {
            let text = "The new size must be larger than the size that the disk has.";
            return Err(CliError::coded("OVMRU_005005E", text));
        }
        let grown = self.manager.storage.grow_disk(&disk.repository, id, size);
        grown.map_err(|error| {
            CliError::coded(
                "OVMRU_005002E",
                &format!("The virtual disk could not be resized: {error}"),
            )
        })?;
        self.change(|estate| estate.update(id, |disk: &mut VirtualDisk| disk.size = size));
        Ok(())
    }

    pub(super) fn create_mapping(&self) -> Result<String, CliError> {
        let vm = self.target()?.to_owned();
        let slot = self.number("slot").unwrap_or_default();
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
        let storage = &self.manager.storage;
        self.read(|estate| storage.rewrite_vm_cfg(estate, &vm));
        let running = self.read(|estate| estate.get::<Vm>(&vm).is_some_and(|vm| vm.status == VmStatus::Running));
        if running && !cdrom {
            storage.detach(&vm);
            let attached = self.read(|estate| storage.attach(estate, &vm));
            attached.map_err(|error| {
                CliError::coded("OVMAPI_5001E", &format!("The disk could not be attached: {error}"))
            })?;
        }
        Ok(id)
    }

    fn mapped_disk(&self, estate: &Estate) -> Result<MappedDisk, CliError> {
        let physical = self.named_if(estate, Kind::PhysicalDisk, "physicalDisk")?;
        let file = self.named_if(estate, Kind::VirtualDisk, "virtualDisk")?;
        if self.manager.switches.dialect == Dialect::V32 {
            return self.storage_device(estate);
        }
        match (physical, file, self.command.attribute("virtualCd")) {
            (Some(id), None, None) => Ok(MappedDisk::Physical(id)),
            (None, Some(id), None) => Ok(MappedDisk::Virtual(id)),
            (None, None, Some(value)) => cdrom(estate, self.manager.names(), value),
            _ => Err(CliError::syntax(
                "give exactly one of physicalDisk, virtualDisk and virtualCd",
            )),
        }
    }

    /// `storageDevice=` of 3.2 takes whatever can be in a slot; without it the slot holds an empty CD drive.
    fn storage_device(&self, estate: &Estate) -> Result<MappedDisk, CliError> {
        let Some(device) = self.command.attribute("storageDevice") else {
            return Ok(MappedDisk::EmptyCdrom);
        };
        let names = self.manager.names();
        let find = |kind| lookup::reference(estate, names, kind, device);
        find(Kind::VirtualDisk)
            .map(MappedDisk::Virtual)
            .or_else(|_| find(Kind::PhysicalDisk).map(MappedDisk::Physical))
            .or_else(|_| cdrom(estate, names, device))
    }

    /// `create Vnic` of 3.2: a card that belongs to no machine yet, with its address as its name.
    fn create_free_vnic(&self) -> Result<String, CliError> {
        let body = self.read(|estate| {
            let network = self.named(estate, Kind::Network, "network")?;
            carries_machines(estate, &network)?;
            Ok(Vnic {
                vm: None,
                mac: free_mac(estate, self.required("name")?, None)?,
                network: Some(network),
                order: 0,
            })
        })?;
        self.insert(Body::Vnic(body))
    }

    /// `add Vnic inst to Vm inst` of 3.2, and its contrary.
    pub(super) fn put_into_machine(&self, vnic: &str, vm: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let owner = estate.get::<Vnic>(vnic).and_then(|card| card.vm.clone());
            let fits = match adds {
                true => owner.is_none(),
                false => owner.as_deref() == Some(vm),
            };
            if !fits {
                let text = "The Vnic belongs to another Vm, or to none.";
                return Err(CliError::coded("OVMAPI_4039E", text));
            }
            let order = estate.vnics_of(vm).last().map_or(0, |(_, last)| last.order + 1);
            estate.update(vnic, |card: &mut Vnic| {
                card.vm = adds.then(|| vm.to_owned());
                card.order = order;
            });
            self.manager.storage.rewrite_vm_cfg(estate, vm);
            Ok(None)
        })
    }

    pub(super) fn create_vnic(&self) -> Result<String, CliError> {
        if self.manager.switches.dialect == Dialect::V32 {
            return self.create_free_vnic();
        }
        let vm = self.target()?.to_owned();
        let network = self.read(|estate| {
            let network = self.named(estate, Kind::Network, "network")?;
            carries_machines(estate, &network)?;
            Ok(network)
        })?;
        let mac = match self.command.attribute("macAddress") {
            Some(_) if !self.manager.switches.create_vnic_takes_mac => {
                return Err(CliError::syntax("macAddress is not an attribute of this command"));
            }
            Some(mac) => self.read(|estate| free_mac(estate, mac, None))?,
            None => self.change(Estate::new_mac),
        };
        let order = self.read(|estate| estate.vnics_of(&vm).last().map_or(0, |(_, vnic)| vnic.order + 1));
        let body = Vnic {
            vm: Some(vm.clone()),
            mac,
            network: Some(network),
            order,
        };
        let id = self.insert(Body::Vnic(body))?;
        self.read(|estate| self.manager.storage.rewrite_vm_cfg(estate, &vm));
        Ok(id)
    }

    pub(super) fn create_storage_mapping(&self) -> Result<String, CliError> {
        let customizer = self.target()?.to_owned();
        let clone_type = self.required("cloneType")?;
        let body = self.read(|estate| {
            let mapping = self.named(estate, Kind::VmDiskMapping, "vmDiskMapping")?;
            let owner = estate.get::<VmDiskMapping>(&mapping).map(|mapping| mapping.vm.as_str());
            belongs(estate, &customizer, owner, "disk mapping")?;
            Ok(StorageMapping {
                customizer,
                mapping,
                clone_type: CloneType::parse(clone_type).ok_or_else(|| invalid("cloneType", clone_type))?,
                target: self
                    .clone_target(estate)?
                    .ok_or_else(|| CliError::syntax("give exactly one of physicalDisk, repository and storageArray"))?,
            })
        })?;
        self.insert(Body::VmCloneStorageMapping(body))
    }

    /// The one place for a clone that the command names.
    pub(super) fn clone_target(&self, estate: &Estate) -> Result<Option<String>, CliError> {
        let targets = [
            self.named_if(estate, Kind::Repository, "repository")?,
            self.named_if(estate, Kind::PhysicalDisk, "physicalDisk")?,
            self.named_if(estate, Kind::StorageArray, "storageArray")?,
        ];
        let mut targets = targets.into_iter().flatten();
        match (targets.next(), targets.next()) {
            (target, None) => Ok(target),
            _ => Err(CliError::syntax(
                "give exactly one of physicalDisk, repository and storageArray",
            )),
        }
    }

    pub(super) fn create_network_mapping(&self) -> Result<String, CliError> {
        let customizer = self.target()?.to_owned();
        let body = self.read(|estate| {
            let vnic = self.named(estate, Kind::Vnic, "vnic")?;
            let owner = estate.get::<Vnic>(&vnic).and_then(|vnic| vnic.vm.as_deref());
            belongs(estate, &customizer, owner, "network card")?;
            Ok(NetworkMapping {
                customizer,
                vnic,
                network: self.named(estate, Kind::Network, "network")?,
            })
        })?;
        self.insert(Body::VmCloneNetworkMapping(body))
    }
}

fn belongs(estate: &Estate, customizer: &str, owner: Option<&str>, what: &str) -> Result<(), CliError> {
    let customizer = estate.get::<VmCloneCustomizer>(customizer);
    match customizer.map(|customizer| customizer.vm.as_str()) == owner {
        true => Ok(()),
        false => Err(CliError::coded(
            "OVMAPI_4030E",
            &format!("The {what} does not belong to the customizer's Vm."),
        )),
    }
}

/// Machines can only be plugged into networks that are for machines.
pub(super) fn carries_machines(estate: &Estate, network: &str) -> Result<(), CliError> {
    let role = "VIRTUAL_MACHINE";
    match estate.get::<Network>(network) {
        Some(found) if found.roles.iter().any(|known| known == role) => Ok(()),
        _ => Err(CliError::coded(
            "OVMAPI_4035E",
            &format!("The network {} does not have the role {role}.", estate.name_of(network)),
        )),
    }
}

/// A repository can only be written to through a server that has it mounted.
pub(super) fn usable(estate: &Estate, repository: &str) -> Result<(), CliError> {
    let found = estate.get::<Repository>(repository);
    let name = estate.name_of(repository);
    match found {
        Some(found) if !found.owned => Err(CliError::coded(
            "OVMAPI_4036E",
            &format!("The repository {name} is owned by another Manager."),
        )),
        Some(found) if found.presented.is_empty() => Err(CliError::coded(
            "OVMAPI_4037E",
            &format!("The repository {name} is not presented to any server."),
        )),
        _ => Ok(()),
    }
}

/// The disc that `virtualCd=` names.
pub(super) fn cdrom(estate: &Estate, names: Names, value: &str) -> Result<MappedDisk, CliError> {
    if value.eq_ignore_ascii_case("EMPTY_CDROM") {
        return Ok(MappedDisk::EmptyCdrom);
    }
    let id = lookup::reference(estate, names, Kind::VirtualCdrom, value)?;
    Ok(MappedDisk::Cdrom(id))
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
        Some(Body::PhysicalDisk(disk)) => {
            if let Some(system) = estate.objects.referrers(id, Kind::FileSystem).next() {
                let text = format!("The physical disk holds the file system {}.", system.name);
                return Err(CliError::coded("OVMAPI_4038E", &text));
            }
            disk.shareable
        }
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
    if !is_octets(&mac, 6) {
        return Err(invalid("macAddress", &mac));
    }
    let mut with_mac = estate.with_mac(&mac);
    let taken = with_mac.any(|(object, _)| Some(object.id.as_str()) != own);
    drop(with_mac);
    match taken {
        true => Err(CliError::coded(
            "OVMAPI_4034E",
            &format!("The MAC address {mac} is in use."),
        )),
        false => Ok(mac),
    }
}

/// Whether the text is so many octets in hex with colons.
pub(super) fn is_octets(text: &str, count: usize) -> bool {
    let octets: Vec<_> = text.split(':').collect();
    octets.len() == count
        && octets
            .iter()
            .all(|octet| octet.len() == 2 && u8::from_str_radix(octet, 16).is_ok())
}
