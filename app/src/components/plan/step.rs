//! One step: words on the left, the exact command on the right, check, probe and undo folded below.

use super::trace::{StepTrace, Trace};
use crate::components::Code;
use crate::say;
use domain::plan::{NoReturn, Step};
use leptos::prelude::*;
use plan::render::{self, StepText};

/// A step, with what happened if it runs. `server` is the name of the server on which it runs, if that is known.
#[component]
pub fn StepRow(step: Step, server: Option<String>, trace: Option<Trace>) -> impl IntoView {
    let text = render::step(&step, say::language());
    let title = text.title.clone();
    let no_return = step.no_return.map(|from| (from, say::say(&from)));
    let line = no_return.clone().filter(|(from, _)| *from == NoReturn::OnceBegun);
    let line = line.map(|(_, words)| view! { <p class="no-return"><span>{words}</span></p> });
    let stays = no_return.filter(|(from, _)| *from == NoReturn::OnceDone);
    let stays = stays.map(|(_, words)| view! { <p class="step-note">{words}</p> });
    let always = step
        .always
        .then(|| view! { <p class="step-note">"Also runs after a failure."</p> });
    let advice = (!text.advice.is_empty()).then(|| view! { <p class="step-note">{text.advice.clone()}</p> });
    let under_way = trace.as_ref().is_some_and(Trace::is_under_way);
    let command = text.command.clone();
    let place = server.map_or_else(|| text.place.clone(), |name| format!("Server {name}"));
    let trace = trace.map(|trace| view! { <StepTrace step=step.id.clone() trace/> });
    view! {
        <li class="step" id=format!("step-{}", step.id) data-live="" aria-current=under_way.then_some("step")>
            {line}
            <div class="step-words">
                <h3>{title}</h3>
                <p class="place" title=text.place.clone()>{place}</p>
                {advice}
                {always}
                {stays}
                {trace}
            </div>
            <div class="step-command">
                <Code text=command what="command"/>
                {fold(&step.id, text)}
            </div>
        </li>
    }
}

/// Guards, check, probe, undo and learned values; nothing when the step has none of them.
fn fold(id: &str, text: StepText) -> Option<AnyView> {
    let undo = pairs(text.undo);
    let learns = pairs(text.learns);
    let lines: Vec<_> = [
        ("Only if", sentences(text.guards)),
        ("Check", text.check),
        ("Probe", text.probe),
        ("Undo only if", sentences(text.undo_guards)),
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
            <summary>"Guards, check, probe, undo"</summary>
            <dl>{lines}</dl>
        </details>
    };
    Some(fold.into_any())
}

/// One line for each sentence; none for none.
fn sentences(sentences: Vec<String>) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join("\n"))
}

/// One line for each: `place: command`, or `name: what it is`.
fn pairs(pairs: Vec<(String, String)>) -> Option<String> {
    let lines: Vec<String> = pairs
        .into_iter()
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
