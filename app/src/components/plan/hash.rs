//! The hash of a plan where something else is told.

use crate::link;
use domain::plan::PlanHash;
use leptos::prelude::*;

/// The first digits of the hash, as the way to the plan.
#[component]
pub fn PlanLink(hash: PlanHash) -> impl IntoView {
    view! { <a href=link::plan(&hash)><code title=hash.to_string()>{hash.short().to_owned()}</code></a> }
}
