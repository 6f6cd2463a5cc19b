//! The rows of the tables, one module each; see the crate `migrations` for the rules that the tables keep themselves.

pub(crate) mod account;
pub(crate) mod account_role;
pub(crate) mod audit;
pub(crate) mod estate_revision;
pub(crate) mod journal;
pub(crate) mod leftover;
pub(crate) mod login_failure;
pub(crate) mod manager;
pub(crate) mod news;
pub(crate) mod plan;
pub(crate) mod point_copy;
pub(crate) mod policy;
pub(crate) mod process;
pub(crate) mod protection;
pub(crate) mod recovery_point;
pub(crate) mod rehearsal;
pub(crate) mod resource_ticket;
pub(crate) mod restore_request;
pub(crate) mod run;
pub(crate) mod run_hold;
pub(crate) mod server_access;
pub(crate) mod session;
pub(crate) mod subject_team;
pub(crate) mod target;
pub(crate) mod team;
pub(crate) mod vote;
