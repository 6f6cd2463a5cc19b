//! Restore in place: the disks of a recovery point take the place of the machine's own, under their names, so that the
//! Manager's objects stay. The replaced files stay beside them until a person commits; until then every step can be
//! undone.

use crate::machine::{FileDisk, Machine, Site};
use crate::not_contained::lun;
use crate::parts::{
    definition, ha_on, kill_action, ovmcli, quiesce, rooms, runs_again, shell, start, stop_action, unlock,
    unseen_servers,
};
use crate::words::{count, size};
use crate::{Context, Refusal};
use domain::plan::{Action, Check, Place, Plan, Probe, Purpose, Risk, RiskClass, Step};
use domain::point::{PointDisk, RecoveryPoint};
use domain::policy::PolicyRules;
use domain::services::RestoreOptions;
use ovm::estate::{DiskMapping, Estate, MappedStorage, RepositoryKind};
use ovm::ovmcli::Command;
use ovm::shell::Shell;

/// The Manager prints sizes in GiB with one decimal, so a size that it tells may be off by half of that.
const ROUNDING: u64 = (1 << 30) / 20;

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
    let steps = restore.steps()?;
    Ok(Plan {
        header: machine.header(
            restore.purpose(),
            restore.risk(),
            restore.left_alone(),
            restore.remarks()?,
        ),
        preconditions: machine.preconditions(&steps)?,
        steps,
    })
}

/// The disks that are replaced, each with what takes its place.
fn swaps<'a>(
    machine: &Machine<'a>,
    point: &'a RecoveryPoint,
    options: &RestoreOptions,
) -> Result<Vec<Swap<'a>>, Refusal> {
    let disks = &point.manifest.disks;
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

    /// Bytes that the new file takes on the repository: its data without the holes.
    fn data_bytes(&self) -> u64 {
        self.stored.data.iter().map(|extent| extent.length).sum()
    }
}

/// A rename that never replaces a file and fails when it did not happen: `mv -n` alone is silent then.
fn rename(from: &str, to: &str) -> Shell {
    Shell::one(["mv", "-n", "-T", from, to]).and(["test", "!", "-e", from])
}

impl Restore<'_> {
    fn steps(&self) -> Result<Vec<Step>, Refusal> {
        let machine = &self.machine;
        let mut steps = vec![self.check_point(), definition(machine)];
        steps.extend(rooms(&self.sites, |site| self.room(site), 0));
        steps.extend(quiesce(machine, self.rules)?);
        steps.extend(self.sites.iter().map(|site| self.directory(site)));
        steps.extend(self.swaps.iter().map(|swap| self.write(swap)));
        steps.extend(self.swaps.iter().map(|swap| self.keep(swap)));
        steps.extend(self.swaps.iter().map(|swap| self.swap(swap)));
        steps.extend(self.sites.iter().map(|site| self.files(site)));
        let vm = machine.vm.id.clone();
        let unlock = unlock(machine)?;
        let place = unlock.place.clone();
        // On the way back the lock is taken before a file moves: a machine that somebody started meanwhile holds it.
        steps.push(unlock.undone_by(place, Action::LockVm { vm }));
        steps.extend(self.sites.iter().map(refresh));
        if machine.runs() && !self.options.leave_stopped {
            steps.extend(self.start());
        }
        steps.push(self.decide());
        steps.extend(self.sites.iter().map(|site| self.commit(site)));
        steps.extend(ha_on(machine));
        Ok(steps)
    }

    fn check_point(&self) -> Step {
        let point = self.point.manifest.point.clone();
        let title = "See that the recovery point can be read";
        Step::new("check-point", title, Place::Holdfast, Action::CheckPoint { point })
    }

    fn swaps_at<'b>(&'b self, site: &'b Site<'_>) -> impl Iterator<Item = &'b Swap<'b>> {
        self.swaps.iter().filter(|swap| site.holds(&swap.disk))
    }

    /// The new files and a tenth; the old ones stay, so they free nothing.
    fn room(&self, site: &Site<'_>) -> u64 {
        let data: u64 = self.swaps_at(site).map(Swap::data_bytes).sum();
        data.saturating_add(data / 10)
    }

    /// The undo removes the new files by name and then only empty directories: a file that is still kept makes it fail
    /// instead of being lost. The directories are made first, so that it does not fail when they are gone already.
    fn directory(&self, site: &Site<'_>) -> Step {
        let dir = site.own_dir(&self.tag);
        let old = format!("{dir}/old");
        let mut remove_files = vec!["rm".to_owned(), "-f".to_owned()];
        remove_files.extend(self.swaps_at(site).map(|swap| swap.disk.path_in_own_dir(&self.tag)));
        let undo = Shell::one(["mkdir", "-p", &old])
            .and(remove_files)
            .and(["rmdir", &old, &dir]);
        let title = format!("Make a directory in the repository {}", site.repository.name);
        Step::new(
            format!("dir-{}", site.number),
            title,
            site.place(),
            shell(Shell::one(["mkdir", "-p", &old])),
        )
        .probed(Probe::PathExists {
            file: site.on_server(&old),
        })
        .undone_by(site.place(), shell(undo))
        .undone_by(Place::Manager, refresh_action(site))
    }

    /// Removed with the directory: the probe, which compares hashes, would not know half a file or one that the machine
    /// has written to.
    fn write(&self, swap: &Swap<'_>) -> Step {
        let Swap { disk, stored } = swap;
        let target = disk.on_server(disk.path_in_own_dir(&self.tag));
        let action = Action::WriteDisk {
            target: target.clone(),
            file: stored.file.clone(),
            size_bytes: stored.size_bytes,
            sha256: stored.sha256.clone(),
        };
        let title = format!("Write {} beside the present one", disk.words());
        Step::new(format!("write-{}", disk.slot), title, Place::Holdfast, action)
            .probed(Probe::HasSha256 {
                file: target.clone(),
                sha256: stored.sha256.clone(),
            })
            .checked(Check::Sha256 {
                file: target,
                sha256: stored.sha256.clone(),
            })
    }

    fn keep(&self, swap: &Swap<'_>) -> Step {
        let disk = &swap.disk;
        let (original, kept) = (disk.path(), disk.path_kept(&self.tag));
        let title = format!("Set {} aside", disk.words());
        Step::new(
            format!("keep-{}", disk.slot),
            title,
            disk.place(),
            shell(rename(&original, &kept)),
        )
        .probed(Probe::Moved {
            from: disk.on_server(&original),
            to: kept.clone(),
        })
        .checked(Check::FilesExist {
            files: vec![disk.on_server(&kept)],
        })
        .undone_by(disk.place(), shell(rename(&kept, &original)))
    }

    fn swap(&self, swap: &Swap<'_>) -> Step {
        let disk = &swap.disk;
        let (original, fresh) = (disk.path(), disk.path_in_own_dir(&self.tag));
        let like_old = format!("--reference={}", disk.path_kept(&self.tag));
        let mode = Shell::one(["chmod", &like_old, &fresh]);
        // A network share may map all owners to one, and then refuses to set another.
        let owner = (disk.repository.kind != RepositoryKind::Nfs).then_some(["chown", &like_old, &fresh]);
        let mut commands = owner.into_iter().fold(mode, Shell::and);
        commands.commands.extend(rename(&fresh, &original).commands);
        let title = format!("Put {} in its place", disk.words());
        Step::new(format!("swap-{}", disk.slot), title, disk.place(), shell(commands))
            .probed(Probe::Moved {
                from: disk.on_server(&fresh),
                to: original.clone(),
            })
            .undone_by(disk.place(), shell(rename(&original, &fresh)))
    }

    fn files(&self, site: &Site<'_>) -> Step {
        let files: Vec<String> = self.swaps_at(site).map(|swap| swap.disk.path()).collect();
        let list = Shell::one(["ls".to_owned(), "-ln".to_owned()].into_iter().chain(files.clone()));
        let title = format!("See that the files are in the repository {}", site.repository.name);
        let files = files.into_iter().map(|path| site.on_server(path)).collect();
        Step::new(format!("files-{}", site.number), title, site.place(), shell(list))
            .checked(Check::FilesExist { files })
    }

    /// Going back, the machine gets the policy's patience first and is switched off only if the policy allows it and it
    /// still runs: that is why there are two steps, each with its own probe.
    fn start(&self) -> [Step; 2] {
        let (start, runs) = (start(&self.machine), runs_again(&self.machine));
        let stop = stop_action(&self.machine, self.rules);
        if self.rules.may_kill {
            let start = start.undone_by(Place::Manager, kill_action(&self.machine));
            [start, runs.undone_by(Place::Manager, stop)]
        } else {
            [start.undone_by(Place::Manager, stop), runs]
        }
    }

    fn decide(&self) -> Step {
        let action = Action::AwaitDecision {
            within_hours: self.rules.commit_within_hours,
        };
        Step::new("decide", "Commit or roll back", Place::Person, action)
    }

    fn commit(&self, site: &Site<'_>) -> Step {
        let dir = site.own_dir(&self.tag);
        let title = format!("Remove the kept files from the repository {}", site.repository.name);
        let remove = shell(Shell::one(["rm", "-rf", &dir]));
        let step =
            Step::new(format!("commit-{}", site.number), title, site.place(), remove).probed(Probe::PathAbsent {
                file: site.on_server(&dir),
            });
        if site.number == 1 {
            step.point_of_no_return()
        } else {
            step
        }
    }

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
        if self.machine.runs() && self.rules.may_kill {
            let patience = self.rules.patience_secs;
            reasons.push(format!(
                "If it does not shut down within {patience} seconds, it is switched off."
            ));
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
            let stopped = "The machine is left stopped. If you start it to look at it, stop it before you roll back.";
            remarks.push(stopped.to_owned());
        }
        remarks.extend(self.other_sizes());
        remarks.extend(unseen_servers(&self.machine)?);
        Ok(remarks)
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

fn refresh_action(site: &Site<'_>) -> Action {
    ovmcli(Command::on_id("refresh", "Repository", site.repository.id.as_str()))
}

/// So that the Manager knows the sizes. Its undo stands with the directory: it must come after the files.
fn refresh(site: &Site<'_>) -> Step {
    let title = format!("Refresh the repository {}", site.repository.name);
    Step::new(
        format!("refresh-{}", site.number),
        title,
        Place::Manager,
        refresh_action(site),
    )
}
