//! Fields of forms: label above, help below, the error at the field, nothing lost after one.

use crate::form::Filled;
use leptos::prelude::*;
use std::ops::RangeInclusive;

/// Most characters of a field that has no rule of its own.
const LONGEST: usize = 300;

/// A form that posts to a server function.
#[component]
pub fn PostForm(
    /// Address of the server function.
    to: &'static str,
    /// Class beside `form`, for example `inline`.
    #[prop(optional)]
    class: &'static str,
    /// Names and values that are sent beside the fields.
    #[prop(optional)]
    hidden: Vec<(&'static str, String)>,
    /// Fields and button.
    children: Children,
) -> impl IntoView {
    let hidden: Vec<_> = hidden
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <form method="post" action=to class=format!("form {class}")>
            {hidden}
            {children()}
        </form>
    }
}

/// Label, help and error around an input.
#[component]
pub(super) fn FieldFrame(
    id: String,
    label: String,
    help: String,
    problem: Option<String>,
    children: Children,
) -> impl IntoView {
    let help = (!help.is_empty()).then(|| view! { <p class="field-help" id=format!("{id}-help")>{help}</p> });
    let error = problem.map(|problem| view! { <p class="field-error" id=format!("{id}-error")>{problem}</p> });
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {children()}
            {error}
            {help}
        </div>
    }
}

/// Ids of the texts that belong to an input.
pub(super) fn describedby(id: &str, help: &str, problem: Option<&String>) -> Option<String> {
    let ids: Vec<String> = [
        problem.map(|_| format!("{id}-error")),
        (!help.is_empty()).then(|| format!("{id}-help")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// A field for one line.
#[component]
pub fn TextField(
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
    /// What it starts with.
    #[prop(into, optional)]
    initial: String,
    /// `text`, `number`, `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Must not be empty.
    #[prop(default = true)]
    required: bool,
    /// What a password manager puts here.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Smallest and largest number.
    #[prop(optional)]
    range: Option<(u32, u32)>,
    /// Fewest and most characters.
    #[prop(optional)]
    length: Option<RangeInclusive<usize>>,
    /// The only text that is accepted; the browser checks it before sending.
    #[prop(into, optional)]
    exactly: Option<String>,
) -> impl IntoView {
    let id = filled.id(name);
    let problem = filled.problem(name);
    let described = describedby(&id, &help, problem.as_ref());
    let longest = length.as_ref().map_or(LONGEST, |length| *length.end());
    let title = exactly.as_ref().map(|text| format!("Type exactly: {text}"));
    view! {
        <FieldFrame id=id.clone() label help problem=problem.clone()>
            <input
                id=id
                name=name
                type=kind
                value=filled.or(name, &initial)
                required=required
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                minlength=length.map(|length| length.start().to_string())
                maxlength=(kind != "number").then(|| longest.to_string())
                min=range.map(|(low, _)| low.to_string())
                max=range.map(|(_, high)| high.to_string())
                pattern=exactly.map(|text| literal_pattern(&text))
                title=title
                aria-describedby=described
                aria-invalid=problem.is_some().then_some("true")
            />
        </FieldFrame>
    }
}

/// A field for a date and a time in UTC; it may stay empty. A browser that has no such field shows one for a line.
#[component]
pub fn TimeField(
    /// What the form shows.
    filled: Filled,
    /// Name of the field.
    name: &'static str,
    /// Its label, with the zone.
    #[prop(into)]
    label: String,
    /// What to write.
    #[prop(into)]
    help: String,
) -> impl IntoView {
    view! { <TextField filled name label help kind="datetime-local" required=false/> }
}

/// A pattern that matches this text only. Names are not unique in what they may hold, so every sign is escaped that has
/// a meaning in patterns.
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for sign in text.trim().chars() {
        if r"^$\.*+?()[]{}|/-".contains(sign) {
            pattern.push_str(&format!("\\x{:02x}", u32::from(sign)));
        } else {
            pattern.push(sign);
        }
    }
    pattern
}

/// A choice among a few.
#[component]
pub fn SelectField(
    /// What the form shows.
    filled: Filled,
    /// Name of the field.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What to choose.
    #[prop(into, optional)]
    help: String,
    /// Key and word of each choice.
    options: Vec<(String, String)>,
    /// Key of the choice it starts with.
    #[prop(into, optional)]
    initial: String,
) -> impl IntoView {
    let id = filled.id(name);
    let problem = filled.problem(name);
    let described = describedby(&id, &help, problem.as_ref());
    let current = filled.or(name, &initial);
    let options: Vec<_> = options
        .into_iter()
        .map(|(key, word)| {
            let selected = key == current;
            view! { <option value=key selected=selected>{word}</option> }
        })
        .collect();
    view! {
        <FieldFrame id=id.clone() label help problem=problem.clone()>
            <select id=id name=name aria-describedby=described aria-invalid=problem.is_some().then_some("true")>
                {options}
            </select>
        </FieldFrame>
    }
}

/// A box to tick; sends `on`.
#[component]
pub fn CheckField(
    /// What the form shows.
    filled: Filled,
    /// Name of the field.
    #[prop(into)]
    name: String,
    /// What ticking it means.
    #[prop(into)]
    label: String,
    /// More about it.
    #[prop(into, optional)]
    help: String,
    /// Ticked at the start.
    #[prop(optional)]
    initial: bool,
    /// What it sends instead of `on`.
    #[prop(into, optional)]
    value: Option<String>,
    /// Whether it is ticked now, when that is not kept under its own name.
    #[prop(optional)]
    ticked: Option<bool>,
) -> impl IntoView {
    let id = filled.id(&name);
    let problem = filled.problem(&name);
    let described = describedby(&id, &help, problem.as_ref());
    let checked = ticked.unwrap_or_else(|| filled.ticked(&name, initial));
    let invalid = problem.is_some().then_some("true");
    let error = problem.map(|problem| view! { <p class="field-error" id=format!("{id}-error")>{problem}</p> });
    let help = (!help.is_empty()).then(|| view! { <p class="field-help" id=format!("{id}-help")>{help}</p> });
    view! {
        <div class="field check">
            <input
                id=id.clone()
                name=name
                type="checkbox"
                value=value.unwrap_or_else(|| "on".into())
                checked=checked
                aria-describedby=described
                aria-invalid=invalid
            />
            <label for=id>{label}</label>
            {error}
            {help}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::literal_pattern;

    #[test]
    fn a_pattern_takes_every_sign_literally() {
        assert_eq!(literal_pattern("slot011"), "slot011");
        assert_eq!(literal_pattern("db (old) v1.2-x"), r"db \x28old\x29 v1\x2e2\x2dx");
    }
}
