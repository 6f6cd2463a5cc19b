//! Networks and the interfaces of servers that carry them.

use serde::{Deserialize, Serialize};

/// A network; its id is the bridge name on the servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Roles as constants, for example `VIRTUAL_MACHINE`.
    pub roles: Vec<String>,
    /// The one server of a local network.
    pub server: Option<String>,
    /// 3.2: the VLAN that it goes over.
    #[serde(default)]
    pub segment: Option<String>,
}

/// 3.2: ports and bonds that carry the same VLANs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VlanGroup {
    /// The ports and bonds.
    pub members: Vec<String>,
}

/// 3.2: a VLAN of a group. On each member of the group the Manager makes a VLAN interface for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VlanSegment {
    /// The group.
    pub group: String,
    /// VLAN number.
    pub index: u32,
}

/// What ports, bonds and VLAN interfaces have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interface {
    /// The server.
    pub server: String,
    /// Name on the server, for example `eth0`.
    pub name: String,
    /// Largest packet in bytes.
    pub mtu: u32,
    /// The network that it carries.
    pub network: Option<String>,
    /// Addresses in order.
    pub addresses: Vec<IpConfig>,
}

impl Interface {
    /// An interface of a server that carries nothing yet.
    pub fn new(server: &str, name: &str) -> Self {
        Self {
            server: server.to_owned(),
            name: name.to_owned(),
            mtu: 1500,
            network: None,
            addresses: Vec::new(),
        }
    }
}

/// An address of an interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IpConfig {
    /// `STATIC` or `DYNAMIC`.
    pub config_type: String,
    /// Address; empty when dynamic.
    pub address: String,
    /// Netmask; empty when dynamic.
    pub netmask: String,
}

/// A network card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// The interface.
    pub interface: Interface,
    /// Hardware address.
    pub mac: String,
    /// The bond that has taken it.
    pub bond: Option<String>,
}

/// Several ports as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BondPort {
    /// The interface.
    pub interface: Interface,
    /// `ACTIVE_PASSIVE`, `LINK_AGGREGATION` or `LOAD_BALANCED`.
    pub mode: String,
}

/// A VLAN on a port or bond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VlanInterface {
    /// The interface.
    pub interface: Interface,
    /// VLAN number.
    pub vlan: u32,
    /// The port or bond.
    pub parent: String,
    /// 3.2: what the Manager has made it for.
    #[serde(default)]
    pub segment: Option<String>,
}
