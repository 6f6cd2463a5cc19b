//! The search above a table: part of the address, so that it can be linked; filters while typing where scripts run.

use leptos::prelude::*;

/// A search field that asks the same page with `?q=`.
#[component]
pub fn Search(
    /// What is searched in, as a label.
    #[prop(into)]
    label: String,
    /// What is searched for now.
    query: Option<String>,
) -> impl IntoView {
    // A page that shows only a part already cannot show the rest while one types.
    let filter = query.is_none().then_some("");
    view! {
        <form class="search" method="get" role="search" aria-label="On this page">
            <label for="q">{label}</label>
            <div class="search-row">
                <input type="search" id="q" name="q" value=query.unwrap_or_default() data-filter=filter maxlength="200"/>
                <button type="submit" class="button">"Search"</button>
            </div>
        </form>
    }
}
