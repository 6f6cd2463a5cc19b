//! The only page that everybody sees.

use crate::components::{Alert, Tone};
use crate::context;
use crate::link;
use leptos::prelude::*;
use leptos_meta::Title;

/// Name and password. The server checks them outside of the pages and starts the session.
#[component]
pub fn Login() -> impl IntoView {
    let failed = context::query("failed").map(|why| match why.as_str() {
        "limited" => "Too many attempts. Wait a few minutes, then try again.",
        _ => "The name or the password is not right.",
    });
    let next = context::query("next").filter(|next| link::is_local(next));
    view! {
        <Title text="Log in · Holdfast"/>
        <main id="main" class="login" tabindex="-1">
            <h1>"Holdfast"</h1>
            <p class="lead">"Backup and recovery for Oracle VM. Every change is a plan that you can read first."</p>
            {failed.map(|sentence| view! { <Alert tone=Tone::Danger>{sentence}</Alert> })}
            <form method="post" action="/login" class="form">
                {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                <div class="field">
                    <label for="name">"Name"</label>
                    <input
                        id="name"
                        name="name"
                        type="text"
                        required=true
                        maxlength="100"
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
                    />
                </div>
                <button type="submit" class="button primary">"Log in"</button>
            </form>
        </main>
    }
}
