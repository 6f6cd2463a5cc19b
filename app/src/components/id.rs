//! Long ids: shortened in the middle, whole on hover, copied whole.

use crate::format::short_id;
use leptos::prelude::*;

/// An id of the estate or of Holdfast.
#[component]
pub fn Id(#[prop(into)] id: String) -> impl IntoView {
    let short = short_id(&id);
    let label = format!("Copy {id}");
    view! {
        <span class="id">
            <code title=id.clone()>{short}</code>
            <button type="button" class="copy" data-copy=id aria-label=label>
                "Copy"
            </button>
        </span>
    }
}
