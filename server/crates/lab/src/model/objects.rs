//! The typed part of each object.

use super::Kind;
use super::machine::{NetworkMapping, StorageMapping, Vm, VmCloneCustomizer, VmDiskMapping, Vnic};
use super::network::{BondPort, Network, Port, VlanGroup, VlanInterface, VlanSegment};
use super::storage::{AccessGroup, FileServer, FileSystem, PhysicalDisk, StorageArray, StorageInitiator, VolumeGroup};
use serde::{Deserialize, Serialize};

/// Gives typed access to one variant of [`Body`].
pub trait Payload: Sized + 'static {
    /// The type of objects with this payload.
    const KIND: Kind;
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
            /// What drives a file server.
            FileServerPlugin,
            /// What drives a storage array.
            StorageArrayPlugin,
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
                    Self::FileServerPlugin => Kind::FileServerPlugin,
                    Self::StorageArrayPlugin => Kind::StorageArrayPlugin,
                    $(Self::$variant(_) => Kind::$variant,)*
                }
            }
        }

        $(impl Payload for $payload {
            const KIND: Kind = Kind::$variant;

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
    Port(Port),
    BondPort(BondPort),
    VlanInterface(VlanInterface),
    VlanGroup(VlanGroup),
    VlanSegment(VlanSegment),
    Network(Network),
    FileServer(FileServer),
    FileSystem(FileSystem),
    Repository(Repository),
    RepositoryExport(RepositoryExport),
    StorageArray(StorageArray),
    VolumeGroup(VolumeGroup),
    AccessGroup(AccessGroup),
    StorageInitiator(StorageInitiator),
    PhysicalDisk(PhysicalDisk),
    VirtualDisk(VirtualDisk),
    VirtualCdrom(VirtualCdrom),
    Vm(Vm),
    VmDiskMapping(VmDiskMapping),
    Vnic(Vnic),
    Tag(Tag),
    AntiAffinityGroup(AntiAffinityGroup),
    VmCloneCustomizer(VmCloneCustomizer),
    VmCloneStorageMapping(StorageMapping),
    VmCloneNetworkMapping(NetworkMapping),
    Job(Job),
}

/// A server pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerPool {
    /// Has a cluster database, without which there is no high availability.
    pub clustered: bool,
    /// Seconds until the cluster gives a server up.
    pub cluster_timeout: u32,
    /// Server with the master role: the first that joined.
    pub master: Option<String>,
    /// Virtual address of the pool.
    pub virtual_ip: String,
    /// File system, or LUN, with the cluster database.
    pub pool_file_system: Option<String>,
    /// Keymap of consoles.
    pub keymap: String,
    /// Machines move through an encrypted channel.
    pub migrate_ssl: bool,
    /// Start policy as a constant.
    pub start_policy: String,
    /// What the pool does about load: `OFF`, `DRS` or `DPM`.
    pub policy_mode: String,
    /// Minutes between two looks at the load.
    pub policy_period: u32,
    /// Looks at processors.
    pub policy_cpu: bool,
    /// Per cent of processor time.
    pub policy_cpu_threshold: u32,
}

impl Default for ServerPool {
    fn default() -> Self {
        Self {
            clustered: false,
            cluster_timeout: 120,
            master: None,
            virtual_ip: String::new(),
            pool_file_system: None,
            keymap: "en-us".to_owned(),
            migrate_ssl: false,
            start_policy: "BEST_SERVER".to_owned(),
            policy_mode: "OFF".to_owned(),
            policy_period: 5,
            policy_cpu: false,
            policy_cpu_threshold: 75,
        }
    }
}

/// An Oracle VM Server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Its pool.
    pub pool: Option<String>,
    /// What it calls itself, whatever its name here.
    #[serde(default)]
    pub host_name: String,
    /// Management address.
    pub ip_address: String,
    /// Version of Oracle VM Server.
    pub version: String,
    /// Memory in MB.
    pub memory: u64,
    /// Threads.
    pub processors: u32,
    /// Serial number of the chassis.
    pub serial_number: String,
    /// Takes no machines.
    pub maintenance: bool,
    /// This Manager owns it.
    pub owned: bool,
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
    /// Directory on the file system; empty for its root.
    pub share_path: String,
    /// This Manager owns it; what another one owns can only be taken over.
    pub owned: bool,
    /// Servers that have it mounted.
    pub presented: Vec<String>,
    /// Free bytes at the last refresh.
    pub free: u64,
}

/// An NFS export of a repository for somebody else's backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepositoryExport {
    /// The repository.
    pub repository: String,
    /// The server that exports it.
    pub server: String,
    /// Who may mount it.
    pub client: String,
    /// NFS options.
    pub options: String,
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

/// Virtual machines that must not share a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AntiAffinityGroup {
    /// Their pool.
    pub pool: String,
    /// The machines.
    pub vms: Vec<String>,
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
    /// The object that it works on.
    pub subject: Option<String>,
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
