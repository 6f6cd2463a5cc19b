//! What comes of a step: its effect, or why it does not go on. Transfers and runs speak of it in these words.

use crate::core::TargetError;
use crate::core::faults::{of_vault, unusable};
use crate::estate::ReachError;
use domain::fault::{Fault, FileFault, StepFault, VmFault};
use domain::note::Note;
use domain::plan::{Bindings, RemoteFile, SealError, UnboundPlaceholder};
use domain::say::{Language, Say};
use ovm::ids::VmId;
use store::StoreError;
use thiserror::Error;
use vault::VaultError;

/// What came of an action that went well.
#[derive(Default)]
pub(crate) struct Effect {
    /// For the journal: what a host has answered, as it came.
    pub observed: String,
    /// For the journal: what was found and done.
    pub notes: Vec<Note>,
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

    pub(crate) fn noting(note: Note) -> Self {
        Self {
            notes: vec![note],
            ..Self::default()
        }
    }

    pub(crate) fn and_note(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    pub(crate) fn learning(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.learned.0.insert(name.into(), value.into());
        self
    }
}

/// Why a step does not go on. Its text is for the log.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    /// Refused or wrong. Whatever it did nevertheless, the undo removes.
    #[error("{}", .0.say(Language::En))]
    Failed(Fault),
    /// Nobody knows whether it happened.
    #[error("{}", .0.say(Language::En))]
    Unknown(Fault),
    /// It was begun, and nobody knows whether it will still come to pass: only a person can wait and see.
    #[error("{}", .0.say(Language::En))]
    Pending(Fault),
    /// A person cancelled the run.
    #[error("{}", StepFault::Cancelled.say(Language::En))]
    Cancelled,
    /// The journal cannot be written; the run stops where it is.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StepError {
    pub(crate) fn failed(fault: impl Into<Fault>) -> Self {
        Self::Failed(fault.into())
    }

    /// A VM that is not as it has to be.
    pub(crate) fn of_vm(vm: &VmId, found: VmFault) -> Self {
        Self::Failed(about_vm(vm, found))
    }

    /// A file that is not as it has to be.
    pub(crate) fn of_file(file: &RemoteFile, found: FileFault) -> Self {
        let file = file.clone();
        Self::Failed(Fault::File { file, found })
    }

    /// As a value that is stored and told.
    pub(crate) fn fault(&self) -> StepFault {
        match self {
            Self::Failed(fault) | Self::Unknown(fault) | Self::Pending(fault) => StepFault::Fault(fault.clone()),
            Self::Cancelled => StepFault::Cancelled,
            Self::Store(error) => StepFault::Fault(Fault::Database {
                detail: error.to_string(),
            }),
        }
    }

    /// For the journal.
    pub(crate) fn note(&self) -> Note {
        match self.fault() {
            StepFault::Fault(fault) => Note::Failed(fault),
            StepFault::Cancelled => Note::Cancelled,
        }
    }
}

/// A VM that is not as it has to be.
pub(crate) fn about_vm(vm: &VmId, found: VmFault) -> Fault {
    let vm = vm.clone();
    Fault::Vm { vm, found }
}

/// A host that cannot be reached leaves the outcome open; everything else that a host says is an answer. A lost lease and a
/// database in trouble say nothing about the host: the run stops where it is.
impl From<ReachError> for StepError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Store(error) => Self::Store(error),
            error if error.is_lease_lost() => Self::Store(StoreError::Fenced),
            error if error.leaves_outcome_open() => Self::Unknown(error.fault().into()),
            error => Self::Failed(error.fault().into()),
        }
    }
}

impl From<UnboundPlaceholder> for StepError {
    fn from(error: UnboundPlaceholder) -> Self {
        Self::failed(unusable(error))
    }
}

impl From<SealError> for StepError {
    fn from(error: SealError) -> Self {
        Self::failed(unusable(error))
    }
}

impl From<VaultError> for StepError {
    fn from(error: VaultError) -> Self {
        match of_vault(&error) {
            None => Self::Cancelled,
            Some(fault) => Self::failed(fault),
        }
    }
}

impl From<TargetError> for StepError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Store(error) => Self::Store(error),
            TargetError::Vault(error) => error.into(),
            TargetError::Fault(fault) => Self::failed(fault),
        }
    }
}
