//! Plans: ordered lists of typed steps that are previewed, hashed, approved, run, journaled and printed. Everything
//! that changes the estate is one.
//!
//! Values that are learned while a plan runs (the id of a new clone, say) stand in it as `${name}`; a step that learns
//! one lists it under [`Step::binds`]. The hash covers the plan with these placeholders, so preview, approval, journal
//! and audit carry the same one.
//!
//! A plan says all that it means: what must hold before a step, what the step needs, what it stands for and how it bears
//! interruption are fields (see `conduct`), and its sentences are values (see `sentence`).

mod action;
mod canonical;
mod conduct;
mod fact;
mod placeholder;
mod question;
mod refusal;
mod sentence;
mod step;
mod task;
mod v1;

pub use action::{Action, Bind, Check, Place, Probe, RemoteFile, StoredFile};
pub use canonical::{PlanHash, SealError, SealedPlan};
pub use conduct::{Conduct, Guard, Mark, NoReturn, OnCancel, Superseded, WhenStuck};
pub use fact::Precondition;
pub use placeholder::{Bindings, UnboundPlaceholder};
pub use question::{LONGEST_OBSERVATION, Line, Question, Rule};
pub use refusal::Refusal;
pub use sentence::{Gap, Lun, Remark, RiskReason, Said, SlotDisk, StepTitle};
pub use step::{Step, UndoAction};
pub use task::Task;
pub use v1::undo_action as read_undo_action;

use crate::ids::{PointId, PolicyId, RunId};
use crate::policy::BackupMethod;
use crate::run::RunKind;
use crate::subject::Subject;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the engine that this program has: raised whenever the executor takes a field of a plan to mean something
/// else, or has to know a new one. A plan is run by an engine of its own version or a later one.
pub const ENGINE: u32 = 2;

/// A plan. See the module description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it is for, to what, made from what.
    pub header: Header,
    /// Facts that must still hold when it starts; otherwise it is void and must be planned again.
    pub preconditions: Vec<Precondition>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// What a plan is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Purpose {
    /// Makes a recovery point.
    Backup {
        /// The point that it will publish.
        point: PointId,
        /// How the disks are taken; may differ from the policy's wish, then a remark says why.
        method: BackupMethod,
        /// The policy that asks for it.
        policy: PolicyId,
        /// Its display name.
        policy_name: String,
    },
    /// Puts the disks of a recovery point in the place of the machine's own.
    RestoreInPlace {
        /// The point.
        point: PointId,
        /// When its snapshot was taken.
        taken_at: Timestamp,
        /// Snapshot of the point in the backup target.
        snapshot: String,
        /// File in the snapshot and SHA-256 of each disk.
        contents: Vec<(String, String)>,
    },
}

impl Purpose {
    /// The recovery point that it makes or restores.
    pub fn point(&self) -> &PointId {
        match self {
            Self::Backup { point, .. } | Self::RestoreInPlace { point, .. } => point,
        }
    }

    /// What its run is for.
    pub fn kind(&self) -> RunKind {
        match self {
            Self::Backup { .. } => RunKind::Backup,
            Self::RestoreInPlace { .. } => RunKind::RestoreInPlace,
        }
    }
}

/// The head of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the engine that it was made for, see [`ENGINE`].
    pub engine: u32,
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// The run that executes it. Objects and files that it makes carry [`RunId::tag`].
    pub run: RunId,
    /// What it is about.
    pub subject: Subject,
    /// Login name of the one who planned it.
    pub planned_by: String,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// Estate revision it was made from.
    pub estate_revision: i64,
    /// What can go wrong and how it was counted.
    pub risk: Risk,
    /// What it will not do or not contain.
    pub not_contained: Vec<Said<Gap>>,
    /// What the reader should know.
    pub remarks: Vec<Said<Remark>>,
    /// What its run does when it cannot clear up or does not know what came of a step.
    pub when_stuck: WhenStuck,
}

/// How dangerous a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskClass {
    /// The machine runs on, nothing of it is changed.
    Low,
    /// The machine is stopped for a time.
    Interrupting,
    /// Data of the machine is replaced; it can be undone until it is committed.
    Replacing,
}

impl RiskClass {
    /// The name a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Interrupting => "Interrupts the VM",
            Self::Replacing => "Replaces data",
        }
    }
}

/// Risk class with its arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// The class.
    pub class: RiskClass,
    /// Why.
    pub reasons: Vec<Said<RiskReason>>,
}

impl Plan {
    /// Position of the step with this id.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id == id)
    }

    /// Whether this program's engine understands the plan.
    pub fn is_understood(&self) -> bool {
        self.header.engine <= ENGINE
    }
}
