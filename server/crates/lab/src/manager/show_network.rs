//! `show` of networks, of the interfaces of servers, and of the cards of machines.

use super::lines::{Lines, words};
use crate::model::{BondPort, Interface, Kind, Network, Object, Port, VlanGroup, VlanInterface, VlanSegment, Vnic};
use crate::switches::Dialect;

pub(super) fn network(out: &mut Lines, object: &Object, network: &Network) {
    for (number, role) in (1..).zip(&network.roles) {
        // Roles keep their underscores.
        out.put(&format!("Role {number}"), words(role).replace(' ', "_"));
    }
    out.refer_to("Port", &object.id, Kind::Port);
    out.refer_to("Bond Port", &object.id, Kind::BondPort);
    match out.switches.dialect {
        Dialect::V32 => out.refer_if("Vlan Segment", network.segment.as_deref()),
        Dialect::V33 | Dialect::V34 => out.refer_to("Vlan Interface", &object.id, Kind::VlanInterface),
    }
    out.refer_if("Server", network.server.as_deref());
}

/// Its keys are guessed, as are those of a segment.
pub(super) fn vlan_group(out: &mut Lines, object: &Object, group: &VlanGroup) {
    let estate = out.estate;
    for (key, kind) in [("Port", Kind::Port), ("Bond Port", Kind::BondPort)] {
        let members = group.members.iter().map(String::as_str);
        let of_kind = members.filter(|id| estate.objects.get(id).map(Object::kind) == Some(kind));
        out.refer_all(key, of_kind);
    }
    out.refer_to("Vlan Segment", &object.id, Kind::VlanSegment);
}

pub(super) fn vlan_segment(out: &mut Lines, object: &Object, segment: &VlanSegment) {
    out.put("Index", segment.index);
    out.refer("Vlan Group", &segment.group);
    out.refer_to("Vlan Interface", &object.id, Kind::VlanInterface);
    out.refer_to("Network", &object.id, Kind::Network);
}

pub(super) fn port(out: &mut Lines, object: &Object, port: &Port) {
    addresses(out, &port.interface);
    out.put("Interface Name", &port.interface.name);
    out.put("Mac Address", &port.mac);
    out.put("MTU", port.interface.mtu);
    place(out, &port.interface);
    out.refer_if("Bond Port", port.bond.as_deref());
    out.refer_to("Vlan Interface", &object.id, Kind::VlanInterface);
}

pub(super) fn bond(out: &mut Lines, object: &Object, bond: &BondPort) {
    addresses(out, &bond.interface);
    out.put("Interface Name", &bond.interface.name);
    let mode = match (out.switches.dialect, bond.mode.as_str()) {
        (Dialect::V32, "ACTIVE_PASSIVE") => "ACTIVE_BACKUP",
        (Dialect::V32, "LOAD_BALANCED") => "ADAPTIVE_LOAD_BALANCING",
        (_, mode) => mode,
    };
    out.constant("Mode", mode);
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
    out.refer_if("Vlan Segment", vlan.segment.as_deref());
    place(out, &vlan.interface);
}

pub(super) fn vnic(out: &mut Lines, vnic: &Vnic) {
    out.put("Mac Address", &vnic.mac);
    out.refer_if("Network", vnic.network.as_deref());
    match out.switches.dialect {
        Dialect::V32 => out.refer_if("Vm Id", vnic.vm.as_deref()),
        Dialect::V33 | Dialect::V34 => out.refer_if("Vm", vnic.vm.as_deref()),
    }
}

fn place(out: &mut Lines, interface: &Interface) {
    out.refer("Server", &interface.server);
    out.refer_if("Network", interface.network.as_deref());
}

/// Embedded objects are flattened; one of their values was seen with a blank too many. 3.2 has one address and no
/// embedded objects.
fn addresses(out: &mut Lines, interface: &Interface) {
    if out.switches.dialect == Dialect::V32 {
        if let Some(address) = interface.addresses.first() {
            out.put("Ip Address", &address.address);
            out.put("Netmask", &address.netmask);
        }
        return;
    }
    for (number, address) in (1..).zip(&interface.addresses) {
        let key = |name: &str| format!("Ip Address Config {number} - {name}");
        out.put(&key("Address Type"), "Ipv4");
        out.put(&key("Config Type"), format!(" {}", words(&address.config_type)));
        out.put(&key("Address"), &address.address);
        out.put(&key("Netmask"), &address.netmask);
    }
}
