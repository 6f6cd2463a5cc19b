//! Planners and renderers. A planner is a pure function from the estate as discovered, what is wanted, and a
//! [`Context`] to a [`Plan`](domain::plan::Plan), or to a [`Refusal`] that says what stands in the way. A renderer turns
//! a plan into the texts that people read, copy and print. Nothing here reaches the estate.
//!
//! # What the planners rely on from the executor
//! * A step means what its fields say, whatever its name and its commands are; see `domain::plan::Conduct`.
//! * Before a step begins, the run has the places that the step needs, and keeps them to the last step that needs them.
//! * Before a step acts, its probe is asked, and when the effect is already there, the step is not done again. Then its
//!   guards must hold.
//! * Going back, every step that was *begun* is undone in reverse order, once its undo guards hold. Where its conduct says
//!   so, only when its probe tells that the effect is there; undo actions of all other steps are harmless when there is
//!   nothing to undo.
//! * Then the steps marked `always` run that were never done. What an undo that fails means is said by the plan's
//!   `when_stuck`: it is left for the sweeper, or it ends the way back and a person is asked.
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
pub mod render;
mod restore;

pub use backup::plan_backup;
pub use context::Context;
pub use domain::plan::Refusal;
pub use not_contained::not_contained;
pub use restore::plan_restore_in_place;
