//! Runs: plans being executed.
//!
//! [`worker`] claims runs and executes each in a task of its own ([`execution`]); [`sweeper`] clears up in the estate,
//! [`housekeeper`] in the backup target. What to do next follows from the plan and the journal alone ([`next`]), so a run
//! goes on after a crash as if nothing had happened.

mod act;
mod approval;
mod check;
mod clones;
mod copy;
mod decision;
mod execution;
mod facts;
mod guard;
mod hosts;
mod housekeeper;
mod journal;
mod late_stop;
mod lock;
mod newer;
mod next;
mod openable;
mod own;
mod place;
mod probe;
mod restored;
mod stored;
mod sweeper;
mod undo;
mod verify;
mod vm_state;
mod windows;
mod worker;

pub(crate) use housekeeper::housekeeper;
pub(crate) use next::{begun_to_undo, may_turn_back};
pub(crate) use openable::see_that_target_opens;
pub(crate) use sweeper::sweeper;
pub(crate) use verify::verify;
pub(crate) use worker::worker;

use crate::estate::ReachError;
use domain::plan::{Bindings, SealError, UnboundPlaceholder};
use store::StoreError;
use thiserror::Error;
use vault::VaultError;

/// What came of an action that went well.
#[derive(Default)]
pub(crate) struct Effect {
    /// For the journal: the raw answer, or a sentence.
    pub observed: String,
    /// Bytes moved.
    pub bytes: Option<u64>,
    /// Values learned.
    pub learned: Bindings,
}

impl Effect {
    pub(crate) fn observed(observed: impl Into<String>) -> Self {
        Self {
            observed: observed.into(),
            ..Self::default()
        }
    }

    pub(crate) fn learning(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.learned.0.insert(name.into(), value.into());
        self
    }
}

/// Why a step does not go on. Every variant's text is a sentence for the journal.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    /// Refused or wrong. Whatever it did nevertheless, the undo removes.
    #[error("{0}")]
    Failed(String),
    /// Nobody knows whether it happened.
    #[error("{0}")]
    Unknown(String),
    /// It was begun, and nobody knows whether it will still come to pass: only a person can wait and see.
    #[error("{0}")]
    Pending(String),
    /// A person cancelled the run.
    #[error("Cancelled while it was under way.")]
    Cancelled,
    /// The journal cannot be written; the run stops where it is.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StepError {
    pub(crate) fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into())
    }
}

/// A host that cannot be reached leaves the outcome open; everything else that a host says is an answer. A lost lease and a
/// data base in trouble say nothing about the host: the run stops where it is.
impl From<ReachError> for StepError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Store(error) => Self::Store(error),
            error if error.is_lease_lost() => Self::Store(StoreError::Fenced),
            error if error.leaves_outcome_open() => Self::Unknown(error.to_string()),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<UnboundPlaceholder> for StepError {
    fn from(error: UnboundPlaceholder) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<SealError> for StepError {
    fn from(error: SealError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<VaultError> for StepError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Cancelled => Self::Cancelled,
            other => Self::Failed(other.to_string()),
        }
    }
}

/// The text as a sentence, so that another can follow.
pub(crate) fn full_stop(mut text: String) -> String {
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// Runs blocking work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}
