//! What runs in the browser: wakes the islands of a page that the server has drawn.

use std::time::Duration;

// Islands are looked up by name among the module's exports; linking `app` is what puts them there.
use app as _;
use leptos::prelude::{document, set_timeout};
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded, right before it wakes the islands one by one.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    // A timer runs only after the islands are awake; browser tests wait for the mark.
    set_timeout(mark_hydrated, Duration::ZERO);
}

/// Sets `data-hydrated` on the root element.
fn mark_hydrated() {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "");
    }
}
