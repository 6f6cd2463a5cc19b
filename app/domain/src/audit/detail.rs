//! What happened, as a value: the payload of a row of the trail. Its JSON is part of what the row's hash is made of: a
//! variant that was ever written keeps its name and its fields, and what is to be told otherwise becomes a new one.

use crate::actor::Grant;
use crate::fault::{Damage, Fault, HostFault, Left};
use crate::ids::{PointId, RequestId, RunId, TargetId, TeamId};
use crate::plan::{PlanHash, Said, StepTitle};
use crate::point::{Artefact, Consistency};
use crate::policy::{BackupMethod, Policy, RestoreGate};
use crate::request::{Asked, Change, Void, Window};
use crate::run::{Message, RunKind, RunState, Settled};
use crate::time::Timestamp;
use ovm::script::Scope;
use serde::{Deserialize, Serialize};

mod event;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "of", rename_all = "snake_case")]
pub enum Detail {
    /// A backup was started.
    BackupStarted {
        /// Display name of what is backed up.
        name: String,
        /// The recovery point to be.
        point: PointId,
    },
    /// Something happened to a request.
    Request {
        /// What is requested.
        asked: AskedFor,
        /// What happened.
        stage: RequestStage,
    },
    /// A restore that may run was queued.
    RestoreQueued {
        /// Display name of what is restored.
        name: String,
        /// Its run.
        run: RunId,
        /// When it may start.
        window: Window,
    },
    /// Nobody committed a restore in time.
    DecisionTimedOut,
    /// Somebody has committed a restore.
    RestoreCommitted(OfRun),
    /// Somebody has rolled a restore back.
    RestoreRolledBack(OfRun),
    /// Somebody has cancelled a run before it had begun.
    RunCancelled(OfRun),
    /// Somebody has asked a run to stop.
    CancelRequested(OfRun),
    /// Somebody has settled a run that needed a person.
    RunSettled {
        /// The run.
        run: OfRun,
        /// How it goes on.
        settled: Settled,
    },
    /// Somebody has done what a run had asked for.
    RunConfirmed {
        /// The run.
        run: OfRun,
        /// The step that had asked.
        title: Said<StepTitle>,
        /// What was observed; empty where no value was asked for.
        observed: String,
    },
    /// A run is over.
    RunEnded {
        /// The run.
        run: OfRun,
        /// How.
        state: RunState,
        /// Why.
        message: Vec<Said<Message>>,
    },
    /// A recovery point is in the catalogue.
    PointPublished {
        /// Display name of what it is a point of.
        name: String,
        /// Number of disks.
        disks: usize,
        /// How far they belong together.
        consistency: Consistency,
    },
    /// All that is stored of a recovery point was read back and matches.
    PointVerified {
        /// Number of disks.
        disks: usize,
        /// The backup target, where it is not the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<TargetId>,
    },
    /// A recovery point was found damaged.
    PointDamaged {
        /// What is wrong with it.
        damage: Damage,
        /// The backup target, where it is not the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<TargetId>,
    },
    /// The stored data of a recovery point was gone, as after a power cut, and was put together again from its parts.
    PointSealedAgain {
        /// Its id in the backup target from now on.
        snapshot: String,
    },
    /// What was stored for a recovery point that was never finished was removed.
    PartsDiscarded,
    /// Room of the backup target was given back.
    TargetPruned {
        /// Bytes removed.
        removed: u64,
        /// Bytes found to be unneeded, which stay for a while.
        marked: u64,
        /// Hours for which they stay.
        hours: u64,
    },
    /// The key file of the backup target was missing or damaged, and was written again from its copy.
    KeyPutBack,
    /// A backup target became the one of this database.
    TargetAdopted {
        /// Where it is.
        place: String,
        /// Id of the one before.
        instead_of: Option<String>,
    },
    /// A backup target was added.
    TargetAdded {
        /// Its name.
        name: TargetId,
        /// Where it is.
        place: String,
    },
    /// Somebody has tried whether a backup target can be opened.
    TargetChecked {
        /// Why it cannot, if that is so.
        fault: Option<Fault>,
    },
    /// Something that a run had left behind was removed.
    LeftoverRemoved(Said<Left>),
    /// Something that a run had left behind stays as it is, because a later run has changed the VM since.
    LeftoverVoid {
        /// What was left.
        left: Said<Left>,
        /// The later run.
        run: RunId,
    },
    /// A file of a recovery point was taken away.
    ArtefactDownloaded {
        /// The file.
        artefact: Artefact,
        /// Display name of what the point is of.
        name: String,
    },
    /// An edition of the handbook was made.
    HandbookExported {
        /// Name of the estate or the part of it.
        subject: String,
        /// Revision of the estate.
        revision: i64,
    },
    /// A rebuild script was taken away.
    ScriptDownloaded {
        /// Name of the file.
        file: String,
        /// What it rebuilds.
        scope: Scope,
        /// Revision of the estate.
        revision: i64,
    },
    /// A plan was taken away.
    PlanDownloaded {
        /// Name of the file.
        file: String,
        /// The plan.
        plan: PlanHash,
    },
    /// A rebuild script was rehearsed.
    ScriptRehearsed {
        /// Steps taken.
        steps: u64,
        /// Steps that the Manager refused.
        refused: usize,
        /// Differences between what it made and the original.
        differences: usize,
    },
    /// A protection policy was created or changed.
    PolicySaved {
        /// Before; none for a new one.
        was: Option<PolicyForm>,
        /// Now.
        is: PolicyForm,
        /// The request behind it, where it needed approval.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<OfRequest>,
    },
    /// Something was put under another policy, or under none.
    PolicyAssigned {
        /// Name of the policy before.
        was: Option<String>,
        /// Name of the policy now.
        is: Option<String>,
        /// The request behind it, where it needed approval.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<OfRequest>,
    },
    /// Something was given to another team, or to none.
    TeamChanged {
        /// Before.
        was: Option<TeamId>,
        /// Now.
        is: Option<TeamId>,
    },
    /// An estate was discovered.
    EstateDiscovered {
        /// VMs and templates.
        vms: usize,
        /// Objects that could not be read.
        problems: usize,
    },
    /// An estate could not be discovered.
    DiscoveryFailed(HostFault),
    /// A Manager was enrolled, or enrolled again.
    ManagerEnrolled(Enrolled),
    /// A server was made reachable, or again.
    ServerEnrolled(Enrolled),
    /// Somebody has asked a Manager on the console.
    ConsoleAsked {
        /// The command line.
        line: String,
    },
    /// An account was created.
    AccountCreated {
        /// Its roles.
        grants: Vec<Grant>,
    },
    /// The roles of an account were changed.
    RolesChanged {
        /// Before.
        was: Vec<Grant>,
        /// Now.
        is: Vec<Grant>,
    },
    /// An account was disabled.
    AccountDisabled,
    /// An account was enabled.
    AccountEnabled,
    /// Somebody else has set the password of an account, which ends its sessions.
    PasswordSet,
    /// The owner has changed the password of an account.
    PasswordChanged,
    /// Somebody has tried to change a password and did not know the present one.
    PasswordRefused,
    /// Somebody has logged in.
    LoginAccepted,
    /// A login was refused.
    LoginRefused(LoginRefusal),
    /// Somebody has logged out.
    LoginEnded,
    /// A team was created.
    TeamCreated {
        /// Its display name.
        name: String,
    },
    /// The trail up to this row was taken away.
    TrailExported,
    /// A host showed another key than the pinned one.
    HostKeyChanged {
        /// Pinned fingerprint.
        expected: String,
        /// Fingerprint that it showed.
        seen: String,
    },
}

/// What is requested, as rows about it name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedFor {
    /// A restore of this, by its display name.
    Restore(String),
    /// A change of this policy, by its name.
    Policy(String),
    /// Another policy for something, or none.
    Assignment {
        /// Its display name.
        name: String,
        /// Name of the policy.
        policy: Option<String>,
    },
}

impl From<&Asked> for AskedFor {
    fn from(asked: &Asked) -> Self {
        match asked {
            Asked::Plan { subject, .. } => Self::Restore(subject.name.clone()),
            Asked::Change(Change::Policy { from, .. }) => Self::Policy(from.rules.name.clone()),
            Asked::Change(Change::Assignment { subject, to, .. }) => Self::Assignment {
                name: subject.name.clone(),
                policy: to.as_ref().map(|policy| policy.rules.name.clone()),
            },
        }
    }
}

/// What happened to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestStage {
    /// It was made.
    Requested {
        /// Why.
        reason: String,
    },
    /// Somebody has approved it.
    Approved(Voted),
    /// Somebody has vetoed it.
    Vetoed(Voted),
    /// The requester has withdrawn it.
    Withdrawn {
        /// Why it was made.
        reason: String,
    },
    /// Nobody decided it in time.
    Expired,
    /// Its window closed before its run had begun.
    Missed {
        /// When.
        closed: Option<Timestamp>,
    },
    /// Nothing comes of it although it was approved.
    Void(Void),
}

/// A vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voted {
    /// Login name of the requester.
    pub requested_by: String,
    /// What the voter said; may be empty for an approval.
    pub reason: String,
}

/// The request behind a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRequest {
    /// Its id.
    pub id: RequestId,
    /// Login name of the requester.
    pub by: String,
}

/// A run, as rows about it name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRun {
    /// What it is for.
    pub kind: RunKind,
    /// Display name of what it is about.
    pub name: String,
}

/// A policy, as rows about it have it. A form of its own: what policies learn later must not change the hashes of old
/// rows, so it is added here as a field that is left out where it is not set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyForm {
    /// Its display name.
    pub name: String,
    /// Its team; none for one that is everybody's.
    pub team: Option<TeamId>,
    /// How the disks are taken.
    pub method: BackupMethod,
    /// Seconds for a VM to shut down.
    pub patience_secs: u32,
    /// Whether a VM that does not shut down in time is powered off.
    pub may_kill: bool,
    /// Percent of a storage repository that have to be free.
    pub free_space_floor_percent: u8,
    /// Approvals that a restore needs.
    pub approvers: u8,
    /// Hours in which a restore must be committed.
    pub commit_within_hours: u32,
    /// The backup target, where it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetId>,
}

impl From<&Policy> for PolicyForm {
    fn from(policy: &Policy) -> Self {
        let rules = &policy.rules;
        Self {
            name: rules.name.clone(),
            team: policy.team.clone(),
            method: rules.method,
            patience_secs: rules.patience_secs,
            may_kill: rules.may_kill,
            free_space_floor_percent: rules.free_space_floor_percent,
            approvers: match rules.restore_gate {
                RestoreGate::Free => 0,
                RestoreGate::Approval { approvers } => approvers,
            },
            commit_within_hours: rules.commit_within_hours,
            target: Some(&rules.target).filter(|target| !target.is_first()).cloned(),
        }
    }
}

/// Where a host is, and which key it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostPlace {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Fingerprint of its host key.
    pub fingerprint: String,
}

/// A host was enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// How it was enrolled before, if it was.
    pub was: Option<HostPlace>,
    /// How it is enrolled now.
    pub is: HostPlace,
}

/// Why a login was refused. The one at the door does not learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginRefusal {
    /// There is no such account.
    NoAccount,
    /// The password was wrong.
    WrongPassword,
    /// The account is disabled.
    Disabled,
}

#[cfg(test)]
mod tests;
