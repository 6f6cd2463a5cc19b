//! What a script is for, and the part of an estate that belongs to it.

use crate::estate::{Estate, Kind, MappedStorage, Object, Vm, attribute, references};
use crate::ids::{PoolId, ServerId, VmId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

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
    /// One word for addresses and the data base: `estate`, `pool-<id>`, `vm-<id>`.
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
                let members = |vm: &&Vm| vm.pool.as_ref() == Some(id);
                part(estate, id, estate.vms.iter().filter(members).cloned().collect())
            }
            Self::Vm(id) => {
                let vms: Vec<Vm> = estate.vm(id).into_iter().cloned().collect();
                match vms.first().and_then(|vm| pool_of(estate, vm)) {
                    Some(pool) => part(estate, &pool, vms),
                    None => Estate::default(),
                }
            }
        }
    }
}

/// The pool of a machine, else of a server that sees its repository.
fn pool_of(estate: &Estate, vm: &Vm) -> Option<PoolId> {
    let repository = vm.repository.as_ref().and_then(|id| estate.repository(id));
    let servers = vm
        .server
        .iter()
        .chain(repository.iter().flat_map(|one| &one.presented_to));
    let of_server = |id: &ServerId| estate.server(id)?.pool.clone();
    vm.pool.clone().or_else(|| servers.filter_map(of_server).next())
}

/// A pool, the machines, and what both need.
fn part(estate: &Estate, pool: &PoolId, vms: Vec<Vm>) -> Estate {
    let mut part = estate.clone();
    part.problems.clear();
    part.pools.retain(|own| own.id == *pool);
    part.servers.retain(|server| server.pool.as_ref() == Some(pool));
    let servers: HashSet<&str> = part.servers.iter().map(|server| server.id.as_str()).collect();
    part.repositories
        .iter_mut()
        .for_each(|one| one.presented_to.retain(|id| servers.contains(id.as_str())));
    let used: HashSet<String> = vms.iter().flat_map(uses).collect();
    part.disks.retain(|disk| used.contains(disk.id.as_str()));
    part.cdroms.retain(|cdrom| used.contains(cdrom.id.as_str()));
    let homes: HashSet<&str> = part
        .disks
        .iter()
        .filter_map(|disk| disk.repository.as_ref())
        .chain(vms.iter().filter_map(|vm| vm.repository.as_ref()))
        .map(|id| id.as_str())
        .collect();
    part.repositories
        .retain(|one| !one.presented_to.is_empty() && homes.contains(one.id.as_str()));
    part.networks
        .retain(|network| used.contains(network.id.as_str()) || carries(estate, &servers, &network.other));
    let networks: HashSet<&str> = part.networks.iter().map(|network| network.id.as_str()).collect();
    for network in estate
        .networks
        .iter()
        .filter(|network| !networks.contains(network.id.as_str()))
    {
        part.objects
            .iter_mut()
            .for_each(|object| object.links.retain(|link| link.id != network.id.as_str()));
    }
    let machines: HashSet<&str> = vms.iter().map(|vm| vm.id.as_str()).collect();
    let objects = std::mem::take(&mut part.objects);
    part.objects = objects
        .into_iter()
        .filter(|object| belongs(object, pool, &servers, &machines, &part))
        .collect();
    part.physical_disks.retain(|disk| {
        used.contains(disk.id.as_str())
            || part
                .objects
                .iter()
                .any(|object| object.links(Kind::PhysicalDisk).any(|id| id == disk.id.as_str()))
            || part
                .pools
                .iter()
                .any(|pool| references(&pool.other, "Pool FileSystem").contains(&disk.id.as_str()))
    });
    part.vms = vms;
    part
}

/// Ids of the networks, disks, LUNs and images of a machine.
fn uses(vm: &Vm) -> impl Iterator<Item = String> {
    let storage = vm.mappings.iter().filter_map(|mapping| match &mapping.storage {
        MappedStorage::VirtualDisk { id } => Some(id.to_string()),
        MappedStorage::PhysicalDisk { id } => Some(id.to_string()),
        MappedStorage::Cdrom { id } => Some(id.to_string()),
        MappedStorage::EmptyCdrom => None,
    });
    let networks = vm
        .vnics
        .iter()
        .filter_map(|vnic| vnic.network.as_ref().map(ToString::to_string));
    storage.chain(networks)
}

/// Whether a network goes over an interface of one of the servers.
fn carries(estate: &Estate, servers: &HashSet<&str>, network: &crate::estate::Attributes) -> bool {
    let interfaces = [Kind::Port, Kind::BondPort, Kind::VlanInterface];
    let mut ids = ["Port", "Bond Port", "Vlan Interface"]
        .into_iter()
        .flat_map(|key| references(network, key));
    ids.any(|id| {
        let mut known = interfaces.iter().filter_map(|kind| estate.object(*kind, id));
        known.any(|object| object.link(Kind::Server).is_some_and(|server| servers.contains(server)))
    })
}

/// Whether an object is needed by a pool with these servers and machines.
fn belongs(object: &Object, pool: &PoolId, servers: &HashSet<&str>, machines: &HashSet<&str>, part: &Estate) -> bool {
    let on_a_server = || object.links(Kind::Server).any(|id| servers.contains(id));
    match object.kind {
        Kind::Manager | Kind::VolumeGroup => false,
        Kind::Port | Kind::BondPort | Kind::VlanInterface => on_a_server(),
        Kind::FileServer | Kind::StorageArray => on_a_server() || object.links(Kind::Server).next().is_none(),
        Kind::AccessGroup => on_a_server(),
        Kind::FileSystem => {
            let of_repository = part
                .repositories
                .iter()
                .any(|one| one.file_system.as_ref().is_some_and(|id| id.as_str() == object.id));
            of_repository
                || part
                    .pools
                    .iter()
                    .any(|pool| references(&pool.other, "Pool FileSystem").contains(&object.id.as_str()))
        }
        Kind::RepositoryExport => {
            on_a_server()
                && object
                    .link(Kind::Repository)
                    .is_some_and(|id| part.repositories.iter().any(|one| one.id.as_str() == id))
        }
        Kind::AntiAffinityGroup => object.link(Kind::ServerPool) == Some(pool.as_str()),
        Kind::VmCloneCustomizer => object.link(Kind::Vm).is_some_and(|id| machines.contains(id)),
        Kind::Tag => attribute(&object.attributes, "Name").is_none(),
        _ => false,
    }
}
