//! Plans for a restore in place.

use crate::common::{GIB, MASTER, OTHER, command, ids, said, step, world};
use domain::plan::{Action, Check, Place, Plan, Precondition, Probe, Purpose, RiskClass, SealedPlan};
use domain::policy::BackupMethod::{ManagerClone, StopCopyStart};
use domain::say::{Language, Say};
use ovm::estate::{Problem, VmState};
use ovm::ids::ServerId;

#[test]
fn a_running_machine_is_stopped_swapped_started_and_waits_for_a_person() {
    let mut world = world(ManagerClone, &[(0, "gold"), (1, "nfs")]);
    world.vm().high_availability = true;
    world.rules().may_kill = true;
    let plan = world.restore(&world.point()).unwrap();
    assert_eq!(
        ids(&plan),
        "check-point definition room-1 room-2 ha-off stop kill absent-1 absent-2 lock dir-1 dir-2 write-0 write-1 keep-0 \
         keep-1 swap-0 swap-1 files-1 files-2 unlock refresh-1 refresh-2 start running decide commit-1 commit-2 ha-on"
    );
    assert_eq!(plan.header.risk.class, RiskClass::Replacing);
    assert!(plan.steps.iter().any(|step| step.place == Place::Person));
    let last_returns: Vec<_> = plan
        .steps
        .iter()
        .filter(|step| step.no_return.is_some())
        .map(|step| &step.id)
        .collect();
    assert_eq!(last_returns, ["commit-1"]);
    let Purpose::RestoreInPlace { contents, snapshot, .. } = &plan.header.purpose else {
        panic!("a restore")
    };
    assert_eq!((contents.len(), snapshot.as_str()), (2, "5a7e"));
}

#[test]
fn a_machine_that_is_to_stay_stopped_is_not_started() {
    let mut stopped = world(ManagerClone, &[(0, "gold")]);
    stopped.vm().state = VmState::Stopped;
    let plan = stopped.restore(&stopped.point()).unwrap();
    assert_eq!(
        ids(&plan),
        "check-point definition room-1 stopped absent-1 absent-2 lock dir-1 write-0 keep-0 swap-0 files-1 unlock refresh-1 \
         decide commit-1"
    );
    let mut left = world(ManagerClone, &[(0, "gold")]);
    left.options.leave_stopped = true;
    let plan = left.restore(&left.point()).unwrap();
    assert!(ids(&plan).contains("refresh-1 decide"), "{}", ids(&plan));
    assert!(
        said(&plan.header.remarks)
            .iter()
            .any(|remark| remark.contains("left stopped"))
    );
}

#[test]
fn chosen_slots_alone_are_replaced_and_the_others_are_named() {
    let mut world = world(ManagerClone, &[(0, "gold"), (1, "gold")]);
    world.add_lun(2);
    world.options.slots = vec![1];
    let plan = world.restore(&world.point()).unwrap();
    assert!(ids(&plan).contains("write-1 keep-1") && !ids(&plan).contains("write-0"));
    assert_eq!(
        replaced(&plan),
        ["The disk disk 1 (d1.img) is 10.0 GiB in size, is in gold-id and is mapped to no other VM."]
    );
    let left = said(&plan.header.not_contained);
    assert_eq!(left[0], "The disk disk 0 in slot 0 stays as it is.");
    assert!(left[1].starts_with("The LUN redo") && left[1].ends_with("in slot 2 stays as it is."));
}

/// What must be so of each disk that is replaced.
fn replaced(plan: &Plan) -> Vec<String> {
    let facts = plan.preconditions.iter();
    let replaced = facts.filter(|fact| matches!(fact, Precondition::ReplacedDisk { .. }));
    replaced.map(|fact| fact.say(Language::En)).collect()
}

#[test]
fn a_size_that_the_manager_does_not_tell_is_no_fact() {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    let point = world.point();
    world.estate.disks[0].size_bytes = None;
    let told = ["The disk disk 0 (d0.img) is in gold-id and is mapped to no other VM."];
    assert_eq!(replaced(&world.restore(&point).unwrap()), told);
}

/// As versions before the fact have stored it.
#[test]
fn a_plan_without_facts_about_the_replaced_disks_can_be_read() {
    let world = world(ManagerClone, &[(0, "gold")]);
    let sealed = SealedPlan::seal(world.restore(&world.point()).unwrap()).unwrap();
    let fact = serde_json::to_string(sealed.plan().preconditions.last().unwrap()).unwrap();
    let before = sealed.canonical().replace(&format!(",{fact}"), "");
    let plan: Plan = serde_json::from_str(&before).unwrap();
    assert!(before.len() < sealed.canonical().len() && replaced(&plan).is_empty());
}

#[test]
fn room_is_asked_for_the_data_and_a_tenth_in_each_repository() {
    let world = world(ManagerClone, &[(0, "gold"), (1, "silver"), (2, "gold")]);
    let plan = world.restore(&world.point()).unwrap();
    let room = |id: &str| match step(&plan, id).check {
        Some(Check::FreeSpace {
            at_least_bytes,
            at_least_percent: 0,
        }) => at_least_bytes,
        _ => panic!("asks for room"),
    };
    assert_eq!(
        (room("room-1"), room("room-2")),
        (2 * GIB + 2 * GIB / 10, GIB + GIB / 10)
    );
}

#[test]
fn what_is_written_is_read_back_before_anything_is_moved() {
    let world = world(ManagerClone, &[(0, "gold")]);
    let plan = world.restore(&world.point()).unwrap();
    let write = step(&plan, "write-0");
    let Action::WriteDisk { target, sha256, .. } = &write.action else {
        panic!("writes")
    };
    assert_eq!(target.path, "/OVS/Repositories/gold-id/.holdfast/hf-7q2k/d0.img");
    assert_eq!(
        write.check,
        Some(Check::Sha256 {
            file: target.clone(),
            sha256: sha256.clone()
        })
    );
    assert!(plan.position("write-0") < plan.position("keep-0"));
}

#[test]
fn on_a_network_share_the_owner_is_left_to_the_share() {
    let world = world(ManagerClone, &[(0, "gold"), (1, "nfs")]);
    let plan = world.restore(&world.point()).unwrap();
    assert!(command(&plan, "swap-0").contains("chown --reference="));
    assert!(!command(&plan, "swap-1").contains("chown") && command(&plan, "swap-1").contains("chmod --reference="));
}

/// Each of the two undo steps asks by its probe whether the machine still runs.
#[test]
fn going_back_a_machine_is_asked_to_stop_before_it_is_switched_off() {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    let undo = |world: &crate::common::World, id: &str| -> Vec<String> {
        let plan = world.restore(&world.point()).unwrap();
        assert!(matches!(
            step(&plan, id).probe,
            Some(Probe::VmRunning { running: true, .. })
        ));
        step(&plan, id)
            .undo
            .iter()
            .map(|undo| plan::render::action(&undo.action, Language::En))
            .collect()
    };
    assert!(undo(&world, "running").is_empty());
    assert!(undo(&world, "start")[0].contains("an administrator must look"));
    world.rules().may_kill = true;
    assert!(undo(&world, "running")[0].contains("then continues"));
    assert_eq!(undo(&world, "start"), ["kill Vm id=vm-id"]);
}

/// Somebody may have started a machine that was left stopped.
#[test]
fn going_back_a_machine_is_stopped_and_locked_before_a_file_moves() {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    world.options.leave_stopped = true;
    world.rules().may_kill = true;
    let plan = world.restore(&world.point()).unwrap();
    let undo = &step(&plan, "unlock").undo;
    assert!(matches!(undo[0].action, Action::StopVm { lenient: false, .. }));
    assert!(matches!(&undo[1].action, Action::LockVm { break_after, .. } if break_after.is_empty()));
    assert!(plan.position("swap-0") < plan.position("unlock") && plan.position("unlock") < plan.position("decide"));
}

/// Its lock tool would refuse, and the machine would be stopped for nothing.
#[test]
fn in_a_pool_without_a_cluster_no_lock_is_taken() {
    let mut world = world(StopCopyStart, &[(0, "nfs")]);
    world.estate.pools[0].other = vec![("Cluster Enable".into(), "No".into())];
    let (backup, restore) = (world.backup().unwrap(), world.restore(&world.point()).unwrap());
    let locks = |plan: &Plan| format!("{plan:?}").contains("LockVm");
    for plan in [&backup, &restore] {
        assert!(!locks(plan));
        let remarks = said(&plan.header.remarks).join(" ");
        assert!(remarks.contains("The server pool pool01 is not clustered"), "{remarks}");
    }
    assert!(matches!(
        step(&restore, "files-1").undo[0].action,
        Action::StopVm { lenient: false, .. }
    ));
    world.estate.pools[0].other.clear();
    assert!(locks(&world.backup().unwrap()) && locks(&world.restore(&world.point()).unwrap()));
}

/// Another client of the share would go on taking the name for the old file for a while.
#[test]
fn on_a_share_files_change_their_names_where_the_machine_starts() {
    let mut world = world(ManagerClone, &[(0, "gold"), (1, "nfs")]);
    let plan = world.restore(&world.point()).unwrap();
    let on = |server: &str| Place::Server(ServerId::new(server));
    assert_eq!(step(&plan, "swap-0").place, on(OTHER), "the machine is spared the work");
    assert_eq!(step(&plan, "swap-1").place, on(MASTER));
    assert!(!ids(&plan).contains("wait"));

    world.context.reachable.remove(0);
    let plan = world.restore(&world.point()).unwrap();
    assert_eq!(step(&plan, "swap-1").place, on(OTHER));
    assert!(ids(&plan).contains("files-2 wait-2 unlock"), "{}", ids(&plan));
    assert_eq!(command(&plan, "wait-2"), "Waits 60 seconds.");
    let undone = format!("{:?}", step(&plan, "dir-2").undo);
    assert!(undone.contains("Wait") && !format!("{:?}", step(&plan, "dir-1").undo).contains("Wait"));
}

/// The Manager is asked about the disk itself when the plan runs.
#[test]
fn what_could_not_be_read_and_may_use_a_disk_is_told() {
    let told = |object_type: &str| {
        let mut world = world(ManagerClone, &[(0, "gold")]);
        world.estate.problems.push(Problem {
            object_type: object_type.into(),
            id: "0004fb".into(),
            name: "secret".into(),
            reason: "the answer was cut off".into(),
        });
        let remarks = said(&world.restore(&world.point()).unwrap().header.remarks).join(" ");
        assert!(!remarks.contains("secret"), "it may be another team's");
        remarks.contains("1 object that may use disks could not be read")
    };
    assert_eq!(["Vm", "VmDiskMapping", "Network"].map(told), [true, true, false]);
}

#[test]
fn a_size_may_differ_by_what_the_manager_rounds_and_more_only_on_request() {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    let point = world.point();
    world.estate.disks[0].size_bytes = Some(10 * GIB + GIB / 20);
    assert!(world.restore(&point).is_ok());
    world.estate.disks[0].size_bytes = Some(11 * GIB);
    assert!(world.restore(&point).is_err());
    world.options.accept_other_size = true;
    let plan = world.restore(&point).unwrap();
    assert!(
        said(&plan.header.remarks)
            .iter()
            .any(|remark| remark.contains("is now 11.0 GiB; it will be 10.0 GiB again"))
    );
}
