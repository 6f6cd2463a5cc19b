//! Errors in words: what happened, and what to do about it.

use super::{Language, Say};
use std::fmt;

/// An error in words. As text it is one sentence after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What happened, or stands in the way.
    pub what: String,
    /// What to do about it. Empty where that is said already.
    pub remedy: String,
}

impl Told {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// What happened says also what to do.
    pub(super) fn all(what: impl Into<String>) -> Self {
        Self::new(what, "")
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)?;
        match self.remedy.as_str() {
            "" => Ok(()),
            remedy => write!(formatter, " {remedy}"),
        }
    }
}

/// What can be told in every language as what happened and what to do about it.
pub trait Explain {
    /// Both.
    fn explain(&self, language: Language) -> Told;
}

impl<T: Explain> Say for T {
    fn say(&self, language: Language) -> String {
        self.explain(language).to_string()
    }
}
