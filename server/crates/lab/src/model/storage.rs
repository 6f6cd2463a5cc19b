//! Where LUNs and file systems come from.

use serde::{Deserialize, Serialize};

/// Where file systems come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileServer {
    /// What drives it.
    pub plugin: String,
    /// Host of an NFS server; empty for the local file server of a server.
    pub access_host: String,
    /// Every server sees the same exports.
    pub uniform: bool,
    /// Servers that administer it; the one server of a local file server.
    pub admin_servers: Vec<String>,
    /// Servers that look for its exports.
    pub refresh_servers: Vec<String>,
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileSystem {
    /// Its file server.
    pub file_server: String,
    /// Path on its file server.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// The LUN below it, when it is OCFS2.
    pub physical_disk: Option<String>,
    /// The Manager has looked into it since it knows it.
    pub refreshed: bool,
}

/// Where LUNs come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorageArray {
    /// What drives it.
    pub plugin: String,
    /// `FIBRECHANNEL`, `ISCSI` or `LOCAL`.
    pub storage_type: String,
    /// Hosts of an iSCSI array.
    pub access_hosts: Vec<String>,
    /// Port of these hosts.
    pub access_port: Option<u32>,
    /// User of CHAP.
    pub access_username: String,
    /// Whether servers prove who they are.
    pub use_chap: bool,
    /// Servers that administer it.
    pub admin_servers: Vec<String>,
    /// Has been there from the start and cannot be deleted.
    pub unmanaged: bool,
}

/// A group of LUNs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumeGroup {
    /// The array.
    pub array: String,
}

/// Who may see which LUNs or file systems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessGroup {
    /// The storage array or file server.
    pub owner: String,
    /// Initiators, LUNs, file systems and servers.
    pub members: Vec<String>,
}

/// The name under which a server speaks to storage arrays; it is the id too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorageInitiator {
    /// The server.
    pub server: String,
}

/// A LUN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhysicalDisk {
    /// Page 83 identifier: name below `/dev/mapper`.
    pub wwid: String,
    /// Size in bytes.
    pub size: u64,
    /// May be mapped by several virtual machines.
    pub shareable: bool,
    /// Its volume group.
    pub volume_group: String,
    /// Servers that see it.
    pub servers: Vec<String>,
}
