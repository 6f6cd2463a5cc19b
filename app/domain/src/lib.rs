//! The vocabulary of Holdfast: actors and what they may do, protection policies, plans, job runs, recovery points,
//! requests and their approval, audit events; the rules over them as pure functions; and the service contracts through
//! which pages, API and command line reach the program. Compiles to WebAssembly: no async runtime, no ORM, no leptos.
//!
//! To add something a user can do: put its method on a trait in [`services`], implement it in the crate `engine`
//! (where it authorises the [`actor::Actor`] first), and call it from a page.

pub mod account;
pub mod actor;
pub mod audit;
pub mod console;
pub mod document;
pub mod enrolment;
pub mod error;
pub mod experience;
pub mod fault;
pub mod handbook;
pub mod ids;
pub mod list;
pub mod news;
pub mod note;
pub mod plan;
pub mod point;
pub mod policy;
pub mod request;
pub mod resource;
pub mod run;
pub mod say;
pub mod services;
pub mod subject;
pub mod target;
pub mod time;
pub mod words;
