//! All runs, by state if wished.

use crate::components::{Empty, PageHead, RunTable, page};
use crate::context;
use crate::format;
use crate::islands::Live;
use domain::run::RunState;
use leptos::prelude::*;

/// The runs.
#[component]
pub fn Runs() -> impl IntoView {
    let state = context::query("state").and_then(|key| RunState::from_key(&key));
    page(async move {
        let (actor, backend) = context::caller()?;
        let runs = backend.runs.list(&actor, state).await?;
        let content = if runs.is_empty() {
            let sentence = match state {
                Some(state) => format!("No run in the state “{}”.", state.title()),
                None => "No run yet. A backup is started from the page of a machine.".into(),
            };
            view! { <Empty><p>{sentence}</p></Empty> }.into_any()
        } else {
            let caption = format::count(runs.len(), "run");
            view! { <RunTable caption runs/> }.into_any()
        };
        let view = view! {
            <PageHead title="Runs" lead="What is running, what ran, and what came of it."/>
            {filter(state)}
            <div id="runs" data-live="">{content}</div>
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

/// Links to the states; a filter is part of the address.
fn filter(current: Option<RunState>) -> AnyView {
    let all = view! { <li><a href="/runs" aria-current=current.is_none().then_some("true")>"All"</a></li> };
    let states: Vec<_> = RunState::ALL
        .into_iter()
        .map(|state| {
            let address = format!("/runs?state={}", state.key());
            let marked = (current == Some(state)).then_some("true");
            view! { <li><a href=address aria-current=marked>{state.title()}</a></li> }
        })
        .collect();
    view! { <nav aria-label="State"><ul class="filter">{all} {states}</ul></nav> }.into_any()
}
