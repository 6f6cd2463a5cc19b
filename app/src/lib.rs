//! What the browser shows: the page shell, the pages, the forms and the few islands that come alive in the browser.
//!
//! Pages exist on the server only (feature `ssr`); the browser gets HTML, plain forms, and the islands (feature
//! `hydrate`). Everything works without scripts; islands add live progress, copying and filtering.
//!
//! To add a page: a module below `pages`, a route in `routes`, its address in `link`. To add an action: a `#[server]`
//! function of a few lines beside the page that has its button, ending in `form::finish`.

#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod form;
pub mod format;
#[cfg(feature = "ssr")]
pub mod handbook;
pub mod islands;
#[cfg(feature = "ssr")]
mod link;
#[cfg(feature = "ssr")]
mod listing;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod say;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod theme;

#[cfg(feature = "ssr")]
pub use pages::login::login_cookie;
#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
