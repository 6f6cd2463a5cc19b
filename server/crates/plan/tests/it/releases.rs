//! Plans are written in the words of the Manager's release, and read elsewhere what it does not print.

use crate::common::{MASTER, OTHER, World, command, ids, said, step, world};
use domain::plan::{Action, Plan, Precondition};
use domain::policy::BackupMethod::{ManagerClone, Reflink, StopCopyStart};
use ovm::ids::ServerId;
use ovm::ovmcli::{Version, check_command};

fn world_of(release: &str, method: domain::policy::BackupMethod) -> World {
    let mut world = world(method, &[(0, "gold"), (1, "silver")]);
    world.estate.version = release.into();
    world.vm().high_availability = true;
    world
}

/// Every command of the Manager, undo included, is one that the release knows.
fn is_known_in(plan: &Plan, version: Version) {
    for action in crate::common::actions(plan) {
        if let Action::Ovmcli { command } = action {
            assert_eq!(check_command(command, version), [], "{command:?}");
        }
    }
}

#[test]
fn each_release_reads_its_own_words() {
    for (release, version, method, spelling) in [
        ("3.2.8.736", Version::V3_2, StopCopyStart, "no"),
        ("3.3.3.1085", Version::V3_3, StopCopyStart, "No"),
        ("3.4.6.2105", Version::V3_4, StopCopyStart, "No"),
        ("3.3.3.1085", Version::V3_3, ManagerClone, ""),
    ] {
        let world = world_of(release, method);
        let backup = world.backup().unwrap();
        is_known_in(&backup, version);
        if method == StopCopyStart {
            let edit = format!("edit Vm id=vm-id highAvailability={spelling}");
            assert_eq!(command(&backup, "ha-off"), edit, "{release}");
        }
        let restore = world.restore(&world.point()).unwrap();
        is_known_in(&restore, version);
        assert!(ids(&restore).contains("swap-0"), "{release}");
    }
}

#[test]
fn the_definition_comes_from_a_server_where_the_manager_does_not_print_it() {
    let plan = world_of("3.2.8.736", Reflink).backup().unwrap();
    let text = command(&plan, "definition");
    assert!(!text.contains("getVmCfgFileContent"), "{text}");
    let path = "/OVS/Repositories/gold-id/VirtualMachines/vm-id/vm.cfg";
    assert!(
        text.contains(&format!("on server {OTHER}: LC_ALL=C cat {path}")),
        "{text}"
    );
    let Action::ReadDefinition { vm_cfg: Some(file), .. } = &step(&plan, "definition").action else {
        panic!("{plan:#?}");
    };
    assert_eq!((file.server.as_str(), file.path.as_str()), (OTHER, path));
    let is_pinned = |fact: &Precondition| matches!(fact, Precondition::HostKey { server: Some(server), .. } if server.as_str() == OTHER);
    assert!(plan.preconditions.iter().any(is_pinned), "{:?}", plan.preconditions);
    assert!(
        !said(&plan.header.not_contained)
            .iter()
            .any(|missing| missing.contains("vm.cfg"))
    );
    for release in ["3.3.3.1085", "3.4.6.2105"] {
        let plan = world_of(release, Reflink).backup().unwrap();
        assert!(command(&plan, "definition").contains("getVmCfgFileContent Vm id=vm-id"));
    }
}

#[test]
fn a_definition_that_cannot_be_had_is_named_as_missing() {
    let mut world = world_of("3.2.8.736", Reflink);
    let home = &mut world.estate.repositories[3];
    home.presented_to = vec![ServerId::new("bb:09")];
    let home = home.id.clone();
    world.vm().repository = Some(home);
    let plan = world.backup().unwrap();
    let missing = said(&plan.header.not_contained);
    assert!(
        missing.iter().any(|missing| missing.contains("vm.cfg is not included")),
        "{missing:?}"
    );
    assert!(
        world
            .context
            .reachable
            .iter()
            .any(|(server, _)| server.as_str() == MASTER)
    );
}
