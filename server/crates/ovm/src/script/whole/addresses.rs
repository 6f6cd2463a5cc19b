//! IP addresses and packet sizes of interfaces. The management address of a server is there when the server is found.

use super::network::name_and_id;
use super::{Builder, by_name, says};
use crate::estate::read::constant;
use crate::estate::{Kind, Object, references};
use crate::ovmcli::{Command, Version};

/// What a new Manager gives an interface.
const USUAL_MTU: &str = "1500";

impl<'a> Builder<'a> {
    /// Addresses of ports, bonds and VLAN interfaces, when these carry what they carried.
    pub(super) fn addresses(&mut self) {
        for (kind, key) in super::network::INTERFACES {
            for interface in by_name(self.estate.objects(kind), name_and_id) {
                let id = self.id_of(kind, &interface.id);
                if let Some(id) = id.filter(|_| !self.carries_management(key, &interface.id)) {
                    self.addresses_of(interface, &id);
                }
            }
        }
    }

    fn addresses_of(&mut self, interface: &Object, id: &str) {
        if self.version == Version::V3_2 {
            if let Some(address) = interface.attribute("Ip Address") {
                let name = &interface.name;
                self.note(format!("The address {address} of {name} is left out: give it by hand."));
            }
            return;
        }
        let told = |number: u32, word: &str| interface.attribute(&format!("Ip Address Config {number} - {word}"));
        let numbered = (1..).map_while(|number| Some((number, constant(told(number, "Config Type")?.trim()))));
        for (number, config_type) in numbered {
            let command = Self::on("embeddedCreate", interface.kind, id).with("ipAddressConfigType", &config_type);
            let address = told(number, "Address").zip(told(number, "Netmask"));
            let (key, value, command) = match address.filter(|_| config_type == "STATIC") {
                Some((address, mask)) => {
                    let command = command.with("ipAddress", address).with("ipNetmask", mask);
                    ("Address", address, command)
                }
                None => ("Config Type", config_type.as_str(), command),
            };
            let look = says(
                interface.kind,
                id,
                &format!("Ip Address Config {number} - {key}"),
                value,
            );
            self.step(format!("Address of {}", interface.name), look, inside(command));
        }
    }

    /// A port of its own; those of a bond have what the bond has.
    pub(super) fn mtu(&mut self, port: &Object, id: &str) {
        let mtu = port.attribute("MTU").filter(|_| port.link(Kind::BondPort).is_none());
        let Some(mtu) = mtu else { return };
        let edit = Self::on("edit", Kind::Port, id).with("mtu", mtu);
        let first = self.script.steps.len();
        self.step(
            format!("MTU of the port {}", port.name),
            says(Kind::Port, id, "MTU", mtu),
            edit,
        );
        if mtu == USUAL_MTU {
            self.omit_in_plain(first);
        }
    }

    /// Whether the management network goes over this interface: then the installer of the server has made it.
    pub(super) fn carries_management(&self, key: &str, interface: &str) -> bool {
        let networks = self.estate.networks.iter();
        let mut management = networks.filter(|network| super::network::is_management(network));
        management.any(|network| references(&network.other, key).contains(&interface))
    }
}

/// What is made inside of an interface.
fn inside(command: Command) -> Command {
    Command {
        embedded: Some("ipAddressConfig".to_owned()),
        ..command
    }
}
