//! `reflink` of all disks back to back on a server, copied, removed: the disks are as close in time as they can be, and
//! the Manager sees nothing of it.

use super::{Backup, publish};
use crate::disks::{FileDisk, Site};
use crate::parts::{definition, rooms, shell};
use domain::plan::{Action, Probe, Step};
use ovm::shell::Shell;

pub(super) fn steps(backup: &Backup<'_>) -> Vec<Step> {
    let tag = &backup.machine.tag();
    let mut steps = vec![definition(&backup.machine)];
    steps.extend(rooms(&backup.sites, |_| 0, backup.rules.free_space_floor_percent));
    steps.extend(backup.sites.iter().map(|site| directory(site, tag)));
    steps.extend(backup.disks.iter().map(|disk| reflink(disk, tag)));
    steps.extend(backup.copies(|disk| disk.path_in_own_dir(tag)));
    steps.extend(publish());
    steps.extend(backup.sites.iter().map(|site| remove(site, tag)));
    steps
}

fn directory(site: &Site<'_>, tag: &str) -> Step {
    let dir = site.own_dir(tag);
    let title = format!("Make a directory in the repository {}", site.repository.name);
    let make = shell(Shell::one(["mkdir", "-p", &dir]));
    Step::new(format!("dir-{}", site.number), title, site.place(), make)
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
    let title = format!("Snapshot {}", disk.words());
    Step::new(format!("reflink-{}", disk.slot), title, disk.place(), reflink).probed(Probe::PathExists {
        file: disk.on_server(copy),
    })
}

fn remove(site: &Site<'_>, tag: &str) -> Step {
    let dir = site.own_dir(tag);
    let title = format!("Remove the snapshot from the repository {}", site.repository.name);
    Step::new(
        format!("remove-snapshot-{}", site.number),
        title,
        site.place(),
        remove_directory(&dir),
    )
    .probed(Probe::PathAbsent {
        file: site.on_server(&dir),
    })
    .always()
}
