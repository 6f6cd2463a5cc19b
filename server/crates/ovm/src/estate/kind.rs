//! The types of objects that the estate model knows.

use crate::ovmcli::{Version, in_words_of, schema};
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
    /// 3.2: ports and bonds that carry the same VLANs.
    VlanGroup,
    /// 3.2: a VLAN of a VLAN group; the Manager makes its VLAN interfaces.
    VlanSegment,
    /// A network.
    Network,
    /// A host of network file systems, or the local file server of one Oracle VM Server.
    FileServer,
    /// A storage array with LUNs.
    StorageArray,
    /// Who may see what of a file server or storage array.
    AccessGroup,
    /// 3.2: who may see which file systems.
    NfsAccessGroup,
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
    /// All types, in the same order.
    pub const ALL: [Self; 28] = [
        Self::Manager,
        Self::Server,
        Self::Port,
        Self::BondPort,
        Self::VlanInterface,
        Self::VlanGroup,
        Self::VlanSegment,
        Self::Network,
        Self::FileServer,
        Self::StorageArray,
        Self::AccessGroup,
        Self::NfsAccessGroup,
        Self::VolumeGroup,
        Self::PhysicalDisk,
        Self::FileSystem,
        Self::ServerPool,
        Self::Repository,
        Self::RepositoryExport,
        Self::Tag,
        Self::VirtualDisk,
        Self::VirtualCdrom,
        Self::Vm,
        Self::Vnic,
        Self::VmDiskMapping,
        Self::AntiAffinityGroup,
        Self::VmCloneCustomizer,
        Self::VmCloneStorageMapping,
        Self::VmCloneNetworkMapping,
    ];

    /// The type as OVMCLI spells it, and what people call it.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Manager => ("Manager", "Manager"),
            Self::Server => ("Server", "server"),
            Self::Port => ("Port", "network port"),
            Self::BondPort => ("BondPort", "bond"),
            Self::VlanInterface => ("VlanInterface", "VLAN interface"),
            Self::VlanGroup => ("VlanGroup", "VLAN group"),
            Self::VlanSegment => ("VlanSegment", "VLAN segment"),
            Self::Network => ("Network", "network"),
            Self::FileServer => ("FileServer", "file server"),
            Self::StorageArray => ("StorageArray", "storage array"),
            Self::AccessGroup => ("AccessGroup", "access group"),
            Self::NfsAccessGroup => ("NfsAccessGroup", "NFS access group"),
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

    /// The type as the command line of a release spells it; none when the release has no such objects.
    pub fn type_in(self, version: Version) -> Option<&'static str> {
        let name = in_words_of(self.type_name(), version);
        let known = schema::object_type(name)?.known;
        known.is_in(version).then_some(name)
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        self.names().1
    }

    /// What people call several of them.
    pub fn plural(self) -> String {
        let words = self.words();
        match words.strip_suffix("ry") {
            Some(stem) => format!("{stem}ries"),
            None => format!("{words}s"),
        }
    }

    /// Several of them as a heading.
    pub fn heading(self) -> String {
        capital(&self.plural())
    }

    /// So many of them: `1 server`, `3 storage repositories`.
    pub fn count(self, number: usize) -> String {
        match number {
            1 => format!("1 {}", self.words()),
            _ => format!("{number} {}", self.plural()),
        }
    }

    /// The type that OVMCLI spells so, in any case.
    pub fn from_type_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.type_name().eq_ignore_ascii_case(name))
    }
}

/// With a capital first letter, unless the first word is one that is always written as it is: `vm.cfg`, `vNIC`.
pub fn capital(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    if first_word.chars().any(char::is_uppercase) || first_word.contains('.') {
        return text.to_owned();
    }
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_their_name_and_headed_by_what_people_call_them() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_type_name(&kind.type_name().to_uppercase()), Some(kind));
        }
        let headings = [Kind::Repository, Kind::Vnic, Kind::PhysicalDisk, Kind::ServerPool].map(Kind::heading);
        assert_eq!(headings, ["Storage repositories", "vNICs", "LUNs", "Server pools"]);
        assert_eq!(Kind::Repository.count(3), "3 storage repositories");
        assert_eq!(Kind::StorageArray.plural(), "storage arrays");
        assert_eq!(Kind::from_type_name("Assembly"), None);
    }

    #[test]
    fn a_release_has_types_of_its_own() {
        let types = |version| Kind::ALL.into_iter().filter_map(move |kind| kind.type_in(version));
        assert_eq!(Kind::StorageArray.type_in(Version::V3_2), Some("SanServer"));
        assert_eq!(Kind::StorageArray.type_in(Version::V3_3), Some("StorageArray"));
        for (kind, old, new) in [
            (Kind::VlanGroup, true, false),
            (Kind::NfsAccessGroup, true, false),
            (Kind::Manager, false, true),
            (Kind::VmCloneCustomizer, false, true),
            (Kind::VlanInterface, true, true),
        ] {
            let known = [Version::V3_2, Version::V3_4].map(|version| kind.type_in(version).is_some());
            assert_eq!(known, [old, new], "{kind}");
        }
        assert_eq!(types(Version::V3_3).count(), types(Version::V3_4).count());
    }
}
