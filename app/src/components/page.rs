//! What every page shares: waiting for its data, its title, and its shape when something went wrong.

use super::alert::{Alert, ErrorCode, FlashAlert};
use super::escape::escaped;
use super::status::Tone;
use crate::context;
use crate::form::Flash;
use crate::link;
use crate::say::say;
use domain::error::{ServiceError, Thing};
use domain::services::Answer;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use std::future::Future;

/// A page that waits for its data before any of it is sent; an error becomes the page, with its status.
pub fn page(draw: impl Future<Output = Answer<AnyView>> + Send + 'static) -> AnyView {
    Suspend::new(async move {
        match draw.await {
            Ok(view) => view,
            Err(error) => view! { <ErrorPage error/> }.into_any(),
        }
    })
    .into_any()
}

/// Title, heading, the sentence below it and the outcome of a form.
#[component]
pub fn PageHead(
    /// The heading.
    #[prop(into)]
    title: String,
    /// What the page answers, in a sentence.
    #[prop(into, optional)]
    lead: String,
    /// Outcome of a form of this page.
    #[prop(optional)]
    flash: Option<Flash>,
    /// Where the page belongs: address and name of the pages above it.
    #[prop(optional)]
    above: Vec<(String, String)>,
) -> impl IntoView {
    let above: Vec<_> = above
        .into_iter()
        .map(|(address, name)| view! { <li><a href=address>{name}</a></li> })
        .collect();
    let trail =
        (!above.is_empty()).then(|| view! { <nav class="trail" aria-label="Breadcrumb"><ol>{above}</ol></nav> });
    view! {
        <Title text=format!("{} · Holdfast", escaped(&title))/>
        {flash.map(|flash| view! { <FlashAlert flash/> })}
        <div class="page-head">
            {trail}
            <h1>{title}</h1>
            {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> })}
        </div>
    }
}

/// The page in place of one that cannot be drawn.
#[component]
pub fn ErrorPage(error: ServiceError) -> impl IntoView {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
    context::note_code(&error);
    let (title, tone) = match &error {
        ServiceError::NotLoggedIn => ("Log in first", Tone::Attention),
        ServiceError::OtherOrigin | ServiceError::Forbidden { .. } => ("Access denied", Tone::Attention),
        ServiceError::NotFound { .. } => ("Not found", Tone::Attention),
        ServiceError::Invalid { .. } => ("Invalid address", Tone::Attention),
        ServiceError::Conflict(_) => ("Not possible right now", Tone::Attention),
        ServiceError::TooMany { .. } => ("Too many attempts", Tone::Attention),
        ServiceError::Estate { .. } => ("The estate did not answer", Tone::Danger),
        ServiceError::Internal { .. } => ("Internal error", Tone::Danger),
    };
    let next = match &error {
        ServiceError::NotLoggedIn => (link::with_query("/login", "next", &context::requested()), "Log in"),
        // It may have been deleted: what was kept of it is found by its id.
        ServiceError::NotFound { what: Thing::Vm, id } => {
            (link::with_query("/points", "q", id), "Find its recovery points")
        }
        _ => ("/".to_owned(), "Go to the overview"),
    };
    view! {
        <PageHead title=title/>
        <Alert tone>{say(&error)}<ErrorCode code=error.code()/></Alert>
        <p><a class="button" href=next.0>{next.1}</a></p>
    }
}
