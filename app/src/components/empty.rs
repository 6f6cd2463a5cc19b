//! What stands where there is nothing yet: what would be here and how to get it.

use leptos::prelude::*;

/// An empty list.
#[component]
pub fn Empty(children: Children) -> impl IntoView {
    view! { <div class="empty">{children()}</div> }
}
