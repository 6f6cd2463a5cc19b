//! Job runs.

mod actions;
pub mod detail;
pub mod list;
