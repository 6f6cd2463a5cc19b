//! Small comforts that need a script: copy buttons, tables that are filtered while one types, arrow keys from row to row.

use leptos::prelude::*;

/// Serves all `data-copy` buttons, `data-filter` fields and links of rows of the page.
#[island]
pub fn Progressive() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::serve_page();
}
