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
        when: "Its host or its database is gone. The VMs keep running: do not restart servers, and do not let anyone \
            take ownership of them for another Manager."
            .into(),
        steps: vec![
            install(facts),
            restore_database(),
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
        "Version {}, on a host with the address {}. {}",
        facts.estate.version,
        facts.manager.host,
        match uuid {
            Some(_) => "With the old UUID it still owns its servers and storage repositories.",
            None =>
                "Its UUID is not known here: read it on any server with `ovs-agent-db read_item server manager_uuid`, \
                 or in the file .ovsrepo of a storage repository.",
        }
    );
    let option = format!("--uuid={}", uuid.unwrap_or("OLD_UUID"));
    Instruction {
        title: "Install the same version of the Manager, with the old UUID".into(),
        place: "the new Manager host".into(),
        text,
        lines: vec![shell(&Shell::one(["./runInstaller.sh", &option]))],
        check: format!(
            "/u01/app/oracle/ovm-manager-3/.config holds UUID={}.",
            uuid.unwrap_or("followed by the old value")
        ),
    }
}

fn restore_database() -> Instruction {
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
        title: "Restore its database, if you have a backup of it".into(),
        place: "the new Manager host".into(),
        text:
            "The Manager keeps backups in /u01/app/oracle/mysql/dbbackup unless DBBACKUP in /etc/sysconfig/ovmm says \
             otherwise. With a backup, only the two steps after the next one are still needed; without one, continue \
             with the next step."
                .into(),
        lines: stops.into_iter().chain([restore]).chain(starts).collect(),
        check: "You can log in to the command line of the Manager.".into(),
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
        text: "Pools, networks and VMs are read from the servers. Replace each placeholder with the password of that \
             server’s agent."
            .into(),
        lines: estate.servers.iter().map(command).collect(),
        check: "Each answer says `Status: Success`, and `list Server` shows every server in the table.".into(),
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
        text: "Refresh them one by one: refreshAll leaves out file systems that this Manager has never refreshed."
            .into(),
        lines: servers.chain(systems).chain(repositories).collect(),
        check: "`list Repository` shows every storage repository in the table.".into(),
    }
}

fn compare(estate: &Estate) -> Instruction {
    Instruction {
        title: "Compare with the inventory".into(),
        place: "the Manager, and this handbook".into(),
        text: "Only newer versions read the names of disks from the storage repositories; older ones show IDs.".into(),
        lines: ["Server", "Repository", "Network", "Vm", "PhysicalDisk"]
            .map(|object_type| ovmcli(&Command::of_type("list", object_type)))
            .into(),
        check: format!(
            "{} servers, {} storage repositories, {} networks, {} VMs and templates, {} physical disks, with the IDs \
             and WWIDs in the tables.",
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
        title: "Restore what only the Manager knew".into(),
        place: "the Manager".into(),
        text: "Tags, anti-affinity groups, users and jobs are not stored on the servers. The commands for tags and \
            groups are at the end of the estate’s rebuild script: send only those lines."
            .into(),
        lines: vec![
            ovmcli(&Command::of_type("list", "Tag")),
            ovmcli(&Command::of_type("list", "AntiAffinityGroup")),
        ],
        check: "Tags and groups match the inventory.".into(),
    }
}

fn enrol(facts: Facts<'_>) -> Instruction {
    Instruction {
        title: "Re-enrol it in Holdfast".into(),
        place: "Holdfast".into(),
        text: format!(
            "The new Manager presents a host key other than {}. Holdfast does not use it until an administrator has \
             compared the new key.",
            facts.manager.fingerprint
        ),
        check: "The estate is discovered, and it differs from the last revision only as expected.".into(),
        ..Instruction::default()
    }
}
