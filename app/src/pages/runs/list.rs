//! All runs, by state if wished.

use crate::components::{Empty, PageHead, page, run_columns};
use crate::context;
use crate::islands::Live;
use crate::listing::{Listing, Query};
use domain::run::{RunState, RunSummary};
use domain::services::LIST_LIMIT;
use leptos::prelude::*;

/// The value of an address that names a state.
const STATE: &str = "state";

/// The runs.
#[component]
pub fn Runs() -> impl IntoView {
    let query = Query::of(&context::requested(), &[STATE]);
    page(async move {
        let (actor, backend) = context::caller()?;
        let state = query.kept(STATE).and_then(RunState::from_key);
        let mut runs = backend.runs.list(&actor, state).await?;
        let cut = runs.len() >= LIST_LIMIT;
        if let Some(wanted) = query.wanted() {
            runs.retain(|run| mentions(run, &wanted));
        }
        let listing = Listing::new(query.clone(), "run", run_columns())
            .usually_by("queued", true)
            .newest_only(cut, "Older ones stand on the pages of their machines.");
        let content = if runs.is_empty() {
            let sentence = match (&query.text, state) {
                (Some(text), _) => format!("No run here has “{text}” in it."),
                (None, Some(state)) => format!("No run in the state “{}”.", state.title()),
                (None, None) => "No run yet. A backup is started from the page of a machine.".into(),
            };
            view! { <Empty><p>{sentence}</p></Empty> }.into_any()
        } else {
            listing.table(runs)
        };
        let view = view! {
            <PageHead title="Runs" lead="What is running, what ran, and what came of it."/>
            {states(&query, state)}
            {listing.controls("Find by machine, person, kind, id, plan or message")}
            <div id="runs" data-live="">{content}</div>
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

/// Whether a run has the text, in lower case, in what its row says.
fn mentions(run: &RunSummary, wanted: &str) -> bool {
    let texts = [
        &run.kind,
        &run.vm_name,
        &run.started_by,
        run.message.as_ref().unwrap_or(&run.kind),
    ];
    let ids = [run.id.as_str(), run.vm.as_str(), run.plan_hash.as_str()];
    let mut all = texts.into_iter().map(String::as_str).chain(ids);
    all.any(|text| text.to_lowercase().contains(wanted))
}

/// Links to the states; a filter is part of the address.
fn states(query: &Query, current: Option<RunState>) -> AnyView {
    let link = |state: Option<RunState>| {
        let address = query.keeping(STATE, state.map(RunState::key)).address();
        let marked = (current == state).then_some("true");
        let title = state.map_or("All", RunState::title);
        view! { <li><a href=address aria-current=marked>{title}</a></li> }
    };
    let links: Vec<_> = [None].into_iter().chain(RunState::ALL.map(Some)).map(link).collect();
    view! { <nav aria-label="State"><ul class="filter">{links}</ul></nav> }.into_any()
}
