//! `reflink` of all disks back to back on a server, copied, removed: the disks are as close in time as they can be, and
//! the Manager sees nothing of it.

use super::{Backup, publish};
use crate::disks::{FileDisk, Site};
use crate::parts::{definition, rooms, shell, transferring};
use domain::plan::{Action, Conduct, Mark, Probe, Step, StepTitle};
use ovm::shell::Shell;

pub(super) fn steps(backup: &Backup<'_>) -> Vec<Step> {
    let tag = &backup.machine.tag();
    let mut steps = vec![definition(&backup.machine)];
    steps.extend(rooms(&backup.sites, |_| 0, backup.rules.free_space_floor_percent));
    let mut moving: Vec<Step> = backup.sites.iter().map(|site| directory(site, tag)).collect();
    moving.extend(backup.disks.iter().map(|disk| reflink(disk, tag)));
    moving.extend(backup.copies(|disk| disk.path_in_own_dir(tag)));
    moving.extend(backup.sites.iter().map(|site| remove(site, tag)));
    steps.extend(transferring(moving));
    steps.extend(publish(backup.rules));
    steps
}

fn directory(site: &Site<'_>, tag: &str) -> Step {
    let dir = site.own_dir(tag);
    let title = StepTitle::MakeDirectory {
        repository: site.name(),
    };
    let make = shell(Shell::one(["mkdir", "-p", &dir]));
    Step::new(format!("dir-{}", site.number), title, site.place(), make)
        .conducted(Conduct::default().repeatable())
        .probed(Probe::PathExists {
            file: site.on_server(&dir),
        })
        .undone_by(site.place(), remove_directory(&dir))
}

fn remove_directory(dir: &str) -> Action {
    shell(Shell::one(["rm", "-rf", dir]))
}

/// Goes away with the directory, so it needs no undo.
fn reflink(disk: &FileDisk<'_>, tag: &str) -> Step {
    let copy = disk.path_in_own_dir(tag);
    let reflink = shell(Shell::one(["reflink", "-P", "--backup=off", &disk.path(), &copy]));
    let title = StepTitle::SnapshotDisk { disk: disk.named() };
    Step::new(format!("reflink-{}", disk.slot), title, disk.place(), reflink)
        .conducted(Conduct::default().repeatable())
        .marked(Mark::PointInTime)
        .probed(Probe::PathExists {
            file: disk.on_server(copy),
        })
}

fn remove(site: &Site<'_>, tag: &str) -> Step {
    let dir = site.own_dir(tag);
    let title = StepTitle::RemoveSnapshots {
        repository: site.name(),
    };
    let id = format!("remove-snapshot-{}", site.number);
    Step::new(id, title, site.place(), remove_directory(&dir))
        .conducted(Conduct::default().repeatable())
        .probed(Probe::PathAbsent {
            file: site.on_server(&dir),
        })
        .always()
}
