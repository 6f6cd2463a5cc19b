//! The estate as the engine meets it: connections to Managers and servers, and discovery.

mod discover;
mod grip;
mod reach;
mod reach_error;
mod target;

pub(crate) use discover::{discover, read_vm, read_vm_cfg};
pub use reach::{IN_FLIGHT, TOGETHER};
pub(crate) use reach::{Reach, exit_error};
pub(crate) use reach_error::ReachError;
pub(crate) use target::target;
