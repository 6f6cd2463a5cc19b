//! Reading and changing the page.

use super::serve::filter_as_typed;
use domain::run::RunNews;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortSignal, Document, DomParser, Element, FocusOptions, HtmlElement, NodeList, RequestInit, Response,
    SupportedType, window,
};

/// How long an answer may take, in milliseconds. A connection that died silently would never give one.
const ANSWER_WITHIN: u32 = 30_000;

/// All elements that the selector finds.
pub fn all(root: &Document, selector: &str) -> Vec<Element> {
    root.query_selector_all(selector)
        .map(|found| elements(&found))
        .unwrap_or_default()
}

fn elements(found: &NodeList) -> Vec<Element> {
    (0..found.length())
        .filter_map(|at| found.item(at)?.dyn_into().ok())
        .collect()
}

/// Fetches this page anew. A redirect means that the session has ended: the reload shows the login.
pub async fn fetch_again() -> Result<Document, JsValue> {
    let window = window().ok_or(JsValue::NULL)?;
    let location = window.location();
    let options = RequestInit::new();
    options.set_signal(Some(&AbortSignal::timeout_with_u32(ANSWER_WITHIN)));
    let request = window.fetch_with_str_and_init(&location.href()?, &options);
    let answer = wasm_bindgen_futures::JsFuture::from(request).await?;
    let answer: Response = answer.dyn_into()?;
    if answer.redirected() {
        location.reload()?;
    }
    if !answer.ok() {
        return Err(JsValue::NULL);
    }
    let text = wasm_bindgen_futures::JsFuture::from(answer.text()?).await?;
    DomParser::new()?.parse_from_string(&text.as_string().unwrap_or_default(), SupportedType::TextHtml)
}

/// Puts the parts of the fresh page that differ in the place of those of this page. Folds that are open stay open, rows
/// that are filtered out stay out, and the focus stays where it was; parts that did not change are not touched, so
/// neither the selection nor what was typed is lost.
pub fn take_over(fresh: &Document) {
    // Before the parts are compared: a filtered table without news is equal.
    filter_as_typed(fresh);
    for new in all(fresh, "[data-live][id]") {
        let Some(old) = document().get_element_by_id(&new.id()) else {
            continue;
        };
        if let Ok(open) = old.query_selector_all("details[open][id]") {
            for fold in elements(&open) {
                if let Some(same) = fresh.get_element_by_id(&fold.id()) {
                    let _ = same.set_attribute("open", "");
                }
            }
        }
        if old.outer_html() != new.outer_html() {
            let focused = document().active_element().filter(|it| old.contains(Some(it.as_ref())));
            let _ = old.replace_with_with_node_1(&new);
            if let Some(same) = focused.and_then(|it| counterpart(&it, &new)) {
                focus(&same);
            }
        }
    }
    announce(fresh);
}

/// The element of the new part that stands for one of the old: under the same id, else with the same address.
fn counterpart(old: &Element, new: &Element) -> Option<HtmlElement> {
    let name = if old.id().is_empty() { "href" } else { "id" };
    let value = old.get_attribute(name)?;
    let candidates = new.query_selector_all(&format!("[{name}]")).ok()?;
    let same = elements(&candidates)
        .into_iter()
        .find(|candidate| candidate.get_attribute(name).as_ref() == Some(&value))?;
    same.dyn_into().ok()
}

/// Whoever has scrolled on is not taken back.
fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// Says the new state to those who do not see it, once.
fn announce(fresh: &Document) {
    let news = all(fresh, "[data-announce]")
        .first()
        .and_then(|source| source.get_attribute("data-announce"));
    if let (Some(news), Some(announcer)) = (news, all(&document(), "[data-announcer]").first())
        && announcer.text_content().as_deref() != Some(&news)
    {
        announcer.set_text_content(Some(&news));
    }
}

/// Shows how far a copy is.
pub fn show_progress(news: &RunNews) {
    let RunNews::Progress { step, bytes, of, rate } = news else {
        return;
    };
    let Some(place) = document().get_element_by_id(&format!("progress-{step}")) else {
        return;
    };
    let _ = place.remove_attribute("hidden");
    if let (Ok(Some(bar)), Some(all)) = (place.query_selector("progress"), of) {
        let _ = bar.set_attribute("max", &all.to_string());
        let _ = bar.set_attribute("value", &bytes.to_string());
    }
    if let Ok(Some(words)) = place.query_selector("span") {
        words.set_text_content(Some(&crate::format::progress(*bytes, *of, *rate)));
    }
}
