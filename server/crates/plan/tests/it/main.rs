//! What the planners make of small estates, and what the renderers make of that.

mod backup;
mod common;
mod files;
mod properties;
mod refusals;
mod render;
mod restore;
