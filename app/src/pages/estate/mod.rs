//! The estate as the Managers describe it.

pub mod list;
mod pools;
pub mod vm;
mod vm_actions;
mod vm_facts;
