//! What steps mean, beside what they do: the executor follows these fields alone.

use crate::common::{actions, step, world};
use domain::plan::{Action, Guard, Mark, NoReturn, Plan, PlanHash, Probe, SealedPlan, Step, WhenStuck};
use domain::policy::BackupMethod::{self, ManagerClone, Reflink, StopCopyStart};
use domain::resource::Resource;
use ovm::estate::VmState;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const METHODS: [BackupMethod; 3] = [ManagerClone, Reflink, StopCopyStart];

fn backups() -> Vec<Plan> {
    METHODS
        .map(|method| world(method, &[(0, "gold"), (1, "silver")]).backup().unwrap())
        .to_vec()
}

/// Restores of a machine that runs and of one that does not.
fn restores() -> Vec<Plan> {
    let restore = |state: VmState| {
        let mut world = world(ManagerClone, &[(0, "gold"), (1, "nfs")]);
        world.vm().state = state;
        world.vm().high_availability = true;
        world.restore(&world.point()).unwrap()
    };
    vec![restore(VmState::Running), restore(VmState::Stopped)]
}

fn needs(plan: &Plan, resource: &Resource) -> Vec<String> {
    let needing = plan.steps.iter().filter(|step| step.needs.contains(resource));
    needing.map(|step| step.id.clone()).collect()
}

#[test]
fn a_place_is_taken_before_the_snapshot_and_kept_until_it_is_removed() {
    let first_and_last = |method| {
        let needing = needs(&world(method, &[(0, "gold")]).backup().unwrap(), &Resource::Transfer);
        (needing[0].clone(), needing[needing.len() - 1].clone())
    };
    let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    assert_eq!(first_and_last(ManagerClone), pair("customizer", "remove-snapshot"));
    assert_eq!(first_and_last(Reflink), pair("dir-1", "remove-snapshot-1"));
    assert_eq!(first_and_last(StopCopyStart), pair("stop", "copy-0"));
}

#[test]
fn a_machine_is_stopped_for_a_restore_only_when_the_run_has_its_place() {
    let needing = needs(&restores()[0], &Resource::Transfer);
    assert_eq!(
        (needing[0].as_str(), needing[needing.len() - 1].as_str()),
        ("ha-off", "write-1")
    );
}

#[test]
fn clones_take_turns_on_their_manager() {
    let plan = world(ManagerClone, &[(0, "gold")]).backup().unwrap();
    let turn = Resource::CloneOn(plan.header.subject.manager.clone());
    assert_eq!(needs(&plan, &turn), ["snapshot"]);
}

#[test]
fn the_time_of_a_point_is_that_of_its_first_snapshot_or_copy() {
    let first = |plan: &Plan| {
        let marked = plan.steps.iter().find(|step| step.marks.contains(&Mark::PointInTime));
        marked.unwrap().id.clone()
    };
    assert_eq!(
        backups().iter().map(first).collect::<Vec<_>>(),
        ["snapshot", "reflink-0", "copy-0"]
    );
}

#[test]
fn files_are_touched_only_while_the_machine_is_stopped() {
    let stopped = |guards: &[Guard]| guards.iter().any(|guard| matches!(guard, Guard::VmStopped { .. }));
    for plan in restores() {
        let moves = |step: &&Step| matches!(step.probe, Some(Probe::Moved { .. }));
        let moving: Vec<_> = plan.steps.iter().filter(moves).collect();
        assert_eq!(moving.len(), 4, "two disks are set aside and put in place");
        assert!(
            moving
                .iter()
                .all(|step| stopped(&step.guards) && stopped(&step.undo_guards))
        );
        let replaceable = |guard: &Guard| matches!(guard, Guard::DiskReplaceable { .. });
        assert!(step(&plan, "keep-0").guards.iter().any(replaceable));
        assert!(
            !step(&plan, "swap-0").guards.iter().any(replaceable),
            "it moves the new file"
        );
    }
    assert!(stopped(&step(&backups()[2], "copy-1").guards));
    assert!(
        !stopped(&step(&backups()[0], "copy-1").guards),
        "a clone is copied while the machine runs"
    );
}

#[test]
fn a_backup_stays_once_it_is_published_and_leaves_what_it_cannot_remove() {
    for plan in backups() {
        assert_eq!(step(&plan, "publish").no_return, Some(NoReturn::OnceDone));
        assert_eq!(plan.header.when_stuck, WhenStuck::LeaveBehind);
    }
    for plan in restores() {
        assert_eq!(plan.header.when_stuck, WhenStuck::AskPerson);
    }
}

/// A plan as format 1 would have written it.
fn as_format_1(plan: &Plan) -> Plan {
    let mut json = serde_json::to_value(plan).unwrap();
    let header = json["header"].as_object_mut().unwrap();
    let subject = header.remove("subject").unwrap();
    header.insert("vm".into(), plan.header.subject.object.id().into());
    header.insert("vm_name".into(), subject["name"].clone());
    header.insert("manager".into(), subject["manager"].clone());
    for field in ["engine", "when_stuck"] {
        header.remove(field);
    }
    for step in json["steps"].as_array_mut().unwrap() {
        let returns = step["no_return"] == "once_begun";
        let step = step.as_object_mut().unwrap();
        for field in [
            "guards",
            "undo_guards",
            "needs",
            "marks",
            "conduct",
            "superseded",
            "no_return",
        ] {
            step.remove(field);
        }
        step.insert("always".into(), step.get("always").cloned().unwrap_or(false.into()));
        step.insert("point_of_no_return".into(), returns.into());
        step.insert("title".into(), "as it was".into());
        for undo in step.get_mut("undo").and_then(Value::as_array_mut).into_iter().flatten() {
            undo.as_object_mut().unwrap().remove("superseded");
            lower(&mut undo["action"]);
        }
        lower(&mut step["action"]);
    }
    let canonical = serde_json::to_string(&json).unwrap();
    let hash = Sha256::new().chain_update("holdfast plan 1\n").chain_update(&canonical);
    let hash = PlanHash::new(hex::encode(hash.finalize()));
    SealedPlan::open(canonical, &hash).unwrap().plan().clone()
}

fn lower(action: &mut Value) {
    if let Some(looks) = action.as_object_mut().unwrap().remove("break_after") {
        action["break_stale"] = (!looks.as_array().unwrap().is_empty()).into();
    }
    if action["do"] == "ask" {
        *action = json!({ "do": "await_decision", "within_hours": action["question"]["within_hours"] });
    }
    if action["do"] == "write_disk" {
        action["file"] = action["from"]["file"].clone();
    }
}

/// What the planners say now is what the executor of format 1 guessed: both are read here, one against the other.
#[test]
fn steps_say_what_the_executor_before_them_guessed() {
    for plan in [backups(), restores()].concat() {
        let old = as_format_1(&plan);
        assert_eq!(old.header.when_stuck, plan.header.when_stuck);
        assert_eq!(old.header.subject, plan.header.subject);
        assert_eq!(actions(&old), actions(&plan));
        for (old, new) in old.steps.iter().zip(&plan.steps) {
            let meaning = |step: &Step| {
                (
                    step.guards.clone(),
                    step.undo_guards.clone(),
                    step.conduct,
                    step.no_return,
                )
            };
            assert_eq!(meaning(old), meaning(new), "{}", new.id);
            let undone = |step: &Step| step.undo.iter().map(|undo| undo.superseded).collect::<Vec<_>>();
            assert_eq!(undone(old), undone(new), "{}", new.id);
            let stopped = |step: &Step| step.marks.iter().filter(|mark| **mark != Mark::PointInTime).count();
            assert_eq!(stopped(old), stopped(new), "{}", new.id);
            if new.always && !matches!(new.action, Action::RemoveClone { .. }) {
                assert_eq!(old.superseded, new.superseded, "{}", new.id);
            }
        }
    }
}
