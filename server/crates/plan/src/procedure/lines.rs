//! Steps for a person and their command lines. The lines are rendered as those that Holdfast runs itself.

use super::{Facts, SEND};
use crate::render::line;
use domain::ids::TargetId;
use domain::plan::{Action, Line, Place, Question, Rule, Step, StepTitle, Task};
use domain::point::{PointDisk, RecoveryPoint};
use domain::target::Locations;
use ovm::estate::Server;
use ovm::shell::Shell;

/// A step that a person does.
pub(super) fn by_hand(id: &str, task: Task, lines: Vec<Line>, expects: Rule) -> Step {
    let question = Question::Confirm { lines, expects };
    Step::new(id, StepTitle::ByHand { task }, Place::Person, Action::Ask { question })
}

/// Sends a rebuild script of the package to the Manager.
pub(super) fn send(facts: Facts<'_>, script: &str) -> Step {
    let manager = facts.manager;
    let login = format!("{}@{}", manager.user, manager.host);
    let file = format!("scripts/{script}.ovmcli");
    let send = Shell::one(["sh", SEND, &login, &manager.port.to_string(), &file]);
    let sender = SEND.to_owned();
    by_hand(
        "rebuild",
        Task::SendScript { file, sender },
        vec![Line::Shell(send)],
        Rule::Seen,
    )
}

/// Runs a command on a server, from the machine with the backup target.
pub(super) fn on_server(facts: Facts<'_>, server: &Server, command: &Shell) -> Shell {
    Shell::one(ssh_words(facts, server, command))
}

fn ssh_words(facts: Facts<'_>, server: &Server, command: &Shell) -> Vec<String> {
    let access = facts.servers.iter().find(|access| access.server == server.id);
    let (user, host, port) = match access {
        Some(access) => (access.user.as_str(), access.host.as_str(), access.port),
        None => ("root", server.ip_address.as_deref().unwrap_or(&server.name), 22),
    };
    let words = ["ssh".into(), "-p".into(), port.to_string(), format!("{user}@{host}")];
    words.into_iter().chain([line(&Line::Shell(command.clone()))]).collect()
}

/// Puts a disk of a recovery point into a file that is there already, on a server.
pub(super) fn write_disk(
    facts: Facts<'_>,
    server: &Server,
    point: &RecoveryPoint,
    disk: &PointDisk,
    path: &str,
) -> Vec<Line> {
    // The `dd` of servers is too old to leave holes.
    let write = Shell::one(["cp", "--sparse=always", "/dev/stdin", path]).and(["sync"]);
    let dump = dump(facts.targets, point, disk);
    let hash = Shell::one(["sha256sum", path]);
    vec![
        Line::Shell(dump.pipe(ssh_words(facts, server, &write))),
        Line::Shell(on_server(facts, server, &hash)),
    ]
}

/// Reads a disk out of a backup target with stock restic. Where no copy is whole, the first is the best that there is.
fn dump(targets: &Locations, point: &RecoveryPoint, disk: &PointDisk) -> Shell {
    let file = format!("/{}", disk.file.trim_start_matches('/'));
    let copy = point.whole_copy(&TargetId::first()).or(point.copies.first());
    let (repository, snapshot) = copy.map_or(("", ""), |copy| (targets.of(&copy.target), copy.snapshot.as_str()));
    Shell::one(["restic", "--repo", repository, "dump", snapshot, &file])
}

/// How the disks of a recovery point become image files without Holdfast and without an estate. Run by a test as it
/// stands here.
pub fn read_with_restic(targets: &Locations, point: &RecoveryPoint) -> Vec<String> {
    let shell = |shell: Shell| line(&Line::Shell(shell));
    let image = |disk: &PointDisk| format!("slot-{}.img", disk.slot);
    let write = |disk: &PointDisk| {
        let of = format!("of={}", image(disk));
        let dd = ["dd", &of, "bs=1M", "iflag=fullblock", "conv=sparse"];
        // A hole at the end is not written.
        let size = disk.size_bytes.to_string();
        shell(
            dump(targets, point, disk)
                .pipe(dd)
                .and(["truncate", "-s", &size, &image(disk)]),
        )
    };
    let disks = point.manifest.disks();
    let hash = |disk: &PointDisk| shell(Shell::one(["sha256sum".to_owned(), image(disk)]));
    disks.iter().map(write).chain(disks.iter().map(hash)).collect()
}
