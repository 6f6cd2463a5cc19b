//! Command lines of procedures. All of them come from the renderers of `ovm`, as those that Holdfast runs itself.

use super::{Facts, SEND};
use domain::handbook::Instruction;
use domain::ids::TargetId;
use domain::point::{PointDisk, RecoveryPoint};
use domain::target::Locations;
use ovm::estate::Server;
use ovm::ovmcli::{Command, render};
use ovm::shell::Shell;

/// An OVMCLI command as it is typed after the Manager's prompt.
pub(super) fn ovmcli(command: &Command) -> String {
    render(command).unwrap_or_else(|refused| format!("# cannot be written: {refused}"))
}

/// A shell command.
pub(super) fn shell(shell: &Shell) -> String {
    shell
        .render()
        .unwrap_or_else(|refused| format!("# cannot be written: {refused}"))
}

/// Sends a rebuild script of the package to the Manager.
pub(super) fn send(facts: Facts<'_>, script: &str) -> Instruction {
    let manager = facts.manager;
    let login = format!("{}@{}", manager.user, manager.host);
    let script = format!("scripts/{script}.ovmcli");
    let port = manager.port.to_string();
    Instruction {
        title: format!("Send {script}"),
        place: "a shell in the folder of this handbook".into(),
        text: format!(
            "The .txt file beside it explains each line. {SEND} sends the lines one by one. It stops at a line with a \
             placeholder like ${{PASSWORD_OF_...}} or ${{NAME_OF_LUN_...}}, whose value only you know: the name of a \
             LUN is what `show PhysicalDisk` on the new Manager prints for its WWID. Put the value into the file and \
             run the script again with the number of that line as the last argument. It also stops at the first line \
             that does not succeed."
        ),
        lines: vec![shell(&Shell::one(["sh", SEND, &login, &port, &script]))],
        check: "Every answer says `Status: Success`.".into(),
    }
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
    words.into_iter().chain([shell(command)]).collect()
}

/// Puts a disk of a recovery point into a file that is there already, on a server.
pub(super) fn write_disk(
    facts: Facts<'_>,
    server: &Server,
    point: &RecoveryPoint,
    disk: &PointDisk,
    path: &str,
) -> Vec<String> {
    // The `dd` of servers is too old to leave holes.
    let write = Shell::one(["cp", "--sparse=always", "/dev/stdin", path]).and(["sync"]);
    let dump = dump(facts.targets, point, disk);
    let hash = Shell::one(["sha256sum", path]);
    vec![
        shell(&dump.pipe(ssh_words(facts, server, &write))),
        shell(&on_server(facts, server, &hash)),
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
    let image = |disk: &PointDisk| format!("slot-{}.img", disk.slot);
    let write = |disk: &PointDisk| {
        let of = format!("of={}", image(disk));
        let dd = ["dd", &of, "bs=1M", "iflag=fullblock", "conv=sparse"];
        // A hole at the end is not written.
        let size = disk.size_bytes.to_string();
        shell(
            &dump(targets, point, disk)
                .pipe(dd)
                .and(["truncate", "-s", &size, &image(disk)]),
        )
    };
    let disks = point.manifest.disks();
    let hash = |disk: &PointDisk| shell(&Shell::one(["sha256sum".to_owned(), image(disk)]));
    disks.iter().map(write).chain(disks.iter().map(hash)).collect()
}
