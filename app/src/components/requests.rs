//! Restore requests as rows.

use super::{Table, Time, request_status};
use crate::link;
use domain::request::{RestoreRequest, Vote};
use leptos::prelude::*;

/// A table of restore requests.
#[component]
pub fn RequestTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The requests, newest first.
    requests: Vec<RestoreRequest>,
) -> impl IntoView {
    let rows: Vec<_> = requests.into_iter().map(row).collect();
    let columns = vec![
        "Machine",
        "State",
        "Asked by",
        "Asked",
        "Approvals",
        "Expires",
        "Reason",
    ];
    view! { <Table caption columns>{rows}</Table> }
}

fn row(request: RestoreRequest) -> AnyView {
    let approvals = request.votes.iter().filter(|vote| vote.vote == Vote::Approve).count();
    view! {
        <tr>
            <td data-label="Machine"><a href=link::request(&request.id)>{request.vm_name}</a></td>
            <td data-label="State">{request_status(request.state)}</td>
            <td data-label="Asked by">{request.requested_by_name}</td>
            <td data-label="Asked"><Time at=request.requested_at/></td>
            <td data-label="Approvals">{format!("{approvals} of {}", request.approvals_needed)}</td>
            <td data-label="Expires"><Time at=request.expires_at/></td>
            <td data-label="Reason" class="prose">{request.reason}</td>
        </tr>
    }
    .into_any()
}
