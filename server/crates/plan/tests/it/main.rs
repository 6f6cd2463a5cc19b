//! What the planners make of small estates, and what the renderers make of that.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod backup;
mod common;
mod files;
mod meaning;
mod properties;
mod refusals;
mod releases;
mod render;
mod restore;
