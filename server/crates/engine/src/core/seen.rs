//! What of an estate somebody sees who does not see all of it. It is made once for all who see the same VMs.

use domain::ids::ManagerId;
use ovm::estate::{self, Attributes, Estate, Kind, MappedStorage, Vm, split_reference};
use ovm::ids::VmId;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use store::Revision;

/// Reduced estates that are kept: about as many as there are teams whose people look at the same time.
const KEPT: usize = 16;

/// Reduced estates, those that were made last.
#[derive(Default)]
pub(crate) struct SeenEstates(Mutex<VecDeque<Seen>>);

struct Seen {
    manager: ManagerId,
    revision: i64,
    vms: BTreeSet<VmId>,
    estate: Arc<Estate>,
}

impl SeenEstates {
    /// A Manager's estate at this revision, reduced to these VMs.
    pub(crate) fn reduced(&self, manager: &ManagerId, revision: &Revision, vms: BTreeSet<VmId>) -> Arc<Estate> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |seen: &&Seen| seen.manager == *manager && seen.revision == revision.id && seen.vms == vms;
        if let Some(known) = kept().iter().find(is_it) {
            return known.estate.clone();
        }
        let estate = Arc::new(seen(&revision.estate, &vms));
        let new = Seen {
            manager: manager.clone(),
            revision: revision.id,
            vms,
            estate: estate.clone(),
        };
        let mut kept = kept();
        kept.push_front(new);
        kept.truncate(KEPT);
        estate
    }
}

/// These machines, and the disks they use. Pools, servers, repositories and networks belong to
/// everybody: machines cannot be described without them. Tags, groups and clone customizers name machines, and are left
/// out; so is what shared objects repeat of the machines that are not seen.
fn seen(estate: &Estate, of: &BTreeSet<VmId>) -> Estate {
    let vms: Vec<Vm> = estate.vms.iter().filter(|vm| of.contains(&vm.id)).cloned().collect();
    let used: HashSet<&str> = parts(&vms).collect();
    let mut seen = Estate {
        disks: kept(&estate.disks, |disk| used.contains(disk.id.as_str())),
        cdroms: kept(&estate.cdroms, |cdrom| used.contains(cdrom.id.as_str())),
        physical_disks: kept(&estate.physical_disks, |lun| used.contains(lun.id.as_str())),
        problems: kept(&estate.problems, |problem| of.contains(&VmId::new(&problem.id))),
        version: estate.version.clone(),
        manager_uuid: estate.manager_uuid.clone(),
        pools: estate.pools.clone(),
        servers: estate.servers.clone(),
        repositories: estate.repositories.clone(),
        networks: estate.networks.clone(),
        objects: kept(&estate.objects, is_shared),
        vms: Vec::new(),
    };
    forget(&mut seen, &hidden(estate, &used));
    Estate { vms, ..seen }
}

fn kept<T: Clone>(all: &[T], is_kept: impl Fn(&T) -> bool) -> Vec<T> {
    all.iter().filter(|one| is_kept(one)).cloned().collect()
}

/// The ids of machines, of their mappings and cards, and of what is mapped.
fn parts(vms: &[Vm]) -> impl Iterator<Item = &str> {
    vms.iter().flat_map(|vm| {
        let mappings = vm.mappings.iter();
        let mapped = mappings.clone().filter_map(|mapping| id_of(&mapping.storage));
        let own = mappings.map(|mapping| mapping.id.as_str());
        let cards = vm.vnics.iter().map(|vnic| vnic.id.as_str());
        [vm.id.as_str()].into_iter().chain(own).chain(mapped).chain(cards)
    })
}

/// The ids of everything that is of machines, but not among those that the actor sees.
fn hidden<'a>(estate: &'a Estate, used: &HashSet<&str>) -> HashSet<&'a str> {
    let disks = estate.disks.iter().map(|disk| disk.id.as_str());
    let cdroms = estate.cdroms.iter().map(|cdrom| cdrom.id.as_str());
    let unread = estate.problems.iter().map(|problem| problem.id.as_str());
    let objects = estate.objects.iter().filter(|object| !is_shared(object));
    let all = parts(&estate.vms).chain(disks).chain(cdroms).chain(unread);
    let all = all.chain(objects.map(|object| object.id.as_str()));
    all.filter(|id| !used.contains(id)).collect()
}

/// Leaves out the attributes and links that name something hidden.
fn forget(estate: &mut Estate, hidden: &HashSet<&str>) {
    let others = estate.pools.iter_mut().map(|pool| &mut pool.other);
    let others = others.chain(estate.servers.iter_mut().map(|server| &mut server.other));
    let others = others.chain(estate.repositories.iter_mut().map(|repository| &mut repository.other));
    let others = others.chain(estate.networks.iter_mut().map(|network| &mut network.other));
    let others = others.chain(estate.disks.iter_mut().map(|disk| &mut disk.other));
    let others = others.chain(estate.cdroms.iter_mut().map(|cdrom| &mut cdrom.other));
    let others = others.chain(estate.physical_disks.iter_mut().map(|lun| &mut lun.other));
    let others = others.chain(estate.objects.iter_mut().map(|object| &mut object.attributes));
    let is_told =
        |attributes: &mut Attributes| attributes.retain(|(_, value)| !hidden.contains(split_reference(value).0));
    others.for_each(is_told);
    for object in &mut estate.objects {
        object.links.retain(|link| !hidden.contains(link.id.as_str()));
    }
}

/// Objects that no machine owns.
fn is_shared(object: &estate::Object) -> bool {
    !matches!(
        object.kind,
        Kind::Tag
            | Kind::AntiAffinityGroup
            | Kind::VmCloneCustomizer
            | Kind::VmCloneStorageMapping
            | Kind::VmCloneNetworkMapping
    )
}

fn id_of(storage: &MappedStorage) -> Option<&str> {
    match storage {
        MappedStorage::VirtualDisk { id } => Some(id.as_str()),
        MappedStorage::PhysicalDisk { id } => Some(id.as_str()),
        MappedStorage::Cdrom { id } => Some(id.as_str()),
        MappedStorage::EmptyCdrom => None,
    }
}
