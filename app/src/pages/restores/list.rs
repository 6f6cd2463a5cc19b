//! All requests: first those to decide, then everybody's or one's own.

use super::to_decide;
use crate::components::{Empty, PageHead, RequestTable, page, request_columns};
use crate::context;
use crate::islands::Live;
use crate::listing::{Listing, Query};
use domain::list::Part;
use domain::request::Request;
use domain::services::RequestFilter;
use leptos::prelude::*;

/// The value of an address that leaves only one's own requests.
const WHOSE: &str = "whose";
const MINE: &str = "mine";

/// The requests.
#[component]
pub fn Restores() -> impl IntoView {
    let query = Query::of(&context::requested(), &[WHOSE]);
    page(async move {
        let (actor, backend) = context::caller()?;
        let to_decide = to_decide(&actor, &backend).await?;
        let to_decide = (!to_decide.is_empty()).then(|| {
            view! {
                <section>
                    <h2>"Waiting for your decision"</h2>
                    <RequestTable caption="Requests you can decide" requests=to_decide/>
                </section>
            }
        });
        let filter = RequestFilter {
            requested_by: is_mine(&query).then(|| actor.id.clone()),
            text: query.text.clone(),
            before: query.cursor(),
            ..RequestFilter::default()
        };
        let requests = backend.restores.list(&actor, &filter).await?;
        let view = view! {
            <PageHead title="Restores" lead="A restore that overwrites a VM runs once enough people have approved its \
                plan. A change after which fewer people would have to approve needs the same approvals."/>
            <div id="to-decide" data-live="">{to_decide}</div>
            {all(&query, requests)}
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

fn is_mine(query: &Query) -> bool {
    query.kept(WHOSE) == Some(MINE)
}

fn all(query: &Query, requests: Part<Request>) -> AnyView {
    let Part { rows, older } = requests;
    let listing = Listing::new(query.clone(), "request", request_columns())
        .usually_by("asked", true)
        .going_on_at(older.map(|place| place.to_string()));
    let content = if rows.is_empty() {
        nothing(query)
    } else {
        listing.table(rows)
    };
    view! {
        <section>
            <h2>"All requests"</h2>
            {whose(query)}
            {listing.controls("Find by VM, person, reason or ticket")}
            <div id="requests" data-live="">{content}</div>
        </section>
    }
    .into_any()
}

fn nothing(query: &Query) -> AnyView {
    let how = match (&query.text, is_mine(query)) {
        (Some(text), _) => view! { <p>{format!("No request matches “{text}”.")}</p> }.into_any(),
        (None, true) => view! { <p>"You have not requested a restore yet."</p> }.into_any(),
        (None, false) => view! {
            <p>"No requests yet. Plan a restore on the page of a "<a href="/points">"recovery point"</a>"."</p>
        }
        .into_any(),
    };
    view! { <Empty>{how}</Empty> }.into_any()
}

fn whose(query: &Query) -> AnyView {
    let mine = is_mine(query);
    let link = |value: Option<&str>, title: &'static str| {
        let marked = (value.is_some() == mine).then_some("true");
        view! { <li><a href=query.keeping(WHOSE, value).address() aria-current=marked>{title}</a></li> }
    };
    let links = [link(None, "Everyone’s"), link(Some(MINE), "Mine")];
    view! { <nav aria-label="Whose requests"><ul class="filter">{links.to_vec()}</ul></nav> }.into_any()
}
