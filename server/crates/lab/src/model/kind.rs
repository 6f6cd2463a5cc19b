//! The object types of the command line.

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $code:literal,)*) => {
        /// An object type, spelled as the manual spells it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Spelling of the manual.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)*
                }
            }

            /// Digits 11 and 12 of an id. Several types share a code, as in reality: a type cannot be told from an id.
            pub fn id_code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }
        }
    };
}

kinds! {
    /// The Manager itself.
    Manager "01",
    /// A server pool.
    ServerPool "02",
    /// An Oracle VM Server.
    Server "01",
    /// A network card of a server.
    Port "20",
    /// Several ports as one.
    BondPort "20",
    /// A VLAN on a port or bond.
    VlanInterface "20",
    /// 3.2: ports and bonds that carry the same VLANs.
    VlanGroup "11",
    /// 3.2: a VLAN of a group.
    VlanSegment "11",
    /// A network.
    Network "10",
    /// What drives a file server.
    FileServerPlugin "01",
    /// An NFS host or the local file server of a server.
    FileServer "09",
    /// A file system that carries a repository or the data of a pool.
    FileSystem "05",
    /// A storage repository.
    Repository "03",
    /// An NFS export of a repository.
    RepositoryExport "03",
    /// What drives a storage array.
    StorageArrayPlugin "01",
    /// Where LUNs come from.
    StorageArray "08",
    /// A group of LUNs in a storage array.
    VolumeGroup "08",
    /// Who may see which LUNs.
    AccessGroup "16",
    /// The name under which a server speaks to storage arrays.
    StorageInitiator "17",
    /// A LUN.
    PhysicalDisk "18",
    /// A disk file.
    VirtualDisk "12",
    /// An ISO file.
    VirtualCdrom "15",
    /// A virtual machine or template.
    Vm "06",
    /// A disk in a slot of a virtual machine.
    VmDiskMapping "13",
    /// A virtual network card.
    Vnic "07",
    /// A tag.
    Tag "22",
    /// Virtual machines that must not share a server.
    AntiAffinityGroup "19",
    /// The plan of a clone.
    VmCloneCustomizer "13",
    /// One disk of that plan.
    VmCloneStorageMapping "13",
    /// One network card of that plan.
    VmCloneNetworkMapping "13",
    /// A job.
    Job "01",
}

impl Kind {
    /// Reads a type name; case does not matter. Types of which this estate can have nothing are none.
    pub fn parse(name: &str) -> Option<Self> {
        // 3.2 calls storage arrays so; the grammar has made sure that the release knows the word.
        if name.eq_ignore_ascii_case("SanServer") {
            return Some(Self::StorageArray);
        }
        let mut kinds = Self::ALL.iter().copied();
        kinds.find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }

    /// Ids of disk and CD images are their file names.
    pub fn id_suffix(self) -> &'static str {
        match self {
            Self::VirtualDisk => ".img",
            Self::VirtualCdrom => ".iso",
            _ => "",
        }
    }
}
