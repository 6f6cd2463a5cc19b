//! What an old plan is taken to mean.

use super::super::{Action, Mark, PlanHash, Question, Said, SealedPlan, StepTitle};
use super::*;
use crate::subject::Object;
use sha2::{Digest, Sha256};

/// A plan as format 1 wrote it, with the steps that matter.
fn old(kind: &str, steps: &str) -> Plan {
    let purpose = match kind {
        "backup" => r#""kind":"backup","point":"p","method":"reflink","policy":"gold","policy_name":"Gold""#,
        _ => r#""kind":"restore_in_place","point":"p","taken_at":5,"snapshot":"abc","contents":[["disk-0.img","ff"]]"#,
    };
    let facts = r#"[{"fact":"replaced_disk","disk":"d0.img","name":"disk 0","repository":"gold-id"}]"#;
    let canonical = format!(
        r#"{{"header":{{{purpose},"run":"r","manager":"m","vm":"v1","vm_name":"web01","planned_by":"lea","planned_at":1,"estate_revision":3,"risk":{{"class":"low","reasons":["It is safe."]}},"not_contained":[],"remarks":["Read this."]}},"preconditions":{facts},"steps":[{steps}]}}"#
    );
    let hash = Sha256::new().chain_update("holdfast plan 1\n").chain_update(&canonical);
    let hash = PlanHash::new(hex::encode(hash.finalize()));
    let sealed = SealedPlan::open(canonical.clone(), &hash).unwrap();
    assert_eq!((sealed.canonical(), sealed.hash()), (canonical.as_str(), &hash));
    sealed.plan().clone()
}

fn step(id: &str, rest: &str) -> String {
    format!(r#"{{"id":"{id}","title":"Do {id}","place":"holdfast",{rest},"always":false,"point_of_no_return":false}}"#)
}

#[test]
fn an_old_plan_is_about_its_machine_and_keeps_its_words() {
    let plan = old("backup", &step("read-back", r#""action":{"do":"read_back"}"#));
    assert_eq!(plan.header.subject.object, Object::Vm(VmId::new("v1")));
    assert_eq!(plan.header.subject.name, "web01");
    assert_eq!(plan.header.engine, 1);
    assert_eq!(plan.header.remarks, [Said::Text("Read this.".into())]);
    assert_eq!(plan.steps[0].title, Said::<StepTitle>::Text("Do read-back".into()));
}

#[test]
fn an_old_backup_stays_once_it_is_published_and_leaves_what_it_cannot_remove() {
    let plan = old("backup", &step("publish", r#""action":{"do":"publish"}"#));
    assert_eq!(plan.steps[0].no_return, Some(NoReturn::OnceDone));
    assert_eq!(plan.header.when_stuck, WhenStuck::LeaveBehind);
    let plan = old("restore", &step("publish", r#""action":{"do":"publish"}"#));
    assert_eq!(plan.steps[0].no_return, None);
    assert_eq!(plan.header.when_stuck, WhenStuck::AskPerson);
}

#[test]
fn an_old_restore_names_its_copy_and_asks_its_question() {
    let write = r#""action":{"do":"write_disk","target":{"server":"s","path":"/x"},"file":"disk-0.img","size_bytes":1,"sha256":"ff"}"#;
    let ask = r#""action":{"do":"await_decision","within_hours":24}"#;
    let plan = old("restore", &[step("write-0", write), step("decide", ask)].join(","));
    assert!(matches!(&plan.steps[0].action, Action::WriteDisk { from, .. } if from.snapshot == "abc"));
    let question = Question::Decide { within_hours: 24 };
    assert_eq!(plan.steps[1].action, Action::Ask { question });
}

#[test]
fn an_old_step_that_moves_a_disk_is_guarded_both_ways() {
    let from = r#"{"server":"s","path":"/OVS/Repositories/gold-id/VirtualDisks/d0.img"}"#;
    let keep = format!(
        r#""action":{{"do":"shell","shell":{{"commands":[]}}}},"probe":{{"ask":"moved","from":{from},"to":"/kept"}}"#
    );
    let plan = old("restore", &step("keep-0", &keep));
    let stopped = Guard::VmStopped { vm: VmId::new("v1") };
    let disk = DiskId::new("d0.img");
    assert_eq!(plan.steps[0].guards, [stopped.clone(), Guard::DiskReplaceable { disk }]);
    assert_eq!(plan.steps[0].undo_guards, [stopped]);
    assert!(plan.steps[0].conduct.undone_if_there);
}

#[test]
fn an_old_lock_is_broken_only_after_the_looks_of_its_plan() {
    let look = r#""action":{"do":"shell","shell":{"commands":[]}},"check":{"that":"not_listed","vm":"v1"}"#;
    let lock = r#""action":{"do":"lock_vm","vm":"v1","break_stale":true}"#;
    let plan = old("restore", &[step("absent-1", look), step("lock", lock)].join(","));
    let broken_after = |step: &Step| match &step.action {
        Action::LockVm { break_after, .. } => break_after.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(broken_after(&plan.steps[1]), ["absent-1"]);
    let undone = r#""action":{"do":"lock_vm","vm":"v1"}"#;
    let plan = old("restore", &[step("absent-1", look), step("lock", undone)].join(","));
    assert_eq!(broken_after(&plan.steps[1]), Vec::<String>::new());
}

#[test]
fn an_old_backup_has_the_time_of_its_clone_or_else_of_its_first_copy() {
    let copy = |slot: u32| {
        let action = format!(
            r#""action":{{"do":"copy_disk","source":{{"server":"s","path":"/x"}},"slot":{slot},"disk":"d","file":"f"}}"#
        );
        step(&format!("copy-{slot}"), &action)
    };
    let plan = old("backup", &[copy(0), copy(1)].join(","));
    let marked: Vec<bool> = plan
        .steps
        .iter()
        .map(|step| step.marks == [Mark::PointInTime])
        .collect();
    assert_eq!(marked, [true, false]);
    let all_need = plan.steps.iter().all(|step| step.needs == [Resource::Transfer]);
    assert!(all_need);
}

#[test]
fn what_an_old_release_left_to_start_is_void_after_a_newer_run() {
    let start = r#"{"place":"manager","action":{"do":"unlock_vm","vm":"v1"}}"#;
    assert_eq!(undo_action(start).unwrap().superseded, Some(Superseded::ByLock));
    assert!(undo_action("[]").is_err());
}
