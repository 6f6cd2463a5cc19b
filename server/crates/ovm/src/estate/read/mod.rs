//! From the answers to `show` to the objects of the model. The Manager's versions differ in keys and in their order,
//! so an object is read from whatever is there: only what the model cannot do without is demanded, and every property
//! that no field takes is kept in `other`.

mod bag;
mod infra;
mod object;
mod storage;
#[cfg(test)]
mod tests;
mod vm;

use thiserror::Error;

pub use infra::{network, pool, server};
pub use object::{ALIKE, object};
pub use storage::{cdrom, physical_disk, repository, settle_kind, virtual_disk};
pub use vm::{VmHead, assemble, disk_mapping, vm, vnic};

/// Why an answer is no object.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The Manager did not say success.
    #[error("the Manager did not show {object}: {reason}")]
    NotShown {
        /// Type and id.
        object: String,
        /// The error text, or what is wrong with the answer.
        reason: String,
    },
    /// The answer is about another object.
    #[error("asked for {object}, the Manager showed {shown}; refresh and try again")]
    OtherObject {
        /// Type and id.
        object: String,
        /// Id in the answer.
        shown: String,
    },
    /// A property that cannot be done without is missing or empty.
    #[error("{object} has no `{key}` in the Manager's answer")]
    Missing {
        /// Type and id.
        object: String,
        /// Key of the property.
        key: String,
    },
    /// A value has another form than expected.
    #[error("{object} has `{key}` = `{value}`, which cannot be understood")]
    Invalid {
        /// Type and id.
        object: String,
        /// Key of the property.
        key: String,
        /// Its value.
        value: String,
    },
}

/// The spelling of an enumeration value in commands, from the words of an answer: `Xen PVM` becomes `XEN_PVM`.
pub fn constant(words: &str) -> String {
    let parts = words
        .split(|character: char| !character.is_alphanumeric())
        .filter(|part| !part.is_empty());
    parts.map(str::to_uppercase).collect::<Vec<_>>().join("_")
}
