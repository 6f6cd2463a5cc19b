//! What a service answers when it cannot do what was asked, as values: what was tried, about which thing, what stands in
//! the way. Words are made of them at the edge, by [`crate::say`]. Each has a stable code; `server/docs/errors.md` has a
//! section for it.
//!
//! To add an error: a variant of the group to which it belongs (in `flaw`, `conflict` or [`crate::plan::Refusal`]), its
//! words in every language below [`crate::say`], and its section in the document. Its code comes from its name.

mod conflict;
mod flaw;
mod group;
mod thing;

pub use conflict::{
    AccountConflict, Conflict, Crossing, EstateConflict, FormConflict, PointConflict, PolicyConflict, RequestConflict,
    RunConflict, StoredConflict, TargetConflict,
};
pub use flaw::{AccountFlaw, ConsoleFlaw, FormFlaw, HostFlaw, Invalid, PolicyFlaw, RequestFlaw, TargetFlaw, Unit};
pub use thing::Thing;

use crate::actor::Permission;
use crate::fault::HostFault;
use crate::say::{Language, Say};
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{IntoStaticStr, VariantNames};

/// The one error of all services. Internal detail stays in the log; the reference finds it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case")]
pub enum ServiceError {
    /// Nobody is logged in.
    NotLoggedIn,
    /// What was sent does not come from a page of Holdfast.
    OtherOrigin,
    /// The actor's roles do not allow it.
    Forbidden {
        /// What was tried.
        deed: Permission,
        /// What the actor lacks.
        missing: Missing,
    },
    /// There is no such thing, or the actor may not see it: the two are not told apart.
    NotFound {
        /// Kind of thing.
        what: Thing,
        /// The id that was asked for.
        id: String,
    },
    /// A field of a form cannot be accepted.
    Invalid {
        /// Name of the form field.
        field: String,
        /// What is wrong with it.
        why: Invalid,
    },
    /// The state of things forbids it now.
    Conflict(Conflict),
    /// The estate could not be reached or answered with an error.
    Estate {
        /// What happened, to which host or object.
        fault: Box<HostFault>,
        /// What was being done.
        during: Errand,
    },
    /// Too many attempts.
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
    /// A fault of Holdfast itself.
    Internal {
        /// Key into the log.
        reference: String,
    },
}

/// What an actor lacks who may not do something: the weakest role that would do, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The role itself.
    Role,
    /// The role for everything: the actor has it for some teams.
    ForAll,
    /// The role for everything, or for the team of the object: the actor has it for other teams.
    ForTeam,
}

/// What Holdfast does at a host while somebody waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// It reads the estate.
    Reading,
    /// It tries an account and a host key before they are stored.
    Enrolling,
    /// It passes a question of the console on.
    Asking,
}

/// The variants that have codes of their own for each kind.
const WITH_KINDS: [&str; 4] = ["not-found", "invalid", "conflict", "estate"];

impl ServiceError {
    /// The HTTP status that fits.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotLoggedIn => 401,
            Self::OtherOrigin | Self::Forbidden { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict(_) => 409,
            Self::Estate { .. } => 502,
            Self::TooMany { .. } => 429,
            Self::Internal { .. } => 500,
        }
    }

    /// The stable code: the same in every language and, once released, in every release. It is the key of the error's
    /// section in the documents.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { what, .. } => what.into(),
            Self::Invalid { why, .. } => why.code(),
            Self::Conflict(why) => why.code(),
            Self::Estate { fault, .. } => fault.as_ref().into(),
            own => own.into(),
        }
    }

    /// Every code that there is.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        let own = Self::VARIANTS.iter().filter(|code| !WITH_KINDS.contains(code));
        own.chain(Thing::VARIANTS)
            .copied()
            .chain(Invalid::codes())
            .chain(Conflict::codes())
            .chain(HostFault::VARIANTS.iter().copied())
    }

    /// Shorthand for a field that cannot be accepted.
    pub fn invalid(field: &str, why: impl Into<Invalid>) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            why: why.into(),
        }
    }

    /// Shorthand for a missing thing.
    pub fn not_found(what: impl Into<Thing>, id: impl ToString) -> Self {
        Self::NotFound {
            what: what.into(),
            id: id.to_string(),
        }
    }

    /// Shorthand for a state that forbids it.
    pub fn conflict(why: impl Into<Conflict>) -> Self {
        Self::Conflict(why.into())
    }

    /// Shorthand for a host that did not do what was asked.
    pub fn estate(fault: HostFault, during: Errand) -> Self {
        Self::Estate {
            fault: Box::new(fault),
            during,
        }
    }
}

/// For the log, for the command line and for tests.
impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Language::En))
    }
}

impl std::error::Error for ServiceError {}

#[cfg(test)]
mod tests;
