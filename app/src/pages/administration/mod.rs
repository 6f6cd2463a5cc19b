//! Managers and their servers, teams, accounts and roles.

pub mod console;
pub mod enrol;
pub mod grants;
pub mod home;
pub mod manager;
pub mod server;
pub mod users;
