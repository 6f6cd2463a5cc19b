//! A machine is gone: its definition, its disks, or both.

use super::Facts;
use super::lines::{on_server, ovmcli, send, shell, write_disk};
use domain::handbook::{Instruction, Procedure};
use domain::point::{PointDisk, RecoveryPoint};
use domain::words::size;
use ovm::estate::{Server, Vm, VmState};
use ovm::ids::RepositoryId;
use ovm::ovmcli::Command;
use ovm::shell::Shell;

/// What to do when `vm` is lost: its shell by its rebuild script, its disks from `point`. Without a script or a point the
/// procedure says so in its place.
pub fn vm_lost(facts: Facts<'_>, vm: &Vm, point: Option<&RecoveryPoint>, script: Result<&str, &str>) -> Procedure {
    let mut steps = vec![gone(facts, vm)];
    steps.push(match script {
        Ok(script) => send(facts, script),
        Err(reason) => Instruction {
            title: "Create the VM by hand".into(),
            place: "the Manager".into(),
            text: format!("There is no rebuild script for it: {reason}"),
            check: "The Manager shows the VM with the values on its page in this handbook.".into(),
            ..Instruction::default()
        },
    });
    match point {
        Some(point) => steps.extend(point.manifest.disks().iter().map(|disk| contents(facts, point, disk))),
        None => steps.push(Instruction {
            title: "Find another source for its disks".into(),
            place: "outside Holdfast".into(),
            text: "There is no usable recovery point of this VM: the rebuilt disks are empty.".into(),
            check: "The disks hold what the VM needs.".into(),
            ..Instruction::default()
        }),
    }
    if vm.state != VmState::Template {
        steps.push(start(vm));
    }
    Procedure {
        title: format!("{} is lost", vm.name),
        when: "The Manager no longer lists the VM, or its disk files are gone or damaged. If only the contents are \
            wrong, use an in-place restore with Holdfast instead: that can be rolled back."
            .into(),
        steps,
    }
}

/// Two machines on one disk destroy it.
fn gone(facts: Facts<'_>, vm: &Vm) -> Instruction {
    let of_pool = |server: &&Server| vm.pool.is_some() && server.pool == vm.pool;
    let servers = facts.estate.servers.iter().filter(of_pool);
    let look = Shell::one(["xm", "list"]);
    let mut lines = vec![ovmcli(&Command::of_type("list", "Vm"))];
    lines.extend(servers.map(|server| shell(&on_server(facts, server, &look))));
    Instruction {
        title: "Check that it is not running anywhere".into(),
        place: "the Manager, then every server of its pool".into(),
        text: format!(
            "Its ID was {}. Delete what is left of it in the Manager before you rebuild it; set its disk files aside \
             until the end.",
            vm.id
        ),
        lines,
        check: format!("No list shows {}.", vm.id),
    }
}

fn contents(facts: Facts<'_>, point: &RecoveryPoint, disk: &PointDisk) -> Instruction {
    let path = format!("NEW_PATH_OF_SLOT_{}", disk.slot);
    let find = ovmcli(&Command::on_name("show", "VirtualDisk", &disk.name));
    let mut lines = vec![find];
    if let Some(server) = server_of(facts, &disk.repository) {
        lines.extend(write_disk(facts, server, point, disk, &path));
    }
    Instruction {
        title: format!(
            "Restore the contents of slot {}: {}, {}",
            disk.slot,
            disk.name,
            size(disk.size_bytes)
        ),
        place: "the Manager, then the host with the backup target".into(),
        text: format!(
            "The first line, sent to the Manager, shows the ID of the new disk and of its storage repository. {path} \
             is /OVS/Repositories/, the ID of the storage repository, /VirtualDisks/, the ID of the disk. restic asks \
             for the password of the backup target, or reads it from RESTIC_PASSWORD_FILE."
        ),
        lines,
        check: format!("The last line prints {}.", disk.sha256),
    }
}

/// A server through which the files of a repository can be reached.
fn server_of<'a>(facts: Facts<'a>, repository: &RepositoryId) -> Option<&'a Server> {
    let presented = &facts.estate.repository(repository)?.presented_to;
    presented.iter().find_map(|id| facts.estate.server(id))
}

fn start(vm: &Vm) -> Instruction {
    Instruction {
        title: "Start the VM".into(),
        place: "the Manager".into(),
        text: "First compare slots, sizes, network cards and MAC addresses with the tables in this handbook.".into(),
        lines: vec![ovmcli(&Command::on_name("start", "Vm", &vm.name))],
        check: "The Manager shows the VM running, and its service answers.".into(),
    }
}
