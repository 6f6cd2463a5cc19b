//! Restore in place: the disks of a recovery point take the place of the machine's own, under their names, so that the
//! Manager's objects stay. The replaced files stay beside them until a person commits; until then every step can be
//! undone.

mod steps;

use crate::disks::{FileDisk, Site};
use crate::machine::Machine;
use crate::not_contained::lun;
use crate::parts::{if_it_goes_on, in_words_of_release, left_open};
use crate::words::{count, size};
use crate::{Context, Refusal};
use domain::plan::{Plan, Precondition, Purpose, Risk, RiskClass};
use domain::point::{PointDisk, RecoveryPoint};
use domain::policy::PolicyRules;
use domain::services::RestoreOptions;
use ovm::estate::{DiskMapping, Estate, Kind, MappedStorage, Problem};

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
    if let Some(reason) = &point.damaged {
        return Err(Refusal::PointDamaged { reason: reason.clone() });
    }
    let machine = Machine::find(estate, point.vm(), context)?;
    let swaps = swaps(&machine, point, options)?;
    let disks: Vec<FileDisk<'_>> = swaps.iter().map(|swap| swap.disk.clone()).collect();
    let (sites, tag) = (Site::of(&disks), machine.tag());
    let restore = Restore {
        machine,
        point,
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
                let (then, now) = (size(self.stored.size_bytes), size(now));
                Err(Refusal::SizeChanged {
                    disk: disk.name.clone(),
                    then,
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
            snapshot: self.point.snapshot.clone(),
            contents: contents.collect(),
        }
    }

    fn risk(&self) -> Risk {
        let bytes = self.swaps.iter().map(|swap| swap.stored.size_bytes).sum();
        let taken_at = self.point.manifest.taken_at.display();
        let mut reasons = vec![
            format!(
                "{} ({}) will be as of {taken_at}.",
                count(self.swaps.len(), "disk"),
                size(bytes)
            ),
            "What was written to them since then is lost with the commit; until then it is kept beside them."
                .to_owned(),
        ];
        if self.machine.runs() {
            reasons.push("The machine is stopped until the disks are written.".to_owned());
        }
        if self.machine.runs() {
            let (patience, then) = (self.rules.patience_secs, if_it_goes_on(self.rules));
            reasons.push(format!("If it does not shut down within {patience} seconds, {then}"));
        }
        Risk {
            class: RiskClass::Replacing,
            reasons,
        }
    }

    /// What of the machine stays as it is.
    fn left_alone(&self) -> Vec<String> {
        let stays = |mapping: &DiskMapping| {
            let what = match &mapping.storage {
                MappedStorage::VirtualDisk { id } if self.swaps.iter().any(|swap| swap.disk.disk.id == *id) => {
                    return None;
                }
                MappedStorage::VirtualDisk { id } => {
                    let name = self.machine.estate.disk(id).map_or(id.as_str(), |disk| &disk.name);
                    format!("The disk {name}")
                }
                MappedStorage::PhysicalDisk { id } => lun(self.machine.estate, id),
                MappedStorage::Cdrom { .. } | MappedStorage::EmptyCdrom => return None,
            };
            Some(format!("{what} in slot {} stays as it is.", mapping.slot))
        };
        let definition = "Memory, processors, network cards and all else of the definition stay as they are.";
        let mappings = self.machine.vm.mappings.iter().filter_map(stays);
        mappings.chain([definition.to_owned()]).collect()
    }

    fn remarks(&self) -> Result<Vec<String>, Refusal> {
        let data = self.swaps.iter().map(Swap::data_bytes).sum();
        let mut remarks = vec![
            format!("{} will be written; holes are skipped.", size(data)),
            format!(
                "Without a decision within {} the restore is rolled back.",
                count(self.rules.commit_within_hours as usize, "hour")
            ),
        ];
        if !self.machine.runs() || self.options.leave_stopped {
            let stopped = "The machine is left stopped. If somebody starts it, rolling back stops it first.";
            remarks.push(stopped.to_owned());
        }
        remarks.extend(self.other_sizes());
        remarks.extend(self.unread());
        remarks.extend(left_open(&self.machine)?);
        Ok(remarks)
    }

    /// One damaged object must not keep a whole estate from being restored: who uses a disk is asked again in any case.
    fn unread(&self) -> Option<String> {
        let may_use = |problem: &&Problem| USE_DISKS.iter().any(|kind| kind.type_name() == problem.object_type);
        let unread = self.machine.estate.problems.iter().filter(may_use).count();
        (unread > 0).then(|| {
            format!(
                "{} that may use disks could not be read when the estate was discovered. Whether one of them uses a disk that \
                 is replaced is asked of the Manager before the machine is stopped, and again before a file is moved.",
                count(unread, "object")
            )
        })
    }

    fn other_sizes(&self) -> Vec<String> {
        let differs = |swap: &Swap<'_>| {
            let now = swap.disk.disk.size_bytes?;
            let differs = now.abs_diff(swap.stored.size_bytes) > ROUNDING;
            let (then, now) = (size(swap.stored.size_bytes), size(now));
            differs.then(|| {
                format!(
                    "The disk {} has {now} by now and will have {then} again.",
                    swap.disk.disk.name
                )
            })
        };
        self.swaps.iter().filter_map(differs).collect()
    }
}
