//! What tests of the whole need: an estate, a database, a backup target and an engine, with people who may do things.
//! For tests only; the program does not know it.
//!
//! Where things are: `world` is the estate with an engine beside it, and what a test does in it; `haste` what
//! makes it fast; `database` is the database below it; `wait` waits with an end.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod database;
mod furnish;
mod haste;
mod wait;
mod world;

pub use database::Database;
pub use furnish::{People, enrol, new_manager, people, person, server_access};
pub use haste::{hurry, lay_target};
pub use wait::{soon, until};
pub use world::{PASSWORD, TARGET_PASSWORD, World, lab_in, start_engine, told};
