//! Sentences on top of a page: what was done, what went wrong, what to know.

use super::status::Tone;
use crate::context;
use crate::form::{Flash, Notice};
use crate::say::say;
use domain::error::ServiceError;
use leptos::prelude::*;

/// A framed sentence. Errors are announced at once, the rest when there is a pause.
#[component]
pub fn Alert(tone: Tone, #[prop(into, optional)] title: String, children: Children) -> impl IntoView {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    view! {
        <div class="alert" data-tone=tone.key() role=role>
            {(!title.is_empty()).then(|| view! { <p class="alert-title">{title}</p> })}
            <div class="alert-body">{children()}</div>
        </div>
    }
}

/// The notice that the address asks for.
#[component]
pub fn NoticeAlert() -> impl IntoView {
    let notice = context::query("notice").and_then(|key| Notice::from_key(&key))?;
    Some(view! { <Alert tone=notice_tone(notice)>{notice.sentence()}</Alert> })
}

fn notice_tone(notice: Notice) -> Tone {
    match notice {
        Notice::VerifyFailed => Tone::Danger,
        Notice::KeyShown | Notice::RehearsedDifferent => Tone::Attention,
        _ => Tone::Good,
    }
}

/// The error of a form. One that belongs to a field stands there too.
#[component]
pub fn FlashAlert(flash: Flash) -> impl IntoView {
    let error = flash.error()?;
    let sentence = match error {
        ServiceError::Invalid { why, .. } => say(why),
        other => say(other),
    };
    let code = error.code();
    Some(view! { <Alert tone=Tone::Danger title="This could not be done">{sentence}<ErrorCode code/></Alert> })
}

/// The code of an error, by which the documents explain it.
#[component]
pub fn ErrorCode(code: &'static str) -> impl IntoView {
    view! { <p class="alert-code">"Code " <code>{code}</code></p> }
}

/// Sentences as a list, or nothing.
#[component]
pub fn Sentences(sentences: Vec<String>) -> impl IntoView {
    (!sentences.is_empty()).then(|| {
        let items: Vec<_> = sentences
            .into_iter()
            .map(|sentence| view! { <li>{sentence}</li> })
            .collect();
        view! { <ul class="sentences">{items}</ul> }
    })
}
