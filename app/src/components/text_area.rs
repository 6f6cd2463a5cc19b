//! The one place that writes a `<textarea>`. Leptos 0.8 does not escape the children of that element when it draws on
//! the server, so its text is escaped here.

use super::escape::escaped;
use super::field::{FieldFrame, describedby};
use crate::form::Filled;
use leptos::prelude::*;

/// A field for several lines.
#[component]
pub fn TextArea(
    /// What the form shows.
    filled: Filled,
    /// Name of the field.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What to write.
    #[prop(into, optional)]
    help: String,
    /// Must not be empty.
    #[prop(optional)]
    required: bool,
    /// Fewest characters.
    #[prop(optional)]
    minlength: Option<u32>,
) -> impl IntoView {
    let id = filled.id(name);
    let problem = filled.problem(name);
    let described = describedby(&id, &help, problem.as_ref());
    // A line end right after the tag is dropped by browsers; one more keeps the text as it is.
    let text = format!("\n{}", escaped(&filled.or(name, "")));
    view! {
        <FieldFrame id=id.clone() label help problem=problem.clone()>
            <textarea
                id=id
                name=name
                rows="3"
                maxlength="1000"
                required=required
                minlength=minlength.map(|length| length.to_string())
                aria-describedby=described
                aria-invalid=problem.is_some().then_some("true")
            >
                {text}
            </textarea>
        </FieldFrame>
    }
}
