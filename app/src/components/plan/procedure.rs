//! The steps of a plan in order.

use super::step::StepRow;
use super::trace::Trace;
use crate::context::ServerNames;
use domain::plan::{Place, Plan};
use domain::run::RunDetail;
use leptos::prelude::*;

/// The numbered steps; with a run, each shows what happened.
#[component]
pub fn Procedure(
    /// The plan.
    plan: Plan,
    /// Names of the servers, where they are known.
    servers: ServerNames,
    /// Its run, if it has one.
    #[prop(optional)]
    run: Option<RunDetail>,
) -> impl IntoView {
    let rows: Vec<AnyView> = plan
        .steps
        .into_iter()
        .map(|step| {
            let trace = run.as_ref().map(|run| Trace::of(run, &step.id));
            let server = match &step.place {
                Place::Server(id) => servers.get(id).cloned(),
                _ => None,
            };
            view! { <StepRow step server trace/> }.into_any()
        })
        .collect();
    view! { <ol class="procedure">{rows}</ol> }
}
