//! The document around everything: head, style sheet, the scripts that wake the islands, and the policy that allows
//! no others.

use crate::routes::App;
use crate::theme::Theme;
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

/// The framework wakes the islands in a moment of leisure, and waits for one without end: a window that draws nothing for
/// a while has none, and its page would stay as it was. This ends the waiting after a second.
const IN_THE_END: &str = "if (window.requestIdleCallback) {
    const idle = window.requestIdleCallback.bind(window);
    window.requestIdleCallback = (work, options) => idle(work, { timeout: 1000, ...options });
}";

/// Draws the document. `asset_base` is the folder of the embedded assets as browsers see it, for example
/// `/assets/0123456789abcdef`; it must be the `site_pkg_dir` of the options with a slash before it.
pub fn shell(options: LeptosOptions, asset_base: &str) -> impl IntoView + use<> {
    restrict_contents();
    let asset = |name: &str| format!("{asset_base}/{name}");
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=Theme::current().key()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href=asset("favicon.svg")/>
                <link rel="stylesheet" href=asset("app.css")/>
                <script nonce=use_nonce()>{IN_THE_END}</script>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body>
                <a class="skip" href="#main">"Skip to the content"</a>
                <App/>
            </body>
        </html>
    }
}

/// Allows the page nothing but what this server sends, and of inline scripts only the one with this answer's nonce.
fn restrict_contents() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else {
        return;
    };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}
