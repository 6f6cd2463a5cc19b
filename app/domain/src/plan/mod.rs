//! Plans: ordered lists of typed steps that are previewed, hashed, approved, run, journaled and printed. Everything
//! that changes the estate is one.
//!
//! Values that are learned while a plan runs (the id of a new clone, say) stand in it as `${name}`; a step that learns
//! one lists it under [`Step::binds`]. The hash covers the plan with these placeholders, so preview, approval, journal
//! and audit carry the same one.

mod action;
mod canonical;
mod placeholder;

pub use action::{Action, Bind, Check, Place, Probe, RemoteFile};
pub use canonical::{PlanHash, SealError, SealedPlan};
pub use placeholder::{Bindings, UnboundPlaceholder};

use crate::ids::{ManagerId, PointId, PolicyId, RunId};
use crate::policy::BackupMethod;
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::words::size;
use ovm::ids::{DiskId, RepositoryId, ServerId, VmId};
use serde::{Deserialize, Serialize};

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
    /// The name a person reads.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Backup { .. } => "Backup",
            Self::RestoreInPlace { .. } => "Restore in place",
        }
    }
}

/// The head of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// The run that executes it. Objects and files that it makes carry [`RunId::tag`].
    pub run: RunId,
    /// Manager of the machine.
    pub manager: ManagerId,
    /// The machine.
    pub vm: VmId,
    /// Its display name.
    pub vm_name: String,
    /// Login name of the one who planned it.
    pub planned_by: String,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// Estate revision it was made from.
    pub estate_revision: i64,
    /// What can go wrong and how it was counted.
    pub risk: Risk,
    /// What it will not do or not contain, each as a sentence.
    pub not_contained: Vec<String>,
    /// What the reader should know, each as a sentence.
    pub remarks: Vec<String>,
}

impl Header {
    /// What the plan is about.
    pub fn subject(&self) -> Subject {
        Subject::vm(&self.manager, &self.vm, &self.vm_name)
    }
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
            Self::Interrupting => "Interrupts the machine",
            Self::Replacing => "Replaces data",
        }
    }
}

/// Risk class with its arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// The class.
    pub class: RiskClass,
    /// Why, each as a sentence.
    pub reasons: Vec<String>,
}

/// A fact that must still hold when the plan starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Precondition {
    /// The machine exists and has this name.
    VmNamed {
        /// Display name.
        name: String,
    },
    /// The machine runs, or does not.
    VmRunning {
        /// Whether it runs.
        running: bool,
    },
    /// High availability is on, or off.
    HighAvailability {
        /// Whether it is on.
        on: bool,
    },
    /// Exactly these file disks are mapped; compared as a set.
    FileDisks {
        /// Slot, disk and repository of each.
        disks: Vec<(u32, DiskId, RepositoryId)>,
    },
    /// A disk whose file is replaced is as it was, and no other machine uses it. Plans that were made before this was a
    /// fact have none.
    ReplacedDisk {
        /// The disk.
        disk: DiskId,
        /// Its display name.
        name: String,
        /// Repository in which it lies.
        repository: RepositoryId,
        /// Its size in bytes, rounded as the Manager prints it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size_bytes: Option<u64>,
    },
    /// The host still shows the key that was pinned.
    HostKey {
        /// The server; none is the Manager.
        server: Option<ServerId>,
        /// Pinned fingerprint, `SHA256:...`.
        fingerprint: String,
    },
}

impl Precondition {
    /// The fact as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::VmNamed { name } => format!("The machine exists and is called {name}."),
            Self::VmRunning { running: true } => "The machine runs.".into(),
            Self::VmRunning { running: false } => "The machine does not run.".into(),
            Self::HighAvailability { on: true } => "High availability is on.".into(),
            Self::HighAvailability { on: false } => "High availability is off.".into(),
            Self::FileDisks { disks } => {
                let disks: Vec<String> = disks
                    .iter()
                    .map(|(slot, disk, repository)| format!("slot {slot}: {disk} in {repository}"))
                    .collect();
                format!("Its file disks are: {}.", disks.join("; "))
            }
            Self::ReplacedDisk {
                disk,
                name,
                repository,
                size_bytes,
            } => {
                let has = size_bytes.map_or_else(String::new, |bytes| format!(" has {},", size(bytes)));
                format!("The disk {name} ({disk}){has} lies in {repository} and is mapped to no other machine.")
            }
            Self::HostKey {
                server: None,
                fingerprint,
            } => format!("The Manager shows the host key {fingerprint}."),
            Self::HostKey {
                server: Some(server),
                fingerprint,
            } => {
                format!("The server {server} shows the host key {fingerprint}.")
            }
        }
    }
}

/// One step. The executor asks the probe first (its effect may already be there), writes the intent, acts, checks,
/// writes the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Short name, unique in the plan.
    pub id: String,
    /// What it does, in words.
    pub title: String,
    /// Where it runs.
    pub place: Place,
    /// What runs.
    pub action: Action,
    /// What must be true afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// Read-only question whether the effect is already there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// How it is undone: actions in order, each harmless when there is nothing to undo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<UndoAction>,
    /// Values learned here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binds: Vec<Bind>,
    /// Runs on success and on failure.
    #[serde(default)]
    pub always: bool,
    /// From here on the plan cannot be undone.
    #[serde(default)]
    pub point_of_no_return: bool,
}

/// An action of an undo, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoAction {
    /// Where it runs.
    pub place: Place,
    /// What runs.
    pub action: Action,
}

impl Step {
    /// A step with only the necessary parts.
    pub fn new(id: impl Into<String>, title: impl Into<String>, place: Place, action: Action) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            place,
            action,
            check: None,
            probe: None,
            undo: Vec::new(),
            binds: Vec::new(),
            always: false,
            point_of_no_return: false,
        }
    }

    /// With a check.
    #[must_use]
    pub fn checked(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// With a probe.
    #[must_use]
    pub fn probed(mut self, probe: Probe) -> Self {
        self.probe = Some(probe);
        self
    }

    /// With one more undo action.
    #[must_use]
    pub fn undone_by(mut self, place: Place, action: Action) -> Self {
        self.undo.push(UndoAction { place, action });
        self
    }

    /// With a value learned.
    #[must_use]
    pub fn binding(mut self, bind: Bind) -> Self {
        self.binds.push(bind);
        self
    }

    /// Runs on success and on failure.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.always = true;
        self
    }

    /// Marks the point of no return.
    #[must_use]
    pub fn point_of_no_return(mut self) -> Self {
        self.point_of_no_return = true;
        self
    }
}

impl Plan {
    /// Position of the step with this id.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id == id)
    }

    /// Whether a person decides in the course of it.
    pub fn waits_for_a_person(&self) -> bool {
        self.steps.iter().any(|step| step.place == Place::Person)
    }
}
