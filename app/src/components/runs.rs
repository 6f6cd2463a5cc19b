//! Job runs as rows.

use super::{Table, Time, run_status};
use crate::context;
use crate::format;
use crate::link;
use domain::run::RunSummary;
use leptos::prelude::*;

/// A table of runs.
#[component]
pub fn RunTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The runs, newest first.
    runs: Vec<RunSummary>,
) -> impl IntoView {
    let rows: Vec<_> = runs.into_iter().map(row).collect();
    let columns = vec!["Run", "Machine", "State", "Started by", "Queued", "Took#", "Plan"];
    view! { <Table caption columns>{rows}</Table> }
}

fn row(run: RunSummary) -> AnyView {
    let end = run.ended_at.unwrap_or_else(context::now);
    let took = format::duration(end.0.saturating_sub(run.queued_at.0));
    view! {
        <tr>
            <td data-label="Run"><a href=link::run(&run.id)>{run.kind} " " {run.id.to_string()}</a></td>
            <td data-label="Machine"><a href=link::vm(&run.manager, &run.vm)>{run.vm_name}</a></td>
            <td data-label="State">
                {run_status(run.state)}
                {run.message.map(|message| view! { <span class="under">{message}</span> })}
            </td>
            <td data-label="Started by">{run.started_by}</td>
            <td data-label="Queued"><Time at=run.queued_at/></td>
            <td data-label="Took" class="number">{took}</td>
            <td data-label="Plan"><code title=run.plan_hash.to_string()>{run.plan_hash.short().to_owned()}</code></td>
        </tr>
    }
    .into_any()
}
