//! What the islands do with the page. Everything here needs a browser; a page that lacks what is looked for stays as it is.

mod follow;
mod page;
mod serve;

pub use follow::follow;
pub use serve::serve_page;
