//! The pages, one per file, each with the actions whose buttons it shows.

pub mod account;
pub mod administration;
pub mod audit;
pub mod estate;
pub mod handbook;
pub mod login;
pub mod not_found;
pub mod overview;
pub mod plans;
pub mod points;
pub mod protection;
pub mod restores;
pub mod runs;
