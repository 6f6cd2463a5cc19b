//! The program over HTTP. A request passes, from outside: trace and request id, security headers, check of its origin,
//! session, actor; then it reaches a page, a form, an asset, the events or a download. [`router`] puts them in order.

mod actor;
mod address;
mod assets;
mod downloads;
mod errors;
mod events;
mod handbook;
mod headers;
mod health;
mod login;
mod origin;
mod router;
mod session;
#[cfg(test)]
mod tests;
mod trace;
mod trail;

pub use assets::is_complete as assets_are_complete;
pub use router::{Web, router};
