//! All runs, by state if wished.

use crate::components::{Empty, PageHead, page, run_columns};
use crate::context;
use crate::islands::Live;
use crate::listing::{Listing, Query};
use domain::list::Part;
use domain::run::RunState;
use domain::services::RunFilter;
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
        let filter = RunFilter {
            state,
            text: query.text.clone(),
            before: query.cursor(),
        };
        let Part { rows: runs, older } = backend.runs.list(&actor, &filter).await?;
        let listing = Listing::new(query.clone(), "run", run_columns())
            .usually_by("queued", true)
            .going_on_at(older.map(|place| place.to_string()));
        let content = if runs.is_empty() {
            let sentence = match (&query.text, state) {
                (Some(text), _) => format!("No run matches “{text}”."),
                (None, Some(state)) => format!("No runs in the state “{}”.", state.title()),
                (None, None) => "No runs yet. Start a backup from the page of a VM.".into(),
            };
            view! { <Empty><p>{sentence}</p></Empty> }.into_any()
        } else {
            listing.table(runs)
        };
        let view = view! {
            <PageHead title="Runs" lead="Current and past runs, and their outcomes."/>
            {states(&query, state)}
            {listing.controls("Find by VM, person, kind, or the start of a run ID or plan hash")}
            <div id="runs" data-live="">{content}</div>
            <Live run=None/>
        };
        Ok(view.into_any())
    })
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
