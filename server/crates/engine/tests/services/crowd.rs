//! Discovery of many machines: several questions in one request, what goes wrong with some of them, and their scripts.

use crate::house::of_all;
use crate::rehearsal::Stage;
use domain::actor::Role;
use lab::rehearsal::{RehearsalManager, populated, quick};
use lab::{Channels, Fault, Switches, VmCfgLayout};
use ovm::estate::{Estate, Vm};
use ovm::script::Scope;

const MACHINES: usize = 60;

async fn crowd(switches: Switches) -> RehearsalManager {
    populated(MACHINES, quick(switches), 0).await.unwrap()
}

/// The machines with the lines of each `vm.cfg` in order: the Manager writes them in another one whenever it is asked.
fn settled(mut vms: Vec<Vm>) -> Vec<Vm> {
    for vm in &mut vms {
        let mut lines: Vec<_> = vm.vm_cfg.iter().flat_map(|text| text.lines()).collect();
        lines.sort_unstable();
        vm.vm_cfg = Some(lines.join("\n"));
    }
    vms
}

async fn stage() -> Stage {
    Stage::with(&Estate::default()).await
}

/// What many machines have in common, their script makes again.
#[tokio::test]
async fn a_crowd_is_rebuilt_equal() {
    let stage = stage().await;
    let (real, estate) = stage.enrol(crowd(Switches::default()).await.description()).await;
    assert_eq!((estate.vms.len(), estate.disks.len()), (MACHINES, 3 * MACHINES));
    assert_eq!(estate.problems, Vec::new());
    let outcome = stage.rehearse(&real, &Scope::Estate).await;
    assert!(outcome.is_equal(), "{outcome:#?}");
}

/// However the Manager takes several questions in one request, or none, the estate is the same.
#[tokio::test]
async fn the_estate_is_the_same_however_its_manager_takes_several_questions() {
    let (_, usual) = stage()
        .await
        .enrol(crowd(Switches::default()).await.description())
        .await;
    for switches in [
        Switches {
            channels: Channels::OnePerConnection,
            ..Switches::default()
        },
        Switches {
            echo: false,
            ..Switches::default()
        },
        Switches {
            vm_cfg: VmCfgLayout::Flush,
            ..Switches::default()
        },
    ] {
        let told = format!("{:?}, echo {}, {:?}", switches.channels, switches.echo, switches.vm_cfg);
        let (_, estate) = stage().await.enrol(crowd(switches).await.description()).await;
        assert_eq!(estate.problems, Vec::new(), "{told}");
        assert_eq!(settled(estate.vms), settled(usual.vms.clone()), "{told}");
        assert_eq!(estate.disks, usual.disks, "{told}");
    }
}

/// An object that the Manager cannot show becomes a problem; a machine whose part is lost does, too; all others are read.
#[tokio::test]
async fn one_bad_object_does_not_spoil_the_rest() {
    let stage = stage().await;
    let crowd = crowd(Switches::default()).await;
    let (real, whole) = stage.enrol(crowd.description()).await;
    let disk = whole.disks[7].clone();
    let (machine, other) = (whole.vms[20].clone(), whole.vms[40].clone());
    for bad in [
        format!("show VirtualDisk id={}", disk.id),
        format!("show Vm id={}", machine.id),
        format!("show Vnic id={}", other.vnics[1].id),
    ] {
        crowd.faults().arm(Fault::Damaged { command: bad });
    }
    let administrator = of_all(Role::Administrator);
    let estates = &stage.house.backend.estate;
    estates.refresh(&administrator, &real).await.unwrap();
    let estate = Estate::clone(&estates.estate(&administrator, &real).await.unwrap().estate);
    let mut problems: Vec<_> = estate.problems.iter().map(|problem| problem.id.as_str()).collect();
    problems.sort_unstable();
    let mut bad = [disk.id.as_str(), machine.id.as_str(), other.id.as_str()];
    bad.sort_unstable();
    assert_eq!(problems, bad);
    assert!(
        estate
            .problems
            .iter()
            .all(|problem| problem.reason.contains("Internal error"))
    );
    let mut rest = whole.vms.clone();
    rest.retain(|vm| vm.id != machine.id && vm.id != other.id);
    assert_eq!(settled(estate.vms), settled(rest));
    assert_eq!(estate.disks.len(), whole.disks.len() - 1);
    crowd.faults().disarm_all();
    estates.refresh(&administrator, &real).await.unwrap();
    let again = Estate::clone(&estates.estate(&administrator, &real).await.unwrap().estate);
    assert_eq!((again.problems, settled(again.vms)), (Vec::new(), settled(whole.vms)));
}

/// A connection that is cut in the middle of several answers costs the answers, not the discovery.
#[tokio::test]
async fn a_lost_connection_is_made_up_for() {
    let stage = stage().await;
    let crowd = crowd(Switches::default()).await;
    let (real, whole) = stage.enrol(crowd.description()).await;
    let machine = &whole.vms[33];
    for command in [
        format!("show Vm id={}", machine.id),
        format!("getVmCfgFileContent Vm id={}", machine.id),
        format!("show VirtualDisk id={}", whole.disks[50].id),
    ] {
        crowd.faults().arm(Fault::CutMiddle { command });
    }
    let administrator = of_all(Role::Administrator);
    let estates = &stage.house.backend.estate;
    estates.refresh(&administrator, &real).await.unwrap();
    assert_eq!(crowd.faults().armed(), Vec::new(), "all were met");
    let estate = Estate::clone(&estates.estate(&administrator, &real).await.unwrap().estate);
    assert_eq!((estate.problems, settled(estate.vms)), (Vec::new(), settled(whole.vms)));
}
