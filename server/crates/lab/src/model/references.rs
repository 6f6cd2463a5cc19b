//! Which objects an object names. The indices, `delete` and `show` all live on it.

use super::{Body, Interface};

impl Body {
    /// Ids of all objects that this one names; and the address of a network card, by which cards are found, too.
    pub fn references(&self) -> Vec<&str> {
        let mut ids: Vec<&String> = Vec::new();
        match self {
            Self::Manager | Self::FileServerPlugin | Self::StorageArrayPlugin | Self::Job(_) => {}
            Self::ServerPool(it) => ids.extend(it.master.iter().chain(&it.pool_file_system)),
            Self::Server(it) => ids.extend(&it.pool),
            Self::Port(it) => ids.extend(it.bond.iter().chain(of_interface(&it.interface))),
            Self::BondPort(it) => ids.extend(of_interface(&it.interface)),
            Self::VlanInterface(it) => {
                let own = [&it.parent].into_iter().chain(&it.segment);
                ids.extend(own.chain(of_interface(&it.interface)));
            }
            Self::VlanGroup(it) => ids.extend(&it.members),
            Self::VlanSegment(it) => ids.push(&it.group),
            Self::Network(it) => ids.extend(it.server.iter().chain(&it.segment)),
            Self::FileServer(it) => {
                ids.extend(
                    [&it.plugin]
                        .into_iter()
                        .chain(&it.admin_servers)
                        .chain(&it.refresh_servers),
                );
            }
            Self::FileSystem(it) => ids.extend([&it.file_server].into_iter().chain(&it.physical_disk)),
            Self::Repository(it) => ids.extend([&it.file_system].into_iter().chain(&it.presented)),
            Self::RepositoryExport(it) => ids.extend([&it.repository, &it.server]),
            Self::StorageArray(it) => ids.extend([&it.plugin].into_iter().chain(&it.admin_servers)),
            Self::VolumeGroup(it) => ids.push(&it.array),
            Self::AccessGroup(it) => ids.extend([&it.owner].into_iter().chain(&it.members)),
            Self::StorageInitiator(it) => ids.push(&it.server),
            Self::PhysicalDisk(it) => ids.extend([&it.volume_group].into_iter().chain(&it.servers)),
            Self::VirtualDisk(it) => ids.push(&it.repository),
            Self::VirtualCdrom(it) => ids.push(&it.repository),
            Self::Vm(it) => ids.extend([&it.repository].into_iter().chain(&it.pool).chain(&it.server)),
            Self::VmDiskMapping(it) => return [it.vm.as_str()].into_iter().chain(it.disk.id()).collect(),
            Self::Vnic(it) => ids.extend([&it.mac].into_iter().chain(&it.network).chain(&it.vm)),
            Self::Tag(it) => ids.extend(&it.members),
            Self::AntiAffinityGroup(it) => ids.extend([&it.pool].into_iter().chain(&it.vms)),
            Self::VmCloneCustomizer(it) => ids.push(&it.vm),
            Self::VmCloneStorageMapping(it) => ids.extend([&it.customizer, &it.mapping, &it.target]),
            Self::VmCloneNetworkMapping(it) => ids.extend([&it.customizer, &it.vnic, &it.network]),
        }
        ids.into_iter().map(String::as_str).collect()
    }

    /// Forgets an object that is gone, where this one can do without it.
    pub fn forget(&mut self, id: &str) {
        let list = |ids: &mut Vec<String>| ids.retain(|known| known != id);
        let one = |known: &mut Option<String>| {
            if known.as_deref() == Some(id) {
                *known = None;
            }
        };
        match self {
            Self::ServerPool(it) => one(&mut it.master),
            Self::Server(it) => one(&mut it.pool),
            Self::Port(it) => {
                one(&mut it.bond);
                one(&mut it.interface.network);
            }
            Self::BondPort(it) => one(&mut it.interface.network),
            Self::VlanInterface(it) => one(&mut it.interface.network),
            Self::VlanGroup(it) => list(&mut it.members),
            Self::FileServer(it) => {
                list(&mut it.admin_servers);
                list(&mut it.refresh_servers);
            }
            Self::Repository(it) => list(&mut it.presented),
            Self::StorageArray(it) => list(&mut it.admin_servers),
            Self::AccessGroup(it) => list(&mut it.members),
            Self::PhysicalDisk(it) => list(&mut it.servers),
            Self::Vm(it) => one(&mut it.server),
            Self::Tag(it) => list(&mut it.members),
            Self::AntiAffinityGroup(it) => list(&mut it.vms),
            _ => {}
        }
    }

    /// The interface of a port, bond or VLAN interface.
    pub fn interface(&self) -> Option<&Interface> {
        match self {
            Self::Port(it) => Some(&it.interface),
            Self::BondPort(it) => Some(&it.interface),
            Self::VlanInterface(it) => Some(&it.interface),
            _ => None,
        }
    }

    /// Mutable form of [`Self::interface`].
    pub fn interface_mut(&mut self) -> Option<&mut Interface> {
        match self {
            Self::Port(it) => Some(&mut it.interface),
            Self::BondPort(it) => Some(&mut it.interface),
            Self::VlanInterface(it) => Some(&mut it.interface),
            _ => None,
        }
    }
}

fn of_interface(interface: &Interface) -> impl Iterator<Item = &String> {
    [&interface.server].into_iter().chain(&interface.network)
}
