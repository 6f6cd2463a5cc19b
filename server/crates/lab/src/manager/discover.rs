//! `discoverServer`: the Manager asks a server's agent what there is, and enters the server, its ports, its local file
//! server, its initiators and the LUNs that it sees. The installer of Oracle VM Server has put the management port into
//! the bond `bond0`; the first server that is discovered brings the management network along.

use super::job::{Outcome, Work};
use super::plugins;
use super::reply::CliError;
use super::scan;
use crate::hardware::HardwareServer;
use crate::model::{
    Body, BondPort, Estate, FileServer, Interface, IpConfig, Kind, Network, Port, Server, StorageInitiator,
};
use std::net::Ipv4Addr;

impl Work {
    pub(super) async fn discover_server(&self) -> Outcome {
        self.step(2500).await?;
        let address = self.required("ipAddress")?;
        let password = self.required("password")?;
        let asked = self.flag("takeOwnership") == Some(true);
        let switches = &self.manager.switches;
        self.change(|estate| {
            let found = estate.hardware.server(address).cloned();
            let found = found.ok_or_else(|| {
                let text = format!("No agent of Oracle VM Server answers at {address}:8899: Connection refused.");
                CliError::coded("OVMAPI_7020E", &text)
            })?;
            if found.agent_password.as_ref().is_some_and(|known| known != password) {
                let text = format!("The agent at {address} refused the password.");
                return Err(CliError::coded("OVMAPI_7021E", &text));
            }
            let id = found.id();
            if estate.get::<Server>(&id).is_some() {
                let text = format!("The server {} is known already.", estate.name_of(&id));
                return Err(CliError::coded("OVMAPI_7022E", &text));
            }
            // What another Manager owns is left to it, without a word.
            let owned = asked && !is_foreign(estate, &found);
            let version = switches.dialect.version();
            enter(estate, &found, version, owned, switches.management_bond);
            Ok(Some(id))
        })
    }
}

/// Enters a server with all that it has. `version` is what it runs when the hardware does not say; `bonded` puts its
/// management port into a bond.
pub(crate) fn enter(estate: &mut Estate, found: &HardwareServer, version: &str, owned: bool, bonded: bool) {
    let id = found.id();
    let name = found.host_name();
    let or = |value: u64, usual: u64| if value == 0 { usual } else { value };
    let server = Server {
        pool: None,
        host_name: name.to_owned(),
        ip_address: found.ip.clone(),
        version: if found.version.is_empty() {
            version
        } else {
            &found.version
        }
        .to_owned(),
        memory: or(found.memory, 262_144),
        processors: if found.processors == 0 { 32 } else { found.processors },
        serial_number: format!("CZ{}", id.replace(':', "").get(..8).unwrap_or_default().to_uppercase()),
        maintenance: false,
        owned,
    };
    estate.add_as(id.clone(), name, Body::Server(server));
    enter_ports(estate, found, &id, bonded);
    let local = FileServer {
        plugin: plugins::LOCAL_FS.0.to_owned(),
        admin_servers: vec![id.clone()],
        refresh_servers: vec![id.clone()],
        ..FileServer::default()
    };
    estate.add(&format!("Local FS {name}"), Body::FileServer(local));
    let made = format!(
        "iqn.1988-12.com.oracle:{}",
        id.replace(':', "").get(20..).unwrap_or_default()
    );
    let names = if found.initiators.is_empty() {
        vec![made]
    } else {
        found.initiators.clone()
    };
    for initiator in names {
        let body = StorageInitiator { server: id.clone() };
        estate.add_as(initiator.clone(), &initiator, Body::StorageInitiator(body));
    }
    scan::luns(estate, None);
}

fn enter_ports(estate: &mut Estate, found: &HardwareServer, server: &str, bonded: bool) {
    let name = found.host_name();
    let network = management_network(estate, found);
    let managing = |interface: &str| Interface {
        network: Some(network.clone()),
        addresses: vec![IpConfig {
            config_type: "STATIC".to_owned(),
            address: found.ip.clone(),
            netmask: netmask(found).to_string(),
        }],
        ..Interface::new(server, interface)
    };
    for (number, card) in found.ports.iter().enumerate() {
        let manages = number == 0;
        let bond = (manages && bonded).then(|| {
            let bond = BondPort {
                interface: managing("bond0"),
                mode: "ACTIVE_PASSIVE".to_owned(),
            };
            estate.add(&format!("bond0 on {name}"), Body::BondPort(bond))
        });
        let port = Port {
            interface: match manages && !bonded {
                true => managing(&card.interface),
                false => Interface::new(server, &card.interface),
            },
            mac: card.mac.to_ascii_lowercase(),
            bond,
        };
        estate.add(&format!("{} on {name}", card.interface), Body::Port(port));
    }
}

/// The management network: its id is its address in hex.
fn management_network(estate: &mut Estate, found: &HardwareServer) -> String {
    let ip: Ipv4Addr = found.ip.parse().unwrap_or(Ipv4Addr::LOCALHOST);
    let network = Ipv4Addr::from_bits(ip.to_bits() & netmask(found).to_bits());
    let id = format!("{:08x}", network.to_bits());
    if estate
        .objects
        .get(&id)
        .is_none_or(|object| object.kind() != Kind::Network)
    {
        let roles = ["MANAGEMENT", "LIVE_MIGRATE", "CLUSTER_HEARTBEAT"];
        let body = Network {
            roles: roles.map(str::to_owned).to_vec(),
            ..Network::default()
        };
        estate.add_as(id.clone(), &network.to_string(), Body::Network(body));
    }
    id
}

/// Whether another Manager owns the server.
pub(super) fn is_foreign(estate: &Estate, found: &HardwareServer) -> bool {
    let own = estate.manager().map(|manager| manager.id.as_str());
    !found.owner.is_empty() && own != Some(found.owner.as_str())
}

fn netmask(found: &HardwareServer) -> Ipv4Addr {
    found.netmask.parse().unwrap_or(Ipv4Addr::new(255, 255, 255, 0))
}
