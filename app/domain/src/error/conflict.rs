//! What stands in the way of something that was asked for rightly, sorted by what it is about.

use super::group::groups;
use crate::fault::{StepFault, TargetFault};
use crate::ids::{PointId, RunId, TargetId};
use crate::plan::Refusal;
use crate::request::RequestState;
use crate::run::RunState;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

groups! {
    /// Why the state of things forbids it now.
    Conflict {
        /// There is no plan.
        Plan(Refusal),
        /// A run.
        Run(RunConflict),
        /// A request.
        Request(RequestConflict),
        /// A protection policy.
        Policy(PolicyConflict),
        /// An estate, or what is made from it.
        Estate(EstateConflict),
        /// A recovery point.
        Point(PointConflict),
        /// A backup target.
        Target(TargetConflict),
        /// An account.
        Account(AccountConflict),
        /// A form.
        Form(FormConflict),
        /// What is stored already.
        Stored(StoredConflict),
    }
}

/// What stands in the way of beginning, ending or deciding a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum RunConflict {
    /// The plan makes no backup.
    NotABackup,
    /// The plan restores nothing.
    NotARestore,
    /// A plan is run once.
    PlanUsed,
    /// The same backup waits in line.
    BackupQueued {
        /// Display name of its subject.
        subject: String,
        /// The run that waits.
        run: RunId,
    },
    /// Only a run in progress can be cancelled.
    RunNotInProgress {
        /// Its state.
        state: RunState,
    },
    /// It does not wait for such an answer, or has one.
    RunNotWaiting,
    /// It does not stand still.
    RunNotStuck,
    /// It has begun what cannot be undone.
    RunPastReturn,
}

/// What stands in the way of a request or of a decision on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum RequestConflict {
    /// The plan has a request.
    PlanRequested,
    /// It is over.
    RequestExpired {
        /// Since when.
        at: Timestamp,
    },
    /// It is decided, withdrawn or void.
    RequestDecided {
        /// Its state.
        state: RequestState,
    },
    /// The voter has requested it.
    OwnRequest,
    /// The voter has voted.
    AlreadyVoted,
    /// The voter has seen something else than what is requested.
    OtherThanSeen,
    /// Only the requester withdraws it.
    NotRequester,
    /// Its run has begun.
    RequestBegun {
        /// The run.
        run: RunId,
    },
}

/// What stands in the way of putting an object under a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum PolicyConflict {
    /// It is a template.
    TemplateProtected {
        /// Display name.
        name: String,
    },
    /// Policy and object would belong to different teams.
    PolicyOfOtherTeam {
        /// Display name of the policy.
        policy: String,
        /// By what.
        by: Crossing,
    },
}

/// By what an object would come under the policy of another team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crossing {
    /// The object is put under the policy.
    Assigning,
    /// The policy, with the objects under it, goes to a team.
    MovingPolicy,
    /// The object, with the policy over it, goes to a team.
    MovingObject,
}

/// What stands in the way of working with an estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum EstateConflict {
    /// It was never read.
    NeverDiscovered,
    /// A rebuild script needs the server pool of a machine.
    ScriptNeedsPool {
        /// Display name of the machine.
        vm: String,
    },
    /// A rebuild script needs the repository of a machine.
    ScriptNeedsRepository {
        /// Display name of the machine.
        vm: String,
    },
    /// A rebuild script cannot hold a value.
    ScriptNotWritable {
        /// Display name of what should be rebuilt.
        name: String,
        /// What stands in the way.
        detail: String,
    },
    /// There is no empty Manager to rehearse on.
    NoRehearsalGround {
        /// Why.
        detail: String,
    },
}

/// What stands in the way of using a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum PointConflict {
    /// The Manager has not printed one.
    NoVmCfg,
    /// Its stored data could not be read back, nor found damaged.
    NotChecked(Box<StepFault>),
}

/// What stands in the way of a backup target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum TargetConflict {
    /// It was not added.
    TargetNotAdded(Box<TargetFault>),
    /// It cannot be opened.
    TargetUnusable {
        /// Its name.
        target: TargetId,
        /// Why.
        fault: Box<TargetFault>,
    },
}

/// What stands in the way of changing an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum AccountConflict {
    /// One's own password is changed elsewhere, with the old one.
    OwnAccount,
    /// Nobody could administer Holdfast afterwards.
    LastAdministrator,
}

/// What stands in the way of showing what came of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum FormConflict {
    /// The session does not have it, or not any more.
    InputLost,
}

/// What the database forbids, mostly because somebody else was faster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "conflict.")]
pub enum StoredConflict {
    /// What must be unique is there.
    StoredAlready,
    /// What it refers to is not there.
    StoredNowhere,
    /// A rule of a table forbids it.
    StoredForbidden,
    /// Another account has the name.
    AccountStored {
        /// The name.
        name: String,
    },
    /// Another team has the name.
    TeamStored {
        /// The name.
        name: String,
    },
    /// Another Manager has the name.
    ManagerStored {
        /// The name.
        name: String,
    },
    /// Another policy has the name.
    PolicyStored {
        /// The name.
        name: String,
    },
    /// The backup target is recorded under another name.
    TargetStored {
        /// Its id.
        repository: String,
    },
    /// The run is queued.
    RunStored {
        /// The run.
        run: RunId,
    },
    /// The point is published.
    PointStored {
        /// The point.
        point: PointId,
    },
    /// The backup target has the point.
    CopyStored {
        /// The point.
        point: PointId,
        /// The backup target.
        target: TargetId,
    },
    /// The voter has voted.
    VoteStored {
        /// Name of the voter.
        voter: String,
    },
    /// The voter has requested it.
    OwnVote,
    /// The run is too far.
    LateCancel,
    /// The run is decided.
    LateDecision,
    /// Somebody has answered the question.
    LateAnswer,
    /// The run was settled.
    LateSettlement,
}
