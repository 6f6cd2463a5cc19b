//! The Manager's part of a plan as a script for its command line; everything else stands in it as notes.

use super::action::{Reading, reading};
use super::place;
use domain::plan::{Bind, Place, Plan, Step};
use std::fmt::Write;

/// What the Manager is asked to do, in order, one command a line. Lines that begin with `#` are notes: steps in other
/// places, and how values are found that stand as `${...}`. The command line knows no comments, so they are not to be
/// sent.
pub fn ovmcli_script(plan: &Plan) -> String {
    let mut script = String::new();
    let header = &plan.header;
    note(
        &mut script,
        &format!(
            "{} of {} ({}), run {}",
            header.purpose.title(),
            header.vm_name,
            header.vm,
            header.run
        ),
    );
    note(&mut script, "Lines that begin with # are not for the command line.");
    for (number, step) in (1..).zip(&plan.steps) {
        push_step(&mut script, number, step);
    }
    script
}

fn push_step(script: &mut String, number: usize, step: &Step) {
    script.push('\n');
    note(script, &format!("{number}. {} [{}]", step.title, place(&step.place)));
    let (lines, sentence) = match reading(&step.action) {
        Reading::Commands { lines, note } => (lines, note),
        Reading::Words(words) => (Vec::new(), Some(words)),
    };
    for line in lines {
        if step.place == Place::Manager && !line.starts_with('#') {
            script.push_str(&line);
            script.push('\n');
        } else {
            note(script, &line);
        }
    }
    if let Some(sentence) = sentence {
        note(script, &sentence);
    }
    for bind in &step.binds {
        note(script, &learned(bind));
    }
}

fn learned(bind: &Bind) -> String {
    let name = bind.name();
    match bind {
        Bind::NewObject {
            object_type,
            object_name,
            ..
        } => format!("${{{name}}} is the id of the {object_type} {object_name}"),
        Bind::CloneDiskPath { slot, .. } => format!("${{{name}}} is the path of the clone's disk in slot {slot}"),
    }
}

/// A note stays one line whatever names it holds, so that no name can pass for a command.
fn note(script: &mut String, note: &str) {
    let note: String = note
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    // Writing to a string cannot fail.
    let _ = writeln!(script, "# {note}");
}
