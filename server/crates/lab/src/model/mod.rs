//! The Manager's view of the estate: one table of objects, addressed by id. What lies on the disks is not here.

mod kind;
mod machine;
mod objects;
mod store;

pub use kind::Kind;
pub use machine::{
    CloneType, DomainType, MappedDisk, StorageMapping, Vm, VmCloneCustomizer, VmDiskMapping, VmStatus, Vnic,
};
pub use objects::{
    Body, FileServer, FileSystem, Job, JobState, Network, Payload, PhysicalDisk, Repository, RepositoryKind, Server,
    ServerPool, Tag, VirtualCdrom, VirtualDisk,
};
pub(crate) use store::Store;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All objects of the Manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estate {
    /// Seed of the ids.
    pub seed: u64,
    /// How many random numbers were drawn from the seed.
    pub draws: u64,
    /// Id of the newest job; ids are milliseconds since 1970 and never repeat.
    pub last_job: u64,
    /// The objects by id.
    pub objects: BTreeMap<String, Object>,
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
    /// The object's type.
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }
}

impl Estate {
    /// An empty estate whose ids follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
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

    /// A new address of the Manager's own MAC range.
    pub fn new_mac(&mut self) -> String {
        let [a, b, c, ..] = self.draw().to_be_bytes();
        format!("00:21:f6:{a:02x}:{b:02x}:{c:02x}")
    }

    /// Adds an object under a new id and returns the id.
    pub fn add(&mut self, name: &str, body: Body) -> String {
        let id = self.new_id(body.kind());
        self.add_as(id, name, body)
    }

    /// Adds an object under a given id.
    pub fn add_as(&mut self, id: String, name: &str, body: Body) -> String {
        let object = Object {
            id: id.clone(),
            name: name.to_owned(),
            description: String::new(),
            locked_by: None,
            body,
        };
        self.objects.insert(id.clone(), object);
        id
    }

    /// The typed part of the object `id`, when there is one of that type.
    pub fn get<T: Payload>(&self, id: &str) -> Option<&T> {
        self.objects.get(id).and_then(|object| T::of(&object.body))
    }

    /// Mutable form of [`Self::get`].
    pub fn get_mut<T: Payload>(&mut self, id: &str) -> Option<&mut T> {
        self.objects.get_mut(id).and_then(|object| T::of_mut(&mut object.body))
    }

    /// All objects of a type.
    pub fn all<T: Payload>(&self) -> impl Iterator<Item = (&Object, &T)> {
        self.objects
            .values()
            .filter_map(|object| T::of(&object.body).map(|body| (object, body)))
    }

    /// All objects of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects.values().filter(move |object| object.kind() == kind)
    }

    /// Name of an object; its id when it is not there.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.objects.get(id).map_or(id, |object| object.name.as_str())
    }

    /// Disk mappings of a virtual machine in the order of their slots.
    pub fn mappings_of(&self, vm: &str) -> Vec<(&Object, &VmDiskMapping)> {
        let mut found: Vec<_> = self
            .all::<VmDiskMapping>()
            .filter(|(_, mapping)| mapping.vm == vm)
            .collect();
        found.sort_by_key(|(_, mapping)| mapping.slot);
        found
    }

    /// Network cards of a virtual machine in the order in which they were made.
    pub fn vnics_of(&self, vm: &str) -> Vec<(&Object, &Vnic)> {
        let mut found: Vec<_> = self
            .all::<Vnic>()
            .filter(|(_, vnic)| vnic.vm.as_deref() == Some(vm))
            .collect();
        found.sort_by_key(|(_, vnic)| vnic.order);
        found
    }

    /// The mappings that use a disk.
    pub fn users_of<'a>(&'a self, disk: &'a str) -> impl Iterator<Item = (&'a Object, &'a VmDiskMapping)> {
        self.all::<VmDiskMapping>()
            .filter(move |(_, mapping)| mapping.disk.id() == Some(disk))
    }
}
