//! The networks of a new lab: the management network on `bond0` as the installer made it, one for machines on a card of
//! its own, and one on a VLAN of a bond of two cards.

use super::Builder;
use crate::model::{Body, BondPort, Interface, IpConfig, Kind, Network, Port, VlanInterface};

/// VLAN of the interconnect.
const VLAN: u32 = 120;

pub(super) fn add(b: &mut Builder) {
    let network = |b: &mut Builder, id: &str, name: &str, roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let body = Network { roles, server: None };
        b.estate.add_as(id.to_owned(), name, Body::Network(body))
    };
    b.network = network(b, "10e69b4de3", "VM Network", &["VIRTUAL_MACHINE"]);
    b.storage_network = network(b, "10fdd6e4a9", "RAC Interconnect", &["VIRTUAL_MACHINE", "STORAGE"]);
    for (number, server) in (1_u8..).zip(b.servers.clone()) {
        wire(b, &server, number);
    }
}

/// Wires one server: `eth1` to the machines' network, `eth2` and `eth3` as a bond with a VLAN to the interconnect.
fn wire(b: &mut Builder, server: &str, number: u8) {
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
    let vlan = VlanInterface {
        interface: Interface {
            mtu: 9000,
            network: Some(b.storage_network.clone()),
            addresses: vec![IpConfig {
                config_type: "STATIC".to_owned(),
                address: format!("10.20.0.1{number}"),
                netmask: "255.255.255.0".to_owned(),
            }],
            ..Interface::new(server, &format!("bond1.{VLAN}"))
        },
        vlan: VLAN,
        parent: bond,
    };
    b.estate
        .add(&format!("vlan{VLAN} on {name}"), Body::VlanInterface(vlan));
}
