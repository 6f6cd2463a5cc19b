//! What a service answers when it cannot do what was asked: a stable code, a sentence for a person, and the next step.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The one error of all services. Internal detail stays in the log; the reference finds it there.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ServiceError {
    /// Nobody is logged in.
    #[error("You are not logged in. Log in and try again.")]
    NotLoggedIn,
    /// The actor's roles do not allow it.
    #[error("You may not {action}. This needs the role {role}; ask an administrator.")]
    Forbidden {
        /// What was tried, as a verb phrase.
        action: String,
        /// The role that would allow it, with its reach when that is what the actor lacks.
        role: String,
    },
    /// There is no such thing, or the actor may not see it: the two are not told apart.
    #[error("There is no {what} {id}, or you may not see it.")]
    NotFound {
        /// Kind of thing.
        what: String,
        /// The id that was asked for.
        id: String,
    },
    /// A field of a form cannot be accepted.
    #[error("{field}: {reason}")]
    Invalid {
        /// Name of the form field.
        field: String,
        /// Sentence with what is expected.
        reason: String,
    },
    /// The state of things forbids it now.
    #[error("{what} {remedy}")]
    Conflict {
        /// Sentence: what stands in the way.
        what: String,
        /// Sentence: what to do about it.
        remedy: String,
    },
    /// The estate could not be reached or answered with an error.
    #[error("{what} {remedy}")]
    Estate {
        /// Sentence: what happened, to which host or object.
        what: String,
        /// Sentence: what to do about it.
        remedy: String,
    },
    /// Too many attempts.
    #[error("Too many attempts. Wait {seconds} seconds and try again.")]
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
    /// A fault of Holdfast itself.
    #[error(
        "Something failed inside Holdfast. An administrator can find the details in the log under the reference \
         {reference}."
    )]
    Internal {
        /// Key into the log.
        reference: String,
    },
}

impl ServiceError {
    /// The HTTP status that fits.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotLoggedIn => 401,
            Self::Forbidden { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::Estate { .. } => 502,
            Self::TooMany { .. } => 429,
            Self::Internal { .. } => 500,
        }
    }

    /// Shorthand for a field that cannot be accepted.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }

    /// Shorthand for a missing thing.
    pub fn not_found(what: &str, id: impl ToString) -> Self {
        Self::NotFound {
            what: what.to_owned(),
            id: id.to_string(),
        }
    }

    /// Shorthand for a state that forbids it.
    pub fn conflict(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Conflict {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}
