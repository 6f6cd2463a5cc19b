//! What no backup of a machine contains.

use domain::plan::{Gap, Lun};
use ovm::estate::{Estate, MappedStorage, Vm};
use ovm::ids::PhysicalDiskId;

/// What no backup of this machine contains: LUN disks and CD images. Empty for a machine that is contained as a whole.
pub fn not_contained(estate: &Estate, vm: &Vm) -> Vec<Gap> {
    let gap = |slot: u32, storage: &MappedStorage| match storage {
        MappedStorage::VirtualDisk { .. } | MappedStorage::EmptyCdrom => None,
        MappedStorage::PhysicalDisk { id } => Some(Gap::Lun {
            lun: lun(estate, id),
            slot,
        }),
        MappedStorage::Cdrom { id } => Some(Gap::CdImage {
            name: estate.cdrom(id).map_or(id.as_str(), |cdrom| &cdrom.name).to_owned(),
            slot,
        }),
    };
    let mappings = vm.mappings.iter();
    mappings
        .filter_map(|mapping| gap(mapping.slot, &mapping.storage))
        .collect()
}

/// A LUN as far as the estate describes it.
pub(crate) fn lun(estate: &Estate, id: &PhysicalDiskId) -> Lun {
    let known = estate.physical_disk(id);
    Lun {
        name: known.map_or(id.as_str(), |disk| &disk.name).to_owned(),
        size_bytes: known.and_then(|disk| disk.size_bytes),
        wwid: known.and_then(|disk| disk.wwid.as_ref()).map(ToString::to_string),
    }
}
