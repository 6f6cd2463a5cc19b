//! Job runs.

mod actions;
mod confirm;
pub mod detail;
pub mod list;
