//! An estate in a uniform form: every object as labelled facts. Differences, comparisons and pages work on this, so that
//! they treat all types alike.

use super::{
    Attributes, DiskMapping, Estate, Kind, MappedStorage, Network, Object, PhysicalDisk, Pool, Repository, Server,
    VirtualCdrom, VirtualDisk, Vm, VmState, Vnic,
    object::{split_reference, stem},
};
use std::collections::{BTreeMap, HashMap};

/// Labels of facts that the code looks for.
pub(super) mod label {
    pub const ADDRESS: &str = "address";
    pub const DISK: &str = "disk";
    pub const MAC: &str = "MAC address";
    pub const NETWORK: &str = "network";
    pub const REPOSITORY: &str = "storage repository";
    pub const SLOT: &str = "slot";
    pub const TEMPLATE: &str = "template";
    pub const VM_CFG: &str = "vm.cfg";
    pub const WWID: &str = "WWID";
}

/// Facts that change by themselves while an estate works, by the stem of their label.
const VOLATILE: [&str; 13] = [
    "status",
    "runstate",
    "serveritrunson",
    "master",
    "used(bytes)",
    "free(bytes)",
    "free(gib)",
    "used(gib)",
    "filesystemfree(gib)",
    "usablememory(mb)",
    "currentmemory(mb)",
    "locked",
    "refreshed",
];

/// Facts that repeat what the object at the other end says: type, and stems of labels.
const TOLD_ELSEWHERE: [(Kind, &[&str]); 18] = [
    (
        Kind::Server,
        &[
            "vm",
            "ethernetport",
            "port",
            "bondport",
            "vlaninterface",
            "physicaldisk",
            "serverpool",
            "repository",
        ],
    ),
    (Kind::Port, &["network", "bondport", "vlaninterface"]),
    (Kind::BondPort, &["network", "vlaninterface"]),
    (Kind::VlanInterface, &["network"]),
    (Kind::VlanGroup, &["vlansegment"]),
    (Kind::VlanSegment, &["network", "vlaninterface"]),
    (Kind::Network, &["vnic", "vm"]),
    (Kind::FileServer, &["filesystem", "accessgroup"]),
    (Kind::StorageArray, &["volumegroup", "accessgroup", "physicaldisk"]),
    (Kind::VolumeGroup, &["physicaldisk"]),
    (Kind::PhysicalDisk, &["vmdiskmapping", "filesystem", "accessgroup"]),
    (Kind::FileSystem, &["repository"]),
    (Kind::ServerPool, &["vm", "antiaffinitygroup"]),
    (
        Kind::Repository,
        &["vm", "virtualdisk", "virtualcdrom", "assembly", "repositoryexport"],
    ),
    (Kind::Tag, &["taggedobject", "vm", "server", "serverpool"]),
    (Kind::VirtualDisk, &["vmdiskmapping"]),
    (Kind::VirtualCdrom, &["vmdiskmapping"]),
    (
        Kind::VmCloneCustomizer,
        &["vmclonestoragemapping", "vmclonenetworkmapping"],
    ),
];

/// One object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its type.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Display name; not unique.
    pub name: String,
    /// The machine that a vNIC or mapping is part of.
    pub owner: Option<String>,
    /// What it says of itself, by label.
    pub facts: BTreeMap<String, Fact>,
}

/// What an object says under one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Changes by itself.
    pub volatile: bool,
    /// The model has a field for it; else it is an attribute that was only kept.
    pub modelled: bool,
    /// The object at the other end says the same.
    pub told_elsewhere: bool,
    /// Sorted.
    pub values: Vec<Value>,
}

/// A value, or another object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// As printed.
    Text(String),
    /// Another object.
    Object {
        /// Its type, when the estate has it.
        kind: Option<Kind>,
        /// Its id.
        id: String,
        /// Its name, for show; empty when it is not known.
        name: String,
    },
}

impl Value {
    /// Whether both say the same: the name of another object is its own affair.
    pub(super) fn means(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Object { id: left, .. }, Self::Object { id: right, .. }) => left == right,
            _ => false,
        }
    }

    /// The text, or the name of the object, without one its id.
    pub fn show(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Object { id, name, .. } if name.is_empty() => id,
            Self::Object { name, .. } => name,
        }
    }
}

impl Entry {
    /// The first value under a label; empty when there is none.
    pub fn text(&self, label: &str) -> &str {
        self.facts
            .get(label)
            .and_then(|fact| fact.values.first())
            .map_or("", Value::show)
    }
}

/// All objects of an estate, in the order of their types, each fact told once.
pub(super) fn entries(estate: &Estate) -> Vec<Entry> {
    let mut entries = described(estate);
    for entry in &mut entries {
        entry.facts.retain(|_, fact| !fact.told_elsewhere);
    }
    entries
}

/// All objects of an estate with everything they say of themselves, in the order of their types.
pub fn described(estate: &Estate) -> Vec<Entry> {
    let names = Names::of(estate);
    let mut entries: Vec<Entry> = Vec::new();
    entries.extend(estate.servers.iter().map(|one| names.server(one)));
    entries.extend(estate.networks.iter().map(|one| names.network(one)));
    entries.extend(estate.physical_disks.iter().map(|one| names.physical_disk(one)));
    entries.extend(estate.pools.iter().map(|one| names.pool(one)));
    entries.extend(estate.repositories.iter().map(|one| names.repository(one)));
    entries.extend(estate.disks.iter().map(|one| names.virtual_disk(one)));
    entries.extend(estate.cdroms.iter().map(|one| names.cdrom(one)));
    entries.extend(estate.objects.iter().map(|one| names.object(one)));
    for vm in &estate.vms {
        entries.push(names.vm(vm));
        entries.extend(vm.vnics.iter().map(|one| names.vnic(vm, one)));
        entries.extend(vm.mappings.iter().map(|one| names.mapping(vm, one)));
    }
    entries.sort_by_key(|entry| entry.kind);
    entries
}

/// Type and name of all objects by id, to show references with.
struct Names<'a>(HashMap<&'a str, (Kind, &'a str)>);

impl<'a> Names<'a> {
    fn of(estate: &'a Estate) -> Self {
        let mut names = HashMap::new();
        let mut add = |kind, id, name| names.insert(id, (kind, name));
        for one in &estate.servers {
            add(Kind::Server, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.networks {
            add(Kind::Network, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.physical_disks {
            add(Kind::PhysicalDisk, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.pools {
            add(Kind::ServerPool, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.repositories {
            add(Kind::Repository, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.disks {
            add(Kind::VirtualDisk, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.cdroms {
            add(Kind::VirtualCdrom, one.id.as_str(), one.name.as_str());
        }
        for one in &estate.vms {
            add(Kind::Vm, one.id.as_str(), one.name.as_str());
            for card in &one.vnics {
                add(Kind::Vnic, card.id.as_str(), card.name.as_str());
            }
            for mapping in &one.mappings {
                add(Kind::VmDiskMapping, mapping.id.as_str(), mapping.name.as_str());
            }
        }
        for one in &estate.objects {
            add(one.kind, one.id.as_str(), one.name.as_str());
        }
        Self(names)
    }

    fn value(&self, id: &str, printed: &str) -> Value {
        let known = self.0.get(id);
        Value::Object {
            kind: known.map(|(kind, _)| *kind),
            id: id.to_owned(),
            name: known.map_or(printed, |(_, name)| *name).to_owned(),
        }
    }

    fn entry(&self, kind: Kind, id: &str, name: &str) -> Builder<'_> {
        Builder {
            names: self,
            entry: Entry {
                kind,
                id: id.to_owned(),
                name: name.to_owned(),
                owner: None,
                facts: BTreeMap::new(),
            },
        }
    }

    fn server(&self, server: &Server) -> Entry {
        self.entry(Kind::Server, server.id.as_str(), &server.name)
            .text("status", &server.status)
            .maybe(label::ADDRESS, server.ip_address.as_ref())
            .maybe("version", server.version.as_ref())
            .maybe("memory (MB)", server.memory_mb)
            .maybe("processors", server.processors)
            .other(&server.other)
    }

    fn network(&self, network: &Network) -> Entry {
        network
            .roles
            .iter()
            .fold(
                self.entry(Kind::Network, network.id.as_str(), &network.name),
                |entry, role| entry.text("role", role),
            )
            .other(&network.other)
    }

    fn physical_disk(&self, disk: &PhysicalDisk) -> Entry {
        self.entry(Kind::PhysicalDisk, disk.id.as_str(), &disk.name)
            .maybe(label::WWID, disk.wwid.as_ref())
            .maybe("size (bytes)", disk.size_bytes)
            .text("shareable", yes_no(disk.shareable))
            .other(&disk.other)
    }

    fn pool(&self, pool: &Pool) -> Entry {
        self.entry(Kind::ServerPool, pool.id.as_str(), &pool.name)
            .objects("server", pool.servers.iter().map(|id| id.as_str()))
            .objects("master", pool.master.iter().map(|id| id.as_str()))
            .other(&pool.other)
    }

    fn repository(&self, repository: &Repository) -> Entry {
        self.entry(Kind::Repository, repository.id.as_str(), &repository.name)
            .objects("file system", repository.file_system.iter().map(|id| id.as_str()))
            .maybe("free (bytes)", repository.free_bytes)
            .objects("presentation to", repository.presented_to.iter().map(|id| id.as_str()))
            .other(&repository.other)
    }

    fn virtual_disk(&self, disk: &VirtualDisk) -> Entry {
        self.entry(Kind::VirtualDisk, disk.id.as_str(), &disk.name)
            .objects(label::REPOSITORY, disk.repository.iter().map(|id| id.as_str()))
            .maybe("size (bytes)", disk.size_bytes)
            .maybe("used (bytes)", disk.used_bytes)
            .text("shareable", yes_no(disk.shareable))
            .other(&disk.other)
    }

    fn cdrom(&self, cdrom: &VirtualCdrom) -> Entry {
        self.entry(Kind::VirtualCdrom, cdrom.id.as_str(), &cdrom.name)
            .objects(label::REPOSITORY, cdrom.repository.iter().map(|id| id.as_str()))
            .other(&cdrom.other)
    }

    fn object(&self, object: &Object) -> Entry {
        object
            .links
            .iter()
            .fold(self.entry(object.kind, &object.id, &object.name), |entry, link| {
                entry.link(&link.role.to_lowercase(), &link.id, &link.name)
            })
            .other(&object.attributes)
    }

    fn vm(&self, vm: &Vm) -> Entry {
        let entry = self
            .entry(Kind::Vm, vm.id.as_str(), &vm.name)
            .text("status", state(&vm.state))
            .text(label::TEMPLATE, yes_no(vm.state == VmState::Template))
            .objects("server pool", vm.pool.iter().map(|id| id.as_str()))
            .objects("server it runs on", vm.server.iter().map(|id| id.as_str()))
            .objects(label::REPOSITORY, vm.repository.iter().map(|id| id.as_str()))
            .text("memory (MB)", vm.memory_mb)
            .text("memory limit (MB)", vm.max_memory_mb)
            .text("processors", vm.processors)
            .text("processor limit", vm.max_processors)
            .text("high availability", yes_no(vm.high_availability))
            .text("domain type", &vm.domain_type)
            .text("operating system", &vm.operating_system)
            .text("boot order", vm.boot_order.join(", "))
            .text("description", &vm.description)
            .maybe(label::VM_CFG, vm.vm_cfg.as_ref());
        vm.tags
            .iter()
            .fold(entry, |entry, tag| entry.text("tag", tag))
            .other(&vm.other)
    }

    fn vnic(&self, vm: &Vm, vnic: &Vnic) -> Entry {
        let position = vm.vnics.iter().position(|own| own.id == vnic.id).unwrap_or_default();
        self.entry(Kind::Vnic, vnic.id.as_str(), &vnic.name)
            .owned_by(vm)
            .text("position", position)
            .maybe(label::MAC, vnic.mac.as_ref())
            .objects(label::NETWORK, vnic.network.iter().map(|id| id.as_str()))
            .other(&vnic.other)
    }

    fn mapping(&self, vm: &Vm, mapping: &DiskMapping) -> Entry {
        let entry = self
            .entry(Kind::VmDiskMapping, mapping.id.as_str(), &mapping.name)
            .owned_by(vm)
            .text(label::SLOT, mapping.slot);
        let entry = match &mapping.storage {
            MappedStorage::VirtualDisk { id } => entry.objects(label::DISK, [id.as_str()]),
            MappedStorage::PhysicalDisk { id } => entry.objects(label::DISK, [id.as_str()]),
            MappedStorage::Cdrom { id } => entry.objects(label::DISK, [id.as_str()]),
            MappedStorage::EmptyCdrom => entry.text(label::DISK, "no CD"),
        };
        entry.other(&mapping.other)
    }
}

/// An entry under construction.
struct Builder<'a> {
    names: &'a Names<'a>,
    entry: Entry,
}

impl Builder<'_> {
    fn owned_by(mut self, vm: &Vm) -> Self {
        self.entry.owner = Some(vm.id.to_string());
        self
    }

    fn text(self, label: &str, value: impl ToString) -> Self {
        self.add(label, true, Value::Text(value.to_string()))
    }

    fn maybe(self, label: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.text(label, value),
            None => self,
        }
    }

    fn objects<'i>(self, label: &str, ids: impl IntoIterator<Item = &'i str>) -> Self {
        ids.into_iter().fold(self, |entry, id| entry.link(label, id, ""))
    }

    fn link(self, label: &str, id: &str, printed: &str) -> Self {
        let value = self.names.value(id, printed);
        self.add(label, true, value)
    }

    /// Adds the attributes that were only kept, and ends.
    fn other(mut self, attributes: &Attributes) -> Entry {
        for (key, value) in attributes {
            let (id, name) = split_reference(value);
            let is_object = !name.is_empty() || self.names.0.contains_key(id);
            let (label, value) = match is_object {
                true => (
                    key.trim_end_matches(|last: char| last.is_ascii_digit()).trim(),
                    self.names.value(id, name),
                ),
                false => (key.as_str(), Value::Text(value.clone())),
            };
            self = self.add(label, false, value);
        }
        for fact in self.entry.facts.values_mut() {
            fact.values.sort();
        }
        self.entry
    }

    fn add(mut self, label: &str, modelled: bool, value: Value) -> Self {
        let stem = stem(label);
        let told = TOLD_ELSEWHERE.iter().find(|(kind, _)| *kind == self.entry.kind);
        let is_told = told.is_some_and(|(_, stems)| stems.contains(&stem.as_str()));
        let is_empty = matches!(&value, Value::Text(text) if text.is_empty());
        if !is_empty {
            let fact = self.entry.facts.entry(label.to_owned()).or_insert(Fact {
                volatile: VOLATILE.contains(&stem.as_str()),
                modelled,
                told_elsewhere: is_told,
                values: Vec::new(),
            });
            fact.values.push(value);
        }
        self
    }
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn state(state: &VmState) -> &str {
    match state {
        VmState::Running => "running",
        VmState::Stopped => "stopped",
        VmState::Suspended => "suspended",
        VmState::Template => "template",
        VmState::Other(other) => other,
    }
}
