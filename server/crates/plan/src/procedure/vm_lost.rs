//! A machine is gone: its definition, its disks, or both.

use super::Facts;
use super::lines::{by_hand, on_server, send, write_disk};
use domain::handbook::{Disaster, Procedure};
use domain::plan::{Line, Rule, Step, Task};
use domain::point::{PointDisk, RecoveryPoint};
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
        Err(why) => by_hand(
            "rebuild",
            Task::CreateVm { why: why.to_owned() },
            Vec::new(),
            Rule::Seen,
        ),
    });
    match point {
        Some(point) => steps.extend(point.manifest.disks().iter().map(|disk| contents(facts, point, disk))),
        None => steps.push(by_hand("contents", Task::FindContents, Vec::new(), Rule::Seen)),
    }
    if vm.state != VmState::Template {
        let start = Line::Ovmcli(Command::on_name("start", "Vm", &vm.name));
        steps.push(by_hand("start", Task::StartVm, vec![start], Rule::Seen));
    }
    Procedure {
        disaster: Disaster::Vm { name: vm.name.clone() },
        steps,
    }
}

/// Two machines on one disk destroy it.
fn gone(facts: Facts<'_>, vm: &Vm) -> Step {
    let of_pool = |server: &&Server| vm.pool.is_some() && server.pool == vm.pool;
    let servers = facts.estate.servers.iter().filter(of_pool);
    let look = Shell::one(["xm", "list"]);
    let mut lines = vec![Line::Ovmcli(Command::of_type("list", "Vm"))];
    lines.extend(servers.map(|server| Line::Shell(on_server(facts, server, &look))));
    by_hand("gone", Task::CheckNotRunning { vm: vm.id.clone() }, lines, Rule::Seen)
}

fn contents(facts: Facts<'_>, point: &RecoveryPoint, disk: &PointDisk) -> Step {
    let path = format!("NEW_PATH_OF_SLOT_{}", disk.slot);
    let mut lines = vec![Line::Ovmcli(Command::on_name("show", "VirtualDisk", &disk.name))];
    if let Some(server) = server_of(facts, &disk.repository) {
        lines.extend(write_disk(facts, server, point, disk, &path));
    }
    let task = Task::RestoreContents {
        slot: disk.slot,
        name: disk.name.clone(),
        size_bytes: disk.size_bytes,
        path,
    };
    let expects = Rule::Equal {
        to: disk.sha256.clone(),
    };
    by_hand(&format!("contents-{}", disk.slot), task, lines, expects)
}

/// A server through which the files of a repository can be reached.
fn server_of<'a>(facts: Facts<'a>, repository: &RepositoryId) -> Option<&'a Server> {
    let presented = &facts.estate.repository(repository)?.presented_to;
    presented.iter().find_map(|id| facts.estate.server(id))
}
