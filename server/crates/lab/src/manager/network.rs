//! Networks, bonds, VLAN interfaces, and the addresses of interfaces.

use super::create_disk::{carries_machines, is_octets};
use super::grammar::invalid;
use super::job::{Outcome, Work};
use super::reply::CliError;
use super::settle_vlans;
use crate::model::{Body, BondPort, Estate, Interface, IpConfig, Kind, Network, Port, VlanInterface, Vnic};
use std::net::Ipv4Addr;

/// The role of the network that the Manager itself made.
const MANAGEMENT: &str = "MANAGEMENT";
/// Types that can carry a network.
pub(super) const INTERFACES: [Kind; 3] = [Kind::Port, Kind::BondPort, Kind::VlanInterface];

impl Work {
    pub(super) fn create_network(&self) -> Result<String, CliError> {
        let behind_on = self.target.as_ref().map(|(_, server)| server.clone());
        let mut network = self.read(|estate| {
            Ok(Network {
                server: behind_on.or(self.named_if(estate, Kind::Server, "server")?),
                segment: self.segment(estate, None)?,
                ..Network::default()
            })
        })?;
        self.apply_roles(&mut network)?;
        // The id is the name of the bridge on the servers; nobody can choose it.
        let id = self.change(|estate| format!("10{:08x}", estate.draw() >> 32));
        let id = self.insert_as(id, Body::Network(network))?;
        self.change(settle_vlans);
        Ok(id)
    }

    /// `vlanSegment=` of 3.2: a VLAN carries one network.
    pub(super) fn segment(&self, estate: &Estate, own: Option<&str>) -> Result<Option<String>, CliError> {
        let segment = self.named_if(estate, Kind::VlanSegment, "vlanSegment")?;
        let networks = segment.iter().flat_map(|segment| estate.of::<Network>(segment));
        let mut others = networks.filter(|(object, _)| Some(object.id.as_str()) != own);
        if let Some((other, _)) = others.next() {
            let text = format!("The VLAN segment carries the network {} already.", other.name);
            return Err(CliError::coded("OVMAPI_6032E", &text));
        }
        drop(others);
        Ok(segment)
    }

    /// `roles=`; without roles a network carries nothing.
    pub(super) fn apply_roles(&self, network: &mut Network) -> Result<(), CliError> {
        let Some(roles) = self.constant("roles") else {
            return Ok(());
        };
        let roles: Vec<_> = roles
            .split(',')
            .map(str::trim)
            .filter(|role| !role.is_empty())
            .collect();
        if network.server.is_some() && roles.iter().any(|role| *role != "VIRTUAL_MACHINE") {
            let text = "A local network can only have the role VIRTUAL_MACHINE.";
            return Err(CliError::coded("OVMAPI_6001E", text));
        }
        network.roles = roles.into_iter().map(str::to_owned).collect();
        Ok(())
    }

    pub(super) fn create_bond(&self) -> Result<String, CliError> {
        let server = self.target()?.to_owned();
        let (ports, name) = self.read(|estate| {
            let mut ports = self.named_all(estate, Kind::Port, "ethernetPorts")?;
            // 3.2 names them one by one.
            for key in ["ethernetPort1", "ethernetPort2"] {
                ports.extend(self.named_if(estate, Kind::Port, key)?);
            }
            if ports.len() < 2 {
                return Err(CliError::coded("OVMAPI_6010E", "A bond needs at least two ports."));
            }
            for port in &ports {
                free_port(estate, port, &server)?;
            }
            Ok((ports, self.bond_name(estate, &server)?))
        })?;
        let bond = BondPort {
            interface: Interface {
                mtu: self.number("mtu").unwrap_or(1500),
                ..Interface::new(&server, &name)
            },
            mode: self.bond_mode().unwrap_or_default(),
        };
        let id = self.insert(Body::BondPort(bond))?;
        self.change(|estate| {
            for port in &ports {
                estate.update(port, |port: &mut Port| port.bond = Some(id.clone()));
            }
        });
        Ok(id)
    }

    /// `interfaceName=`, else the next that is free.
    fn bond_name(&self, estate: &Estate, server: &str) -> Result<String, CliError> {
        let taken = |name: &str| {
            estate
                .of::<BondPort>(server)
                .any(|(_, bond)| bond.interface.name == name)
        };
        match self.command.attribute("interfaceName") {
            Some(name) if taken(name) => Err(CliError::coded(
                "OVMAPI_6011E",
                &format!("The server has a bond {name} already."),
            )),
            Some(name) => Ok(name.to_owned()),
            None => {
                let mut names = (0..).map(|number: u32| format!("bond{number}"));
                Ok(names.find(|name| !taken(name)).unwrap_or_default())
            }
        }
    }

    pub(super) fn apply_bond(&self, bond: &mut BondPort) {
        bond.interface.mtu = self.number("mtu").unwrap_or(bond.interface.mtu);
        bond.mode = self.bond_mode().unwrap_or_else(|| bond.mode.clone());
    }

    /// `mode=`, which 3.2 writes in its own way.
    fn bond_mode(&self) -> Option<String> {
        let mode = self.constant("mode")?;
        let modern = match mode.as_str() {
            "ACTIVEBACKUP" => "ACTIVE_PASSIVE",
            "LINKAGGREGATION" => "LINK_AGGREGATION",
            "ADAPTIVELOADBALANCING" => "LOAD_BALANCED",
            _ => return Some(mode),
        };
        Some(modern.to_owned())
    }

    pub(super) fn create_vlan(&self) -> Result<String, CliError> {
        let parent = self.target()?.to_owned();
        let vlan = self.number("vlanId").unwrap_or_default();
        let interface = self.read(|estate| {
            if estate.get::<Port>(&parent).is_some_and(|port| port.bond.is_some()) {
                return Err(CliError::coded("OVMAPI_6012E", "The port belongs to a bond."));
            }
            if estate.of::<VlanInterface>(&parent).any(|(_, known)| known.vlan == vlan) {
                let text = format!("{} has a VLAN interface {vlan} already.", estate.name_of(&parent));
                return Err(CliError::coded("OVMAPI_6013E", &text));
            }
            let below = estate.objects.get(&parent).and_then(|object| object.body.interface());
            let below = below.ok_or_else(|| CliError::coded("OVMAPI_4003E", "The port is gone."))?;
            Ok(Interface {
                mtu: self.number("mtu").unwrap_or(below.mtu),
                ..Interface::new(&below.server, &format!("{}.{vlan}", below.name))
            })
        })?;
        self.insert(Body::VlanInterface(VlanInterface {
            interface,
            vlan,
            parent,
            segment: None,
        }))
    }

    /// `add Port inst to BondPort inst` and its contrary.
    pub(super) fn join_bond(&self, port: &str, bond: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let members = estate
                .of::<Port>(bond)
                .filter(|(_, port)| port.bond.as_deref() == Some(bond));
            let members: Vec<_> = members.map(|(object, _)| object.id.clone()).collect();
            let server = estate.get::<BondPort>(bond).map(|bond| bond.interface.server.clone());
            match adds {
                true => free_port(estate, port, &server.unwrap_or_default())?,
                false if !members.iter().any(|member| member == port) => {
                    return Err(CliError::coded("OVMAPI_6014E", "The port does not belong to the bond."));
                }
                false if members.len() == 1 => {
                    return Err(CliError::coded("OVMAPI_6010E", "A bond needs a port."));
                }
                false => {}
            }
            estate.update(port, |port: &mut Port| port.bond = adds.then(|| bond.to_owned()));
            Ok(None)
        })
    }

    /// Lets an interface carry a network, or no longer.
    pub(super) fn carry(&self, id: &str, network: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let interface = estate.objects.get(id).and_then(|object| object.body.interface());
            let interface = interface.ok_or_else(|| CliError::coded("OVMAPI_4003E", "The port is gone."))?;
            match (adds, interface.network.as_deref()) {
                (true, Some(other)) => {
                    let text = format!("The port carries the network {} already.", estate.name_of(other));
                    return Err(CliError::coded("OVMAPI_6015E", &text));
                }
                (false, carried) if carried != Some(network) => {
                    return Err(CliError::coded("OVMAPI_6016E", "The port does not carry the network."));
                }
                _ => {}
            }
            if estate.get::<Port>(id).is_some_and(|port| port.bond.is_some()) {
                return Err(CliError::coded("OVMAPI_6012E", "The port belongs to a bond."));
            }
            let found = estate.get::<Network>(network);
            let elsewhere = found.and_then(|network| network.server.as_ref());
            if elsewhere.is_some_and(|server| *server != interface.server) {
                let text = "The network is local to another server.";
                return Err(CliError::coded("OVMAPI_6017E", text));
            }
            let manages = found.is_some_and(|network| network.roles.iter().any(|role| role == MANAGEMENT));
            if !adds && manages {
                let text = "A server cannot do without its management network.";
                return Err(CliError::coded("OVMAPI_6018E", text));
            }
            estate.objects.update(id, |object| {
                if let Some(interface) = object.body.interface_mut() {
                    interface.network = adds.then(|| network.to_owned());
                }
            });
            Ok(None)
        })
    }

    /// `add Vnic inst to Network inst` moves the card; `remove` unplugs it.
    pub(super) fn plug(&self, vnic: &str, network: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            if adds {
                carries_machines(estate, network)?;
            }
            let vm = estate.update(vnic, |card: &mut Vnic| {
                card.network = adds.then(|| network.to_owned());
                card.vm.clone()
            });
            match vm {
                Some(Some(vm)) => self.manager.storage.rewrite_vm_cfg(estate, &vm),
                Some(None) => {}
                None => return Err(CliError::coded("OVMAPI_4003E", "The Vnic is gone.")),
            }
            Ok(None)
        })
    }

    /// `embeddedCreate`, `embeddedEdit` and `embeddedDelete` of the addresses of an interface.
    pub(super) async fn embedded(&self) -> Outcome {
        self.step(150).await?;
        let id = self.subject()?;
        let place = self.number::<usize>("id").map(|number| number - 1);
        self.change(|estate| {
            let changed = estate.objects.update(id, |object| {
                let interface = object.body.interface_mut();
                let interface = interface.ok_or_else(|| CliError::coded("OVMAPI_4003E", "The port is gone."))?;
                self.change_addresses(&mut interface.addresses, place)
            });
            changed.unwrap_or_else(|| Err(CliError::coded("OVMAPI_4003E", "The port is gone.")))
        })?;
        Ok(None)
    }

    fn change_addresses(&self, addresses: &mut Vec<IpConfig>, place: Option<usize>) -> Result<(), CliError> {
        let missing = || CliError::coded("OVMAPI_6020E", "The port has no such address.");
        if self.command.is("embeddedCreate") {
            addresses.push(self.ip_config(None)?);
            return Ok(());
        }
        let place = place.filter(|place| *place < addresses.len()).ok_or_else(missing)?;
        if self.command.is("embeddedDelete") {
            addresses.remove(place);
        } else {
            let known = addresses.get_mut(place).ok_or_else(missing)?;
            *known = self.ip_config(Some(known))?;
        }
        Ok(())
    }

    fn ip_config(&self, known: Option<&IpConfig>) -> Result<IpConfig, CliError> {
        let text = |key: &str, known: Option<&String>| match self.command.attribute(key) {
            Some(value) if value.parse::<Ipv4Addr>().is_ok() => Ok(value.to_owned()),
            Some(value) => Err(invalid(key, value)),
            None => Ok(known.cloned().unwrap_or_default()),
        };
        let config_type = self.constant("ipAddressConfigType");
        let config_type = config_type
            .or(known.map(|known| known.config_type.clone()))
            .unwrap_or_default();
        if config_type == "DYNAMIC" {
            return Ok(IpConfig {
                config_type,
                address: String::new(),
                netmask: String::new(),
            });
        }
        let config = IpConfig {
            address: text("ipAddress", known.map(|known| &known.address))?,
            netmask: text("ipNetmask", known.map(|known| &known.netmask))?,
            config_type,
        };
        match config.address.is_empty() || config.netmask.is_empty() {
            true => Err(CliError::syntax("a static address needs ipAddress and ipNetmask")),
            false => Ok(config),
        }
    }

    /// `setVnicMacAddrRange`; what is not given goes back to its default.
    pub(super) fn set_mac_range(&self) -> Outcome {
        let mut range = crate::model::MacRange::default();
        for (key, field) in [
            ("oui", &mut range.oui),
            ("start", &mut range.start),
            ("end", &mut range.end),
        ] {
            if let Some(value) = self.command.attribute(key) {
                if !is_octets(value, 3) {
                    return Err(invalid(key, value));
                }
                *field = value.to_ascii_lowercase();
            }
        }
        if range.start > range.end {
            return Err(CliError::syntax("start lies behind end"));
        }
        self.change(|estate| estate.mac_range = range);
        Ok(None)
    }
}

/// A port of this server that belongs to no bond and carries nothing.
fn free_port(estate: &Estate, id: &str, server: &str) -> Result<(), CliError> {
    let name = estate.name_of(id);
    let reason = match estate.get::<Port>(id) {
        Some(port) if port.interface.server != server => "belongs to another server",
        Some(port) if port.bond.is_some() => "belongs to a bond",
        Some(port) if port.interface.network.is_some() => "carries a network",
        Some(_) if estate.of::<VlanInterface>(id).next().is_some() => "has a VLAN interface",
        Some(_) => return Ok(()),
        None => "is gone",
    };
    Err(CliError::coded("OVMAPI_6012E", &format!("The port {name} {reason}.")))
}
