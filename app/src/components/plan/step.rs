//! One step: words on the left, the exact command on the right, check, probe and undo folded below.

use super::trace::{StepTrace, Trace};
use crate::components::Code;
use domain::plan::Step;
use leptos::prelude::*;
use plan::render::{self, StepText};

/// A step, with what happened if it runs. `server` is the name of the server on which it runs, if that is known.
#[component]
pub fn StepRow(step: Step, server: Option<String>, trace: Option<Trace>) -> impl IntoView {
    let text = render::step(&step);
    let no_return = step.point_of_no_return.then(|| {
        view! {
            <p class="no-return">
                <span>"Point of no return: what is done from here on cannot be undone"</span>
            </p>
        }
    });
    let always = step
        .always
        .then(|| view! { <p class="step-note">"Runs after a failure too."</p> });
    let under_way = trace.as_ref().is_some_and(Trace::is_under_way);
    let command = text.command.clone();
    let place = server.map_or_else(|| text.place.clone(), |name| format!("Server {name}"));
    let trace = trace.map(|trace| view! { <StepTrace step=step.id.clone() trace/> });
    view! {
        <li class="step" id=format!("step-{}", step.id) data-live="" aria-current=under_way.then_some("step")>
            {no_return}
            <div class="step-words">
                <h3>{step.title}</h3>
                <p class="place" title=text.place.clone()>{place}</p>
                {always}
                {trace}
            </div>
            <div class="step-command">
                <Code text=command what="command"/>
                {fold(&step.id, text)}
            </div>
        </li>
    }
}

/// Check, probe, undo and learned values; nothing when the step has none of them.
fn fold(id: &str, text: StepText) -> Option<AnyView> {
    let undo = pairs(text.undo);
    let learns = pairs(text.learns);
    let lines: Vec<_> = [
        ("Check", text.check),
        ("Probe", text.probe),
        ("Undo", undo),
        ("Learns", learns),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some(view! { <dt>{name}</dt><dd>{text?}</dd> }))
    .collect();
    if lines.is_empty() {
        return None;
    }
    let fold = view! {
        <details class="step-fold" id=format!("fold-{id}")>
            <summary>"Check, probe, undo"</summary>
            <dl>{lines}</dl>
        </details>
    };
    Some(fold.into_any())
}

/// One line for each: `place: command`, or `name: what it is`.
fn pairs(pairs: Vec<(String, String)>) -> Option<String> {
    let lines: Vec<String> = pairs
        .into_iter()
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
