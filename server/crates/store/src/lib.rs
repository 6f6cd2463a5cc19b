//! What Holdfast remembers: accounts, enrolled Managers, estates, policies, plans, runs with their journals, the
//! backup target and its recovery points, requests, the audit trail and web sessions, in SQLite or PostgreSQL. Speaks
//! the types of `domain`; nobody outside this crate and `migrations` sees a table.
//!
//! Reads are methods of [`Store`]; writes are methods of [`Tx`], so that a change of state, the job that follows from it
//! and its audit row are stored together or not at all. The tables keep the rules that must never break by themselves:
//! one run for each machine, nobody decides on his own request, the audit trail only grows.
//!
//! To store something new: a table in `migrations`, its row in `entity`, its methods in a module here, a test on both
//! databases in `tests`.

mod accounts;
mod answers;
mod asked;
mod attempts;
mod audit;
mod connect;
mod copies;
mod entity;
mod error;
mod estate;
mod holds;
mod journal;
mod leases;
mod leftovers;
mod listing;
mod managers;
mod news;
mod older;
mod packed;
mod plans;
mod points;
mod policies;
mod processes;
mod put;
mod rehearsals;
mod requests;
mod runs;
mod sessions;
mod targets;
mod tickets;
mod topics;
mod upgrade;
mod value;

pub use accounts::UserRow;
pub use answers::RunAnswer;
pub use attempts::LoginFailure;
pub use connect::{Store, Tx};
pub use error::StoreError;
pub use estate::Revision;
pub use leases::Claim;
pub use leftovers::Leftover;
pub use listing::Wanted;
pub use managers::{ManagerRow, ServerAccessRow};
pub use news::Told;
pub use plans::StoredPlan;
pub use points::PointCount;
pub use processes::{ClockFault, NewProcess};
pub use runs::{NewRun, RunRow};
pub use sessions::Sessions;
pub use targets::{KeyCopy, Target};
pub use tickets::Ticket;
