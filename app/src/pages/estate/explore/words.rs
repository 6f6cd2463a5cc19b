//! Facts of objects as people read them: labels without units, quantities with them, states as badges, objects as links.

use crate::components::{Status, Tone};
use crate::format;
use crate::link;
use domain::ids::ManagerId;
use leptos::prelude::*;
use ovm::estate::{Entry, Kind, Value, capital};

/// How a quantity is written.
type Print = fn(u64) -> String;

/// The ends of labels that name a unit.
const UNITS: [(&str, Print); 2] = [(" (bytes)", format::bytes), (" (MB)", format::megabytes)];

/// A label as a heading: `size (bytes)` is `Size`.
pub fn title(label: &str) -> String {
    let unit = UNITS.iter().find_map(|(unit, _)| label.strip_suffix(unit));
    capital(unit.unwrap_or(label))
}

/// Whether a label is about a quantity.
pub fn is_number(label: &str) -> bool {
    UNITS.iter().any(|(unit, _)| label.ends_with(unit)) || matches!(label, "processors" | "slot" | "position")
}

/// A text under its label.
fn worded(label: &str, text: &str) -> String {
    let unit = UNITS.iter().find(|(unit, _)| label.ends_with(unit));
    match (unit, text.parse()) {
        (Some(_), Ok(number)) if label == "used (bytes)" => format::used(number),
        (Some((_, print)), Ok(number)) => print(number),
        _ => text.to_owned(),
    }
}

/// The values of an object under a label; objects lead to their pages.
pub fn values(manager: &ManagerId, entry: &Entry, label: &str) -> AnyView {
    let Some(fact) = entry.facts.get(label) else {
        return ().into_any();
    };
    let badge = label == "status" || label.eq_ignore_ascii_case("run state");
    let views: Vec<_> = fact
        .values
        .iter()
        .map(|value| match value {
            Value::Text(text) if badge => state(entry.kind, text),
            _ => one(manager, label, value),
        })
        .collect();
    if views.len() == 1 {
        return views.into_any();
    }
    let items: Vec<_> = views.into_iter().map(|view| view! { <li>{view}</li> }).collect();
    view! { <ul class="values">{items}</ul> }.into_any()
}

fn one(manager: &ManagerId, label: &str, value: &Value) -> AnyView {
    match value {
        Value::Text(text) => worded(label, text).into_any(),
        Value::Object {
            kind: Some(kind), id, ..
        } => view! { <a href=link::first_look(manager, *kind, id)>{value.show().to_owned()}</a> }.into_any(),
        Value::Object { id, name, .. } if name.is_empty() => view! { <code>{id.clone()}</code> }.into_any(),
        Value::Object { id, .. } => {
            view! { {value.show().to_owned()} " " <code title=id.clone()>{format::short_id(id)}</code> }.into_any()
        }
    }
}

/// The state of a machine or a server.
pub fn state(kind: Kind, text: &str) -> AnyView {
    let tone = match (kind, text.to_lowercase().as_str()) {
        (Kind::Vm, "running") => Tone::Running,
        (_, "running") => Tone::Good,
        (Kind::Vm, "stopped" | "template") => Tone::Quiet,
        (Kind::Vm, "suspended") => Tone::Held,
        _ => Tone::Attention,
    };
    view! { <Status tone word=capital(text)/> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lose_the_unit_that_their_values_gain() {
        assert_eq!(title("size (bytes)"), "Size");
        assert_eq!(worded("size (bytes)", "12884901888"), "12 GiB");
        assert_eq!(worded("used (bytes)", "0"), "under 0.1 GiB");
        assert_eq!(
            (title("memory (MB)").as_str(), worded("memory (MB)", "4096").as_str()),
            ("Memory", "4 GiB")
        );
        assert_eq!(worded("size (bytes)", "a lot"), "a lot");
        assert_eq!(title("Size (GiB)"), "Size (GiB)");
        assert_eq!(title("MAC address"), "MAC address");
    }
}
