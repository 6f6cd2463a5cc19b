//! Small comforts that need a script: copy buttons, and tables that are filtered while one types.

use leptos::prelude::*;

/// Serves all `data-copy` buttons and `data-filter` fields of the page.
#[island]
pub fn Progressive() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::serve_page();
}
