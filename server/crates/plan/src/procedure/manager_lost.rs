//! The Manager is gone; servers, storage and machines are not.

use super::Facts;
use super::lines::by_hand;
use domain::handbook::{Disaster, Procedure};
use domain::plan::{Line, Rule, Step, Task};
use ovm::estate::{Estate, Server};
use ovm::ovmcli::Command;
use ovm::shell::Shell;

/// What to do when the Manager is lost.
pub fn manager_lost(facts: Facts<'_>) -> Procedure {
    let fingerprint = facts.manager.fingerprint.clone();
    Procedure {
        disaster: Disaster::Manager,
        steps: vec![
            install(facts),
            restore_database(),
            discover(facts.estate),
            refresh(facts.estate),
            compare(facts.estate),
            restore_own(),
            by_hand("enrol", Task::EnrolAgain { fingerprint }, Vec::new(), Rule::Seen),
        ],
    }
}

/// With its old UUID the new Manager still owns servers and repositories.
pub(super) fn install(facts: Facts<'_>) -> Step {
    let uuid = facts.estate.manager_uuid.clone();
    let option = format!("--uuid={}", uuid.as_deref().unwrap_or("OLD_UUID"));
    let task = Task::InstallManager {
        version: facts.estate.version.clone(),
        host: facts.manager.host.clone(),
        uuid,
    };
    let install = Line::Shell(Shell::one(["./runInstaller.sh", &option]));
    by_hand("manager", task, vec![install], Rule::Seen)
}

fn restore_database() -> Step {
    let service = |name: &str, action: &str| Line::Shell(Shell::one(["service", name, action]));
    let stops = ["ovmcli", "ovmm", "ovmm_mysql"].map(|name| service(name, "stop"));
    let starts = ["ovmm_mysql", "ovmm", "ovmcli"].map(|name| service(name, "start"));
    let restore = "/u01/app/oracle/ovm-manager-3/ovm_tools/bin/RestoreDatabase.sh";
    let restore = format!("{restore} NEWEST_BACKUP_FOLDER");
    let restore = Line::Shell(Shell::one(["su", "-", "oracle", "-c", &restore]));
    let lines = stops.into_iter().chain([restore]).chain(starts);
    by_hand("database", Task::RestoreManagerDatabase, lines.collect(), Rule::Seen)
}

/// One server of a pool leads to the others.
fn discover(estate: &Estate) -> Step {
    let command = |server: &Server| {
        let address = server.ip_address.as_deref().unwrap_or(&server.name);
        let command = Command::new("discoverServer").with("ipAddress", address);
        let password = format!("${{PASSWORD_OF_SERVER_{}}}", server.name);
        Line::Ovmcli(command.with("password", password).with("takeOwnership", "Yes"))
    };
    let lines = estate.servers.iter().map(command);
    by_hand("discover", Task::DiscoverServers, lines.collect(), Rule::Seen)
}

/// Refreshing everything leaves out what this Manager has never refreshed.
fn refresh(estate: &Estate) -> Step {
    let on_name = |verb: &str, object_type: &str, name: &str| Line::Ovmcli(Command::on_name(verb, object_type, name));
    let servers = estate.servers.iter();
    let servers = servers.map(|server| on_name("refreshStorageLayer", "Server", &server.name));
    let systems = estate.repositories.iter();
    let systems = systems.filter_map(|repository| repository.file_system_name.as_deref());
    let systems = systems.map(|name| on_name("refresh", "FileSystem", name));
    let repositories = estate.repositories.iter();
    let repositories = repositories.map(|repository| on_name("refresh", "Repository", &repository.name));
    let lines = servers.chain(systems).chain(repositories);
    by_hand("refresh", Task::RefreshStorage, lines.collect(), Rule::Seen)
}

fn compare(estate: &Estate) -> Step {
    let task = Task::CompareInventory {
        servers: estate.servers.len(),
        repositories: estate.repositories.len(),
        networks: estate.networks.len(),
        vms: estate.vms.len(),
        physical_disks: estate.physical_disks.len(),
    };
    let lines = ["Server", "Repository", "Network", "Vm", "PhysicalDisk"].map(list);
    by_hand("compare", task, lines.into(), Rule::Seen)
}

fn restore_own() -> Step {
    let lines = ["Tag", "AntiAffinityGroup"].map(list);
    by_hand("own", Task::RestoreManagersOwn, lines.into(), Rule::Seen)
}

fn list(object_type: &str) -> Line {
    Line::Ovmcli(Command::of_type("list", object_type))
}
