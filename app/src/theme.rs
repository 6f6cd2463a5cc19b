//! Light or dark: what the system prefers, unless a cookie says otherwise.

use crate::context;
use crate::link;
use http::HeaderValue;
use http::header::SET_COOKIE;
use leptos::prelude::{ServerFnError, server, use_context};
use leptos_axum::ResponseOptions;

/// Name of the cookie.
const COOKIE: &str = "theme";

/// A choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// What the system prefers.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The name in the cookie and on the root element.
    pub fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The word a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    fn from_key(key: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.key() == key)
            .unwrap_or(Self::System)
    }

    /// The choice of this browser.
    pub fn current() -> Self {
        context::cookie(COOKIE).map_or(Self::System, |key| Self::from_key(&key))
    }
}

/// Keeps a choice in the browser for a year and goes back to the page.
#[server(prefix = "/fn", endpoint = "theme")]
pub async fn set_theme(#[server(default)] theme: String, #[server(default)] page: String) -> Result<(), ServerFnError> {
    let theme = Theme::from_key(&theme);
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", theme.key());
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(SET_COOKIE, value);
    }
    let page = if link::is_local(&page) { page } else { "/".into() };
    leptos_axum::redirect(&page);
    Ok(())
}
