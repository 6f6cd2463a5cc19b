//! Runs: plans being executed.
//!
//! [`worker`] claims runs and executes each in a task of its own ([`execution`]); [`sweeper`] clears up in the estate,
//! [`housekeeper`] in the backup target. What to do next follows from the plan and the journal alone ([`next`]), so a run
//! goes on after a crash as if nothing had happened.

mod act;
mod approval;
mod check;
mod clones;
mod copy;
mod execution;
mod facts;
mod guard;
mod hosts;
mod housekeeper;
mod journal;
mod late_stop;
mod lock;
mod newer;
mod next;
mod openable;
mod own;
mod place;
mod probe;
mod question;
mod restored;
mod stored;
mod sweeper;
mod undo;
mod verify;
mod vm_state;
mod windows;
mod worker;

pub(crate) use execution::of_run;
pub(crate) use housekeeper::housekeeper;
pub(crate) use next::{begun_to_undo, may_turn_back};
pub(crate) use openable::{see_that_target_is_usable, see_that_target_opens};
pub(crate) use sweeper::sweeper;
pub(crate) use verify::verify;
pub(crate) use worker::worker;

use crate::step::{Effect, StepError, about_vm};
