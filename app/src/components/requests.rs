//! Requests as rows.

use super::{Time, request_status};
use crate::link;
use crate::listing::{Column, plain, row_link};
use crate::say::say;
use domain::request::{Request, RequestState, Window};
use leptos::prelude::*;

/// A few requests, newest first.
#[component]
pub fn RequestTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The requests.
    requests: Vec<Request>,
) -> impl IntoView {
    plain(caption, request_columns(), &requests)
}

/// What a table says of a request.
pub fn request_columns() -> Vec<Column<'static, Request>> {
    vec![
        Column::new("request", "Request", |request: &Request| {
            row_link(link::request(&request.id), say(&request.asked))
        })
        .by(|request| say(&request.asked)),
        Column::new("state", "State", state).by(|request| request.state.title()),
        Column::new("by", "Requested by", |request: &Request| {
            request.requested_by_name.clone().into_any()
        })
        .by(|request| request.requested_by_name.clone()),
        Column::new("asked", "Requested", |request: &Request| {
            view! { <Time at=request.requested_at/> }.into_any()
        })
        .by(|request| request.requested_at),
        Column::new("approvals", "Approvals", |request: &Request| {
            format!("{} of {}", request.approvals(), request.approvals_needed).into_any()
        })
        .by(Request::approvals),
        Column::new("expires", "Expires", |request: &Request| {
            request.deadline().map(|at| view! { <Time at/> }).into_any()
        })
        .by(Request::deadline),
        Column::new("reason", "Reason", |request: &Request| {
            request.reason.clone().into_any()
        })
        .by(|request| request.reason.clone())
        .prose(),
    ]
}

/// The state, with the window of what may still begin in it.
fn state(request: &Request) -> AnyView {
    let may_begin = matches!(request.state, RequestState::Pending | RequestState::Approved);
    let window = Some(request.asked.window()).filter(|window| may_begin && !window.is_always());
    let window = window.map(|window| view! { <span class="under">{opening(window)}</span> });
    view! { {request_status(request.state)} {window} }.into_any()
}

/// When something may begin, in a few words.
pub fn opening(window: Window) -> String {
    match (window.not_before, window.not_after) {
        (None, None) => "At any time".into(),
        (Some(begin), None) => format!("Not before {}", begin.display()),
        (None, Some(end)) => format!("Before {}", end.display()),
        (Some(begin), Some(end)) => format!("Between {} and {}", begin.display(), end.display()),
    }
}
