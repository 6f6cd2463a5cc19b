//! All requests: first those to decide, then everybody's or one's own.

use crate::components::{Empty, PageHead, RequestTable, page, request_columns};
use crate::context;
use crate::islands::Live;
use crate::listing::{Listing, Query};
use domain::actor::{Actor, Permission};
use domain::request::{RequestState, RestoreRequest};
use domain::services::LIST_LIMIT;
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
        let requests = backend.restores.list(&actor, None).await?;
        let to_decide: Vec<_> = requests
            .iter()
            .filter(|request| to_decide(&actor, request))
            .cloned()
            .collect();
        let to_decide = (!to_decide.is_empty()).then(|| {
            view! {
                <section>
                    <h2>"To decide"</h2>
                    <RequestTable caption="Requests that you can decide" requests=to_decide/>
                </section>
            }
        });
        let view = view! {
            <PageHead title="Restores" lead="A restore over a machine runs once enough people agreed to its plan."/>
            <div id="to-decide" data-live="">{to_decide}</div>
            {all(&query, &actor, requests)}
            <Live run=None/>
        };
        Ok(view.into_any())
    })
}

fn to_decide(actor: &Actor, request: &RestoreRequest) -> bool {
    request.state == RequestState::Pending
        && request.requested_by != actor.id
        && actor.may(Permission::DecideRequests, request.team.as_ref())
}

fn all(query: &Query, actor: &Actor, mut requests: Vec<RestoreRequest>) -> AnyView {
    if requests.is_empty() {
        let how = view! {
            <p>"No request yet. A restore begins on the page of a "<a href="/points">"recovery point"</a>"."</p>
        };
        return view! { <div id="requests" data-live=""><Empty>{how}</Empty></div> }.into_any();
    }
    let cut = requests.len() >= LIST_LIMIT;
    let mine = query.kept(WHOSE) == Some(MINE);
    requests.retain(|request| !mine || request.requested_by == actor.id);
    if let Some(wanted) = query.wanted() {
        requests.retain(|request| mentions(request, &wanted));
    }
    let listing = Listing::new(query.clone(), "request", request_columns())
        .usually_by("asked", true)
        .newest_only(cut, "Older ones stand on the pages of their machines.");
    let content = if requests.is_empty() {
        view! { <Empty><p>"No request fits."</p></Empty> }.into_any()
    } else {
        listing.table(requests)
    };
    view! {
        <section>
            <h2>"All requests"</h2>
            {whose(query, mine)}
            {listing.controls("Find by machine, person, reason or ticket")}
            <div id="requests" data-live="">{content}</div>
        </section>
    }
    .into_any()
}

/// Whether a request has the text, in lower case, in what people write about it.
fn mentions(request: &RestoreRequest, wanted: &str) -> bool {
    let ticket = request.ticket.as_deref().unwrap_or_default();
    let names = [&request.vm_name, &request.requested_by_name, &request.reason];
    let ids = [request.id.as_str(), request.vm.as_str(), ticket];
    let mut all = names.into_iter().map(String::as_str).chain(ids);
    all.any(|text| text.to_lowercase().contains(wanted))
}

fn whose(query: &Query, mine: bool) -> AnyView {
    let link = |value: Option<&str>, title: &'static str| {
        let marked = (value.is_some() == mine).then_some("true");
        view! { <li><a href=query.keeping(WHOSE, value).address() aria-current=marked>{title}</a></li> }
    };
    let links = [link(None, "Everybody’s"), link(Some(MINE), "Mine")];
    view! { <nav aria-label="Whose requests"><ul class="filter">{links.to_vec()}</ul></nav> }.into_any()
}
