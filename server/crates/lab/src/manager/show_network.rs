//! `show` of networks, of the interfaces of servers, and of the cards of machines.

use super::show::{Lines, words};
use crate::model::{BondPort, Interface, Kind, Network, Object, Port, VlanInterface, Vnic};

pub(super) fn network(out: &mut Lines, object: &Object, network: &Network) {
    for (number, role) in (1..).zip(&network.roles) {
        // Roles keep their underscores.
        out.put(&format!("Role {number}"), words(role).replace(' ', "_"));
    }
    out.refer_to("Port", &object.id, Kind::Port);
    out.refer_to("Bond Port", &object.id, Kind::BondPort);
    out.refer_to("Vlan Interface", &object.id, Kind::VlanInterface);
    out.refer_if("Server", network.server.as_deref());
}

pub(super) fn port(out: &mut Lines, object: &Object, port: &Port) {
    addresses(out, &port.interface);
    out.put("Interface Name", &port.interface.name);
    out.put("Mac Address", &port.mac);
    place(out, &port.interface);
    out.refer_if("Bond Port", port.bond.as_deref());
    out.refer_to("Vlan Interface", &object.id, Kind::VlanInterface);
}

pub(super) fn bond(out: &mut Lines, object: &Object, bond: &BondPort) {
    addresses(out, &bond.interface);
    out.put("Interface Name", &bond.interface.name);
    out.constant("Mode", &bond.mode);
    out.put("MTU", bond.interface.mtu);
    out.refer_to("Port", &object.id, Kind::Port);
    place(out, &bond.interface);
    out.refer_to("Vlan Interface", &object.id, Kind::VlanInterface);
}

pub(super) fn vlan(out: &mut Lines, vlan: &VlanInterface) {
    addresses(out, &vlan.interface);
    out.put("Vlan Id", vlan.vlan);
    out.put("MTU", vlan.interface.mtu);
    out.put("Interface Name", &vlan.interface.name);
    let key = match out.estate.get::<Port>(&vlan.parent) {
        Some(_) => "Port",
        None => "Bond Port",
    };
    out.refer(key, &vlan.parent);
    place(out, &vlan.interface);
}

pub(super) fn vnic(out: &mut Lines, vnic: &Vnic) {
    out.put("Mac Address", &vnic.mac);
    out.refer_if("Network", vnic.network.as_deref());
    out.refer_if("Vm", vnic.vm.as_deref());
}

fn place(out: &mut Lines, interface: &Interface) {
    out.refer("Server", &interface.server);
    out.refer_if("Network", interface.network.as_deref());
}

/// Embedded objects are flattened; one of their values was seen with a blank too many.
fn addresses(out: &mut Lines, interface: &Interface) {
    for (number, address) in (1..).zip(&interface.addresses) {
        let key = |name: &str| format!("Ip Address Config {number} - {name}");
        out.put(&key("Address Type"), "Ipv4");
        out.put(&key("Config Type"), format!(" {}", words(&address.config_type)));
        out.put(&key("Address"), &address.address);
        out.put(&key("Netmask"), &address.netmask);
    }
}
