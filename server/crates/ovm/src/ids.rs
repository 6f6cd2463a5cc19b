//! Identifiers of Oracle VM objects. They are opaque: nothing is ever derived from their digits, and every object is
//! keyed by id because names are not unique. One type per kind of object, so that a repository's id cannot be
//! passed where a server's is wanted.

/// Declares types for opaque ids, one per kind of thing, each a text of its own.
#[macro_export]
macro_rules! opaque_ids {
    ($(#[$doc:meta] $name:ident;)*) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as it was printed, stored or sent.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as it is printed, stored and sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

opaque_ids! {
    /// A virtual machine or template; also the directory name of its `vm.cfg`.
    VmId;
    /// An Oracle VM Server: sixteen octets separated by colons, from its SMBIOS UUID.
    ServerId;
    /// A server pool.
    PoolId;
    /// A storage repository; also its directory name under `/OVS/Repositories`.
    RepositoryId;
    /// A file system that carries a repository or a pool file system.
    FileSystemId;
    /// A file server (NFS host, or the local file server of one Oracle VM Server).
    FileServerId;
    /// A virtual disk: the file name with its `.img` suffix.
    DiskId;
    /// A virtual CD image: the file name with its `.iso` suffix.
    CdromId;
    /// A physical disk (LUN).
    PhysicalDiskId;
    /// The mapping of a disk into a slot of a virtual machine.
    MappingId;
    /// A virtual network card.
    VnicId;
    /// A network; equals the name of the Xen bridge on the servers.
    NetworkId;
}

impl RepositoryId {
    /// Where every server has it mounted.
    pub fn directory(&self) -> String {
        format!("/OVS/Repositories/{self}")
    }

    /// File of a virtual disk: the id of the disk is its name.
    pub fn disk_path(&self, disk: &DiskId) -> String {
        format!("{}/VirtualDisks/{disk}", self.directory())
    }

    /// The definition of a machine or template whose home the repository is.
    pub fn vm_cfg_path(&self, vm: &VmId, is_template: bool) -> String {
        let folder = if is_template { "Templates" } else { "VirtualMachines" };
        format!("{}/{folder}/{vm}/vm.cfg", self.directory())
    }
}
