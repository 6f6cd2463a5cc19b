//! The Manager is gone; servers, storage and machines are not.

use super::Facts;
use super::lines::{ovmcli, shell};
use domain::handbook::{Instruction, Procedure};
use ovm::estate::{Estate, Server};
use ovm::ovmcli::Command;
use ovm::shell::Shell;

/// What to do when the Manager is lost.
pub fn manager_lost(facts: Facts<'_>) -> Procedure {
    Procedure {
        title: "The Manager is lost".into(),
        when: "Its host or its data base is gone. The machines run on: do not restart servers, and do not let anybody \
               take ownership of them for another Manager."
            .into(),
        steps: vec![
            install(facts),
            restore_data_base(),
            discover(facts.estate),
            refresh(facts.estate),
            compare(facts.estate),
            by_hand(),
            enrol(facts),
        ],
    }
}

/// With its old UUID the new Manager still owns servers and repositories.
pub(super) fn install(facts: Facts<'_>) -> Instruction {
    let uuid = facts.estate.manager_uuid.as_deref();
    let text = format!(
        "Version {}, on a host that is reached as {}. {}",
        facts.estate.version,
        facts.manager.host,
        match uuid {
            Some(_) => "With the old UUID it still owns its servers and repositories.",
            None =>
                "Its UUID is not known here: read it on any server with `ovs-agent-db read_item server manager_uuid`, \
                 or in the file .ovsrepo of a storage repository.",
        }
    );
    let option = format!("--uuid={}", uuid.unwrap_or("OLD_UUID"));
    Instruction {
        title: "Install the Manager in the same version, with the old UUID".into(),
        place: "the new Manager host".into(),
        text,
        lines: vec![shell(&Shell::one(["./runInstaller.sh", &option]))],
        check: format!(
            "/u01/app/oracle/ovm-manager-3/.config holds UUID={}.",
            uuid.unwrap_or("and the old value")
        ),
    }
}

fn restore_data_base() -> Instruction {
    let service = |name: &str, action: &str| shell(&Shell::one(["service", name, action]));
    let stops = ["ovmcli", "ovmm", "ovmm_mysql"].map(|name| service(name, "stop"));
    let starts = ["ovmm_mysql", "ovmm", "ovmcli"].map(|name| service(name, "start"));
    let restore = "/u01/app/oracle/ovm-manager-3/ovm_tools/bin/RestoreDatabase.sh";
    let restore = shell(&Shell::one([
        "su",
        "-",
        "oracle",
        "-c",
        &format!("{restore} NEWEST_BACKUP_FOLDER"),
    ]));
    Instruction {
        title: "Restore its data base, if there is a backup of it".into(),
        place: "the new Manager host".into(),
        text:
            "The Manager keeps backups in /u01/app/oracle/mysql/dbbackup unless DBBACKUP in /etc/sysconfig/ovmm says \
               otherwise. With a backup the two steps after the next are enough; without one go on with the next."
                .into(),
        lines: stops.into_iter().chain([restore]).chain(starts).collect(),
        check: "The command line of the Manager lets you in.".into(),
    }
}

/// One server of a pool leads to the others.
fn discover(estate: &Estate) -> Instruction {
    let command = |server: &Server| {
        let address = server.ip_address.as_deref().unwrap_or(&server.name);
        let command = Command::new("discoverServer").with("ipAddress", address);
        let password = format!("${{PASSWORD_OF_SERVER_{}}}", server.name);
        ovmcli(&command.with("password", password).with("takeOwnership", "Yes"))
    };
    Instruction {
        title: "Discover the servers".into(),
        place: "the Manager".into(),
        text:
            "Pools, networks and machines come from the servers. Put the password of each server's agent in its place."
                .into(),
        lines: estate.servers.iter().map(command).collect(),
        check: "Each answer says `Status: Success`, and `list Server` shows every server of the table.".into(),
    }
}

/// Refreshing everything leaves out what this Manager has never refreshed.
fn refresh(estate: &Estate) -> Instruction {
    let on_name = |object_type: &str, name: &str| ovmcli(&Command::on_name("refresh", object_type, name));
    let servers = estate
        .servers
        .iter()
        .map(|server| ovmcli(&Command::on_name("refreshStorageLayer", "Server", &server.name)));
    let systems = estate
        .repositories
        .iter()
        .filter_map(|repository| repository.file_system_name.as_deref());
    let systems = systems.map(|name| on_name("FileSystem", name));
    let repositories = estate
        .repositories
        .iter()
        .map(|repository| on_name("Repository", &repository.name));
    Instruction {
        title: "Refresh storage, then file systems, then storage repositories".into(),
        place: "the Manager".into(),
        text: "One by one: refreshAll leaves out file systems that this Manager has never refreshed.".into(),
        lines: servers.chain(systems).chain(repositories).collect(),
        check: "`list Repository` shows every storage repository of the table.".into(),
    }
}

fn compare(estate: &Estate) -> Instruction {
    Instruction {
        title: "Compare with the inventory".into(),
        place: "the Manager, and this handbook".into(),
        text: "Names of disks come back from the storage repositories only in newer versions; older ones show ids."
            .into(),
        lines: ["Server", "Repository", "Network", "Vm", "PhysicalDisk"]
            .map(|object_type| ovmcli(&Command::of_type("list", object_type)))
            .into(),
        check: format!(
            "{} servers, {} storage repositories, {} networks, {} machines and templates, {} physical disks, with the \
             ids and WWIDs of the tables.",
            estate.servers.len(),
            estate.repositories.len(),
            estate.networks.len(),
            estate.vms.len(),
            estate.physical_disks.len()
        ),
    }
}

fn by_hand() -> Instruction {
    Instruction {
        title: "Bring back what only the Manager knew".into(),
        place: "the Manager".into(),
        text: "Tags, anti-affinity groups, users and jobs are not on the servers. The rebuild script of the estate has the \
               commands for tags and groups at its end: send those lines only."
            .into(),
        lines: vec![ovmcli(&Command::of_type("list", "Tag")), ovmcli(&Command::of_type("list", "AntiAffinityGroup"))],
        check: "Tags and groups are as in the inventory.".into(),
    }
}

fn enrol(facts: Facts<'_>) -> Instruction {
    Instruction {
        title: "Enrol it again in Holdfast".into(),
        place: "Holdfast".into(),
        text: format!(
            "The new Manager shows another host key than {}: Holdfast does nothing with it until an administrator has \
             compared the new one.",
            facts.manager.fingerprint
        ),
        check: "The estate is discovered, and its difference to the last revision is what you expect.".into(),
        ..Instruction::default()
    }
}
