//! The few parts of pages that come alive in the browser. Drawn on the server like everything else, and useful without
//! scripts: an island only adds.

#[cfg(feature = "hydrate")]
mod browser;
mod live;
mod progressive;

pub use live::Live;
pub use progressive::Progressive;
