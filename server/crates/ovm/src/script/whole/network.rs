//! Servers, and the networks over their ports, bonds and VLAN interfaces.

use super::{Builder, Found, New, by_name, described, object, says};
use crate::estate::read::constant;
use crate::estate::{Kind, Network, Object, Server, attribute, references};
use crate::ids::ServerId;
use crate::ovmcli::{Command, Selector, Version};
use crate::script::safe::{Look, Trait};
use std::net::Ipv4Addr;

/// Types that carry networks, with the key under which a network names them.
pub(super) const INTERFACES: [(Kind, &str); 3] = [
    (Kind::Port, "Port"),
    (Kind::BondPort, "Bond Port"),
    (Kind::VlanInterface, "Vlan Interface"),
];

impl<'a> Builder<'a> {
    /// Servers are found by their address, and bring their ports along.
    pub(super) fn servers(&mut self) {
        if !self.estate.servers.is_empty() {
            self.note(
                "Servers belong to the Manager whose UUID they know: install the new one with the UUID of the old one \
                 (`runInstaller.sh --uuid`). Under another UUID discovery does not take them, without saying so; \
                 `takeOwnership Server` does, and may be refused until the old Manager has released them. For a server \
                 that is taken already, its refusal does no harm.",
            );
        }
        for server in by_name(&self.estate.servers, |one| (&one.name, one.id.as_str())) {
            let Some(address) = &server.ip_address else {
                self.unknown(format!("Server {}", server.name), "its address");
                continue;
            };
            let password = format!("${{PASSWORD_OF_SERVER_{}}}", word(&server.name));
            let command = Command::new("discoverServer")
                .with("ipAddress", address)
                .with("password", &password)
                .with("takeOwnership", "Yes");
            let id = self.found(Found {
                kind: Kind::Server,
                id: server.id.as_str(),
                name: &server.name,
                purpose: format!("Server {}", server.name),
                look: object(Kind::Server, None, vec![Trait::new("Ip Address", address)]),
                command: Some(command),
                shown_as: host_name(server).to_owned(),
            });
            let take = Self::on("takeOwnership", Kind::Server, &id).with("password", password);
            self.step(format!("Ownership of the server {}", server.name), Look::Never, take);
        }
        for port in by_name(self.estate.objects(Kind::Port), name_and_id) {
            let Some(server) = self.server_of(port) else { continue };
            let interface = port.attribute("Interface Name").unwrap_or(&port.name);
            let traits = vec![Trait::new("Interface Name", interface), Trait::new("Server", server)];
            let id = self.found(Found {
                kind: Kind::Port,
                id: &port.id,
                name: &port.name,
                purpose: format!("Network port {}", port.name),
                look: object(Kind::Port, None, traits),
                command: None,
                shown_as: format!("{interface} on {}", self.host_of(port)),
            });
            self.mtu(port, &id);
        }
    }

    /// Networks, then what carries them. In 3.2 a network names its VLAN when it is made, and the Manager makes the VLAN
    /// interfaces.
    pub(super) fn networks(&mut self) {
        if self.version == Version::V3_2 {
            self.bonds();
            self.vlan_groups();
            self.networks_themselves();
        } else {
            self.networks_themselves();
            self.bonds();
            for vlan in by_name(self.estate.objects(Kind::VlanInterface), name_and_id) {
                self.vlan(vlan);
            }
        }
        for network in by_name(&self.estate.networks, |one| (&one.name, one.id.as_str())) {
            self.carriers(network);
        }
        self.addresses();
    }

    fn networks_themselves(&mut self) {
        for network in by_name(&self.estate.networks, |one| (&one.name, one.id.as_str())) {
            match is_management(network) {
                true => self.management_network(network),
                false => self.network(network),
            }
        }
    }

    fn bonds(&mut self) {
        for bond in by_name(self.estate.objects(Kind::BondPort), name_and_id) {
            self.bond(bond);
        }
    }

    /// Groups with the ports and bonds that carry their VLANs, and a segment for each VLAN.
    fn vlan_groups(&mut self) {
        for group in by_name(self.estate.objects(Kind::VlanGroup), name_and_id) {
            let id = self.make(New {
                kind: Kind::VlanGroup,
                id: &group.id,
                name: group.name.clone(),
                purpose: format!("VLAN group {}", group.name),
                command: described(Command::of_type("create", "VlanGroup"), &group.attributes),
                traits: Vec::new(),
            });
            for (kind, key) in [(Kind::Port, "Port"), (Kind::BondPort, "Bond Port")] {
                for member in self.ids_of(kind, group.links(kind)) {
                    let purpose = format!("What carries the VLANs of {}", group.name);
                    self.add(purpose, (kind, &member), (Kind::VlanGroup, &id), key);
                }
            }
            let segments = by_name(self.estate.objects(Kind::VlanSegment), name_and_id);
            let own = segments
                .into_iter()
                .filter(|segment| segment.link(Kind::VlanGroup) == Some(&group.id));
            for segment in own {
                self.vlan_segment(segment, &id);
            }
        }
    }

    fn vlan_segment(&mut self, segment: &Object, group: &str) {
        let Some(number) = segment.attribute("Index") else {
            return self.unknown(format!("VLAN segment {}", segment.name), "its number");
        };
        let create = Command::of_type("create", "VlanSegment").with("index", number);
        self.make(New {
            kind: Kind::VlanSegment,
            id: &segment.id,
            name: segment.name.clone(),
            purpose: format!("VLAN {number} of a VLAN group"),
            command: described(create, &segment.attributes).target("on", "VlanGroup", Selector::Id(group.to_owned())),
            traits: vec![Trait::new("Vlan Group", group)],
        });
    }

    /// The Manager makes it by itself with the first server, under a name of its own.
    fn management_network(&mut self, network: &Network) {
        let look = object(Kind::Network, None, vec![Trait::new("Role", "MANAGEMENT")]);
        let name = &network.name;
        // Its id is its address in hexadecimal digits, and its address is the name that a Manager gives it.
        let address = u32::from_str_radix(network.id.as_str(), 16).map(Ipv4Addr::from_bits);
        let id = self.found(Found {
            kind: Kind::Network,
            id: network.id.as_str(),
            name,
            purpose: format!("The management network {name}, which came with the first server"),
            look,
            command: None,
            shown_as: address.map_or("${NAME_OF_MANAGEMENT_NETWORK}".to_owned(), |address| {
                address.to_string()
            }),
        });
        let edit = Self::on("edit", Kind::Network, &id).with("roles", network.roles.join(","));
        self.step(format!("Roles of the network {name}"), Look::Never, edit);
    }

    fn network(&mut self, network: &Network) {
        let mut command = described(Command::of_type("create", "Network"), &network.other);
        if !network.roles.is_empty() {
            command = command.with("roles", network.roles.join(","));
        }
        let segment = references(&network.other, "Vlan Segment").first().copied();
        if let Some(segment) = segment.and_then(|id| self.id_of(Kind::VlanSegment, id)) {
            command = command.with("vlanSegment", segment);
        }
        let local = references(&network.other, "Server");
        if let Some(server) = local.first().and_then(|id| self.id_of(Kind::Server, id)) {
            command = command.target("on", "Server", Selector::Id(server));
        }
        self.make(New {
            kind: Kind::Network,
            id: network.id.as_str(),
            name: network.name.clone(),
            purpose: format!("Network {}", network.name),
            command,
            traits: Vec::new(),
        });
    }

    /// The installer of a server has made its first bond: it is found, and completed.
    fn bond(&mut self, bond: &Object) {
        let Some(server) = self.server_of(bond) else {
            return self.unknown(format!("Bond {}", bond.name), "its server");
        };
        let ports = self.ids_of(Kind::Port, bond.links(Kind::Port));
        let mode = bond
            .attribute("Mode")
            .map_or_else(|| "ACTIVE_PASSIVE".to_owned(), constant);
        let mtu = bond.attribute("MTU").unwrap_or("1500");
        let mut command = Command::of_type("create", "BondPort")
            .with("ethernetPorts", ports.join(","))
            .with("mode", &mode)
            .with("mtu", mtu);
        let mut traits = vec![Trait::new("Server", &server)];
        if let Some(interface) = bond.attribute("Interface Name") {
            command = command.with("interfaceName", interface);
            traits.push(Trait::new("Interface Name", interface));
        }
        let command = described(command, &bond.attributes).target("on", "Server", Selector::Id(server));
        let (name, first) = (bond.name.clone(), self.script.steps.len());
        let is_installed = self.carries_management("Bond Port", &bond.id);
        let interface = bond.attribute("Interface Name").filter(|_| is_installed);
        let id = self.found(Found {
            kind: Kind::BondPort,
            id: &bond.id,
            name: &name,
            purpose: format!("Bond {name}"),
            look: object(Kind::BondPort, None, traits),
            command: Some(command.with("name", &name)),
            shown_as: interface.map_or(name.clone(), |interface| {
                format!("{interface} on {}", self.host_of(bond))
            }),
        });
        if is_installed {
            self.omit_in_plain_between(first, first + 1);
        }
        let edits = self.script.steps.len();
        for (key, attribute, value) in [("Mode", "mode", mode.as_str()), ("MTU", "mtu", mtu)] {
            let edit = Self::on("edit", Kind::BondPort, &id).with(attribute, value);
            self.step(
                format!("{key} of the bond {name}"),
                says(Kind::BondPort, &id, key, value),
                edit,
            );
        }
        // 3.2 makes a bond of two ports.
        let at_once = match self.version {
            Version::V3_2 => 2,
            Version::V3_3 | Version::V3_4 => ports.len(),
        };
        let ports_begin = self.script.steps.len();
        for (number, port) in ports.iter().enumerate() {
            let added = self.script.steps.len();
            let purpose = format!("A port of the bond {name}");
            self.add(purpose, (Kind::Port, port), (Kind::BondPort, &id), "Port");
            if number == 0 || !is_installed && number < at_once {
                self.omit_in_plain(added);
            }
        }
        if !is_installed {
            self.omit_in_plain_between(edits, ports_begin);
        }
    }

    fn vlan(&mut self, vlan: &Object) {
        let parents = [(Kind::Port, "Port"), (Kind::BondPort, "Bond Port")];
        let mut found = parents
            .into_iter()
            .filter_map(|(kind, key)| Some((kind, key, self.id_of(kind, vlan.link(kind)?)?)));
        let (Some((kind, key, parent)), Some(number)) = (found.next(), vlan.attribute("Vlan Id")) else {
            return self.unknown(format!("VLAN interface {}", vlan.name), "its port or number");
        };
        let mut command = Command::of_type("create", "VlanInterface").with("vlanId", number);
        if let Some(mtu) = vlan.attribute("MTU") {
            command = command.with("mtu", mtu);
        }
        self.make(New {
            kind: Kind::VlanInterface,
            id: &vlan.id,
            name: vlan.name.clone(),
            purpose: format!("VLAN {number} on {}", vlan.name),
            command: described(command, &vlan.attributes).target("on", kind.type_name(), Selector::Id(parent.clone())),
            traits: vec![Trait::new("Vlan Id", number), Trait::new(key, parent)],
        });
    }

    fn carriers(&mut self, network: &Network) {
        let Some(to) = self.id_of(Kind::Network, network.id.as_str()) else {
            return;
        };
        for (kind, key) in INTERFACES {
            let mut carriers = self.ids_of(kind, references(&network.other, key));
            carriers.sort_by_key(|id| (id.len(), id.clone()));
            let first = self.script.steps.len();
            for id in carriers {
                let purpose = format!("What carries the network {}", network.name);
                self.add(purpose, (kind, &id), (Kind::Network, &to), key);
            }
            if kind == Kind::BondPort && is_management(network) {
                self.omit_in_plain(first);
            }
        }
    }

    /// The name by which a new Manager calls the server of an interface.
    fn host_of(&self, object: &Object) -> &'a str {
        let server = object.link(Kind::Server).map(ServerId::new);
        server.and_then(|id| self.estate.server(&id)).map_or("", host_name)
    }

    fn server_of(&self, object: &Object) -> Option<String> {
        self.id_of(Kind::Server, object.link(Kind::Server)?)
    }
}

/// What the server calls itself; the site may have given it another name in the Manager.
pub(super) fn host_name(server: &Server) -> &str {
    attribute(&server.other, "Host Name").unwrap_or(&server.name)
}

pub(super) fn is_management(network: &Network) -> bool {
    network.roles.iter().any(|role| role == "MANAGEMENT")
}

pub(super) fn name_and_id(object: &Object) -> (&str, &str) {
    (&object.name, &object.id)
}

/// A name as part of a placeholder.
pub(super) fn word(name: &str) -> String {
    name.replace(|character: char| !character.is_ascii_alphanumeric(), "_")
}
