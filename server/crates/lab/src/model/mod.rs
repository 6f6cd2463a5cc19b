//! The Manager's view of the estate: one table of objects, addressed by id. What lies on the disks is not here.

mod kind;
mod mac_range;
mod machine;
mod network;
mod objects;
mod references;
mod storage;
mod store;
mod table;

pub use kind::Kind;
pub use mac_range::MacRange;
pub use machine::{
    CloneType, DomainType, MappedDisk, NetworkMapping, StorageMapping, Vm, VmCloneCustomizer, VmDiskMapping, VmStatus,
    Vnic,
};
pub use network::{BondPort, Interface, IpConfig, Network, Port, VlanGroup, VlanInterface, VlanSegment};
pub use objects::{
    AntiAffinityGroup, Body, Job, JobState, Payload, Repository, RepositoryExport, RepositoryKind, Server, ServerPool,
    Tag, VirtualCdrom, VirtualDisk,
};
pub use storage::{AccessGroup, FileServer, FileSystem, PhysicalDisk, StorageArray, StorageInitiator, VolumeGroup};
pub(crate) use store::Store;
pub use table::Table;

use crate::hardware::Hardware;
use crate::switches::Dialect;
use serde::{Deserialize, Serialize};

/// All objects of the Manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estate {
    /// Which Manager keeps it.
    #[serde(default)]
    pub dialect: Dialect,
    /// Seed of the ids.
    pub seed: u64,
    /// How many random numbers were drawn from the seed.
    pub draws: u64,
    /// Id of the newest job; ids are milliseconds since 1970 and never repeat.
    pub last_job: u64,
    /// First address of the range for new network cards, and its last; see `setVnicMacAddrRange`.
    pub mac_range: MacRange,
    /// How many addresses were taken out of the range.
    #[serde(default)]
    pub macs_given: u64,
    /// What the Manager can find, whether it knows it or not.
    pub hardware: Hardware,
    /// The objects by id.
    pub objects: Table,
}

/// What every object has in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Id, unique in the estate.
    pub id: String,
    /// Name; not unique.
    pub name: String,
    /// Description, often empty.
    #[serde(default)]
    pub description: String,
    /// The job that holds the object.
    #[serde(default)]
    pub locked_by: Option<u64>,
    /// What it is.
    pub body: Body,
}

impl Object {
    /// Description of what the lab makes in the name of another user.
    pub const BY_SOMEBODY_ELSE: &str = "made by somebody else";

    /// An object without description that nobody has locked.
    pub fn new(id: &str, name: &str, body: Body) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            locked_by: None,
            body,
        }
    }

    /// The object's type.
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }
}

impl Estate {
    /// An empty estate whose ids follow from `seed`.
    pub fn new(dialect: Dialect, seed: u64) -> Self {
        Self {
            dialect,
            seed,
            ..Self::default()
        }
    }

    /// The next number of the deterministic sequence (SplitMix64).
    pub fn draw(&mut self) -> u64 {
        self.draws += 1;
        let mut z = self.seed.wrapping_add(self.draws.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A new id with the type code and suffix of `kind`.
    pub fn new_id(&mut self, kind: Kind) -> String {
        let tail = self.draw();
        format!("0004fb0000{}0000{tail:016x}{}", kind.id_code(), kind.id_suffix())
    }

    /// An address of the Manager's own MAC range that no card has. When all of them are taken, one is given again.
    pub fn new_mac(&mut self) -> String {
        let size = self.mac_range.size();
        let addresses = (self.macs_given..).map(|number| (number, self.mac_range.address(self.seed, number)));
        let mut tried = addresses.take(usize::try_from(size).unwrap_or(usize::MAX));
        let free = tried.find(|(_, mac)| self.with_mac(mac).next().is_none());
        let (number, mac) =
            free.unwrap_or_else(|| (self.macs_given, self.mac_range.address(self.seed, self.macs_given)));
        self.macs_given = number + 1;
        mac
    }

    /// The network cards with an address; one at most, unless somebody has made the estate by hand.
    pub fn with_mac<'a>(&'a self, mac: &'a str) -> impl Iterator<Item = (&'a Object, &'a Vnic)> {
        self.of::<Vnic>(mac)
    }

    /// Adds an object under a new id and returns the id.
    pub fn add(&mut self, name: &str, body: Body) -> String {
        let id = self.new_id(body.kind());
        self.add_as(id, name, body)
    }

    /// Adds an object under a given id.
    pub fn add_as(&mut self, id: String, name: &str, body: Body) -> String {
        self.objects.insert(Object::new(&id, name, body));
        id
    }

    /// The typed part of the object `id`, when there is one of that type.
    pub fn get<T: Payload>(&self, id: &str) -> Option<&T> {
        self.objects.get(id).and_then(|object| T::of(&object.body))
    }

    /// Changes the typed part of the object `id`; nothing when there is none of that type.
    pub fn update<T: Payload, R>(&mut self, id: &str, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.objects
            .update(id, |object| T::of_mut(&mut object.body).map(change))
            .flatten()
    }

    /// All objects of a type.
    pub fn all<T: Payload>(&self) -> impl Iterator<Item = (&Object, &T)> {
        self.objects.of_kind(T::KIND).filter_map(typed)
    }

    /// The objects of a type that refer to an id.
    pub fn of<T: Payload>(&self, id: &str) -> impl Iterator<Item = (&Object, &T)> {
        self.objects.referrers(id, T::KIND).filter_map(typed)
    }

    /// Name of an object; its id when it is not there.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.objects.get(id).map_or(id, |object| object.name.as_str())
    }

    /// Disk mappings of a virtual machine in the order of their slots.
    pub fn mappings_of(&self, vm: &str) -> Vec<(&Object, &VmDiskMapping)> {
        let mut found: Vec<_> = self.of::<VmDiskMapping>(vm).collect();
        found.sort_by_key(|(_, mapping)| mapping.slot);
        found
    }

    /// Network cards of a virtual machine in the order in which they were made.
    pub fn vnics_of(&self, vm: &str) -> Vec<(&Object, &Vnic)> {
        let mut found: Vec<_> = self.of::<Vnic>(vm).collect();
        found.sort_by_key(|(_, vnic)| vnic.order);
        found
    }

    /// The mappings that use a disk.
    pub fn users_of<'a>(&'a self, disk: &'a str) -> impl Iterator<Item = (&'a Object, &'a VmDiskMapping)> {
        self.of::<VmDiskMapping>(disk)
    }

    /// The Manager itself.
    pub fn manager(&self) -> Option<&Object> {
        self.objects.of_kind(Kind::Manager).next()
    }
}

fn typed<T: Payload>(object: &Object) -> Option<(&Object, &T)> {
    T::of(&object.body).map(|body| (object, body))
}
