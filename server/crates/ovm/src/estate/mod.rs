//! The estate model: what one Manager knows of its pools, servers, storage, networks and virtual machines.
//! Every object keeps the attributes that the model has no field for in `other`, in the order of the answer, so that
//! nothing the Manager said is lost.

mod compare;
mod diff;
mod facts;
mod kind;
mod object;
pub mod read;

use crate::ids::{
    CdromId, DiskId, FileServerId, FileSystemId, MappingId, NetworkId, PhysicalDiskId, PoolId, RepositoryId, ServerId,
    VmId, VnicId,
};
use crate::ovmcli::Release;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) use compare::IdsInNames;
pub use compare::{NOT_RESTORED, NotRestored, compare};
pub use diff::{Change, Nature, difference};
pub use facts::{Entry, Fact, Value, described};
pub use kind::{Kind, capital};
pub use object::{Link, Object, attribute, references, split_reference};

/// Attributes in the order in which the Manager printed them; keys can repeat.
pub type Attributes = Vec<(String, String)>;

/// Everything one Manager knows, at one time. Collections are sorted by id, so that two discoveries of the same estate
/// are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estate {
    /// Product version as `showversion` prints it, for example `3.4.6.2105`.
    pub version: String,
    /// UUID of the Manager, when it could be read.
    pub manager_uuid: Option<String>,
    /// Server pools.
    pub pools: Vec<Pool>,
    /// Oracle VM Servers.
    pub servers: Vec<Server>,
    /// Storage repositories.
    pub repositories: Vec<Repository>,
    /// Networks.
    pub networks: Vec<Network>,
    /// Virtual disks, used or not.
    pub disks: Vec<VirtualDisk>,
    /// Virtual CD images.
    pub cdroms: Vec<VirtualCdrom>,
    /// Physical disks (LUNs).
    pub physical_disks: Vec<PhysicalDisk>,
    /// Virtual machines and templates.
    pub vms: Vec<Vm>,
    /// Ports, bonds, file servers and everything else that needs no type of its own.
    #[serde(default)]
    pub objects: Vec<Object>,
    /// Objects that could not be read, each with the reason: one bad object does not spoil the rest.
    pub problems: Vec<Problem>,
}

/// An object that discovery could not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// OVMCLI type, for example `Vm`.
    pub object_type: String,
    /// Id of the object.
    pub id: String,
    /// Name of the object as the list showed it.
    pub name: String,
    /// What went wrong, as a sentence.
    pub reason: String,
}

/// A server pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Id.
    pub id: PoolId,
    /// Display name.
    pub name: String,
    /// Member servers.
    pub servers: Vec<ServerId>,
    /// The server that speaks for the pool.
    pub master: Option<ServerId>,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

impl Pool {
    /// Whether its servers form a cluster, which keeps a lock for each running machine. Only a pool that says that it
    /// does not is taken for one that does not.
    pub fn is_cluster(&self) -> bool {
        attribute(&self.other, "Cluster Enable").is_none_or(|value| !value.eq_ignore_ascii_case("no"))
    }
}

/// An Oracle VM Server (dom0).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Id.
    pub id: ServerId,
    /// Display name.
    pub name: String,
    /// `Running`, `Stopped` and so on, as printed.
    pub status: String,
    /// Management address.
    pub ip_address: Option<String>,
    /// Pool the server belongs to.
    pub pool: Option<PoolId>,
    /// Version of Oracle VM Server.
    pub version: Option<String>,
    /// Memory in MB.
    pub memory_mb: Option<u64>,
    /// Number of processors.
    pub processors: Option<u32>,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

/// How a repository stores its files; decides which backup methods are possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryKind {
    /// A cluster file system on a LUN: reflinks, hence thin clones of running machines.
    Ocfs2,
    /// A network share: no reflinks, the machine must be stopped.
    Nfs,
    /// Could not be told from what the Manager printed.
    Unknown,
}

/// A storage repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Id; the directory under `/OVS/Repositories`.
    pub id: RepositoryId,
    /// Display name.
    pub name: String,
    /// File system that carries it.
    pub file_system: Option<FileSystemId>,
    /// Name of the file system as the reference printed it.
    pub file_system_name: Option<String>,
    /// File server that serves the file system.
    pub file_server: Option<FileServerId>,
    /// OCFS2 or NFS.
    pub kind: RepositoryKind,
    /// Free space in bytes, rounded as the Manager prints it.
    pub free_bytes: Option<u64>,
    /// Servers that have it mounted.
    pub presented_to: Vec<ServerId>,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Id; equals the bridge name in `vm.cfg`.
    pub id: NetworkId,
    /// Display name.
    pub name: String,
    /// Roles, for example `VIRTUAL_MACHINE`.
    pub roles: Vec<String>,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

/// A virtual disk: a file in a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualDisk {
    /// Id; the file name.
    pub id: DiskId,
    /// Display name.
    pub name: String,
    /// Repository that holds the file.
    pub repository: Option<RepositoryId>,
    /// Size in bytes, rounded as the Manager prints it.
    pub size_bytes: Option<u64>,
    /// Allocated bytes, rounded as the Manager prints it.
    pub used_bytes: Option<u64>,
    /// May be mapped to several machines.
    pub shareable: bool,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

/// A virtual CD image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualCdrom {
    /// Id; the file name.
    pub id: CdromId,
    /// Display name.
    pub name: String,
    /// Repository that holds the file.
    pub repository: Option<RepositoryId>,
    /// Attributes without a field of their own.
    #[serde(default)]
    pub other: Attributes,
}

/// A physical disk (LUN).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhysicalDisk {
    /// Id.
    pub id: PhysicalDiskId,
    /// Display name.
    pub name: String,
    /// Multipath WWID; the device on the servers is `/dev/mapper/<wwid>`.
    pub wwid: Option<String>,
    /// Size in bytes, rounded as the Manager prints it.
    pub size_bytes: Option<u64>,
    /// May be mapped to several machines.
    pub shareable: bool,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

/// State of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VmState {
    /// Running on a server.
    Running,
    /// Stopped.
    Stopped,
    /// Suspended to disk.
    Suspended,
    /// A template, not a machine.
    Template,
    /// Anything else, as printed.
    Other(String),
}

/// A virtual machine or template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vm {
    /// Id.
    pub id: VmId,
    /// Display name; not unique.
    pub name: String,
    /// State at the time of discovery.
    pub state: VmState,
    /// Pool the machine belongs to.
    pub pool: Option<PoolId>,
    /// Server it runs on, when it runs.
    pub server: Option<ServerId>,
    /// Repository of its `vm.cfg`.
    pub repository: Option<RepositoryId>,
    /// Memory in MB.
    pub memory_mb: u64,
    /// Upper limit of the memory in MB.
    pub max_memory_mb: u64,
    /// Virtual processors.
    pub processors: u32,
    /// Upper limit of the processors.
    pub max_processors: u32,
    /// Restarted on another server when its own fails.
    pub high_availability: bool,
    /// `XEN_PVM`, `XEN_HVM`, `XEN_HVM_PV_DRIVERS`, as the command line spells it.
    pub domain_type: String,
    /// Operating system as printed.
    pub operating_system: String,
    /// Boot order as the command line spells it, when known.
    pub boot_order: Vec<String>,
    /// Free text.
    pub description: String,
    /// Disks in slot order.
    pub mappings: Vec<DiskMapping>,
    /// Network cards in slot order.
    pub vnics: Vec<Vnic>,
    /// Tags by name.
    pub tags: Vec<String>,
    /// Text of `vm.cfg`, when it could be read.
    pub vm_cfg: Option<String>,
    /// Attributes without a field of their own.
    pub other: Attributes,
}

/// What is mapped into a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MappedStorage {
    /// A file in a repository.
    VirtualDisk {
        /// The disk.
        id: DiskId,
    },
    /// A LUN.
    PhysicalDisk {
        /// The LUN.
        id: PhysicalDiskId,
    },
    /// A CD image.
    Cdrom {
        /// The image.
        id: CdromId,
    },
    /// An empty CD drive.
    EmptyCdrom,
}

/// A disk in a slot of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskMapping {
    /// Id.
    pub id: MappingId,
    /// Name of the mapping.
    pub name: String,
    /// Slot, from 0.
    pub slot: u32,
    /// What is mapped.
    pub storage: MappedStorage,
    /// Attributes without a field of their own.
    #[serde(default)]
    pub other: Attributes,
}

/// A virtual network card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vnic {
    /// Id.
    pub id: VnicId,
    /// Name; on 3.2 it is the MAC address.
    pub name: String,
    /// MAC address in lower case with colons.
    pub mac: Option<String>,
    /// Network it is plugged into.
    pub network: Option<NetworkId>,
    /// Attributes without a field of their own.
    #[serde(default)]
    pub other: Attributes,
}

impl Estate {
    /// The release of the Manager; the newest when it cannot be told.
    pub fn release(&self) -> Release {
        self.version.parse().unwrap_or_default()
    }

    /// Sorts every collection by id; discovery ends with this.
    pub fn sort(&mut self) {
        self.pools.sort_by(|left, right| left.id.cmp(&right.id));
        self.servers.sort_by(|left, right| left.id.cmp(&right.id));
        self.repositories.sort_by(|left, right| left.id.cmp(&right.id));
        self.networks.sort_by(|left, right| left.id.cmp(&right.id));
        self.disks.sort_by(|left, right| left.id.cmp(&right.id));
        self.cdroms.sort_by(|left, right| left.id.cmp(&right.id));
        self.physical_disks.sort_by(|left, right| left.id.cmp(&right.id));
        self.vms.sort_by(|left, right| left.id.cmp(&right.id));
        self.objects
            .sort_by(|left, right| (left.kind, &left.id).cmp(&(right.kind, &right.id)));
        self.problems
            .sort_by(|left, right| (&left.object_type, &left.id).cmp(&(&right.object_type, &right.id)));
    }

    /// How many objects of each type it has, without parts of machines.
    pub fn counts(&self) -> Vec<(Kind, u64)> {
        let collections = [
            (Kind::Server, self.servers.len()),
            (Kind::Network, self.networks.len()),
            (Kind::PhysicalDisk, self.physical_disks.len()),
            (Kind::ServerPool, self.pools.len()),
            (Kind::Repository, self.repositories.len()),
            (Kind::VirtualDisk, self.disks.len()),
            (Kind::VirtualCdrom, self.cdroms.len()),
            (Kind::Vm, self.vms.len()),
        ];
        let mut counts: BTreeMap<Kind, u64> = BTreeMap::new();
        for (kind, number) in collections {
            counts.insert(kind, number as u64);
        }
        for object in &self.objects {
            *counts.entry(object.kind).or_default() += 1;
        }
        counts.into_iter().collect()
    }

    /// The network with this id.
    pub fn network(&self, id: &NetworkId) -> Option<&Network> {
        self.networks.iter().find(|network| network.id == *id)
    }

    /// The machine or template with this id.
    pub fn vm(&self, id: &VmId) -> Option<&Vm> {
        self.vms.iter().find(|vm| vm.id == *id)
    }

    /// The repository with this id.
    pub fn repository(&self, id: &RepositoryId) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.id == *id)
    }

    /// The virtual disk with this id.
    pub fn disk(&self, id: &DiskId) -> Option<&VirtualDisk> {
        self.disks.iter().find(|disk| disk.id == *id)
    }

    /// The CD image with this id.
    pub fn cdrom(&self, id: &CdromId) -> Option<&VirtualCdrom> {
        self.cdroms.iter().find(|cdrom| cdrom.id == *id)
    }

    /// The physical disk with this id.
    pub fn physical_disk(&self, id: &PhysicalDiskId) -> Option<&PhysicalDisk> {
        self.physical_disks.iter().find(|disk| disk.id == *id)
    }

    /// The server with this id.
    pub fn server(&self, id: &ServerId) -> Option<&Server> {
        self.servers.iter().find(|server| server.id == *id)
    }

    /// The pool with this id.
    pub fn pool(&self, id: &PoolId) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.id == *id)
    }

    /// The objects of a type that has no collection of its own, by id.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// One of them.
    pub fn object(&self, kind: Kind, id: &str) -> Option<&Object> {
        self.objects(kind).find(|object| object.id == id)
    }

    /// Machines, other than `except`, that map the given virtual disk.
    pub fn vms_sharing_disk<'a>(&'a self, disk: &'a DiskId, except: &'a VmId) -> impl Iterator<Item = &'a Vm> {
        self.vms.iter().filter(move |vm| {
            vm.id != *except
                && vm
                    .mappings
                    .iter()
                    .any(|mapping| matches!(&mapping.storage, MappedStorage::VirtualDisk { id } if id == disk))
        })
    }
}
