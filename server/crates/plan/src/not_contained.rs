//! What no backup of a machine contains.

use crate::words::size;
use ovm::estate::{Estate, MappedStorage, PhysicalDisk, Vm};
use ovm::ids::PhysicalDiskId;

/// What no backup of this machine contains, each as a sentence: LUN disks and CD images. Empty for a machine that is
/// contained as a whole.
pub fn not_contained(estate: &Estate, vm: &Vm) -> Vec<String> {
    let sentence = |slot: u32, storage: &MappedStorage| match storage {
        MappedStorage::VirtualDisk { .. } | MappedStorage::EmptyCdrom => None,
        MappedStorage::PhysicalDisk { id } => Some(format!(
            "{} in slot {slot} is not contained: only disks that are files are backed up.",
            lun(estate, id)
        )),
        MappedStorage::Cdrom { id } => {
            let name = estate.cdrom(id).map_or(id.as_str(), |cdrom| &cdrom.name);
            Some(format!(
                "The CD image {name} in slot {slot} is not contained: keep its ISO file elsewhere."
            ))
        }
    };
    let mappings = vm.mappings.iter();
    mappings
        .filter_map(|mapping| sentence(mapping.slot, &mapping.storage))
        .collect()
}

/// `The LUN data (100.0 GiB, WWID 3600...)`.
pub(crate) fn lun(estate: &Estate, id: &PhysicalDiskId) -> String {
    let Some(PhysicalDisk {
        name, wwid, size_bytes, ..
    }) = estate.physical_disk(id)
    else {
        return format!("The LUN {id}");
    };
    let wwid = wwid.as_ref().map(|wwid| format!("WWID {wwid}"));
    let details: Vec<String> = size_bytes.map(size).into_iter().chain(wwid).collect();
    if details.is_empty() {
        format!("The LUN {name}")
    } else {
        format!("The LUN {name} ({})", details.join(", "))
    }
}
