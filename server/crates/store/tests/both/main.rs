//! The store at its public seam: every test runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is taken from `HOLDFAST_TEST_POSTGRES`, the URL of a server on which the tests may create databases;
//! `cargo xtask test` starts one and sets it. Without it these variants fail; the others are `cargo test -p store sqlite`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod accounts;
mod audit;
mod catalogue;
mod estate;
mod full_disk;
mod harness;
mod holds;
mod leases;
mod lists;
mod processes;
mod requests;
mod runs;
mod samples;
mod schema;
mod sessions;
#[path = "../../../vault/tests/support/small_disk.rs"]
mod small_disk;
mod targets;
mod upgrade;
mod writers;
