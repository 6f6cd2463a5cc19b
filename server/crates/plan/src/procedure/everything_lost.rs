//! Nothing is left but the backup target and this handbook.

use super::lines::{on_server, send, shell};
use super::{Facts, manager_lost};
use domain::handbook::{Instruction, Procedure};
use ovm::shell::Shell;

/// What to do when everything is lost. `order` are the machines in the order of recovery; `script` rebuilds the estate.
pub fn everything_lost(facts: Facts<'_>, order: &[String], script: Result<&str, &str>) -> Procedure {
    let rebuild = match script {
        Ok(script) => send(facts, script),
        Err(reason) => Instruction {
            title: "Rebuild the estate by hand".into(),
            place: "the Manager".into(),
            text: format!("There is no rebuild script for the estate: {reason}"),
            check: "Everything in the inventory of this handbook exists again.".into(),
            ..Instruction::default()
        },
    };
    Procedure {
        title: "Everything is lost".into(),
        when: "The data centre is gone. You need this handbook, a copy of the backup target with its password, \
            hardware, installation media for the versions in the tables, and stock restic."
            .into(),
        steps: vec![
            backup_target(facts),
            hardware(facts),
            manager_lost::install(facts),
            rebuild,
            machines(order),
        ],
    }
}

fn backup_target(facts: Facts<'_>) -> Instruction {
    let repositories = facts.targets.all().map(|(_, repository)| repository);
    let lines = repositories.flat_map(|repository| {
        let restic = |does| shell(&Shell::one(["restic", "--repo", repository, does]));
        ["snapshots", "check"].map(restic)
    });
    Instruction {
        title: "Make the backup target accessible".into(),
        place: "any computer with restic 0.14 or newer".into(),
        text: "It is an ordinary restic repository. Its password is the configuration value backup_target_password of \
            Holdfast, or the file backup-target.password in its data folder if Holdfast generated it. Keep a copy of \
            it apart from the backup target."
            .into(),
        lines: lines.collect(),
        check: "The list shows the IDs in the tables, and the check finds no errors.".into(),
    }
}

fn hardware(facts: Facts<'_>) -> Instruction {
    let look = Shell::one(["multipath", "-ll"]);
    let lines = facts
        .estate
        .servers
        .iter()
        .map(|server| shell(&on_server(facts, server, &look)));
    Instruction {
        title: "Install the servers and connect their storage".into(),
        place: "the hardware".into(),
        text: "Use the versions, names and management addresses in the tables. LUNs must have the WWIDs in the \
            tables: binary files of the cluster refer to them. Where that is impossible, the script recreates the \
            storage repositories on them, under the new names of the LUNs."
            .into(),
        lines: lines.collect(),
        check: "Every server answers and shows the LUNs in the table.".into(),
    }
}

fn machines(order: &[String]) -> Instruction {
    Instruction {
        title: "Restore the disks, VM by VM".into(),
        place: "see the chapter of each VM".into(),
        text: format!(
            "The VMs exist again, with empty disks. Follow the steps that restore their contents and start them, in \
             this order: {}.",
            order.join(", ")
        ),
        check: "Each VM is running and its service answers before you begin with the next.".into(),
        ..Instruction::default()
    }
}
