//! The lab as its users see it: over SSH, through the command line, and on the disks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod clone;
mod dialects;
mod documents;
mod faults;
mod harness;
mod jobs;
mod life;
mod manager;
mod rehearsal;
mod servers;
mod storage;
