//! Text that is meant for a machine, with a button that copies it. The button shows only where a script can serve it.

use leptos::prelude::*;

/// A block of commands or a file.
#[component]
pub fn Code(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, for the copy button: "command", "file".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <div class="code">
            <pre>
                <code>{text.clone()}</code>
            </pre>
            <button type="button" class="copy" data-copy=text aria-label=format!("Copy {what}")>
                "Copy"
            </button>
        </div>
    }
}
