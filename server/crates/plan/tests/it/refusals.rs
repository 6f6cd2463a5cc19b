//! What stands in the way of a plan, and that every refusal says what to do.

use crate::common::{GIB, World, vm, world};
use domain::plan::Said;
use domain::point::Content;
use domain::point::RecoveryPoint;
use domain::policy::BackupMethod::{ManagerClone, StopCopyStart};
use domain::say::{Explain, Language};
use ovm::estate::VmState;
use ovm::ids::ServerId;
use plan::Refusal;

/// The refusal of a backup after a change.
fn backup_refused(change: impl FnOnce(&mut World)) -> Refusal {
    let mut world = world(StopCopyStart, &[(0, "gold")]);
    change(&mut world);
    let refusal = world.backup().unwrap_err();
    let told = refusal.explain(Language::En);
    assert!(told.what.ends_with('.') && told.remedy.ends_with('.'), "{refusal:?}");
    refusal
}

/// The refusal of a restore after a change of world and point.
fn restore_refused(change: impl FnOnce(&mut World, &mut RecoveryPoint)) -> Refusal {
    let mut world = world(ManagerClone, &[(0, "gold")]);
    let mut point = world.point();
    change(&mut world, &mut point);
    let refusal = world.restore(&point).unwrap_err();
    let told = refusal.explain(Language::En);
    assert!(told.what.ends_with('.') && told.remedy.ends_with('.'), "{refusal:?}");
    refusal
}

#[test]
fn a_machine_that_cannot_be_backed_up_is_refused() {
    assert!(matches!(
        backup_refused(|world| world.estate.vms.clear()),
        Refusal::VmGone { .. }
    ));
    let template = backup_refused(|world| world.vm().state = VmState::Template);
    assert!(matches!(template, Refusal::VmIsTemplate { .. }));
    for state in [VmState::Suspended, VmState::Other("Starting".into())] {
        let unfit = backup_refused(|world| world.vm().state = state);
        assert!(matches!(unfit, Refusal::VmStateUnfit { .. }));
    }
    assert!(matches!(
        backup_refused(|world| world.vm().pool = None),
        Refusal::NoPool { .. }
    ));
    assert!(matches!(
        backup_refused(|world| world.vm().mappings.clear()),
        Refusal::NoFileDisks { .. }
    ));
    assert!(matches!(
        backup_refused(|world| world.estate.disks.clear()),
        Refusal::DiskUnplaced { slot: 0, .. }
    ));
    assert!(matches!(
        backup_refused(|world| world.estate.repositories.clear()),
        Refusal::DiskUnplaced { .. }
    ));
}

/// The refusal of a thin clone through a Manager of this release; none when it is planned.
fn clone_refused(release: &str, repository: &str, state: VmState) -> Option<Refusal> {
    let mut world = world(ManagerClone, &[(0, repository)]);
    world.estate.version = release.into();
    world.vm().state = state;
    world.backup().err()
}

#[test]
fn a_release_that_cannot_clone_so_names_the_method_that_can() {
    for release in ["3.3.1.1065", "3.3.3.1085", "3.4.6.2105", "unknown"] {
        assert_eq!(clone_refused(release, "gold", VmState::Running), None, "{release}");
    }
    let hot = clone_refused("3.3.0.512", "gold", VmState::Running).unwrap();
    assert_eq!(
        hot.explain(Language::En).what,
        "The Manager has release 3.3.0.512, which cannot clone a running VM (needs 3.3.1); erp app is running."
    );
    assert_eq!(clone_refused("3.3.0.512", "gold", VmState::Stopped), None);
    for state in [VmState::Running, VmState::Stopped] {
        let refusal = clone_refused("3.2.8.736", "gold", state).unwrap();
        assert_eq!(
            refusal.explain(Language::En).what,
            "The Manager has release 3.2.8.736, which has no clone customizers and cannot clone erp app disk by disk."
        );
        let remedy = refusal.explain(Language::En).remedy;
        assert!(
            remedy.contains(domain::policy::BackupMethod::Reflink.title()),
            "{remedy}"
        );
    }
    // On a network share the machine is stopped and copied in any release.
    assert_eq!(clone_refused("3.2.8.736", "nfs", VmState::Running), None);
}

#[test]
fn a_repository_that_no_server_reaches_is_named_and_sent_to_an_administrator() {
    let refusal = backup_refused(|world| world.context.reachable.clear());
    assert_eq!(
        refusal,
        Refusal::ServerUnreachable {
            repository: "gold".into()
        }
    );
    assert!(refusal.explain(Language::En).remedy.contains("administrator"));
    let elsewhere = backup_refused(|world| world.estate.repositories[0].presented_to.clear());
    assert_eq!(
        elsewhere,
        Refusal::ServerUnreachable {
            repository: "gold".into()
        }
    );
}

#[test]
fn without_a_server_of_the_pool_a_machine_is_neither_looked_for_nor_locked() {
    let refusal = backup_refused(|world| {
        let outside = ServerId::new("bb:01");
        world.context.reachable = vec![(outside.clone(), "SHA256:x".into())];
        world.estate.repositories[0].presented_to.push(outside);
    });
    assert_eq!(refusal, Refusal::PoolUnreachable { pool: "pool01".into() });
}

#[test]
fn a_point_that_cannot_be_put_back_is_refused() {
    let damaged = restore_refused(|_, point| {
        point.copies[0].damaged = Some(Said::Text("disk-0.img does not match.".into()));
    });
    assert!(matches!(damaged, Refusal::PointDamaged { .. }));
    let gone = restore_refused(|world, _| world.vm().mappings.clear());
    assert_eq!(
        gone,
        Refusal::DiskGone {
            disk: "disk 0".into(),
            slot: 0
        }
    );
    let slot = restore_refused(|world, _| world.options.slots = vec![0, 9]);
    assert_eq!(slot, Refusal::SlotNotInPoint { slot: 9 });
    let empty = restore_refused(|_, point| {
        let Content::Vm(machine) = &mut point.manifest.content;
        machine.disks.clear();
    });
    assert!(matches!(empty, Refusal::NoFileDisks { .. }));
    let size = restore_refused(|world, _| world.estate.disks[0].size_bytes = Some(20 * GIB));
    assert_eq!(
        size,
        Refusal::SizeChanged {
            disk: "disk 0".into(),
            then: 10 * GIB,
            now: 20 * GIB
        }
    );
    assert_eq!(
        size.explain(Language::En).what,
        "The disk disk 0 is now 20.0 GiB; in the recovery point it is 10.0 GiB."
    );
    assert!(matches!(
        restore_refused(|world, _| world.estate.vms.clear()),
        Refusal::VmGone { .. }
    ));
}

#[test]
fn a_shared_disk_is_never_put_back_for_one_machine_alone() {
    let refusal = restore_refused(|world, _| {
        let mut other = vm("other", "cluster mate");
        other.mappings = world.vm().mappings.clone();
        world.estate.vms.push(other);
    });
    assert_eq!(
        refusal,
        Refusal::DiskShared {
            disk: "disk 0".into(),
            other: "cluster mate".into()
        }
    );
}
