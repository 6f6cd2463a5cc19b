//! The steps of a restore in place.

use super::{Restore, Swap};
use crate::Refusal;
use crate::disks::Site;
use crate::parts::{
    definition, ha_on, kill_action, ovmcli, quiesce, rooms, runs_again, shell, start, stop_action, transferring, unlock,
};
use domain::plan::{
    Action, Check, Conduct, Guard, NoReturn, OnCancel, Place, Probe, Question, Step, StepTitle, StoredFile,
};
use ovm::estate::RepositoryKind;
use ovm::ovmcli::Command;
use ovm::shell::Shell;

/// How long another client of a network share may take a name for the file that it stood for, in seconds: the usual
/// limit of NFS clients (`acdirmax`, nfs(5)).
const SHARE_MEMORY_SECS: u32 = 60;

/// A rename that never replaces a file and fails when it did not happen. The `mv` of old servers knows no `-n`; nobody
/// else makes files of these names.
fn rename(from: &str, to: &str) -> Shell {
    Shell::one(["test", "!", "-e", to])
        .and(["mv", "-T", from, to])
        .and(["test", "!", "-e", from])
}

impl Restore<'_> {
    pub(super) fn steps(&self) -> Result<Vec<Step>, Refusal> {
        let machine = &self.machine;
        let mut steps = vec![self.check_point(), definition(machine)];
        steps.extend(rooms(&self.sites, |site| self.room(site), 0));
        let mut moving = quiesce(machine, self.rules)?;
        moving.extend(self.sites.iter().map(|site| self.directory(site)));
        moving.extend(self.swaps.iter().map(|swap| self.write(swap)));
        steps.extend(transferring(moving));
        steps.extend(self.swaps.iter().map(|swap| self.keep(swap)));
        steps.extend(self.swaps.iter().map(|swap| self.swap(swap)));
        steps.extend(self.sites.iter().map(|site| self.files(site)));
        steps.extend(self.sites.iter().filter_map(|site| self.wait(site)));
        steps = self.leave(steps)?;
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
        let check = Action::CheckPoint {
            point: self.point.manifest.point.clone(),
            target: self.copy.target.clone(),
            snapshot: self.copy.snapshot.clone(),
        };
        let conduct = Conduct {
            repeatable: false,
            ..Conduct::LOOK
        };
        Step::new("check-point", StepTitle::CheckPoint, Place::Holdfast, check).conducted(conduct)
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
        let title = StepTitle::MakeDirectory {
            repository: site.name(),
        };
        let make = shell(Shell::one(["mkdir", "-p", &old]));
        let step = Step::new(format!("dir-{}", site.number), title, site.place(), make)
            .conducted(Conduct::default().repeatable())
            .probed(Probe::PathExists {
                file: site.on_server(&old),
            })
            .undone_by(site.place(), shell(undo))
            .undone_by(Place::Manager, refresh_action(site));
        match self.must_wait(site) {
            true => step.undone_by(Place::Holdfast, LET_NAMES_AGE),
            false => step,
        }
    }

    /// Whether the machine starts on a server that may still take the names of its disks for other files: on a network
    /// share that was changed through another one.
    fn must_wait(&self, site: &Site<'_>) -> bool {
        let vm = self.machine.vm;
        self.machine.runs() && site.repository.kind != RepositoryKind::Ocfs2 && vm.server.as_ref() != Some(&site.server)
    }

    fn wait(&self, site: &Site<'_>) -> Option<Step> {
        let title = StepTitle::WaitForServers {
            repository: site.name(),
        };
        let step = Step::new(format!("wait-{}", site.number), title, Place::Holdfast, LET_NAMES_AGE);
        let starts = !self.options.leave_stopped && self.must_wait(site);
        starts.then(|| step.conducted(Conduct::LOOK))
    }

    /// Removed with the directory: the probe, which compares hashes, would not know half a file or one that the machine
    /// has written to.
    fn write(&self, swap: &Swap<'_>) -> Step {
        let Swap { disk, stored } = swap;
        let target = disk.on_server(disk.path_in_own_dir(&self.tag));
        let action = Action::WriteDisk {
            target: target.clone(),
            from: StoredFile {
                target: self.copy.target.clone(),
                snapshot: self.copy.snapshot.clone(),
                file: stored.file.clone(),
            },
            size_bytes: stored.size_bytes,
            sha256: stored.sha256.clone(),
        };
        let title = StepTitle::WriteDisk { disk: disk.named() };
        Step::new(format!("write-{}", disk.slot), title, Place::Holdfast, action)
            .conducted(Conduct::default().on_cancel(OnCancel::Leave))
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
        let title = StepTitle::SetAside { disk: disk.named() };
        let set_aside = shell(rename(&original, &kept));
        let step = Step::new(format!("keep-{}", disk.slot), title, disk.place(), set_aside);
        self.moving(step)
            .guarded(Guard::DiskReplaceable {
                disk: disk.disk.id.clone(),
            })
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
        let title = StepTitle::PutInPlace { disk: disk.named() };
        let step = Step::new(format!("swap-{}", disk.slot), title, disk.place(), shell(commands));
        self.moving(step)
            .probed(Probe::Moved {
                from: disk.on_server(&fresh),
                to: original.clone(),
            })
            .undone_by(disk.place(), shell(rename(&original, &fresh)))
    }

    /// A step that gives a file of the machine another name: not while the machine may write to it, in either direction.
    fn moving(&self, step: Step) -> Step {
        let stopped = self.machine.must_be_stopped();
        step.conducted(Conduct::MOVE)
            .guarded(stopped.clone())
            .undo_guarded(stopped)
    }

    fn files(&self, site: &Site<'_>) -> Step {
        let files: Vec<String> = self.swaps_at(site).map(|swap| swap.disk.path()).collect();
        let list = Shell::one(["ls".to_owned(), "-ln".to_owned()].into_iter().chain(files.clone()));
        let title = StepTitle::CheckFiles {
            repository: site.name(),
        };
        let files = files.into_iter().map(|path| site.on_server(path)).collect();
        Step::new(format!("files-{}", site.number), title, site.place(), shell(list))
            .conducted(Conduct::LOOK)
            .checked(Check::FilesExist { files })
    }

    /// From here on the machine may be started. On the way back no file moves under a machine that runs: one that
    /// somebody has started meanwhile is stopped, then locked where there is a lock. It is never switched off for that,
    /// and no lock is broken; when it does not stop, the way back ends here.
    fn leave(&self, mut steps: Vec<Step>) -> Result<Vec<Step>, Refusal> {
        let vm = self.machine.vm.id.clone();
        let stop = Action::StopVm {
            vm: vm.clone(),
            patience_secs: self.rules.patience_secs,
            lenient: false,
        };
        match unlock(&self.machine)? {
            Some(unlock) => {
                let place = unlock.place.clone();
                let lock = Action::LockVm {
                    vm,
                    break_after: Vec::new(),
                };
                steps.push(unlock.undone_by(Place::Manager, stop).undone_by(place, lock));
            }
            None => {
                let last = steps.pop().map(|last| last.undone_by(Place::Manager, stop));
                steps.extend(last);
            }
        }
        Ok(steps)
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
        let question = Question::Decide {
            within_hours: self.rules.commit_within_hours,
        };
        Step::new(
            "decide",
            StepTitle::CommitOrRollBack,
            Place::Person,
            Action::Ask { question },
        )
    }

    fn commit(&self, site: &Site<'_>) -> Step {
        let dir = site.own_dir(&self.tag);
        let title = StepTitle::RemoveKeptFiles {
            repository: site.name(),
        };
        let remove = shell(Shell::one(["rm", "-rf", &dir]));
        let step = Step::new(format!("commit-{}", site.number), title, site.place(), remove)
            .conducted(Conduct::default().repeatable())
            .probed(Probe::PathAbsent {
                file: site.on_server(&dir),
            });
        match site.number {
            1 => step.no_return(NoReturn::OnceBegun),
            _ => step,
        }
    }
}

const LET_NAMES_AGE: Action = Action::Wait {
    secs: SHARE_MEMORY_SECS,
};

fn refresh_action(site: &Site<'_>) -> Action {
    ovmcli(Command::on_id("refresh", "Repository", site.repository.id.as_str()))
}

/// So that the Manager knows the sizes. Its undo stands with the directory: it must come after the files.
fn refresh(site: &Site<'_>) -> Step {
    let title = StepTitle::RefreshRepository {
        repository: site.name(),
    };
    let id = format!("refresh-{}", site.number);
    Step::new(id, title, Place::Manager, refresh_action(site)).conducted(Conduct::JOB.repeatable())
}
