//! The command language as data: one table that says which commands, object types and attributes the Manager knows, in
//! which release. The checker of scripts, the renderer for a release and the help pages read the same table.
//!
//! The tables follow the chapters of the manual; see [`vm`] for one that uses everything. Where no page of the manual
//! could be had, a form is *open*: its attributes are not checked. Where nothing says since when something is known,
//! it counts as known in all releases, since refusing a command that works is worse than letting one pass.

pub mod disks;
pub mod generic;
pub mod model;
pub mod network;
pub mod session;
pub mod storage;
pub mod types;
pub mod vm;
mod words;

pub use model::{Attr, Form, Instance, Join, Kind, Known, Need};
pub use types::{OBJECT_TYPES, ObjectType, object_type};

/// The chapters.
const CHAPTERS: [&[Form]; 6] = [
    generic::FORMS,
    session::FORMS,
    vm::FORMS,
    disks::FORMS,
    storage::FORMS,
    network::FORMS,
];

/// Every form of every command, in all releases.
pub fn forms() -> impl Iterator<Item = &'static Form> {
    CHAPTERS.into_iter().flatten()
}

/// Every first word of a command, as the manual spells it; a verb of several forms comes several times.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    forms().map(|form| form.verb)
}

/// Whether a command can make objects of this type under a name that the command gives.
pub fn is_created(object_type: &str) -> bool {
    forms().any(|form| form.verb == "create" && form.takes_type(object_type))
}

/// Whether one of the words is this one, in any case.
pub(super) fn holds(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
