//! The networks of a new lab: the management network on `bond0` as the installer made it, one for machines on a card of
//! its own, and one on a VLAN of a bond of two cards.

use super::Builder;
use crate::manager::settle_vlans;
use crate::model::{Body, BondPort, Interface, IpConfig, Kind, Network, Port, VlanGroup, VlanInterface, VlanSegment};
use crate::switches::Dialect;

/// VLAN of the interconnect.
const VLAN: u32 = 120;

pub(super) fn add(b: &mut Builder) {
    let network = |b: &mut Builder, id: &str, name: &str, roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let body = Network {
            roles,
            ..Network::default()
        };
        b.estate.add_as(id.to_owned(), name, Body::Network(body))
    };
    b.network = network(b, "10e69b4de3", "VM Network", &["VIRTUAL_MACHINE"]);
    b.storage_network = network(b, "10fdd6e4a9", "RAC Interconnect", &["VIRTUAL_MACHINE", "STORAGE"]);
    let mut bonds = Vec::new();
    for (number, server) in (1_u8..).zip(b.servers.clone()) {
        let bond = wire(b, &server);
        if b.estate.dialect > Dialect::V32 {
            vlan(b, &server, &bond, number);
        }
        bonds.push(bond);
    }
    if b.estate.dialect == Dialect::V32 {
        vlan_group(b, bonds);
    }
}

/// Wires one server: `eth1` to the machines' network, `eth2` and `eth3` as a bond; gives the bond.
fn wire(b: &mut Builder, server: &str) -> String {
    let name = b.estate.name_of(server).to_owned();
    let port = |b: &Builder, interface: &str| {
        let name = format!("{interface} on {name}");
        let mut ports = b.estate.objects.named(Kind::Port, &name);
        ports.next().map(|object| object.id.clone()).unwrap_or_default()
    };
    let (machines, bonded) = (port(b, "eth1"), [port(b, "eth2"), port(b, "eth3")]);
    let network = b.network.clone();
    b.estate
        .update(&machines, |port: &mut Port| port.interface.network = Some(network));
    let bond = BondPort {
        interface: Interface {
            mtu: 9000,
            ..Interface::new(server, "bond1")
        },
        mode: "ACTIVE_PASSIVE".to_owned(),
    };
    let bond = b.estate.add(&format!("bond1 on {name}"), Body::BondPort(bond));
    for port in bonded {
        b.estate.update(&port, |port: &mut Port| port.bond = Some(bond.clone()));
    }
    bond
}

/// A VLAN on a bond, to the interconnect.
fn vlan(b: &mut Builder, server: &str, bond: &str, number: u8) {
    let name = format!("vlan{VLAN} on {}", b.estate.name_of(server));
    let vlan = VlanInterface {
        interface: Interface {
            mtu: 9000,
            network: Some(b.storage_network.clone()),
            addresses: vec![address(number)],
            ..Interface::new(server, &format!("bond1.{VLAN}"))
        },
        vlan: VLAN,
        parent: bond.to_owned(),
        segment: None,
    };
    b.estate.add(&name, Body::VlanInterface(vlan));
}

/// The address of a server in the interconnect.
fn address(number: u8) -> IpConfig {
    IpConfig {
        config_type: "STATIC".to_owned(),
        address: format!("10.20.0.1{number}"),
        netmask: "255.255.255.0".to_owned(),
    }
}

/// The same VLAN on all bonds, as 3.2 has it: the Manager makes the VLAN interfaces.
fn vlan_group(b: &mut Builder, bonds: Vec<String>) {
    let members = bonds.clone();
    let group = b.estate.add("interconnects", Body::VlanGroup(VlanGroup { members }));
    let segment = VlanSegment { group, index: VLAN };
    let segment = b.estate.add(&format!("vlan{VLAN}"), Body::VlanSegment(segment));
    let network = b.storage_network.clone();
    b.estate
        .update(&network, |network: &mut Network| network.segment = Some(segment));
    settle_vlans(&mut b.estate);
    for (number, bond) in (1_u8..).zip(bonds) {
        let made: Vec<_> = b
            .estate
            .of::<VlanInterface>(&bond)
            .map(|(object, _)| object.id.clone())
            .collect();
        for id in made {
            b.estate.update(&id, |vlan: &mut VlanInterface| {
                vlan.interface.addresses = vec![address(number)]
            });
        }
    }
}
