//! Preconditions: whether what a plan relies on is still so. All of it is asked when a run starts; whether a disk may be
//! replaced is asked again before its file is set aside. The hosts are looked after in [`super::hosts`].

use super::StepError;
use crate::estate::{Reach, ReachError};
use domain::fault::{Fault, Instead, OtherUser, PlanFault};
use domain::plan::{Plan, Precondition};
use ovm::estate::{Kind, MappedStorage, VirtualDisk, Vm, VmState, read, references};
use ovm::ids::{DiskId, MappingId};
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::{Answer, Item};

/// Compares the machine, as it was read now, and its disks with what the plan was made from.
///
/// # Errors
/// [`StepError::Failed`] with what is not so any more.
pub(crate) async fn still_hold(reach: &Reach, plan: &Plan, vm: &Vm) -> Result<(), StepError> {
    let own: Vec<MappingId> = vm.mappings.iter().map(|mapping| mapping.id.clone()).collect();
    for fact in &plan.preconditions {
        if !holds(fact, vm) {
            return Err(void(fact, None));
        }
        match fact {
            Precondition::FileDisks { disks } => {
                for (_, disk, repository) in disks {
                    let now = shown(reach, disk).await?;
                    if now.repository.as_ref() != Some(repository) {
                        return Err(void(fact, Some(lies_elsewhere(&now))));
                    }
                }
            }
            Precondition::ReplacedDisk { .. } => may_be_replaced(reach, fact, &own).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Asks once more about a disk whose file is about to be set aside. `own` are the mappings of the machine.
///
/// # Errors
/// [`StepError::Failed`] with what is not so any more.
pub(crate) async fn still_replaceable(
    reach: &Reach,
    plan: &Plan,
    disk: &DiskId,
    own: &[MappingId],
) -> Result<(), StepError> {
    let is_meant = |fact: &&Precondition| matches!(fact, Precondition::ReplacedDisk { disk: of, .. } if of == disk);
    match plan.preconditions.iter().find(is_meant) {
        Some(fact) => may_be_replaced(reach, fact, own).await,
        None => Err(StepError::failed(PlanFault::DiskUnguarded { disk: disk.clone() })),
    }
}

/// Whether a fact about the machine itself holds.
fn holds(fact: &Precondition, vm: &Vm) -> bool {
    match fact {
        Precondition::VmNamed { name } => vm.name == *name,
        Precondition::VmRunning { running } => (vm.state == VmState::Running) == *running,
        Precondition::HighAvailability { on } => vm.high_availability == *on,
        Precondition::FileDisks { disks } => {
            let mapped = vm.mappings.iter().filter_map(|mapping| match &mapping.storage {
                MappedStorage::VirtualDisk { id } => Some((mapping.slot, id)),
                _ => None,
            });
            let mut mapped: Vec<(u32, &DiskId)> = mapped.collect();
            let mut planned: Vec<(u32, &DiskId)> = disks.iter().map(|(slot, disk, _)| (*slot, disk)).collect();
            mapped.sort();
            planned.sort();
            mapped == planned
        }
        Precondition::ReplacedDisk { .. } | Precondition::HostKey { .. } => true,
    }
}

/// The plan is void: a fact does not hold, and what is so instead.
fn void(fact: &Precondition, instead: Option<Instead>) -> StepError {
    let fact = Box::new(fact.clone());
    StepError::Failed(Fault::FactChanged { fact, instead })
}

fn lies_elsewhere(disk: &VirtualDisk) -> Instead {
    Instead::Repository {
        disk: disk.id.clone(),
        repository: disk.repository.clone(),
    }
}

/// A machine that is not stopped for it would go on writing to the file that was set aside, which is removed in the end.
async fn may_be_replaced(reach: &Reach, fact: &Precondition, own: &[MappingId]) -> Result<(), StepError> {
    let Precondition::ReplacedDisk {
        disk,
        repository,
        size_bytes,
        ..
    } = fact
    else {
        return Ok(());
    };
    let now = shown(reach, disk).await?;
    let instead = if now.repository.as_ref() != Some(repository) {
        Some(lies_elsewhere(&now))
    } else if let (Some(then), Some(bytes)) = (size_bytes, now.size_bytes)
        && *then != bytes
    {
        Some(Instead::Size { bytes })
    } else {
        other_user(reach, &now, own).await?.map(Instead::MappedTo)
    };
    match instead {
        Some(instead) => Err(void(fact, Some(instead))),
        None => Ok(()),
    }
}

/// Whoever uses a disk beside the VM with these mappings.
async fn other_user(reach: &Reach, disk: &VirtualDisk, own: &[MappingId]) -> Result<Option<OtherUser>, ReachError> {
    let named = references(&disk.other, Kind::VmDiskMapping.type_name());
    let named: Vec<MappingId> = named.into_iter().map(MappingId::new).collect();
    // Where a disk does not name the mapping of this machine, it names none: all there are have to be asked.
    let mut asked = match named.iter().any(|mapping| own.contains(mapping)) {
        true => named.clone(),
        false => all_mappings(reach).await?,
    };
    asked.retain(|mapping| !own.contains(mapping));
    let questions: Vec<Command> = asked
        .iter()
        .map(|id| to_show(Kind::VmDiskMapping, id.as_str()))
        .collect();
    let answers = reach.ask_together(&questions).await?;
    for (id, answer) in asked.iter().zip(answers) {
        let answer = answer?;
        if named.contains(id) || maps(id, &answer, &disk.id)? {
            return Ok(Some(user(id, &answer)));
        }
    }
    Ok(None)
}

async fn all_mappings(reach: &Reach) -> Result<Vec<MappingId>, ReachError> {
    let list = Command::of_type("list", Kind::VmDiskMapping.type_name());
    let items = reach.ask(&list).await?.items;
    Ok(items.into_iter().map(|item| MappingId::new(item.id)).collect())
}

fn maps(id: &MappingId, answer: &Answer, disk: &DiskId) -> Result<bool, ReachError> {
    let mapping = read::disk_mapping(&unnamed(id.as_str()), answer)
        .map_err(|error| ReachError::unreadable(Kind::VmDiskMapping.type_name(), id.as_str(), error))?;
    Ok(matches!(&mapping.storage, MappedStorage::VirtualDisk { id } if id == disk))
}

/// The VM of a mapping, as far as the Manager names it.
fn user(mapping: &MappingId, answer: &Answer) -> OtherUser {
    match answer.reference(Kind::Vm.type_name()) {
        Some(vm) => OtherUser::Vm {
            id: vm.id,
            name: vm.name,
        },
        None => OtherUser::Mapping(mapping.clone()),
    }
}

/// A virtual disk as the Manager shows it now.
///
/// # Errors
/// [`ReachError`] when it does not, or not in a way that can be used.
pub(crate) async fn shown(reach: &Reach, disk: &DiskId) -> Result<VirtualDisk, ReachError> {
    let answer = reach.ask(&to_show(Kind::VirtualDisk, disk.as_str())).await?;
    read::virtual_disk(&unnamed(disk.as_str()), &answer)
        .map_err(|error| ReachError::unreadable(Kind::VirtualDisk.type_name(), disk.as_str(), error))
}

fn to_show(kind: Kind, id: &str) -> Command {
    Command::on_id("show", kind.type_name(), id)
}

fn unnamed(id: &str) -> Item {
    Item {
        id: id.to_owned(),
        name: String::new(),
    }
}
