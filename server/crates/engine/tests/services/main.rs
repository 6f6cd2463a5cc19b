//! The services as pages and API use them: who may do what, what is seen, what is written down.

#![cfg(test)]

mod accounts;
mod approvals;
mod catalogue;
mod changes;
mod crowd;
mod enrolment;
mod holds;
mod house;
mod housekeeping;
mod policies;
mod random_estate;
mod rehearsal;
mod requests;
mod roles;
mod sight;
mod target;
mod targets;
mod trail;
mod windows;
