//! Copy buttons, filters, and the arrow keys in tables: one listener each for the whole page, so that parts which are replaced later are served too.

use super::page::all;
use leptos::ev::{click, input, keydown};
use leptos::prelude::{document, set_timeout, window_event_listener};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, EventTarget, HtmlElement, HtmlInputElement, window};

/// How long a button says that it has copied.
const SHOWN: Duration = Duration::from_millis(1500);

/// Starts to serve the page.
pub fn serve_page() {
    drop(window_event_listener(input, |event| {
        if let Some(field) = around(event.target(), "[data-filter]").and_then(|field| field.dyn_into().ok()) {
            filter(&document(), &field);
        }
    }));
    drop(window_event_listener(keydown, |event| {
        let next: fn(&Element) -> Option<Element> = match event.key().as_str() {
            "ArrowDown" => Element::next_element_sibling,
            "ArrowUp" => Element::previous_element_sibling,
            _ => return,
        };
        if around(event.target(), ".row-link").is_some_and(|link| go(&link, next)) {
            event.prevent_default();
        }
    }));
    // Browsers give the clipboard only to pages that came over a safe way; elsewhere the buttons stay hidden.
    if !window().is_some_and(|window| window.is_secure_context()) {
        return;
    }
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-can-copy", "");
    }
    drop(window_event_listener(click, |event| {
        if let Some(button) = around(event.target(), "[data-copy]") {
            copy(button);
        }
    }));
}

/// The element that was hit, or the nearest around it, which the selector means.
fn around(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

fn copy(button: Element) {
    let (Some(window), Some(text)) = (window(), button.get_attribute("data-copy")) else {
        return;
    };
    let written = window.navigator().clipboard().write_text(&text);
    wasm_bindgen_futures::spawn_local(async move {
        let word = match wasm_bindgen_futures::JsFuture::from(written).await {
            Ok(_) => "Copied",
            Err(_) => "Not allowed",
        };
        button.set_text_content(Some(word));
        set_timeout(move || button.set_text_content(Some("Copy")), SHOWN);
    });
}

/// Goes from the link of a row to that of the next one that shows, if there is one.
fn go(link: &Element, next: fn(&Element) -> Option<Element>) -> bool {
    let row = link.closest("tr").ok().flatten();
    let rows = std::iter::successors(row, next).skip(1);
    let mut shown = rows.filter(|row| !row.has_attribute("hidden"));
    let link = shown.find_map(|row| row.query_selector(".row-link").ok().flatten());
    let link = link.and_then(|link| link.dyn_into::<HtmlElement>().ok());
    link.is_some_and(|link| link.focus().is_ok())
}

/// Hides those rows of a fresh page that do not hold what is typed into this one.
pub fn filter_as_typed(fresh: &Document) {
    let fields = all(&document(), "[data-filter]").into_iter();
    for field in fields.filter_map(|field| field.dyn_into().ok()) {
        filter(fresh, &field);
    }
}

/// Hides the rows of a page that do not hold what was typed.
fn filter(page: &Document, field: &HtmlInputElement) {
    let wanted = field.value().trim().to_lowercase();
    for row in all(page, ".table[data-filterable] tbody tr") {
        let text = row.text_content().unwrap_or_default().to_lowercase();
        let _ = row.toggle_attribute_with_force("hidden", !text.contains(&wanted));
    }
}
