//! Planners and renderers. A planner is a pure function from the estate as discovered, what is wanted, and a
//! [`Context`] to a [`Plan`](domain::plan::Plan), or to a [`Refusal`] that says what stands in the way. A renderer turns
//! a plan into the texts that people read, copy and print. Nothing here reaches the estate.
//!
//! # What the planners rely on from the executor
//! * Before a step acts, its probe is asked; when the effect is already there, the step is not done again.
//! * Going back, every step that was *begun* is undone in reverse order. Before that, a probe that tells of a move or
//!   whether the machine runs is asked; when the effect is not there, the undo is skipped. Undo actions of all other
//!   steps are harmless when there is nothing to undo.
//! * Then the steps marked `always` run that were never done. An undo that fails ends the way back: what lies before it
//!   is not touched.
//!
//! To add a method of backup: a module in `backup` with a function that makes its steps, and its arm in
//! [`plan_backup`].

mod backup;
mod context;
mod disks;
mod machine;
mod not_contained;
mod parts;
pub mod procedure;
mod refusal;
pub mod render;
mod restore;

pub use backup::plan_backup;
pub use context::Context;
pub use not_contained::not_contained;
pub use refusal::Refusal;
pub use restore::plan_restore_in_place;
