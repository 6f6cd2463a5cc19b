//! Backup plans by method and by shape of the machine.

use crate::common::{MASTER, OTHER, command, ids, said, step, vm, world};
use domain::plan::{Action, Place, Plan, Precondition, Purpose, RiskClass};
use domain::policy::BackupMethod::{self, ManagerClone, Reflink, StopCopyStart};
use ovm::estate::{MappedStorage, VmState};
use ovm::ids::{DiskId, ServerId};

fn method(plan: &Plan) -> BackupMethod {
    match plan.header.purpose {
        Purpose::Backup { method, .. } => method,
        Purpose::RestoreInPlace { .. } => panic!("not a backup"),
    }
}

#[test]
fn a_clone_by_the_manager_keeps_every_disk_in_its_own_repository() {
    let plan = world(ManagerClone, &[(0, "gold"), (3, "silver")]).backup().unwrap();
    assert_eq!(
        ids(&plan),
        "definition room-1 room-2 customizer map-0 map-3 snapshot drop-customizer find copy-0 copy-3 remove-snapshot \
         store read-back publish"
    );
    assert_eq!(command(&plan, "room-2"), "LC_ALL=C df -P /OVS/Repositories/silver-id");
    assert_eq!(
        command(&plan, "customizer"),
        "create VmCloneCustomizer name=hf-7q2k-c description=\"Holdfast run 7q2k\" on Vm id=vm-id"
    );
    assert_eq!(
        command(&plan, "map-3"),
        "create VmCloneStorageMapping cloneType=THIN_CLONE name=hf-7q2k-m3 vmDiskMapping=mapping-3 repository=silver-id \
         on VmCloneCustomizer id=\"${customizer}\""
    );
    assert_eq!(
        command(&plan, "snapshot"),
        "clone Vm id=vm-id destType=VmTemplate destName=hf-7q2k serverPool=pool-id cloneCustomizer=\"${customizer}\""
    );
    let Action::CopyDisk { source, file, .. } = &step(&plan, "copy-3").action else {
        panic!("copies")
    };
    assert_eq!((source.path.as_str(), file.as_str()), ("${disk_3}", "disk-3.img"));
    assert!(step(&plan, "remove-snapshot").always);
    assert_eq!(plan.header.risk.class, RiskClass::Low);
}

#[test]
fn reflinks_are_made_back_to_back_outside_the_managers_view() {
    let plan = world(Reflink, &[(0, "gold"), (1, "silver"), (2, "gold")])
        .backup()
        .unwrap();
    assert_eq!(
        ids(&plan),
        "definition room-1 room-2 dir-1 dir-2 reflink-0 reflink-1 reflink-2 copy-0 copy-1 copy-2 remove-snapshot-1 remove-snapshot-2 \
         store read-back publish"
    );
    assert_eq!(
        command(&plan, "reflink-2"),
        "LC_ALL=C reflink -P --backup=off /OVS/Repositories/gold-id/VirtualDisks/d2.img \
         /OVS/Repositories/gold-id/.holdfast/hf-7q2k/d2.img"
    );
    assert_eq!(
        command(&plan, "remove-snapshot-2"),
        "LC_ALL=C rm -rf /OVS/Repositories/silver-id/.holdfast/hf-7q2k"
    );
}

#[test]
fn stop_copy_start_stops_what_runs_and_leaves_stopped_what_does_not() {
    let mut world = world(StopCopyStart, &[(0, "nfs")]);
    let plan = world.backup().unwrap();
    assert_eq!(
        ids(&plan),
        "definition stop absent-1 absent-2 lock copy-0 unlock start store read-back publish"
    );
    assert!(step(&plan, "start").always);
    assert_eq!(plan.header.risk.class, RiskClass::Interrupting);

    world.rules().may_kill = true;
    world.vm().high_availability = true;
    let plan = world.backup().unwrap();
    assert_eq!(
        ids(&plan),
        "definition ha-off stop kill absent-1 absent-2 lock copy-0 unlock start ha-on store read-back publish"
    );
    assert_eq!(command(&plan, "ha-off"), "edit Vm id=vm-id highAvailability=No");
    assert!(matches!(
        step(&plan, "stop").action,
        Action::StopVm {
            patience_secs: 120,
            lenient: true,
            ..
        }
    ));

    world.vm().state = VmState::Stopped;
    let plan = world.backup().unwrap();
    assert_eq!(
        ids(&plan),
        "definition stopped absent-1 absent-2 lock copy-0 unlock store read-back publish"
    );
    assert_eq!(plan.header.risk.class, RiskClass::Low);
}

/// Otherwise the way back would take the lock away from a machine that was started again.
#[test]
fn the_lock_goes_back_only_behind_a_probe_that_the_machine_is_stopped() {
    for state in [VmState::Running, VmState::Stopped] {
        let mut world = world(StopCopyStart, &[(0, "nfs")]);
        world.vm().state = state;
        let plan = world.backup().unwrap();
        let unlocks = |step: &&domain::plan::Step| {
            step.undo
                .iter()
                .any(|undo| matches!(undo.action, Action::UnlockVm { .. }))
        };
        let guards: Vec<_> = plan
            .steps
            .iter()
            .filter(unlocks)
            .map(|step| step.probe.as_ref().unwrap())
            .collect();
        assert_eq!(guards.len(), 1);
        assert!(matches!(
            guards[0],
            domain::plan::Probe::VmRunning { running: false, .. }
        ));
    }
}

#[test]
fn where_files_cannot_share_blocks_the_machine_is_stopped_and_the_plan_says_why() {
    for (repository, why) in [("nfs", "network share"), ("odd", "does not report")] {
        for wish in [ManagerClone, Reflink] {
            let plan = world(wish, &[(0, "gold"), (1, repository)]).backup().unwrap();
            assert_eq!(method(&plan), StopCopyStart);
            let remark = &said(&plan.header.remarks)[0];
            assert!(
                remark.contains(wish.title()) && remark.contains(repository) && remark.contains(why),
                "{remark}"
            );
        }
    }
    assert_eq!(method(&world(Reflink, &[(0, "gold")]).backup().unwrap()), Reflink);
}

#[test]
fn copying_goes_through_a_server_that_does_not_carry_the_machine() {
    let server = |world: &crate::common::World| match &step(&world.backup().unwrap(), "copy-0").action {
        Action::CopyDisk { source, .. } => source.server.to_string(),
        _ => panic!("copies"),
    };
    let mut world = world(ManagerClone, &[(0, "gold")]);
    assert_eq!(server(&world), OTHER, "the machine runs on the master");
    world.vm().state = VmState::Stopped;
    assert_eq!(server(&world), MASTER);
    world.estate.repositories[0].presented_to = vec![ServerId::new(OTHER)];
    assert_eq!(server(&world), OTHER, "the only one that has the repository");
}

#[test]
fn only_servers_that_the_plan_reaches_must_show_their_keys() {
    let plan = world(ManagerClone, &[(0, "gold")]).backup().unwrap();
    let keys: Vec<_> = plan
        .preconditions
        .iter()
        .filter_map(|fact| match fact {
            Precondition::HostKey { server, fingerprint } => {
                Some((server.as_ref().map(ServerId::as_str), fingerprint.as_str()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(keys, [(None, "SHA256:manager"), (Some(OTHER), "SHA256:ovs02")]);
}

fn breaks_locks(plan: &Plan) -> bool {
    let Action::LockVm { break_after, .. } = &step(plan, "lock").action else {
        panic!("locks")
    };
    !break_after.is_empty()
}

/// It may run there, and hold its lock.
#[test]
fn a_pool_server_that_cannot_be_seen_is_told_and_no_lock_is_broken() {
    let mut world = world(StopCopyStart, &[(0, "nfs")]);
    assert!(breaks_locks(&world.backup().unwrap()));
    world.context.reachable.remove(1);
    let plan = world.backup().unwrap();
    assert!(ids(&plan).contains("absent-1 lock"));
    assert!(!breaks_locks(&plan));
    assert_eq!(step(&plan, "absent-1").place, Place::Server(ServerId::new(MASTER)));
    assert!(
        said(&plan.header.remarks)
            .iter()
            .any(|remark| remark.starts_with("Holdfast cannot reach ovs02 of the server pool"))
    );
}

#[test]
fn luns_and_cds_are_announced_and_not_touched() {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    world.add_lun(1);
    world.add_iso(2);
    world.map(3, MappedStorage::EmptyCdrom);
    let plan = world.backup().unwrap();
    assert_eq!(
        said(&plan.header.not_contained),
        [
            "The LUN redo (100.0 GiB, WWID 36006) in slot 1 is not included: only disks that are files are backed up.",
            "The CD image ol7.iso in slot 2 is not included: keep its ISO file elsewhere.",
        ]
    );
    assert!(!ids(&plan).contains("map-1") && !ids(&plan).contains("copy-2"));
}

#[test]
fn a_disk_that_another_machine_may_write_to_is_remarked() {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    let mut other = vm("other", "cluster mate");
    other.mappings = world.vm().mappings.clone();
    world.estate.vms.push(other);
    let remarks = said(&world.backup().unwrap().header.remarks);
    assert!(
        remarks
            .iter()
            .any(|remark| remark.contains("disk 0") && remark.contains("cluster mate"))
    );
}

#[test]
fn disks_are_taken_in_the_order_of_their_slots() {
    let plan = world(ManagerClone, &[(7, "silver"), (2, "gold")]).backup().unwrap();
    let facts = plan.preconditions.iter().find_map(|fact| match fact {
        Precondition::FileDisks { disks } => Some(disks.iter().map(|(slot, disk, _)| (*slot, disk.clone())).collect()),
        _ => None,
    });
    assert_eq!(
        facts,
        Some(vec![(2, DiskId::new("d2.img")), (7, DiskId::new("d7.img"))])
    );
    assert!(ids(&plan).contains("copy-2 copy-7"));
}
