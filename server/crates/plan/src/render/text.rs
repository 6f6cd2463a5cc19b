//! A whole plan as plain text, for print and for those who follow it by hand.

use super::{StepText, step};
use domain::plan::{NoReturn, Purpose, SealedPlan, Step};
use domain::say::{Language, Say, each};
use std::fmt::Write;

/// The plan as plain text.
pub fn text(sealed: &SealedPlan, language: Language) -> String {
    let plan = sealed.plan();
    let header = &plan.header;
    let mut text = head(sealed, language);
    section(
        &mut text,
        "Risk: ",
        header.risk.class.title(),
        &each(&header.risk.reasons, language),
    );
    let gaps = each(&header.not_contained, language);
    section(&mut text, "Not included, or left unchanged", "", &gaps);
    section(&mut text, "Remarks", "", &each(&header.remarks, language));
    let facts = each(&plan.preconditions, language);
    section(
        &mut text,
        "Preflight check: this must still be true at the start",
        "",
        &facts,
    );
    text.push_str("\nSteps\n");
    for (number, one) in (1..).zip(&plan.steps) {
        push_step(&mut text, number, one, language);
    }
    text
}

fn head(sealed: &SealedPlan, language: Language) -> String {
    let header = &sealed.plan().header;
    let mut lines = vec![
        format!(
            "{} of {} ({})",
            header.purpose.kind().say(language),
            header.subject.name,
            super::id(&header.subject)
        ),
        format!("Plan {}", sealed.hash()),
        format!(
            "Planned by {} on {} from estate revision {} of Manager {}, as run {}",
            header.planned_by,
            header.planned_at.display(),
            header.estate_revision,
            header.subject.manager,
            header.run
        ),
    ];
    match &header.purpose {
        Purpose::Backup {
            point,
            method,
            policy_name,
            ..
        } => {
            lines.push(format!(
                "Recovery point {point}, policy {policy_name}, method: {}",
                method.title()
            ));
        }
        Purpose::RestoreInPlace {
            point,
            taken_at,
            snapshot,
            contents,
        } => {
            lines.push(format!(
                "Recovery point {point} of {}, in restic {snapshot}",
                taken_at.display()
            ));
            lines.extend(
                contents
                    .iter()
                    .map(|(file, sha256)| format!("  {file}  SHA-256 {sha256}")),
            );
        }
    }
    lines
        .iter()
        .fold(String::new(), |text, line| text + &one_line(line) + "\n")
}

/// Names come from the estate: none may begin a line of its own.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

fn section(text: &mut String, title: &str, more: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = write!(text, "\n{title}{more}\n");
    for sentence in sentences {
        let _ = writeln!(text, "* {}", one_line(sentence));
    }
}

fn push_step(text: &mut String, number: usize, one: &Step, language: Language) {
    let StepText {
        title,
        place,
        advice,
        command,
        guards,
        check,
        probe,
        undo,
        undo_guards,
        learns,
    } = step(one, language);
    if one.no_return == Some(NoReturn::OnceBegun) {
        text.push_str("\n    ---- from here on the plan cannot be undone ----\n");
    }
    let always = if one.always { ", always" } else { "" };
    // Writing to a string cannot fail.
    let _ = write!(text, "\n{number:>3} {} [{place}{always}]\n", one_line(&title));
    for line in command.lines() {
        let _ = writeln!(text, "      {line}");
    }
    if !advice.is_empty() {
        let _ = writeln!(text, "    note: {}", one_line(&advice));
    }
    for (name, what) in learns {
        let _ = writeln!(text, "    learns ${{{name}}}: {what}");
    }
    let no_return = one.no_return.filter(|from| *from == NoReturn::OnceDone);
    let sentences = [
        ("only if", guards),
        ("check", Vec::from_iter(check)),
        ("done if", Vec::from_iter(probe)),
        ("note", no_return.map(|from| from.say(language)).into_iter().collect()),
    ];
    for (label, sentences) in sentences {
        for sentence in sentences {
            let _ = writeln!(text, "    {label}: {}", one_line(&sentence));
        }
    }
    for sentence in undo_guards {
        let _ = writeln!(text, "    undo only if: {}", one_line(&sentence));
    }
    for (place, command) in undo {
        let _ = writeln!(text, "    undo [{place}]");
        for line in command.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
}
