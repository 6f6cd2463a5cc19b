//! Protection policies: how machines are backed up, and what their restore demands.

pub mod edit;
pub mod list;
