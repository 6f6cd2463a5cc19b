//! The types of objects that the estate model knows.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Type of an object. The variants are spelled as OVMCLI spells the types, in the order in which an estate is built up:
/// what an object needs stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// The Manager itself.
    Manager,
    /// An Oracle VM Server.
    Server,
    /// An Ethernet port of a server.
    Port,
    /// Several ports of a server used as one.
    BondPort,
    /// A VLAN on a port or bond.
    VlanInterface,
    /// A network.
    Network,
    /// A host of network file systems, or the local file server of one Oracle VM Server.
    FileServer,
    /// A storage array with LUNs.
    StorageArray,
    /// Who may see what of a file server or storage array.
    AccessGroup,
    /// A pool of space in a storage array.
    VolumeGroup,
    /// A LUN.
    PhysicalDisk,
    /// Where a repository or pool file system lies.
    FileSystem,
    /// A server pool.
    ServerPool,
    /// A storage repository.
    Repository,
    /// A repository shown to a host outside by NFS.
    RepositoryExport,
    /// A tag.
    Tag,
    /// A disk that is a file in a repository.
    VirtualDisk,
    /// A CD image in a repository.
    VirtualCdrom,
    /// A virtual machine or template.
    Vm,
    /// A network card of a machine.
    Vnic,
    /// A disk in a slot of a machine.
    VmDiskMapping,
    /// Machines that are kept on different servers.
    AntiAffinityGroup,
    /// How a machine is cloned.
    VmCloneCustomizer,
    /// Where one disk of a clone goes.
    VmCloneStorageMapping,
    /// Where one network card of a clone goes.
    VmCloneNetworkMapping,
}

impl Kind {
    /// The type as OVMCLI spells it, and what people call it.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Manager => ("Manager", "Manager"),
            Self::Server => ("Server", "server"),
            Self::Port => ("Port", "network port"),
            Self::BondPort => ("BondPort", "bond"),
            Self::VlanInterface => ("VlanInterface", "VLAN interface"),
            Self::Network => ("Network", "network"),
            Self::FileServer => ("FileServer", "file server"),
            Self::StorageArray => ("StorageArray", "storage array"),
            Self::AccessGroup => ("AccessGroup", "access group"),
            Self::VolumeGroup => ("VolumeGroup", "volume group"),
            Self::PhysicalDisk => ("PhysicalDisk", "LUN"),
            Self::FileSystem => ("FileSystem", "file system"),
            Self::ServerPool => ("ServerPool", "server pool"),
            Self::Repository => ("Repository", "storage repository"),
            Self::RepositoryExport => ("RepositoryExport", "repository export"),
            Self::Tag => ("Tag", "tag"),
            Self::VirtualDisk => ("VirtualDisk", "virtual disk"),
            Self::VirtualCdrom => ("VirtualCdrom", "CD image"),
            Self::Vm => ("Vm", "VM"),
            Self::Vnic => ("Vnic", "vNIC"),
            Self::VmDiskMapping => ("VmDiskMapping", "disk mapping"),
            Self::AntiAffinityGroup => ("AntiAffinityGroup", "anti-affinity group"),
            Self::VmCloneCustomizer => ("VmCloneCustomizer", "clone customizer"),
            Self::VmCloneStorageMapping => ("VmCloneStorageMapping", "clone storage mapping"),
            Self::VmCloneNetworkMapping => ("VmCloneNetworkMapping", "clone network mapping"),
        }
    }

    /// The type as OVMCLI spells it.
    pub fn type_name(self) -> &'static str {
        self.names().0
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        self.names().1
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
