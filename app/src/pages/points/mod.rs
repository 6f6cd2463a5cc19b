//! The catalogue of recovery points.

mod actions;
pub mod detail;
pub mod list;
