//! Managers and their servers, backup targets, teams, accounts and roles.

pub mod console;
pub mod enrol;
pub mod grants;
pub mod home;
pub mod manager;
pub mod new_target;
pub mod server;
pub mod target;
pub mod users;
