//! What an unknown address shows.

use crate::components::{ErrorPage, Frame};
use crate::context;
use domain::error::{ServiceError, Thing};
use leptos::prelude::*;

/// The page for addresses that no route knows.
#[component]
pub fn NotFound() -> impl IntoView {
    let error = ServiceError::not_found(Thing::Page, context::path());
    match context::current_actor() {
        Ok(actor) => view! { <Frame actor><ErrorPage error/></Frame> }.into_any(),
        Err(_) => view! { <main id="main" class="alone"><ErrorPage error/></main> }.into_any(),
    }
}
