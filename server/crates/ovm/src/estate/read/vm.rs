//! Machines, their disk mappings and network cards.

use super::{ReadError, bag::Bag, constant};
use crate::{
    estate::{DiskMapping, MappedStorage, Vm, VmState, Vnic},
    ids::{CdromId, DiskId, MappingId, NetworkId, PhysicalDiskId, PoolId, RepositoryId, ServerId, VmId, VnicId},
    ovmcli::{Answer, Item, Property, Reference},
};

/// Stands for the image in an empty drive.
const EMPTY_CDROM: &str = "EMPTY_CDROM";

/// What `show Vm` tells: the machine without its disks and cards, and where to find those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmHead {
    /// The machine; `mappings` and `vnics` are empty.
    pub vm: Vm,
    /// The disk mappings to show.
    pub mapping_refs: Vec<MappingId>,
    /// The network cards to show, in the order of the machine.
    pub vnic_refs: Vec<VnicId>,
}

/// A machine or template from `show Vm`.
pub fn vm(item: &Item, answer: &Answer) -> Result<VmHead, ReadError> {
    let mut bag = Bag::new("Vm", item, answer)?;
    let memory_mb = bag.demand_number("Memory (MB)")?;
    let processors = bag.demand_number("Processors")?;
    let mapping_refs = bag
        .references("VmDiskMapping")
        .into_iter()
        .map(|mapping| MappingId::new(mapping.id))
        .collect();
    let vnic_refs = bag
        .references("Vnic")
        .into_iter()
        .map(|vnic| VnicId::new(vnic.id))
        .collect();
    let vm = Vm {
        id: VmId::new(&item.id),
        name: bag.name.clone(),
        state: state(bag.text("Status").unwrap_or_default()),
        pool: bag.reference("Server Pool").map(|pool| PoolId::new(pool.id)),
        server: bag.reference("Server").map(|server| ServerId::new(server.id)),
        repository: bag
            .reference("Repository")
            .map(|repository| RepositoryId::new(repository.id)),
        memory_mb,
        max_memory_mb: bag.number("Max. Memory (MB)")?.unwrap_or(memory_mb),
        processors,
        max_processors: bag.number("Max. Processors")?.unwrap_or(processors),
        high_availability: bag.flag("High Availability"),
        domain_type: bag.text("Domain Type").as_deref().map(constant).unwrap_or_default(),
        operating_system: bag.text("Operating System").unwrap_or_default(),
        boot_order: boot_order(&mut bag),
        description: bag.text("Description").unwrap_or_default(),
        mappings: Vec::new(),
        vnics: Vec::new(),
        tags: bag.references("Tag").into_iter().map(label).collect(),
        vm_cfg: None,
        other: bag.rest(),
    };
    Ok(VmHead {
        vm,
        mapping_refs,
        vnic_refs,
    })
}

/// The whole machine: disks by slot, cards in the order of the machine.
pub fn assemble(head: VmHead, mut mappings: Vec<DiskMapping>, mut vnics: Vec<Vnic>) -> Vm {
    mappings.sort_by(|left, right| (left.slot, &left.id).cmp(&(right.slot, &right.id)));
    vnics.sort_by_key(|vnic| head.vnic_refs.iter().position(|id| *id == vnic.id));
    Vm {
        mappings,
        vnics,
        ..head.vm
    }
}

/// A mapping from `show VmDiskMapping`.
pub fn disk_mapping(item: &Item, answer: &Answer) -> Result<DiskMapping, ReadError> {
    let mut bag = Bag::new("VmDiskMapping", item, answer)?;
    let slot = bag.demand_number("Slot")?;
    let storage = bag
        .take_where(is_storage)
        .and_then(storage)
        .ok_or_else(|| bag.missing("Virtual Disk"))?;
    bag.take_back_reference("Vm");
    Ok(DiskMapping {
        id: MappingId::new(&item.id),
        name: bag.name.clone(),
        slot,
        storage,
        other: bag.rest(),
    })
}

/// A network card from `show Vnic`.
pub fn vnic(item: &Item, answer: &Answer) -> Result<Vnic, ReadError> {
    let mut bag = Bag::new("Vnic", item, answer)?;
    let named_by_mac = Some(bag.name.clone()).filter(|name| is_mac(name));
    bag.take_back_reference("Vm");
    Ok(Vnic {
        id: VnicId::new(&item.id),
        mac: bag
            .text("Mac Address")
            .or(named_by_mac)
            .map(|mac| mac.to_ascii_lowercase()),
        network: bag.reference("Network").map(|network| NetworkId::new(network.id)),
        name: bag.name.clone(),
        other: bag.rest(),
    })
}

fn state(printed: String) -> VmState {
    match printed.to_lowercase().as_str() {
        "running" => VmState::Running,
        "stopped" => VmState::Stopped,
        "suspended" => VmState::Suspended,
        "template" => VmState::Template,
        _ => VmState::Other(printed),
    }
}

/// One list, or one line an entry: how the Manager prints it is not known.
fn boot_order(bag: &mut Bag<'_>) -> Vec<String> {
    let lines = bag.references("Boot Order").into_iter().map(|line| line.id);
    let text = lines.chain(bag.text("Boot Order")).collect::<Vec<_>>().join(",");
    let words = text.split([',', ' ', '[', ']']).map(constant);
    words.filter(|word| !word.is_empty() && word != "NONE").collect()
}

/// Name of a reference, or the id when the Manager printed no name.
fn label(reference: Reference) -> String {
    if reference.name.is_empty() {
        reference.id
    } else {
        reference.name
    }
}

fn is_storage(property: &Property) -> bool {
    let key = property.key.to_lowercase();
    ["virtual disk", "physical disk", "virtual cd"]
        .iter()
        .any(|prefix| key.starts_with(prefix))
}

/// What is mapped. 3.2 prints `Virtual Disk Id` for LUNs and CDs too; there only the suffix of the id tells them apart.
fn storage(property: &Property) -> Option<MappedStorage> {
    let key = property.key.to_lowercase();
    let target = property.target();
    let is_cd_drive = key.starts_with("virtual cd");
    let Some(Reference { id, .. }) = target else {
        return is_cd_drive.then_some(MappedStorage::EmptyCdrom);
    };
    Some(if id.eq_ignore_ascii_case(EMPTY_CDROM) {
        MappedStorage::EmptyCdrom
    } else if is_cd_drive || id.ends_with(".iso") {
        MappedStorage::Cdrom { id: CdromId::new(id) }
    } else if key.starts_with("physical disk") || !id.contains('.') {
        MappedStorage::PhysicalDisk {
            id: PhysicalDiskId::new(id),
        }
    } else {
        MappedStorage::VirtualDisk { id: DiskId::new(id) }
    })
}

/// Six pairs of hexadecimal digits with colons.
fn is_mac(text: &str) -> bool {
    let pair = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(':').count() == 6 && text.split(':').all(pair)
}
