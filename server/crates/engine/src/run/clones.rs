//! Clones that a run makes through the Manager: finding their disks, removing them.

use super::facts::shown;
use super::journal::Journal;
use super::own::own;
use super::{Effect, StepError, vm_state};
use crate::estate::{Reach, ReachError};
use domain::fault::{Fault, MadeFault};
use domain::note::Note;
use domain::plan::{Bind, Bindings};
use ovm::estate::{MappedStorage, read};
use ovm::ids::{DiskId, MappingId, VmId};
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::Item;
use std::collections::BTreeSet;

/// Prefix of the placeholders under which the disks of a clone are remembered while they are removed.
const DOOMED: &str = "doomed_disk_";

/// Finds the paths of a clone's disks by slot.
pub(crate) async fn find_disks(reach: &Reach, clone: &str, slots: &[u32], binds: &[Bind]) -> Result<Effect, StepError> {
    let mut effect = Effect::default();
    let mut found = BTreeSet::new();
    for (_, slot, disk) in mapped_disks(reach, clone).await? {
        let path = disk_path(reach, &disk).await?;
        effect.notes.push(Note::CloneDisk {
            slot,
            path: path.clone(),
        });
        found.insert(slot);
        for bind in binds {
            if let Bind::CloneDiskPath { name, slot: wanted } = bind
                && *wanted == slot
            {
                effect = effect.learning(name, &path);
            }
        }
    }
    match slots.iter().find(|slot| !found.contains(slot)) {
        None => Ok(effect),
        Some(slot) => Err(wrong("Vm", clone, MadeFault::NoDisk { slot: *slot })),
    }
}

/// Removes the clone with this name: its mappings, its disks, itself. `made` is its id, when it has been learned. The ids
/// of the disks are written down before the mappings go, because after that nothing in the estate tells them from other
/// disks.
pub(crate) async fn remove(
    reach: &Reach,
    name: &str,
    source: &VmId,
    made: Option<&str>,
    journal: &mut Journal,
) -> Result<Effect, StepError> {
    let mut effect = Effect::default();
    // A job whose connection was lost may still be making it: what is removed before it ends comes back.
    vm_state::await_free(reach, source).await?;
    for clone in own(reach, "Vm", name, made).await? {
        if clone == source.as_str() {
            return Err(wrong("Vm", name, MadeFault::NameOfSource { vm: source.clone() }));
        }
        let mapped = mapped_disks(reach, &clone).await?;
        let mut doomed = Bindings::default();
        for (_, slot, disk) in &mapped {
            doomed.0.insert(format!("{DOOMED}{clone}_{slot}"), disk.to_string());
        }
        journal.note(doomed).await?;
        for (mapping, slot, disk) in mapped {
            delete(reach, "VmDiskMapping", mapping.as_str(), &mut effect).await?;
            let disk = disk.to_string();
            effect.notes.push(Note::SlotHeld { slot, disk });
        }
        remove_doomed(reach, journal, &mut effect).await?;
        delete(reach, "Vm", &clone, &mut effect).await?;
    }
    // A run that was killed in the middle has the clone gone, or its mappings, but not all of its disks.
    remove_doomed(reach, journal, &mut effect).await?;
    match own(reach, "Vm", name, made).await?.first() {
        None => Ok(effect),
        Some(left) => Err(wrong("Vm", name, MadeFault::StillThere { id: left.clone() })),
    }
}

async fn remove_doomed(reach: &Reach, journal: &Journal, effect: &mut Effect) -> Result<(), StepError> {
    let doomed = journal.bindings();
    let doomed: BTreeSet<&String> = doomed
        .0
        .iter()
        .filter(|(name, _)| name.starts_with(DOOMED))
        .map(|(_, id)| id)
        .collect();
    if doomed.is_empty() {
        return Ok(());
    }
    let there = reach.ask(&Command::of_type("list", "VirtualDisk")).await?.items;
    for disk in there.iter().filter(|disk| doomed.contains(&disk.id)) {
        delete(reach, "VirtualDisk", &disk.id, effect).await?;
    }
    Ok(())
}

/// Removes the object with this name. `made` is its id, when it has been learned.
pub(crate) async fn remove_named(
    reach: &Reach,
    object_type: &str,
    name: &str,
    made: Option<&str>,
) -> Result<Effect, StepError> {
    let mut effect = Effect::default();
    for id in own(reach, object_type, name, made).await? {
        delete(reach, object_type, &id, &mut effect).await?;
    }
    Ok(effect)
}

/// Deletes an object. When the answer is a failure or is lost, it counts whether the object is still listed: of the
/// several jobs that make up a command, a later one may have failed.
async fn delete(reach: &Reach, object_type: &str, id: &str, effect: &mut Effect) -> Result<(), ReachError> {
    match reach.tell(&Command::on_id("delete", object_type, id)).await {
        Ok(answer) => {
            effect.observed.push_str(&answer.raw);
            effect.observed.push('\n');
        }
        Err(error) => {
            let left = reach.ask(&Command::of_type("list", object_type)).await?.items;
            if left.iter().any(|item| item.id == id) {
                return Err(error);
            }
            effect.notes.push(Note::Gone {
                object_type: object_type.to_owned(),
                id: id.to_owned(),
                after: error.fault().into(),
            });
        }
    }
    Ok(())
}

/// Something that the Manager has made, and is not as it has to be.
fn wrong(object_type: &str, name: &str, found: MadeFault) -> StepError {
    StepError::Failed(Fault::Made {
        object_type: object_type.to_owned(),
        name: name.to_owned(),
        found,
    })
}

/// Mapping, slot and disk of every file disk of a machine.
async fn mapped_disks(reach: &Reach, vm: &str) -> Result<Vec<(MappingId, u32, DiskId)>, ReachError> {
    let item = Item {
        id: vm.to_owned(),
        name: String::new(),
    };
    let answer = reach.ask(&Command::on_id("show", "Vm", vm)).await?;
    let head = read::vm(&item, &answer).map_err(|error| ReachError::unreadable("Vm", vm, error))?;
    let mut disks = Vec::new();
    for id in head.mapping_refs {
        let item = Item {
            id: id.to_string(),
            name: String::new(),
        };
        let answer = reach.ask(&Command::on_id("show", "VmDiskMapping", id.as_str())).await?;
        let mapping = read::disk_mapping(&item, &answer)
            .map_err(|error| ReachError::unreadable("VmDiskMapping", id.as_str(), error))?;
        if let MappedStorage::VirtualDisk { id: disk } = mapping.storage {
            disks.push((id, mapping.slot, disk));
        }
    }
    Ok(disks)
}

async fn disk_path(reach: &Reach, disk: &DiskId) -> Result<String, ReachError> {
    match shown(reach, disk).await?.repository {
        Some(repository) => Ok(repository.disk_path(disk)),
        None => Err(ReachError::unreadable(
            "VirtualDisk",
            disk.as_str(),
            "it names no repository",
        )),
    }
}
