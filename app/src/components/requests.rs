//! Restore requests as rows.

use super::{Time, request_status};
use crate::link;
use crate::listing::{Column, plain, row_link};
use domain::request::RestoreRequest;
use leptos::prelude::*;

/// A few restore requests, newest first.
#[component]
pub fn RequestTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The requests.
    requests: Vec<RestoreRequest>,
) -> impl IntoView {
    plain(caption, request_columns(), &requests)
}

/// What a table says of a request.
pub fn request_columns() -> Vec<Column<'static, RestoreRequest>> {
    vec![
        Column::new("machine", "VM", |request: &RestoreRequest| {
            row_link(link::request(&request.id), request.subject.name.clone())
        })
        .by(|request| request.subject.name.clone()),
        Column::new("state", "State", |request: &RestoreRequest| {
            request_status(request.state).into_any()
        })
        .by(|request| request.state.title()),
        Column::new("by", "Requested by", |request: &RestoreRequest| {
            request.requested_by_name.clone().into_any()
        })
        .by(|request| request.requested_by_name.clone()),
        Column::new("asked", "Requested", |request: &RestoreRequest| {
            view! { <Time at=request.requested_at/> }.into_any()
        })
        .by(|request| request.requested_at),
        Column::new("approvals", "Approvals", |request: &RestoreRequest| {
            format!("{} of {}", request.approvals(), request.approvals_needed).into_any()
        })
        .by(RestoreRequest::approvals),
        Column::new("expires", "Expires", |request: &RestoreRequest| {
            request.deadline().map(|at| view! { <Time at/> }).into_any()
        })
        .by(RestoreRequest::deadline),
        Column::new("reason", "Reason", |request: &RestoreRequest| {
            request.reason.clone().into_any()
        })
        .by(|request| request.reason.clone())
        .prose(),
    ]
}
