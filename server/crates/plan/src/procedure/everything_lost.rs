//! Nothing is left but the backup target and the handbook.

use super::lines::{by_hand, on_server, send};
use super::{Facts, manager_lost};
use domain::handbook::{Disaster, Procedure};
use domain::plan::{Line, Rule, Step, Task};
use ovm::shell::Shell;

/// What to do when everything is lost. `order` are the machines in the order of recovery; `script` rebuilds the estate.
pub fn everything_lost(facts: Facts<'_>, order: &[String], script: Result<&str, &str>) -> Procedure {
    let rebuild = match script {
        Ok(script) => send(facts, script),
        Err(why) => by_hand(
            "rebuild",
            Task::CreateEstate { why: why.to_owned() },
            Vec::new(),
            Rule::Seen,
        ),
    };
    let order = order.to_vec();
    Procedure {
        disaster: Disaster::Everything,
        steps: vec![
            open_target(facts),
            install_servers(facts),
            manager_lost::install(facts),
            rebuild,
            by_hand("vms", Task::RestoreVms { order }, Vec::new(), Rule::Seen),
        ],
    }
}

fn open_target(facts: Facts<'_>) -> Step {
    let repositories = facts.targets.all().map(|(_, repository)| repository);
    let lines = repositories.flat_map(|repository| {
        let restic = |does| Line::Shell(Shell::one(["restic", "--repo", repository, does]));
        ["snapshots", "check"].map(restic)
    });
    by_hand("target", Task::OpenTarget, lines.collect(), Rule::Seen)
}

fn install_servers(facts: Facts<'_>) -> Step {
    let look = Shell::one(["multipath", "-ll"]);
    let servers = facts.estate.servers.iter();
    let lines = servers.map(|server| Line::Shell(on_server(facts, server, &look)));
    by_hand("servers", Task::InstallServers, lines.collect(), Rule::Seen)
}
