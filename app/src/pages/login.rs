//! The only page that everybody sees, and the name that it keeps after a failure.

use crate::components::{Alert, Tone};
use crate::context;
use crate::format;
use crate::link;
use leptos::prelude::*;
use leptos_meta::Title;
use percent_encoding::percent_decode_str;

/// The cookie that holds the name after a failure: an address is read by others, and a session would cost a row of the
/// database for every guess.
const NAME_COOKIE: &str = "login-name";

/// Longest name in characters.
const LONGEST_NAME: usize = 100;

/// The cookie with which the page shows a name again, for a minute.
pub fn login_cookie(name: &str, secure: bool) -> String {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let secure = if secure { "; Secure" } else { "" };
    let value = link::part(&name);
    format!("{NAME_COOKIE}={value}; Path=/login; Max-Age=60; HttpOnly; SameSite=Lax{secure}")
}

/// Why the login failed. The address holds a key and a number, never words.
fn failure() -> Option<String> {
    let why = context::query("failed")?;
    let wait = context::query("wait").and_then(|seconds| seconds.parse::<u32>().ok());
    let sentence = match (why.as_str(), wait) {
        ("limited", Some(seconds)) => {
            let time = format::duration(i64::from(seconds) * 1000);
            format!("Too many attempts. Wait {time}, then try again.")
        }
        ("limited", None) => "Too many attempts. Wait a few minutes, then try again.".into(),
        _ => "Incorrect name or password.".into(),
    };
    Some(sentence)
}

fn kept_name() -> Option<String> {
    let name = context::cookie(NAME_COOKIE)?;
    Some(percent_decode_str(&name).decode_utf8_lossy().into_owned())
}

/// Name and password. The server checks them outside of the pages and starts the session.
#[component]
pub fn Login() -> impl IntoView {
    let failed = failure();
    let name = failed.as_ref().and_then(|_| kept_name());
    let next = context::query("next").filter(|next| link::is_local(next));
    view! {
        <Title text="Log in · Holdfast"/>
        <main id="main" class="login" tabindex="-1">
            <h1>"Holdfast"</h1>
            <p class="lead">"Backup and recovery for Oracle VM. Every change is a plan you can read first."</p>
            {failed.map(|sentence| view! { <Alert tone=Tone::Danger>{sentence}</Alert> })}
            <form method="post" action="/login" class="form">
                {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                <div class="field">
                    <label for="name">"Name"</label>
                    <input
                        id="name"
                        name="name"
                        type="text"
                        value=name
                        required=true
                        maxlength=LONGEST_NAME.to_string()
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                    />
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        id="password"
                        name="password"
                        type="password"
                        required=true
                        maxlength="300"
                        autocomplete="current-password"
                        aria-describedby="password-help"
                    />
                    <p class="field-help" id="password-help">"Forgotten it? An administrator can reset it."</p>
                </div>
                <button type="submit" class="button primary">"Log in"</button>
            </form>
        </main>
    }
}
