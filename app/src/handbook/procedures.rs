//! Procedures, and the scripts that they send.

use super::parts::{code, section};
use crate::format;
use crate::say::{language, say};
use domain::handbook::{Handbook, Procedure, Sheet};
use domain::plan::{Action, Question, Step};
use leptos::prelude::*;
use plan::render::step;

/// The procedures for the large disasters.
pub(super) fn all(handbook: &Handbook) -> impl IntoView {
    let sections: Vec<_> = handbook
        .procedures
        .iter()
        .enumerate()
        .map(|(number, it)| section(&format!("procedure-{number}"), &say(&it.disaster), steps(it)))
        .collect();
    sections
}

/// The steps of a procedure, numbered, each with a box to tick.
pub(super) fn steps(procedure: &Procedure) -> AnyView {
    let steps: Vec<_> = procedure.steps.iter().map(one_step).collect();
    view! {
        <p class="when">{procedure.disaster.when(language())}</p>
        <ol class="steps">{steps}</ol>
    }
    .into_any()
}

fn one_step(one: &Step) -> impl IntoView + use<> {
    let text = step(one, language());
    let advice = (!text.advice.is_empty()).then(|| view! { <p>{text.advice}</p> });
    let lines = has_lines(one).then(|| code(text.command));
    let check = text
        .check
        .map(|check| view! { <p class="check">{format!("Expected: {check}")}</p> });
    view! {
        <li>
            <h4>
                <span class="box" aria-hidden="true"></span>
                {text.title}
            </h4>
            <p class="place">{format!("Where: {}", text.place)}</p>
            {advice}
            {lines}
            {check}
        </li>
    }
}

fn has_lines(step: &Step) -> bool {
    let Action::Ask {
        question: Question::Confirm { lines, .. },
    } = &step.action
    else {
        return true;
    };
    !lines.is_empty()
}

/// The rebuild scripts, as people read them.
pub(super) fn scripts(handbook: &Handbook) -> impl IntoView {
    let sheets: Vec<_> = handbook.scripts.iter().map(sheet).collect();
    section("scripts", "Rebuild scripts", sheets)
}

fn sheet(sheet: &Sheet) -> impl IntoView + use<> {
    view! {
        <h3>{sheet.title.clone()}</h3>
        <p>{format!("scripts/{}.ovmcli. ", sheet.file)} {rehearsal(sheet)}</p>
        {code(sheet.for_people.clone())}
    }
}

/// Whether the script is known to work.
fn rehearsal(sheet: &Sheet) -> AnyView {
    match &sheet.rehearsed {
        None => view! { <strong class="badge warn">"Not rehearsed in its current form"</strong> }.into_any(),
        Some((at, differences)) if differences.is_empty() => {
            let text = format!("Rehearsed on {}, no differences", at.display());
            view! { <strong class="badge good">{text}</strong> }.into_any()
        }
        Some((at, differences)) => {
            let found = format::count(differences.len(), "difference");
            let text = format!("Rehearsed on {}, {found}", at.display());
            let items: Vec<_> = differences.iter().map(|one| view! { <li>{one.clone()}</li> }).collect();
            view! { <strong class="badge warn">{text}</strong> <ul>{items}</ul> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;
    use ovm::script::Scope;

    #[test]
    fn one_difference_is_not_many() {
        let sheet = |differences: &[&str]| Sheet {
            scope: Scope::Estate,
            file: "estate".into(),
            title: "The whole estate".into(),
            for_people: String::new(),
            for_cli: String::new(),
            rehearsed: Some((Timestamp(0), differences.iter().map(|one| (*one).to_owned()).collect())),
        };
        assert!(rehearsal(&sheet(&["a"])).to_html().contains(", 1 difference<"));
        assert!(rehearsal(&sheet(&["a", "b"])).to_html().contains(", 2 differences<"));
    }
}
