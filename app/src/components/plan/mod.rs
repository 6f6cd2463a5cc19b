//! A plan as a numbered procedure, the same on preview, on a request and on a run, where it fills with what happened.

mod facts;
mod hash;
mod head;
mod procedure;
mod step;
mod trace;

pub use facts::PlanFacts;
pub use hash::PlanLink;
pub use head::{PlanDuration, PlanHead};
pub use procedure::Procedure;
