//! Keeps a page up to date while runs go on and requests are decided. The page is drawn on the server only; this island
//! hears that something happened, fetches the same page again and puts in the parts that changed.

use leptos::prelude::*;

/// Follows one run, or all runs and requests.
#[island]
pub fn Live(
    /// Id of the run; none follows everything.
    run: Option<String>,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::follow(run);
    #[cfg(not(feature = "hydrate"))]
    drop(run);
    view! { <p class="visually-hidden" role="status" data-announcer=""></p> }
}
