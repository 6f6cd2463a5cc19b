//! What a script is for, and the part of an estate that belongs to it.

use crate::estate::{
    Attributes, Estate, Kind, Link, MappedStorage, Network, Object, Repository, Vm, attribute, references,
    split_reference,
};
use crate::ids::{PoolId, RepositoryId, ServerId, VmId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How a file server or storage array names the servers that serve it.
const ADMINISTER: [&str; 2] = ["Admin Server", "Refresh Server"];

/// What is rebuilt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    Estate,
    /// One server pool with its servers, repositories and machines.
    Pool(PoolId),
    /// One virtual machine, on a Manager that has the rest.
    Vm(VmId),
}

impl Scope {
    /// One word for addresses and the database: `estate`, `pool-<id>`, `vm-<id>`.
    pub fn key(&self) -> String {
        match self {
            Self::Estate => "estate".to_owned(),
            Self::Pool(id) => format!("pool-{id}"),
            Self::Vm(id) => format!("vm-{id}"),
        }
    }

    /// The scope behind its word.
    pub fn from_key(key: &str) -> Option<Self> {
        match key.split_once('-') {
            None => (key == "estate").then_some(Self::Estate),
            Some(("pool", id)) => Some(Self::Pool(PoolId::new(id))),
            Some(("vm", id)) => Some(Self::Vm(VmId::new(id))),
            Some(_) => None,
        }
    }

    /// Name of what is rebuilt; none when the estate does not have it.
    pub fn name<'a>(&self, estate: &'a Estate) -> Option<&'a str> {
        match self {
            Self::Estate => Some("the whole estate"),
            Self::Pool(id) => estate.pool(id).map(|pool| pool.name.as_str()),
            Self::Vm(id) => estate.vm(id).map(|vm| vm.name.as_str()),
        }
    }

    /// The estate reduced to what is rebuilt, and to what that needs to stand on.
    pub fn part_of(&self, estate: &Estate) -> Estate {
        match self {
            Self::Estate => estate.clone(),
            Self::Pool(id) => {
                let members = estate.vms.iter().filter(|vm| vm.pool.as_ref() == Some(id));
                Part::of(estate, id, members.collect(), true).cut()
            }
            Self::Vm(id) => {
                let vm = estate.vm(id);
                match vm.and_then(|vm| pool_of(estate, vm)) {
                    Some(pool) => Part::of(estate, &pool, vm.into_iter().collect(), false).cut(),
                    None => Estate::default(),
                }
            }
        }
    }
}

/// The pool of a machine, else of a server that sees its repository.
pub(super) fn pool_of(estate: &Estate, vm: &Vm) -> Option<PoolId> {
    let repository = vm.repository.as_ref().and_then(|id| estate.repository(id));
    let servers = vm
        .server
        .iter()
        .chain(repository.iter().flat_map(|one| &one.presented_to));
    let of_server = |id: &ServerId| estate.server(id)?.pool.clone();
    vm.pool.clone().or_else(|| servers.filter_map(of_server).next())
}

/// What belongs to a pool and some machines.
struct Part<'a> {
    estate: &'a Estate,
    pool: &'a PoolId,
    vms: Vec<&'a Vm>,
    /// Everything of the pool, else only what the machines need.
    whole_pool: bool,
    /// Ids of the servers of the pool.
    servers: HashSet<&'a str>,
    /// Ids of what the machines and their clone customizers name.
    used: HashSet<&'a str>,
}

impl<'a> Part<'a> {
    fn of(estate: &'a Estate, pool: &'a PoolId, vms: Vec<&'a Vm>, whole_pool: bool) -> Self {
        let members = estate
            .servers
            .iter()
            .filter(|server| server.pool.as_ref() == Some(pool));
        let mut part = Self {
            estate,
            pool,
            servers: members.map(|server| server.id.as_str()).collect(),
            used: vms.iter().flat_map(|vm| uses(vm)).collect(),
            vms,
            whole_pool,
        };
        let mappings = estate.objects.iter().filter(|object| part.is_of_a_customizer(object));
        let named: Vec<&str> = mappings
            .flat_map(|object| &object.links)
            .map(|link| link.id.as_str())
            .collect();
        part.used.extend(named);
        let homes = estate.disks.iter().filter(|disk| part.used.contains(disk.id.as_str()));
        let homes: Vec<&str> = homes
            .filter_map(|disk| disk.repository.as_ref())
            .map(|id| id.as_str())
            .collect();
        part.used.extend(homes);
        part
    }

    /// Only what is kept is copied: an estate has thousands of machines, and each has a script of its own.
    fn cut(self) -> Estate {
        let whole = self.estate;
        let mut cut = Estate {
            version: whole.version.clone(),
            manager_uuid: whole.manager_uuid.clone(),
            vms: self.vms.iter().map(|vm| (*vm).clone()).collect(),
            pools: kept(&whole.pools, |pool| pool.id == *self.pool),
            servers: kept(&whole.servers, |server| self.servers.contains(server.id.as_str())),
            repositories: kept(&whole.repositories, |one| self.keeps(one)),
            networks: kept(&whole.networks, |network| {
                self.used.contains(network.id.as_str()) || self.carries(network)
            }),
            ..Estate::default()
        };
        let homes: HashSet<&str> = cut.repositories.iter().map(|one| one.id.as_str()).collect();
        let at_home = |home: &Option<RepositoryId>| home.as_ref().is_some_and(|id| homes.contains(id.as_str()));
        cut.disks = kept(&whole.disks, |disk| {
            self.used.contains(disk.id.as_str()) || self.whole_pool && at_home(&disk.repository)
        });
        cut.cdroms = kept(&whole.cdroms, |image| {
            self.used.contains(image.id.as_str()) || self.whole_pool && at_home(&image.repository)
        });
        let systems: HashSet<&str> = cut
            .repositories
            .iter()
            .filter_map(|one| one.file_system.as_ref())
            .map(|id| id.as_str())
            .chain(
                cut.pools
                    .iter()
                    .flat_map(|pool| references(&pool.other, "Pool FileSystem")),
            )
            .collect();
        cut.objects = kept(&whole.objects, |object| self.needs(object, &systems, &homes));
        let own = cut.objects.iter().filter(|object| object.kind == Kind::FileSystem);
        let luns: HashSet<&str> = own.flat_map(|system| system.links(Kind::PhysicalDisk)).collect();
        cut.physical_disks = kept(&whole.physical_disks, |disk| {
            let id = disk.id.as_str();
            self.used.contains(id) || luns.contains(id) || systems.contains(id)
        });
        forget_what_is_gone(whole, &mut cut);
        self.adopt(&mut cut);
        cut
    }

    fn keeps(&self, repository: &Repository) -> bool {
        let presented = repository
            .presented_to
            .iter()
            .any(|id| self.servers.contains(id.as_str()));
        self.used.contains(repository.id.as_str()) || self.whole_pool && presented
    }

    /// Storage that only servers of other pools have administered is administered by those of this one.
    fn adopt(&self, cut: &mut Estate) {
        let servers = cut
            .servers
            .iter()
            .map(|server| (server.id.to_string(), server.name.clone()));
        let servers: Vec<_> = servers.collect();
        for object in &mut cut.objects {
            for role in ADMINISTER {
                if has_lost(self.estate, object, role) {
                    let links = servers.iter().map(|(id, name)| Link {
                        role: role.to_owned(),
                        kind: Kind::Server,
                        id: id.clone(),
                        name: name.clone(),
                    });
                    object.links.extend(links);
                }
            }
        }
    }

    /// Whether a network goes over an interface of one of the servers.
    fn carries(&self, network: &Network) -> bool {
        let keys = [
            (Kind::Port, "Port"),
            (Kind::BondPort, "Bond Port"),
            (Kind::VlanInterface, "Vlan Interface"),
        ];
        let carriers = keys
            .into_iter()
            .flat_map(|(kind, key)| references(&network.other, key).into_iter().map(move |id| (kind, id)));
        let mut carriers = carriers.filter_map(|(kind, id)| self.estate.object(kind, id));
        let mut segments = references(&network.other, "Vlan Segment").into_iter();
        carriers.any(|carrier| self.is_on_a_server(carrier))
            || segments.any(|id| {
                let segment = self.estate.object(Kind::VlanSegment, id);
                segment.is_some_and(|segment| self.is_of_a_carried_group(segment))
            })
    }

    fn is_of_a_carried_group(&self, segment: &Object) -> bool {
        let group = segment.link(Kind::VlanGroup);
        let group = group.and_then(|id| self.estate.object(Kind::VlanGroup, id));
        group.is_some_and(|group| self.carries_vlans(group))
    }

    /// Whether a VLAN group has ports or bonds of one of the servers.
    fn carries_vlans(&self, group: &Object) -> bool {
        let members = [Kind::Port, Kind::BondPort].into_iter();
        let mut members = members.flat_map(|kind| group.links(kind).map(move |id| (kind, id)));
        members.any(|(kind, id)| {
            let member = self.estate.object(kind, id);
            member.is_some_and(|member| self.is_on_a_server(member))
        })
    }

    fn is_on_a_server(&self, object: &Object) -> bool {
        object.links(Kind::Server).any(|id| self.servers.contains(id))
    }

    fn is_of_a_machine(&self, object: &Object) -> bool {
        object
            .link(Kind::Vm)
            .is_some_and(|id| self.vms.iter().any(|vm| vm.id.as_str() == id))
    }

    fn is_of_a_customizer(&self, object: &Object) -> bool {
        let customizer = object.link(Kind::VmCloneCustomizer);
        let customizer = customizer.and_then(|id| self.estate.object(Kind::VmCloneCustomizer, id));
        customizer.is_some_and(|customizer| self.is_of_a_machine(customizer))
    }

    fn needs(&self, object: &Object, systems: &HashSet<&str>, homes: &HashSet<&str>) -> bool {
        match object.kind {
            Kind::Port | Kind::BondPort | Kind::VlanInterface => self.is_on_a_server(object),
            // Arrays without servers are there in every Manager. A filer may be administered by servers of another pool.
            Kind::FileServer | Kind::StorageArray => {
                let is_everywhere = object.links(Kind::Server).next().is_none();
                self.is_on_a_server(object) || is_everywhere || self.holds_storage(object, systems)
            }
            Kind::VlanGroup => self.carries_vlans(object),
            Kind::VlanSegment => self.is_of_a_carried_group(object),
            Kind::AccessGroup | Kind::NfsAccessGroup => {
                let owners = [Kind::FileServer, Kind::StorageArray].into_iter();
                let mut owners = owners.filter_map(|kind| self.estate.object(kind, object.link(kind)?));
                owners.any(|owner| self.needs(owner, systems, homes))
            }
            Kind::FileSystem => systems.contains(object.id.as_str()),
            Kind::RepositoryExport => {
                self.is_on_a_server(object) && object.links(Kind::Repository).any(|id| homes.contains(id))
            }
            Kind::AntiAffinityGroup => object.link(Kind::ServerPool) == Some(self.pool.as_str()),
            Kind::VmCloneCustomizer => self.is_of_a_machine(object),
            Kind::VmCloneStorageMapping | Kind::VmCloneNetworkMapping => self.is_of_a_customizer(object),
            Kind::Tag => self.is_put_on_something(object),
            _ => false,
        }
    }

    /// Whether a file server of the network has one of the file systems, or a storage array a LUN below them or below a
    /// machine.
    fn holds_storage(&self, object: &Object, systems: &HashSet<&str>) -> bool {
        let mut own = self
            .estate
            .objects(Kind::FileSystem)
            .filter(|system| systems.contains(system.id.as_str()));
        if object.kind == Kind::FileServer {
            let of_the_network = object.attribute("Access Host").is_some();
            return of_the_network && own.any(|system| system.links(Kind::FileServer).any(|id| id == object.id));
        }
        let below: HashSet<&str> = own.flat_map(|system| system.links(Kind::PhysicalDisk)).collect();
        let is_kept = |id: &str| self.used.contains(id) || below.contains(id) || systems.contains(id);
        let mut disks = self
            .estate
            .physical_disks
            .iter()
            .filter(|disk| is_kept(disk.id.as_str()));
        disks.any(|disk| attribute(&disk.other, "San Server") == Some(object.name.as_str()))
    }

    fn is_put_on_something(&self, tag: &Object) -> bool {
        let servers = self
            .estate
            .servers
            .iter()
            .filter(|server| self.servers.contains(server.id.as_str()));
        let pools = self.estate.pools.iter().filter(|pool| pool.id == *self.pool);
        let mut others = servers.map(|server| &server.other).chain(pools.map(|pool| &pool.other));
        self.vms.iter().any(|vm| vm.tags.contains(&tag.name))
            || others.any(|other| references(other, "Tag").contains(&tag.id.as_str()))
    }
}

/// Storage of a part that other servers administer than in the whole estate.
pub(super) fn adopted<'p>(whole: &'p Estate, part: &'p Estate) -> impl Iterator<Item = &'p Object> {
    part.objects.iter().filter(|object| {
        let original = whole.object(object.kind, &object.id);
        let mut admins = original
            .into_iter()
            .flat_map(|one| one.links_as(ADMINISTER[0]))
            .peekable();
        let here: HashSet<&str> = object.links_as(ADMINISTER[0]).collect();
        admins.peek().is_some() && !admins.any(|id| here.contains(id))
    })
}

/// Whether none of the servers that the whole estate names in this role is left.
fn has_lost(whole: &Estate, object: &Object, role: &str) -> bool {
    let original = whole.object(object.kind, &object.id);
    let had = original.is_some_and(|original| original.links_as(role).next().is_some());
    had && object.links_as(role).next().is_none()
}

/// Ids of the networks, disks, LUNs, images and the repository of a machine.
fn uses(vm: &Vm) -> impl Iterator<Item = &str> {
    let storage = vm.mappings.iter().filter_map(|mapping| match &mapping.storage {
        MappedStorage::VirtualDisk { id } => Some(id.as_str()),
        MappedStorage::PhysicalDisk { id } => Some(id.as_str()),
        MappedStorage::Cdrom { id } => Some(id.as_str()),
        MappedStorage::EmptyCdrom => None,
    });
    let networks = vm
        .vnics
        .iter()
        .filter_map(|vnic| vnic.network.as_ref().map(|id| id.as_str()));
    storage
        .chain(networks)
        .chain(vm.repository.iter().map(|id| id.as_str()))
}

/// Takes away every mention of what was cut off.
fn forget_what_is_gone(whole: &Estate, part: &mut Estate) {
    let kept: HashSet<String> = ids(part).map(str::to_owned).collect();
    let known: HashSet<&str> = ids(whole).collect();
    let here = |id: &str| kept.contains(id) || !known.contains(id);
    let forget = |attributes: &mut Attributes| attributes.retain(|(_, value)| here(split_reference(value).0));
    for object in &mut part.objects {
        object.links.retain(|link| here(&link.id));
        forget(&mut object.attributes);
    }
    part.servers.iter_mut().for_each(|one| forget(&mut one.other));
    part.pools.iter_mut().for_each(|one| forget(&mut one.other));
    part.networks.iter_mut().for_each(|one| forget(&mut one.other));
    part.vms.iter_mut().for_each(|one| forget(&mut one.other));
    for repository in &mut part.repositories {
        repository.presented_to.retain(|id| here(id.as_str()));
        forget(&mut repository.other);
    }
}

/// Ids of everything, and the names under which servers speak to storage arrays, which go with their servers.
fn ids(estate: &Estate) -> impl Iterator<Item = &str> {
    let servers = estate.servers.iter().map(|one| one.id.as_str());
    let initiators = estate
        .servers
        .iter()
        .flat_map(|one| references(&one.other, "Storage Initiator"));
    servers
        .chain(initiators)
        .chain(estate.pools.iter().map(|one| one.id.as_str()))
        .chain(estate.networks.iter().map(|one| one.id.as_str()))
        .chain(estate.repositories.iter().map(|one| one.id.as_str()))
        .chain(estate.physical_disks.iter().map(|one| one.id.as_str()))
        .chain(estate.disks.iter().map(|one| one.id.as_str()))
        .chain(estate.vms.iter().map(|one| one.id.as_str()))
        .chain(estate.objects.iter().map(|one| one.id.as_str()))
}

/// Copies of those that are kept.
fn kept<T: Clone>(all: &[T], keep: impl Fn(&T) -> bool) -> Vec<T> {
    all.iter().filter(|one| keep(one)).cloned().collect()
}
