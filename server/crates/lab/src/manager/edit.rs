//! `edit`.

use super::create_disk::{carries_machines, cdrom, free_mac};
use super::create_vm;
use super::job::{Outcome, Work};
use super::reply::CliError;
use super::settle_vlans;
use crate::model::{Body, CloneType, Estate, Kind, MappedDisk, Vm, VmStatus, Vnic};
use crate::switches::Dialect;

impl Work {
    pub(super) async fn edit(&self) -> Outcome {
        self.step(100).await?;
        let id = self.subject()?;
        if self.command.acts_on("VirtualDisk") && self.command.attribute("size").is_some() {
            self.grow(id)?;
        }
        self.change(|estate| {
            let mut object = match estate.objects.get(id) {
                Some(object) => object.clone(),
                None => return Err(CliError::coded("OVMAPI_4003E", "The object is gone.")),
            };
            if let Some(name) = self.command.attribute("name") {
                name.clone_into(&mut object.name);
            }
            if let Some(description) = self.command.attribute("description") {
                description.clone_into(&mut object.description);
            }
            self.edit_body(estate, &mut object.body)?;
            estate.objects.insert(object);
            settle_vlans(estate);
            for vm in concerned(estate, id) {
                self.manager.storage.rewrite_vm_cfg(estate, &vm);
            }
            Ok(None)
        })
    }

    fn edit_body(&self, estate: &Estate, body: &mut Body) -> Result<(), CliError> {
        match body {
            Body::Vm(vm) => self.edit_vm(estate, vm)?,
            Body::VirtualDisk(disk) => disk.shareable = self.flag("shareable").unwrap_or(disk.shareable),
            Body::PhysicalDisk(disk) => disk.shareable = self.flag("shareable").unwrap_or(disk.shareable),
            Body::VmDiskMapping(mapping) => {
                if let Some(value) = self.command.attribute("virtualCd") {
                    if !matches!(mapping.disk, MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom) {
                        return Err(CliError::coded("OVMAPI_4041E", "The slot holds no CD drive."));
                    }
                    mapping.disk = cdrom(estate, self.manager.names(), value)?;
                }
            }
            Body::Vnic(vnic) => self.edit_vnic(estate, vnic)?,
            Body::VmCloneStorageMapping(mapping) => {
                let clone_type = self.command.attribute("cloneType").and_then(CloneType::parse);
                mapping.clone_type = clone_type.unwrap_or(mapping.clone_type);
                if let Some(target) = self.clone_target(estate)? {
                    mapping.target = target;
                }
            }
            Body::VmCloneNetworkMapping(mapping) => {
                if let Some(network) = self.named_if(estate, Kind::Network, "network")? {
                    mapping.network = network;
                }
            }
            Body::Network(network) => {
                let segment = self.segment(estate, self.subject.as_deref())?;
                network.segment = segment.or(network.segment.take());
                self.apply_roles(network)?;
            }
            Body::BondPort(bond) => self.apply_bond(bond),
            Body::Port(port) => port.interface.mtu = self.number("mtu").unwrap_or(port.interface.mtu),
            Body::VlanInterface(vlan) => vlan.interface.mtu = self.number("mtu").unwrap_or(vlan.interface.mtu),
            Body::ServerPool(pool) => self.edit_pool(estate, pool)?,
            Body::Server(server) => {
                server.maintenance = self.flag("maintenanceMode").unwrap_or(server.maintenance);
            }
            Body::FileServer(server) => self.apply_file_server(server),
            Body::StorageArray(array) => self.apply_array(array),
            Body::RepositoryExport(export) => {
                if let Some(options) = self.command.attribute("options") {
                    options.clone_into(&mut export.options);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// In 3.2 the name of a card is its address, and its network is edited, not added.
    fn edit_vnic(&self, estate: &Estate, vnic: &mut Vnic) -> Result<(), CliError> {
        let key = match self.manager.switches.dialect {
            Dialect::V32 => "name",
            Dialect::V33 | Dialect::V34 => "macAddress",
        };
        if let Some(mac) = self.command.attribute(key) {
            vnic.mac = free_mac(estate, mac, self.subject.as_deref())?;
        }
        if let Some(network) = self.named_if(estate, Kind::Network, "network")? {
            carries_machines(estate, &network)?;
            vnic.network = Some(network);
        }
        Ok(())
    }

    fn edit_vm(&self, estate: &Estate, vm: &mut Vm) -> Result<(), CliError> {
        if self.command.attribute("domainType").is_some() && vm.status == VmStatus::Running {
            return Err(CliError::coded(
                "OVMAPI_4040E",
                "The domain type of a running Vm cannot be changed.",
            ));
        }
        create_vm::apply(estate, self.manager.names(), &self.command, vm)?;
        create_vm::fits_the_pool(estate, vm)
    }
}

/// The machines whose definition names the object.
fn concerned(estate: &Estate, id: &str) -> Vec<String> {
    match estate.objects.get(id).map(|object| &object.body) {
        Some(Body::Vm(_)) => vec![id.to_owned()],
        Some(Body::VmDiskMapping(mapping)) => vec![mapping.vm.clone()],
        Some(Body::Vnic(vnic)) => vnic.vm.iter().cloned().collect(),
        Some(Body::VirtualDisk(_) | Body::PhysicalDisk(_)) => {
            estate.users_of(id).map(|(_, mapping)| mapping.vm.clone()).collect()
        }
        _ => Vec::new(),
    }
}
