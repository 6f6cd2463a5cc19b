//! Restore requests and their approval.

pub mod detail;
pub mod list;
mod votes;
