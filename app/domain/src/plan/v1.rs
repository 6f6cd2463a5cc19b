//! Reads plans of format 1. They said less than they meant: what a step was for, the executor of that time told from its
//! form. Those rules stand here and nowhere else. They give an old plan the fields that it lacks, so that a run which was
//! under way at an upgrade goes on, or back, as it would have.

use super::{
    Action, Check, Conduct, Guard, Mark, NoReturn, OnCancel, Plan, Precondition, Probe, Purpose, Step, Superseded,
    UndoAction, WhenStuck,
};
use crate::resource::Resource;
use ovm::ids::{DiskId, VmId};
use serde_json::{Map, Value, json};

/// The plan in these bytes of format 1.
///
/// # Errors
/// When they are none.
pub(super) fn plan(canonical: &str) -> Result<Plan, serde_json::Error> {
    let mut plan: Value = serde_json::from_str(canonical)?;
    let snapshot = plan["header"]["snapshot"].clone();
    if let Some(header) = plan.get_mut("header").and_then(Value::as_object_mut) {
        upgrade_header(header);
    }
    let looks = looks_for_the_machine(&plan["steps"]);
    for step in objects(plan.get_mut("steps")) {
        for undo in objects(step.get_mut("undo")) {
            upgrade_action(undo, &looks, &snapshot);
        }
        upgrade_action(step, &looks, &snapshot);
        if step.get("point_of_no_return") == Some(&Value::Bool(true)) {
            step.insert("no_return".into(), json!(NoReturn::OnceBegun));
        }
    }
    let mut plan: Plan = serde_json::from_value(plan)?;
    give_meaning(&mut plan);
    Ok(plan)
}

/// What was left for later: written by this release, or by one that had plans of format 1.
///
/// # Errors
/// When it is neither.
pub fn undo_action(text: &str) -> Result<UndoAction, serde_json::Error> {
    let mut undo: UndoAction = serde_json::from_str(text)?;
    // Nothing that is void by itself was left by a release that wrote this down.
    undo.superseded = undo.superseded.or_else(|| superseded(&undo.action));
    Ok(undo)
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let list = list.and_then(Value::as_array_mut).into_iter().flatten();
    list.filter_map(Value::as_object_mut)
}

fn upgrade_header(header: &mut Map<String, Value>) {
    let field = |name: &str| header.get(name).cloned().unwrap_or_default();
    let vm = field("vm");
    let object = format!("vm-{}", vm.as_str().unwrap_or_default());
    let subject = json!({ "manager": field("manager"), "object": object, "name": field("vm_name") });
    let when_stuck = match field("kind") == "backup" {
        true => WhenStuck::LeaveBehind,
        false => WhenStuck::AskPerson,
    };
    header.insert("subject".into(), subject);
    header.insert("when_stuck".into(), json!(when_stuck));
    header.insert("engine".into(), 1.into());
}

/// Ids of the steps that have looked on a server whether the machine runs there.
fn looks_for_the_machine(steps: &Value) -> Value {
    let steps = steps.as_array().into_iter().flatten();
    let looks = steps.filter(|step| step["check"]["that"] == "not_listed");
    looks.map(|step| step["id"].clone()).collect()
}

/// Upgrades the action of a step or of an undo.
fn upgrade_action(of: &mut Map<String, Value>, looks: &Value, snapshot: &Value) {
    let Some(action) = of.get_mut("action").and_then(Value::as_object_mut) else {
        return;
    };
    let field = |name: &str| action.get(name).cloned().unwrap_or_default();
    match field("do").as_str() {
        Some("lock_vm") if field("break_stale") == true => action.insert("break_after".into(), looks.clone()),
        Some("await_decision") => {
            let question = json!({ "question": "decide", "within_hours": field("within_hours") });
            action.insert("do".into(), "ask".into());
            action.insert("question".into(), question)
        }
        Some("write_disk") => {
            let from = json!({ "snapshot": snapshot, "file": field("file") });
            action.insert("from".into(), from)
        }
        Some("check_point") => action.insert("snapshot".into(), snapshot.clone()),
        _ => None,
    };
}

/// Gives every step what the executor of format 1 saw in it.
fn give_meaning(plan: &mut Plan) {
    let is_backup = matches!(plan.header.purpose, Purpose::Backup { .. });
    let vm = plan.header.subject.object.vm().cloned();
    let replaced: Vec<(DiskId, String)> = plan.preconditions.iter().filter_map(replaced_disk).collect();
    let transfer = transfer(&plan.steps);
    for (at, step) in plan.steps.iter_mut().enumerate() {
        step.conduct = conduct(step);
        step.superseded = superseded(&step.action);
        for undo in &mut step.undo {
            undo.superseded = superseded(&undo.action);
        }
        if is_backup && step.id == "publish" {
            step.no_return = Some(NoReturn::OnceDone);
        }
        if transfer.as_ref().is_some_and(|steps| steps.contains(&at)) {
            step.needs = vec![Resource::Transfer];
        }
        if let Some(vm) = &vm {
            guard(step, vm, &replaced);
        }
        mark_stopped(step);
    }
    mark_point_in_time(&mut plan.steps);
}

fn replaced_disk(fact: &Precondition) -> Option<(DiskId, String)> {
    match fact {
        Precondition::ReplacedDisk { disk, repository, .. } => Some((disk.clone(), repository.disk_path(disk))),
        _ => None,
    }
}

fn conduct(step: &Step) -> Conduct {
    let harmless_twice = Conduct::default().repeatable();
    let of_action = match &step.action {
        Action::ReadDefinition { .. } | Action::FindCloneDisks { .. } => Conduct::LOOK,
        Action::ReadBack { .. } | Action::CheckPoint { .. } | Action::WriteDisk { .. } => Conduct {
            repeatable: false,
            ..Conduct::LOOK
        },
        Action::Shell { .. } if step.probe.is_none() && step.undo.is_empty() => Conduct::LOOK,
        Action::Shell { .. } | Action::StopVm { .. } | Action::LockVm { .. } | Action::UnlockVm { .. } => {
            harmless_twice
        }
        Action::Ovmcli { command } if command.is("refresh") || command.is("show") => Conduct::JOB.repeatable(),
        Action::Ovmcli { .. } => Conduct::JOB,
        _ => Conduct::default(),
    };
    let (undone_if_there, may_settle_itself) = match step.probe {
        Some(Probe::VmRunning { .. }) => (true, true),
        Some(Probe::Moved { .. }) => (true, false),
        Some(Probe::HighAvailability { .. }) => (false, true),
        _ => (false, false),
    };
    let finishes = step.always || undone_if_there;
    Conduct {
        on_cancel: match finishes {
            true => OnCancel::Finish,
            false => of_action.on_cancel,
        },
        undone_if_there,
        may_settle_itself,
        ..of_action
    }
}

fn superseded(action: &Action) -> Option<Superseded> {
    match action {
        Action::Ovmcli { command } if command.is("start") && command.acts_on("Vm") => Some(Superseded::ByAnyChange),
        Action::UnlockVm { .. } => Some(Superseded::ByLock),
        _ => None,
    }
}

fn guard(step: &mut Step, vm: &VmId, replaced: &[(DiskId, String)]) {
    let stopped = Guard::VmStopped { vm: vm.clone() };
    if matches!(step.check, Some(Check::NotRunning { .. })) {
        step.guards.push(stopped.clone());
    }
    if let Some(Probe::Moved { from, .. }) = &step.probe {
        step.guards.push(stopped.clone());
        step.undo_guards.push(stopped);
        let disk = replaced.iter().find(|(_, path)| *path == from.path);
        step.guards
            .extend(disk.map(|(disk, _)| Guard::DiskReplaceable { disk: disk.clone() }));
    }
}

fn mark_stopped(step: &mut Step) {
    if !matches!(step.probe, Some(Probe::VmRunning { running: false, .. })) {
        return;
    }
    step.marks.push(Mark::StoppedIfThere);
    if !matches!(step.action, Action::StopVm { lenient: true, .. }) {
        step.marks.push(Mark::StoppedIfDone);
    }
}

fn mark_point_in_time(steps: &mut [Step]) {
    let takes = |step: &Step| match &step.action {
        Action::Ovmcli { command } => command.is("clone"),
        Action::Shell { shell } => {
            let mut stages = shell.commands.iter().flat_map(|line| &line.stages);
            stages.any(|argv| argv.0.first().is_some_and(|word| word == "reflink"))
        }
        _ => false,
    };
    let copies = |step: &Step| matches!(step.action, Action::CopyDisk { .. });
    let at = steps.iter().position(takes).or_else(|| steps.iter().position(copies));
    if let Some(step) = at.and_then(|at| steps.get_mut(at)) {
        step.marks.push(Mark::PointInTime);
    }
}

/// Between the first step that disturbs the machine for a transfer, or the first transfer, and the last transfer.
fn transfer(steps: &[Step]) -> Option<std::ops::RangeInclusive<usize>> {
    let moves = |step: &Step| matches!(step.action, Action::CopyDisk { .. } | Action::WriteDisk { .. });
    let disturbs = |step: &Step| {
        let towards_stopped = matches!(
            step.probe,
            Some(Probe::VmRunning { running: false, .. } | Probe::HighAvailability { on: false, .. })
        );
        towards_stopped || matches!(step.action, Action::StopVm { .. } | Action::LockVm { .. })
    };
    let first = steps.iter().position(|step| moves(step) || disturbs(step))?;
    let last = steps.iter().rposition(moves)?;
    Some(first..=last)
}

#[cfg(test)]
mod tests;
