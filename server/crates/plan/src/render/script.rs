//! The Manager's part of a plan as a script for its command line; everything else stands in it as notes.

use super::action::lines;
use super::place;
use domain::plan::{Place, SealedPlan, Step};
use domain::say::{Language, Say};
use std::fmt::Write;

/// What the Manager is asked to do, in order, one command a line. Lines that begin with `#` are notes: steps in other
/// places, and how values are found that stand as `${...}`. The command line knows no comments, so they are not to be
/// sent.
pub fn ovmcli_script(sealed: &SealedPlan, language: Language) -> String {
    let plan = sealed.plan();
    let mut script = String::new();
    let header = &plan.header;
    note(
        &mut script,
        &format!(
            "{} of {} ({}), run {}, plan {}",
            header.purpose.kind().say(language),
            header.subject.name,
            super::id(&header.subject),
            header.run,
            sealed.hash()
        ),
    );
    note(
        &mut script,
        "Do not send lines that begin with #: the command line does not accept comments.",
    );
    for (number, step) in (1..).zip(&plan.steps) {
        push_step(&mut script, number, step, language);
    }
    script
}

fn push_step(script: &mut String, number: usize, step: &Step, language: Language) {
    script.push('\n');
    let title = step.title.say(language);
    note(script, &format!("{number}. {title} [{}]", place(&step.place)));
    for line in lines(&step.action) {
        if step.place == Place::Manager && !line.starts_with('#') {
            script.push_str(&line);
            script.push('\n');
        } else {
            note(script, &line);
        }
    }
    let words = step.action.say(language);
    if !words.is_empty() {
        note(script, &words);
    }
    for bind in &step.binds {
        note(script, &format!("${{{}}}: {}", bind.name(), bind.say(language)));
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
