//! Restore in place: the disks of a recovery point take the place of the machine's own, under their names, so that the
//! Manager's objects stay. The replaced files stay beside them until a person commits; until then every step can be
//! undone.

mod steps;

use crate::disks::{FileDisk, Site};
use crate::machine::Machine;
use crate::not_contained::lun;
use crate::parts::{in_words_of_release, left_open, shutdown};
use crate::{Context, Refusal};
use domain::plan::{Gap, Plan, Precondition, Purpose, Remark, Risk, RiskClass, RiskReason, Said, SlotDisk};
use domain::point::{PointCopy, PointDisk, RecoveryPoint};
use domain::policy::PolicyRules;
use domain::services::RestoreOptions;
use ovm::estate::{DiskMapping, Estate, Kind, MappedStorage, Problem};
use ovm::ids::DiskId;

/// The Manager prints sizes in GiB with one decimal, so a size that it tells may be off by half of that.
const ROUNDING: u64 = (1 << 30) / 20;

/// What uses disks.
const USE_DISKS: [Kind; 2] = [Kind::Vm, Kind::VmDiskMapping];

/// A disk of the machine and what takes its place.
struct Swap<'a> {
    disk: FileDisk<'a>,
    stored: &'a PointDisk,
}

struct Restore<'a> {
    machine: Machine<'a>,
    point: &'a RecoveryPoint,
    /// Where it is read from.
    copy: &'a PointCopy,
    rules: &'a PolicyRules,
    options: &'a RestoreOptions,
    /// At least one, in the order of the slots.
    swaps: Vec<Swap<'a>>,
    sites: Vec<Site<'a>>,
    tag: String,
}

/// Plans to put the disks of a recovery point in the place of the machine's own. The same estate, point, rules, options
/// and context give the same plan.
///
/// # Errors
/// [`Refusal`] when something stands in the way.
pub fn plan_restore_in_place(
    estate: &Estate,
    point: &RecoveryPoint,
    rules: &PolicyRules,
    options: &RestoreOptions,
    context: &Context,
) -> Result<Plan, Refusal> {
    let Some(copy) = point.whole_copy(&rules.target) else {
        let damage = point.damage().cloned();
        let damage = damage.unwrap_or_else(|| Said::Text(String::new()));
        let damage = Box::new(damage);
        return Err(Refusal::PointDamaged { damage });
    };
    let machine = Machine::find(estate, point.vm(), context)?;
    let swaps = swaps(&machine, point, options)?;
    let disks: Vec<FileDisk<'_>> = swaps.iter().map(|swap| swap.disk.clone()).collect();
    let (sites, tag) = (Site::of(&disks), machine.tag());
    let restore = Restore {
        machine,
        point,
        copy,
        rules,
        options,
        swaps,
        sites,
        tag,
    };
    let steps = in_words_of_release(&machine, restore.steps()?)?;
    let mut preconditions = machine.preconditions(&steps)?;
    preconditions.extend(restore.swaps.iter().map(Swap::fact));
    Ok(Plan {
        header: machine.header(
            restore.purpose(),
            restore.risk(),
            restore.left_alone(),
            restore.remarks()?,
        ),
        preconditions,
        steps,
    })
}

/// The disks that are replaced, each with what takes its place.
fn swaps<'a>(
    machine: &Machine<'a>,
    point: &'a RecoveryPoint,
    options: &RestoreOptions,
) -> Result<Vec<Swap<'a>>, Refusal> {
    let disks = point.manifest.disks();
    if let Some(slot) = options
        .slots
        .iter()
        .find(|slot| !disks.iter().any(|disk| disk.slot == **slot))
    {
        return Err(Refusal::SlotNotInPoint { slot: *slot });
    }
    let chosen = |disk: &&PointDisk| options.slots.is_empty() || options.slots.contains(&disk.slot);
    let chosen: Vec<&PointDisk> = disks.iter().filter(chosen).collect();
    let present = machine.file_disks(|id| chosen.iter().any(|stored| stored.disk == *id))?;
    if let Some(gone) = chosen
        .iter()
        .find(|stored| !present.iter().any(|disk| disk.disk.id == stored.disk))
    {
        return Err(Refusal::DiskGone {
            disk: gone.name.clone(),
            slot: gone.slot,
        });
    }
    let pair = |disk: FileDisk<'a>| {
        let stored = chosen.iter().find(|stored| stored.disk == disk.disk.id)?;
        Some(Swap { disk, stored })
    };
    let swaps: Vec<Swap<'a>> = present.into_iter().filter_map(pair).collect();
    if swaps.is_empty() {
        return Err(Refusal::NoFileDisks {
            vm: machine.vm.name.clone(),
        });
    }
    for swap in &swaps {
        swap.may_happen(machine, options)?;
    }
    Ok(swaps)
}

impl Swap<'_> {
    fn may_happen(&self, machine: &Machine<'_>, options: &RestoreOptions) -> Result<(), Refusal> {
        let disk = self.disk.disk;
        if let Some(other) = machine.estate.vms_sharing_disk(&disk.id, &machine.vm.id).next() {
            return Err(Refusal::DiskShared {
                disk: disk.name.clone(),
                other: other.name.clone(),
            });
        }
        match disk.size_bytes {
            Some(now) if !options.accept_other_size && now.abs_diff(self.stored.size_bytes) > ROUNDING => {
                Err(Refusal::SizeChanged {
                    disk: disk.name.clone(),
                    then: self.stored.size_bytes,
                    now,
                })
            }
            _ => Ok(()),
        }
    }

    /// What must still be so when its file is set aside.
    fn fact(&self) -> Precondition {
        let FileDisk { disk, repository, .. } = &self.disk;
        Precondition::ReplacedDisk {
            disk: disk.id.clone(),
            name: disk.name.clone(),
            repository: repository.id.clone(),
            size_bytes: disk.size_bytes,
        }
    }

    /// Says that the disk gets another size than it has.
    fn other_size(&self) -> Option<Remark> {
        let (then, now) = (self.stored.size_bytes, self.disk.disk.size_bytes?);
        let differs = now.abs_diff(then) > ROUNDING;
        differs.then(|| Remark::SizeComesBack {
            disk: self.disk.disk.name.clone(),
            then,
            now,
        })
    }

    /// Bytes that the new file takes on the repository: its data without the holes.
    fn data_bytes(&self) -> u64 {
        self.stored.data.iter().map(|extent| extent.length).sum()
    }
}

impl Restore<'_> {
    fn purpose(&self) -> Purpose {
        let contents = self
            .swaps
            .iter()
            .map(|swap| (swap.stored.file.clone(), swap.stored.sha256.clone()));
        Purpose::RestoreInPlace {
            point: self.point.manifest.point.clone(),
            taken_at: self.point.manifest.taken_at,
            snapshot: self.copy.snapshot.clone(),
            contents: contents.collect(),
        }
    }

    fn risk(&self) -> Risk {
        let mut reasons = vec![
            RiskReason::DisksAsOf {
                disks: self.swaps.len(),
                bytes: self.swaps.iter().map(|swap| swap.stored.size_bytes).sum(),
                taken_at: self.point.manifest.taken_at,
            },
            RiskReason::NewerDataLost,
        ];
        if self.machine.runs() {
            reasons.extend([RiskReason::StoppedWhileWritten, shutdown(self.rules)]);
        }
        Risk {
            class: RiskClass::Replacing,
            reasons: reasons.into_iter().map(Said::from).collect(),
        }
    }

    /// What of the machine stays as it is.
    fn left_alone(&self) -> Vec<Gap> {
        let is_replaced = |disk: &DiskId| self.swaps.iter().any(|swap| swap.disk.disk.id == *disk);
        let estate = self.machine.estate;
        let stays = |mapping: &DiskMapping| match &mapping.storage {
            MappedStorage::VirtualDisk { id } if is_replaced(id) => None,
            MappedStorage::VirtualDisk { id } => Some(Gap::DiskStays {
                disk: SlotDisk {
                    slot: mapping.slot,
                    name: estate.disk(id).map_or(id.as_str(), |disk| &disk.name).to_owned(),
                },
            }),
            MappedStorage::PhysicalDisk { id } => Some(Gap::LunStays {
                lun: lun(estate, id),
                slot: mapping.slot,
            }),
            MappedStorage::Cdrom { .. } | MappedStorage::EmptyCdrom => None,
        };
        let mappings = self.machine.vm.mappings.iter().filter_map(stays);
        mappings.chain([Gap::DefinitionStays]).collect()
    }

    fn remarks(&self) -> Result<Vec<Remark>, Refusal> {
        let mut remarks = vec![
            Remark::WillWrite {
                bytes: self.swaps.iter().map(Swap::data_bytes).sum(),
            },
            Remark::RolledBackAfter {
                hours: self.rules.commit_within_hours,
            },
        ];
        if !self.machine.runs() || self.options.leave_stopped {
            remarks.push(Remark::LeftStopped);
        }
        remarks.extend(self.swaps.iter().filter_map(Swap::other_size));
        remarks.extend(self.unread());
        remarks.extend(left_open(&self.machine)?);
        Ok(remarks)
    }

    /// One damaged object must not keep a whole estate from being restored: who uses a disk is asked again in any case.
    fn unread(&self) -> Option<Remark> {
        let may_use = |problem: &&Problem| USE_DISKS.iter().any(|kind| kind.type_name() == problem.object_type);
        let objects = self.machine.estate.problems.iter().filter(may_use).count();
        (objects > 0).then_some(Remark::UnreadUsers { objects })
    }
}
