//! All requests: those to decide, one's own, the rest.

use crate::components::{Empty, PageHead, RequestTable, page};
use crate::context;
use crate::islands::Live;
use domain::actor::{Actor, Permission};
use domain::request::{RequestState, RestoreRequest};
use leptos::prelude::*;

/// The requests.
#[component]
pub fn Restores() -> impl IntoView {
    page(async {
        let (actor, backend) = context::caller()?;
        let requests = backend.restores.list(&actor, None).await?;
        let (decide, rest): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| to_decide(&actor, request));
        let (mine, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|request| request.requested_by == actor.id);
        let nothing = (decide.is_empty() && mine.is_empty() && others.is_empty()).then(|| {
            view! {
                <Empty>
                    <p>"No request yet. A restore begins on the page of a "<a href="/points">"recovery point"</a>"."</p>
                </Empty>
            }
        });
        let view = view! {
            <PageHead title="Restores" lead="A restore over a machine runs once enough people agreed to its plan."/>
            <div id="requests" data-live="">
                {nothing}
                {section("To decide", "Requests that you can decide", decide)}
                {section("My requests", "Requests that you made", mine)}
                {section("Of others", "Requests that others made", others)}
            </div>
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

fn section(title: &'static str, caption: &'static str, requests: Vec<RestoreRequest>) -> Option<AnyView> {
    (!requests.is_empty()).then(|| {
        view! {
            <section>
                <h2>{title}</h2>
                <RequestTable caption requests/>
            </section>
        }
        .into_any()
    })
}
