//! Job runs.

mod actions;
mod confirm;
mod decide;
pub mod detail;
pub mod list;
mod named;
