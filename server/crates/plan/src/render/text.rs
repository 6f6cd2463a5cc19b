//! A whole plan as plain text, for print and for those who follow it by hand.

use super::{StepText, place, precondition, step};
use domain::plan::{Purpose, SealedPlan, Step};
use std::fmt::Write;

/// The plan as plain text.
pub fn text(sealed: &SealedPlan) -> String {
    let plan = sealed.plan();
    let mut text = head(sealed);
    section(
        &mut text,
        "Risk: ",
        plan.header.risk.class.title(),
        &plan.header.risk.reasons,
    );
    section(
        &mut text,
        "Not contained, or not touched",
        "",
        &plan.header.not_contained,
    );
    section(&mut text, "Remarks", "", &plan.header.remarks);
    let facts: Vec<String> = plan.preconditions.iter().map(precondition).collect();
    section(&mut text, "Void unless, when it starts", "", &facts);
    text.push_str("\nSteps\n");
    for (number, one) in (1..).zip(&plan.steps) {
        push_step(&mut text, number, one);
    }
    text
}

fn head(sealed: &SealedPlan) -> String {
    let header = &sealed.plan().header;
    let mut lines = vec![
        format!("{} of {} ({})", header.purpose.title(), header.vm_name, header.vm),
        format!("Plan {}", sealed.hash()),
        format!(
            "Planned by {} on {} from estate revision {} of Manager {}, as run {}",
            header.planned_by,
            header.planned_at.display(),
            header.estate_revision,
            header.manager,
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

fn push_step(text: &mut String, number: usize, one: &Step) {
    let StepText {
        place: _,
        command,
        check,
        probe,
        undo,
        learns,
    } = step(one);
    if one.point_of_no_return {
        text.push_str("\n    ---- from here on the plan cannot be undone ----\n");
    }
    let always = if one.always { ", always" } else { "" };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n{number:>3} {} [{}{always}]\n",
        one_line(&one.title),
        place(&one.place)
    );
    for line in command.lines() {
        let _ = writeln!(text, "      {line}");
    }
    for (name, what) in learns {
        let _ = writeln!(text, "    learns ${{{name}}}: {what}");
    }
    for (label, sentence) in [("check", check), ("done if", probe)] {
        if let Some(sentence) = sentence {
            let _ = writeln!(text, "    {label}: {}", one_line(&sentence));
        }
    }
    for (place, command) in undo {
        let _ = writeln!(text, "    undo [{place}]");
        for line in command.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
}
