//! Plans as texts.

use crate::common::{World, command, world};
use domain::plan::{Plan, SealedPlan};
use domain::policy::BackupMethod::{ManagerClone, Reflink};
use domain::say::Language;
use plan::render::{ovmcli_script, step, text};

fn full() -> World {
    let mut world = world(ManagerClone, &[(0, "gold"), (1, "silver")]);
    world.vm().high_availability = true;
    world.rules().may_kill = true;
    world.add_lun(2);
    world
}

fn as_text(plan: Plan) -> String {
    text(&SealedPlan::seal(plan).unwrap(), Language::En)
}

fn as_script(plan: Plan) -> String {
    ovmcli_script(&SealedPlan::seal(plan).unwrap(), Language::En)
}

#[test]
fn a_backup_reads_like_a_procedure() {
    assert_eq!(as_text(full().backup().unwrap()), include_str!("../backup.txt"));
}

#[test]
fn a_restore_reads_like_a_procedure() {
    let world = full();
    assert_eq!(
        as_text(world.restore(&world.point()).unwrap()),
        include_str!("../restore.txt")
    );
}

/// Whatever is in no note is a command of the Manager.
#[test]
fn the_script_holds_the_managers_commands_and_nothing_else() {
    let world = full();
    let commands = |plan: Plan| -> Vec<String> {
        let script = as_script(plan);
        script
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        commands(world.restore(&world.point()).unwrap()),
        [
            "show Vm id=vm-id",
            "getVmCfgFileContent Vm id=vm-id",
            "edit Vm id=vm-id highAvailability=No",
            "stop Vm id=vm-id",
            "kill Vm id=vm-id",
            "refresh Repository id=gold-id",
            "refresh Repository id=silver-id",
            "start Vm id=vm-id",
            "show Vm id=vm-id",
            "edit Vm id=vm-id highAvailability=Yes",
        ]
    );
    assert!(
        as_script(world.backup().unwrap()).contains("# ${customizer}: The id of the VmCloneCustomizer hf-7q2k-c.\n")
    );
}

#[test]
fn a_name_with_a_line_end_cannot_pass_for_a_command() {
    let mut world = world(Reflink, &[(0, "gold")]);
    world.estate.disks[0].name = "x\ndelete Vm id=1".into();
    world.vm().name = "y\ndelete Vm id=2".into();
    let plan = world.backup().unwrap();
    for text in [as_script(plan.clone()), as_text(plan)] {
        assert!(text.contains("delete Vm id=1") && text.contains("delete Vm id=2"));
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("delete Vm")),
            "{text}"
        );
    }
}

#[test]
fn a_step_tells_its_check_probe_undo_and_what_it_learns() {
    let plan = full().backup().unwrap();
    let text = step(&plan.steps[plan.position("snapshot").unwrap()], Language::En);
    assert_eq!(text.place, "Manager");
    assert_eq!(text.command, command(&plan, "snapshot"));
    assert_eq!(text.probe.as_deref(), Some("list Vm shows hf-7q2k."));
    assert_eq!(
        text.learns,
        [("clone".to_owned(), "The id of the Vm hf-7q2k.".to_owned())]
    );
    assert!(text.undo[0].1.starts_with("delete Vm name=hf-7q2k\n"));
    let text = step(&plan.steps[plan.position("room-1").unwrap()], Language::En);
    assert_eq!(text.check.as_deref(), Some("At least 15 % is free."));
}
