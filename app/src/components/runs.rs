//! Job runs as rows.

use super::{PlanLink, Time, opening, run_status};
use crate::context;
use crate::format;
use crate::link;
use crate::listing::{Column, plain, row_link};
use crate::say;
use domain::ids::RunId;
use domain::run::{RunState, RunSummary};
use leptos::prelude::*;

/// A few runs, newest first.
#[component]
pub fn RunTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The runs.
    runs: Vec<RunSummary>,
) -> impl IntoView {
    plain(caption, run_columns(), &runs)
}

/// What a table says of a run.
pub fn run_columns() -> Vec<Column<'static, RunSummary>> {
    let now = context::now();
    let took = move |run: &RunSummary| run.ended_at.unwrap_or(now).0.saturating_sub(run.queued_at.0);
    vec![
        Column::new("run", "Run", |run: &RunSummary| {
            row_link(link::run(&run.id), named(run))
        })
        .by(named),
        Column::new("machine", "VM", |run: &RunSummary| {
            view! { <a href=link::subject(&run.subject.at())>{run.subject.name.clone()}</a> }.into_any()
        })
        .by(|run| run.subject.name.clone()),
        Column::new("state", "State", state).by(|run| run.state.title()),
        Column::new("by", "Started by", |run: &RunSummary| run.started_by.clone().into_any())
            .by(|run| run.started_by.clone()),
        Column::new("queued", "Queued", |run: &RunSummary| {
            view! { <Time at=run.queued_at/> }.into_any()
        })
        .by(|run| run.queued_at),
        Column::new("took", "Duration", move |run| format::duration(took(run)).into_any())
            .by(took)
            .number(),
        Column::new("plan", "Plan", |run: &RunSummary| {
            view! { <PlanLink hash=run.plan_hash.clone()/> }.into_any()
        }),
    ]
}

/// `Backup 7q2k`.
fn named(run: &RunSummary) -> String {
    format!("{} {}", say::say(&run.kind), run.id)
}

fn state(run: &RunSummary) -> AnyView {
    let message = (!run.message.is_empty()).then(|| view! { <span class="under">{say::together(&run.message)}</span> });
    let waits = waits_for(run).map(|whom| view! { <span class="under">{whom}</span> });
    let begins = begins(run).map(|when| view! { <span class="under">{when}</span> });
    view! { {run_status(run.state)} {message} {waits} {begins} }.into_any()
}

/// When a queued run may begin; nothing for one that may at any time.
pub fn begins(run: &RunSummary) -> Option<String> {
    let queued = run.state == RunState::Queued && !run.window.is_always();
    queued.then(|| format!("May begin: {}.", opening(run.window)))
}

/// Whom a queued run waits for; nothing for one that waits for nobody.
pub fn waits_for(run: &RunSummary) -> Option<AnyView> {
    let ahead = |(place, id): (usize, &RunId)| {
        let joint = if place == 0 { "" } else { ", " };
        view! { {joint} <a href=link::run(id)>"run " {id.to_string()}</a> }
    };
    let all: Vec<_> = run.waiting_for.iter().enumerate().map(ahead).collect();
    (!all.is_empty()).then(|| view! { "Waiting for " {all} "." }.into_any())
}
