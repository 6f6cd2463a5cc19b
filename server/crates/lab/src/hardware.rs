//! What stands in the computer room: servers, NFS hosts and LUNs. A Manager knows nothing of it until somebody lets it
//! discover a server or refresh a file server.

use serde::{Deserialize, Serialize};

/// Everything that a Manager can find.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hardware {
    /// Machines on which Oracle VM Server is installed.
    pub servers: Vec<HardwareServer>,
    /// NFS hosts.
    pub nfs: Vec<NfsHost>,
    /// LUNs.
    pub luns: Vec<Lun>,
    /// Hosts of iSCSI arrays that have no LUN to show.
    pub arrays: Vec<String>,
}

/// A machine on which Oracle VM Server is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HardwareServer {
    /// Management address.
    pub ip: String,
    /// Netmask of the management address; empty means 255.255.255.0.
    pub netmask: String,
    /// Host name.
    pub name: String,
    /// SMBIOS UUID as 16 octets with colons, the id of the server in every Manager; made from the address when empty.
    pub uuid: String,
    /// Network cards. The first one has the management address; the installer has put it into the bond `bond0`.
    pub ports: Vec<HardwarePort>,
    /// Version of Oracle VM Server; empty means that of the Manager.
    pub version: String,
    /// Memory in MB; 0 means 256 GiB.
    pub memory: u64,
    /// Threads; 0 means 32.
    pub processors: u32,
    /// Password of the agent; `None` accepts any.
    pub agent_password: Option<String>,
    /// UUID of the Manager that owns it; empty means nobody.
    pub owner: String,
    /// Names under which it speaks to storage arrays; one is made from the address when there is none.
    pub initiators: Vec<String>,
}

/// A network card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HardwarePort {
    /// Name on the server, for example `eth0`.
    pub interface: String,
    /// Hardware address.
    pub mac: String,
}

/// An NFS host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfsHost {
    /// Host name or address, as `accessHost=` gives it.
    pub host: String,
    /// What it exports.
    pub exports: Vec<NfsExport>,
}

/// An export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfsExport {
    /// Path on the host.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// The repository that lies there already.
    #[serde(default)]
    pub holds: Option<StoredRepository>,
}

/// A LUN.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lun {
    /// Page 83 identifier.
    pub wwid: String,
    /// Size in bytes.
    pub size: u64,
    /// Host of the iSCSI array that has it; `None` is Fibre Channel.
    #[serde(default)]
    pub array: Option<String>,
    /// The repository that lies there already.
    #[serde(default)]
    pub holds: Option<StoredRepository>,
}

/// A repository that an earlier Manager made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRepository {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Names and sizes in bytes of the disk files.
    #[serde(default)]
    pub disks: Vec<(String, u64)>,
}

impl Hardware {
    /// The server with this management address.
    pub fn server(&self, ip: &str) -> Option<&HardwareServer> {
        self.servers.iter().find(|server| server.ip == ip)
    }

    /// The exports of a host.
    pub fn exports(&self, host: &str) -> &[NfsExport] {
        let host = self.nfs.iter().find(|nfs| nfs.host == host);
        host.map_or(&[], |host| host.exports.as_slice())
    }
}

impl HardwareServer {
    /// The id that every Manager gives it.
    pub fn id(&self) -> String {
        if !self.uuid.is_empty() {
            return self.uuid.clone();
        }
        let address = self.ip.bytes().cycle().zip(1_u8..).take(16);
        let octets: Vec<_> = address
            .map(|(octet, place)| format!("{:02x}", octet.wrapping_mul(7).wrapping_add(place)))
            .collect();
        octets.join(":")
    }

    /// Its name; the address when it has none.
    pub fn host_name(&self) -> &str {
        if self.name.is_empty() { &self.ip } else { &self.name }
    }
}
