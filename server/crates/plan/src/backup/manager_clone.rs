//! A thin clone by the Manager, copied, removed. A customizer tells the Manager to clone every disk inside its own
//! repository, where a thin clone is possible while the machine runs, and to leave LUN disks out.

use super::{Backup, publish};
use crate::Refusal;
use crate::disks::FileDisk;
use crate::parts::{definition, ovmcli, rooms, transferring};
use domain::plan::{Action, Bind, Conduct, Mark, Place, Probe, Step, StepTitle};
use ovm::ovmcli::{Command, Selector};

const CUSTOMIZER: &str = "VmCloneCustomizer";
const STORAGE_MAPPING: &str = "VmCloneStorageMapping";

pub(super) fn steps(backup: &Backup<'_>) -> Result<Vec<Step>, Refusal> {
    let mut steps = vec![definition(&backup.machine)];
    steps.extend(rooms(&backup.sites, |_| 0, backup.rules.free_space_floor_percent));
    let mut moving = vec![customizer(backup)];
    moving.extend(backup.disks.iter().map(|disk| map(backup, disk)));
    moving.push(snapshot(backup)?);
    moving.push(drop_customizer(backup));
    moving.push(find(backup));
    moving.extend(backup.copies(|disk| format!("${{{}}}", path_name(disk))));
    moving.push(remove_snapshot(backup));
    steps.extend(transferring(moving));
    steps.extend(publish(backup.rules));
    Ok(steps)
}

fn customizer_name(backup: &Backup<'_>) -> String {
    format!("{}-c", backup.machine.tag())
}

fn customizer(backup: &Backup<'_>) -> Step {
    let name = customizer_name(backup);
    let vm = Selector::Id(backup.machine.vm.id.to_string());
    let create = Command::of_type("create", CUSTOMIZER)
        .with("name", &name)
        .with("description", format!("Holdfast run {}", backup.machine.context.run))
        .target("on", "Vm", vm);
    Step::new(
        "customizer",
        StepTitle::CreateCustomizer,
        Place::Manager,
        ovmcli(create),
    )
    .conducted(Conduct::JOB)
    .probed(Probe::ObjectNamed {
        object_type: CUSTOMIZER.into(),
        name: name.clone(),
    })
    .undone_by(Place::Manager, remove_customizer(&name))
    .binding(Bind::NewObject {
        name: "customizer".into(),
        object_type: CUSTOMIZER.into(),
        object_name: name,
    })
}

fn remove_customizer(name: &str) -> Action {
    Action::RemoveNamed {
        object_type: CUSTOMIZER.into(),
        name: name.into(),
    }
}

/// Goes away with the customizer, so it needs no undo.
fn map(backup: &Backup<'_>, disk: &FileDisk<'_>) -> Step {
    let name = format!("{}-m{}", backup.machine.tag(), disk.slot);
    let create = Command::of_type("create", STORAGE_MAPPING)
        .with("cloneType", "THIN_CLONE")
        .with("name", &name)
        .with("vmDiskMapping", disk.mapping.as_str())
        .with("repository", disk.repository.id.as_str())
        .target("on", CUSTOMIZER, Selector::Id("${customizer}".into()));
    let title = StepTitle::MapDisk { disk: disk.named() };
    Step::new(format!("map-{}", disk.slot), title, Place::Manager, ovmcli(create))
        .conducted(Conduct::JOB)
        .probed(Probe::ObjectNamed {
            object_type: STORAGE_MAPPING.into(),
            name,
        })
}

fn snapshot(backup: &Backup<'_>) -> Result<Step, Refusal> {
    let machine = &backup.machine;
    let name = machine.tag();
    let clone = Command::on_id("clone", "Vm", machine.vm.id.as_str())
        .with("destType", "VmTemplate")
        .with("destName", &name)
        .with("serverPool", machine.pool()?.id.as_str())
        .with("cloneCustomizer", "${customizer}");
    Ok(Step::new("snapshot", StepTitle::CloneVm, Place::Manager, ovmcli(clone))
        .conducted(Conduct::JOB)
        .needing(machine.clone_turn())
        .marked(Mark::PointInTime)
        .probed(Probe::ObjectNamed {
            object_type: "Vm".into(),
            name: name.clone(),
        })
        .undone_by(Place::Manager, Action::RemoveClone { name: name.clone() })
        .binding(Bind::NewObject {
            name: "clone".into(),
            object_type: "Vm".into(),
            object_name: name,
        }))
}

fn drop_customizer(backup: &Backup<'_>) -> Step {
    let name = customizer_name(backup);
    let remove = remove_customizer(&name);
    Step::new("drop-customizer", StepTitle::RemoveCustomizer, Place::Manager, remove).probed(Probe::NoObjectNamed {
        object_type: CUSTOMIZER.into(),
        name,
    })
}

fn find(backup: &Backup<'_>) -> Step {
    let slots = backup.disks.iter().map(|disk| disk.slot).collect();
    let action = Action::FindCloneDisks {
        clone: "${clone}".into(),
        slots,
    };
    let step = Step::new("find", StepTitle::FindCloneFiles, Place::Manager, action).conducted(Conduct::LOOK);
    backup.disks.iter().fold(step, |step, disk| {
        step.binding(Bind::CloneDiskPath {
            name: path_name(disk),
            slot: disk.slot,
        })
    })
}

fn path_name(disk: &FileDisk<'_>) -> String {
    format!("disk_{}", disk.slot)
}

fn remove_snapshot(backup: &Backup<'_>) -> Step {
    let name = backup.machine.tag();
    let remove = Action::RemoveClone { name: name.clone() };
    Step::new("remove-snapshot", StepTitle::RemoveClone, Place::Manager, remove)
        .probed(Probe::NoObjectNamed {
            object_type: "Vm".into(),
            name,
        })
        .always()
}
