//! The object types of the command line.

/// An object type, spelled as the manual spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The Manager itself.
    Manager,
    /// A server pool.
    ServerPool,
    /// An Oracle VM Server.
    Server,
    /// A network.
    Network,
    /// An NFS host or the local file server of a server.
    FileServer,
    /// A file system that carries a repository.
    FileSystem,
    /// A storage repository.
    Repository,
    /// A LUN.
    PhysicalDisk,
    /// A disk file.
    VirtualDisk,
    /// An ISO file.
    VirtualCdrom,
    /// A virtual machine or template.
    Vm,
    /// A disk in a slot of a virtual machine.
    VmDiskMapping,
    /// A virtual network card.
    Vnic,
    /// A tag.
    Tag,
    /// The plan of a clone.
    VmCloneCustomizer,
    /// One disk of that plan.
    VmCloneStorageMapping,
    /// A job.
    Job,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::Manager,
        Self::ServerPool,
        Self::Server,
        Self::Network,
        Self::FileServer,
        Self::FileSystem,
        Self::Repository,
        Self::PhysicalDisk,
        Self::VirtualDisk,
        Self::VirtualCdrom,
        Self::Vm,
        Self::VmDiskMapping,
        Self::Vnic,
        Self::Tag,
        Self::VmCloneCustomizer,
        Self::VmCloneStorageMapping,
        Self::Job,
    ];

    /// Types that exist in reality and have no instance here: `list` answers with an empty list.
    const EMPTY: [&str; 23] = [
        "AccessGroup",
        "AntiAffinityGroup",
        "Assembly",
        "AssemblyVirtualDisk",
        "AssemblyVm",
        "BondPort",
        "ControlDomain",
        "Cpu",
        "CpuCompatibilityGroup",
        "FileServerPlugin",
        "PeriodicTask",
        "Port",
        "RepositoryExport",
        "ServerController",
        "ServerPoolNetworkPolicy",
        "ServerUpdateGroup",
        "StorageArray",
        "StorageArrayPlugin",
        "StorageInitiator",
        "VirtualAppliance",
        "VlanInterface",
        "VmCloneNetworkMapping",
        "VolumeGroup",
    ];

    /// Reads a type name; case does not matter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether `name` is a type of which this estate has nothing.
    pub fn is_known_but_empty(name: &str) -> bool {
        Self::EMPTY.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// All type names, for `showobjtypes`.
    pub fn names() -> Vec<&'static str> {
        let mut names: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).chain(Self::EMPTY).collect();
        names.sort_unstable();
        names
    }

    /// Spelling of the manual.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manager => "Manager",
            Self::ServerPool => "ServerPool",
            Self::Server => "Server",
            Self::Network => "Network",
            Self::FileServer => "FileServer",
            Self::FileSystem => "FileSystem",
            Self::Repository => "Repository",
            Self::PhysicalDisk => "PhysicalDisk",
            Self::VirtualDisk => "VirtualDisk",
            Self::VirtualCdrom => "VirtualCdrom",
            Self::Vm => "Vm",
            Self::VmDiskMapping => "VmDiskMapping",
            Self::Vnic => "Vnic",
            Self::Tag => "Tag",
            Self::VmCloneCustomizer => "VmCloneCustomizer",
            Self::VmCloneStorageMapping => "VmCloneStorageMapping",
            Self::Job => "Job",
        }
    }

    /// Digits 11 and 12 of an id. Several types share a code, as in reality: a type cannot be told from an id.
    pub fn id_code(self) -> &'static str {
        match self {
            Self::Manager | Self::Job | Self::Server => "01",
            Self::ServerPool => "02",
            Self::Repository => "03",
            Self::FileSystem => "05",
            Self::Vm => "06",
            Self::Vnic => "07",
            Self::FileServer => "09",
            Self::Network => "10",
            Self::VirtualDisk => "12",
            Self::VmDiskMapping | Self::VmCloneCustomizer | Self::VmCloneStorageMapping => "13",
            Self::VirtualCdrom => "15",
            Self::PhysicalDisk => "18",
            Self::Tag => "22",
        }
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
