//! Planners and renderers. A planner is a pure function from the estate as discovered, what is wanted, and a
//! [`Context`] to a [`Plan`](domain::plan::Plan), or to a [`Refusal`] that says what stands in the way. A renderer turns
//! a plan into the texts that people read, copy and print. Nothing here reaches the estate.
//!
//! # What the planners rely on from the executor
//! * Before a step acts, its probe is asked; when the effect is already there, the step is not done again.
//! * Going back, every step that was *begun* is undone in reverse order. Before that its probe is asked, if it has one;
//!   when the effect is not there, there is nothing to undo and the undo is skipped. So every undo that is not harmless
//!   by itself stands on a step whose probe tells whether the effect is there.
//! * Then the steps marked `always` run that were never done. An undo that fails ends the way back: what lies before it
//!   is not touched.
//!
//! To add a method of backup: a module in `backup` with a function that makes its steps, and its arm in
//! [`plan_backup`].

mod backup;
mod context;
mod machine;
mod not_contained;
mod parts;
mod refusal;
pub mod render;
mod restore;
mod words;

pub use backup::plan_backup;
pub use context::Context;
pub use not_contained::not_contained;
pub use refusal::Refusal;
pub use restore::plan_restore_in_place;
