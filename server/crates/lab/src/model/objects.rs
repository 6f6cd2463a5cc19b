//! The typed part of each object.

use super::Kind;
use super::machine::{StorageMapping, Vm, VmCloneCustomizer, VmDiskMapping, Vnic};
use serde::{Deserialize, Serialize};

/// Gives typed access to one variant of [`Body`].
pub trait Payload: Sized + 'static {
    /// The payload, when `body` is of this type.
    fn of(body: &Body) -> Option<&Self>;
    /// Mutable form of [`Self::of`].
    fn of_mut(body: &mut Body) -> Option<&mut Self>;
}

macro_rules! bodies {
    ($($variant:ident($payload:ident),)*) => {
        /// What an object is.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        pub enum Body {
            /// The Manager itself.
            Manager,
            $(
                #[doc = concat!("See [`", stringify!($payload), "`].")]
                $variant($payload),
            )*
        }

        impl Body {
            /// The object type.
            pub fn kind(&self) -> Kind {
                match self {
                    Self::Manager => Kind::Manager,
                    $(Self::$variant(_) => Kind::$variant,)*
                }
            }
        }

        $(impl Payload for $payload {
            fn of(body: &Body) -> Option<&Self> {
                if let Body::$variant(payload) = body { Some(payload) } else { None }
            }

            fn of_mut(body: &mut Body) -> Option<&mut Self> {
                if let Body::$variant(payload) = body { Some(payload) } else { None }
            }
        })*
    };
}

bodies! {
    ServerPool(ServerPool),
    Server(Server),
    Network(Network),
    FileServer(FileServer),
    FileSystem(FileSystem),
    Repository(Repository),
    PhysicalDisk(PhysicalDisk),
    VirtualDisk(VirtualDisk),
    VirtualCdrom(VirtualCdrom),
    Vm(Vm),
    VmDiskMapping(VmDiskMapping),
    Vnic(Vnic),
    Tag(Tag),
    VmCloneCustomizer(VmCloneCustomizer),
    VmCloneStorageMapping(StorageMapping),
    Job(Job),
}

/// A clustered pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerPool {
    /// Server with the master role.
    pub master: String,
    /// Virtual address of the pool.
    pub virtual_ip: String,
    /// File system with the cluster data base.
    pub pool_file_system: String,
}

/// An Oracle VM Server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Its pool.
    pub pool: String,
    /// Management address.
    pub ip_address: String,
    /// Memory in MB.
    pub memory: u64,
    /// Threads.
    pub processors: u32,
    /// Serial number of the chassis.
    pub serial_number: String,
}

/// A network; its id is the bridge name on the servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Roles as constants, for example `VIRTUAL_MACHINE`.
    pub roles: Vec<String>,
}

/// Where file systems come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileServer {
    /// Host of an NFS server; empty for the local file server of a server.
    pub access_host: String,
    /// Servers that administer it.
    pub admin_servers: Vec<String>,
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileSystem {
    /// Its file server.
    pub file_server: String,
    /// Size in bytes.
    pub size: u64,
    /// The LUN below it, when it is OCFS2.
    pub physical_disk: Option<String>,
}

/// What a repository lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryKind {
    /// OCFS2: can reflink.
    Ocfs2,
    /// An NFS export: cannot.
    Nfs,
}

/// A storage repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// What it lies on.
    pub kind: RepositoryKind,
    /// Its file system.
    pub file_system: String,
    /// Servers that have it mounted.
    pub presented: Vec<String>,
    /// Free bytes at the last refresh.
    pub free: u64,
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
}

/// A disk file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VirtualDisk {
    /// Repository in which the file lies.
    pub repository: String,
    /// Size that the guest sees, in bytes.
    pub size: u64,
    /// Allocated bytes at the last refresh.
    pub used: u64,
    /// May be mapped by several virtual machines.
    pub shareable: bool,
    /// Made by a clone; one that nobody maps was forgotten.
    #[serde(default)]
    pub cloned: bool,
}

/// An ISO file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VirtualCdrom {
    /// Repository in which the file lies.
    pub repository: String,
    /// Size in bytes.
    pub size: u64,
}

/// A tag and what carries it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// Ids of the objects that carry it.
    pub members: Vec<String>,
}

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Not finished.
    Running,
    /// Done.
    Success,
    /// Failed.
    Failure,
    /// Ended by `abort Job`.
    Aborted,
}

/// A job; its id is its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// State.
    pub state: JobState,
    /// Last words of a failed job.
    pub error: String,
    /// The object it made.
    pub result: Option<String>,
    /// Start in milliseconds since 1970.
    pub started: u64,
    /// End in milliseconds since 1970.
    pub ended: Option<u64>,
    /// Who asked for it.
    pub user: String,
}
