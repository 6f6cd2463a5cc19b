//! Job runs: a plan being executed, its journal, and what it tells the world while it runs.

use crate::actor::Permission;
use crate::fault::{Fault, Left, OtherHost};
use crate::ids::{PointId, RunId};
use crate::list::{Cursor, Listed};
use crate::note::Note;
use crate::plan::{Bindings, Plan, PlanHash, Said, Step, StepTitle};
use crate::request::{Request, VoidApproval, Window};
use crate::resource::Resource;
use crate::subject::Subject;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// Steps are being done.
    Running,
    /// Waits until a person answers the question of a step.
    Waiting,
    /// Steps are being undone.
    RollingBack,
    /// All steps are done.
    Succeeded,
    /// Everything was undone, because a person wished it or the time to commit was over.
    RolledBack,
    /// A step failed; everything before it was undone.
    Failed,
    /// A person cancelled it; everything was undone.
    Cancelled,
    /// Its window closed before it could begin. Nothing was done.
    Missed,
    /// The outcome of a step or of an undo is not known or not good; a person has to look.
    NeedsOperator,
}

impl RunState {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Running,
        Self::Waiting,
        Self::RollingBack,
        Self::Succeeded,
        Self::RolledBack,
        Self::Failed,
        Self::Cancelled,
        Self::Missed,
        Self::NeedsOperator,
    ];

    /// The name in the database and in links.
    pub fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::RollingBack => "rolling_back",
            Self::Succeeded => "succeeded",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Missed => "missed",
            Self::NeedsOperator => "needs_operator",
        }
    }

    /// The state with this [`RunState::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// The words a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Waiting => "Waiting for a person",
            Self::RollingBack => "Undoing",
            Self::Succeeded => "Succeeded",
            Self::RolledBack => "Rolled back",
            Self::Failed => "Failed, undone",
            Self::Cancelled => "Cancelled, undone",
            Self::Missed => "Window missed",
            Self::NeedsOperator => "Needs an administrator",
        }
    }

    /// Whether nothing more will happen by itself. A run that needs an operator is not over.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::RolledBack | Self::Failed | Self::Cancelled | Self::Missed
        )
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Makes a recovery point.
    Backup,
    /// Puts disks of a recovery point in the place of the present ones.
    RestoreInPlace,
}

impl RunKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Backup, Self::RestoreInPlace];

    /// The name in the database and in links.
    pub fn key(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::RestoreInPlace => "restore_in_place",
        }
    }

    /// The kind with this [`RunKind::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The right that it takes to cancel such a run, or to answer its questions.
    pub fn permission(self) -> Permission {
        match self {
            Self::Backup => Permission::RunBackup,
            Self::RestoreInPlace => Permission::RequestRestore,
        }
    }
}

/// Why a run is as it is: what it waits for, what stopped it, what is left to do. Several of them follow each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", content = "of", rename_all = "snake_case")]
pub enum Message {
    /// A step was not done.
    StepFailed {
        /// The step.
        title: Said<StepTitle>,
        /// Why.
        fault: Fault,
    },
    /// A step was not undone.
    UndoFailed {
        /// The step.
        title: Said<StepTitle>,
        /// Why.
        fault: Fault,
    },
    /// The run cannot be taken up.
    Stopped(Fault),
    /// A person has cancelled it; what was done is undone.
    Cancelled,
    /// A person has cancelled it before anything was begun.
    CancelledInTime,
    /// The restore is rolled back.
    RolledBack,
    /// A person has to decide.
    Undecided {
        /// The step that waits.
        title: Said<StepTitle>,
        /// When it is rolled back without a decision.
        until: Timestamp,
    },
    /// A person has to do something and to confirm it.
    Unconfirmed {
        /// The step that waits.
        title: Said<StepTitle>,
    },
    /// Somebody has settled it.
    Settled(Settled),
    /// Something could not be removed yet.
    LeftBehind,
    /// Hosts were enrolled with other keys since the plan was made.
    OtherHosts {
        /// The hosts.
        hosts: Vec<OtherHost>,
        /// The run has changed something, so that a person has to say how it goes on.
        asks: bool,
    },
    /// Too few approvals still counted when it was to begin.
    ApprovalVoid(VoidApproval),
    /// Who asked for it no longer had the right to when it was to begin.
    RequesterLost {
        /// Login name.
        name: String,
    },
    /// Its window closed before it had begun.
    Missed {
        /// When.
        closed: Option<Timestamp>,
    },
    /// Its request was withdrawn or vetoed before it had begun.
    TakenBack,
    /// It waits for its turn with something that runs share.
    WaitsFor(Resource),
}

/// How a run goes on that somebody has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is looked up and taken up again.
    GoesOn,
    /// Everything is undone.
    GoesBack,
    /// It had begun to undo; the rest is undone.
    UndoesRest,
}

/// Direction in which a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The step itself.
    Forward,
    /// Its undo.
    Undo,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done and checked.
    Done,
    /// The effect was there before.
    AlreadyThere,
    /// Not needed.
    Skipped,
    /// Refused or wrong; nothing more of it is in effect than the journal says.
    Failed,
    /// Nobody knows, and the probe cannot tell.
    Unknown,
}

impl Outcome {
    /// The words a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::AlreadyThere => "Already there",
            Self::Skipped => "Skipped",
            Self::Failed => "Failed",
            Self::Unknown => "Unknown",
        }
    }
}

/// A line of the journal. Written with no outcome before the effect (the intent), completed after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Place in the journal of the run, from 1.
    pub seq: i64,
    /// Id of the step.
    pub step: String,
    /// Direction.
    pub phase: Phase,
    /// When the intent was written.
    pub started_at: Timestamp,
    /// When the outcome was written.
    pub ended_at: Option<Timestamp>,
    /// The outcome; none while it is under way.
    pub outcome: Option<Outcome>,
    /// What a host has answered, as it came. Lines of releases before plan format 2 have sentences here as well.
    pub observed: String,
    /// What was found and done.
    pub notes: Vec<Note>,
    /// Bytes moved, for steps that move bytes.
    pub bytes: Option<u64>,
    /// Values learned in this step.
    pub learned: Bindings,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Id.
    pub id: RunId,
    /// What it is for.
    pub kind: RunKind,
    /// State.
    pub state: RunState,
    /// What it is about.
    pub subject: Subject,
    /// Login name of the one who started it.
    pub started_by: String,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Hash of its plan.
    pub plan_hash: PlanHash,
    /// Why it ended as it did, or what it waits for.
    pub message: Vec<Said<Message>>,
    /// Runs that it waits for while it is queued: they hold something that it touches, or were queued before it for that.
    pub waiting_for: Vec<RunId>,
    /// When it may begin. Until its window opens it stands in nobody's way.
    pub window: Window,
}

impl Listed for RunSummary {
    fn cursor(&self) -> Cursor {
        Cursor {
            at: self.queued_at,
            id: self.id.to_string(),
        }
    }
}

/// A run with everything that its page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDetail {
    /// Its line in lists.
    pub summary: RunSummary,
    /// The plan that runs.
    pub plan: Plan,
    /// The journal so far.
    pub journal: Vec<JournalEntry>,
    /// The request behind it, for restores.
    pub request: Option<Request>,
    /// The recovery point that it has published, for backups.
    pub point: Option<PointId>,
    /// The step whose question it waits to have answered.
    pub asks: Option<Step>,
    /// When it is rolled back unless somebody commits it before.
    pub decide_before: Option<Timestamp>,
    /// A person has asked for the cancellation; it takes effect at the next safe place.
    pub cancelling: bool,
    /// What it made in the estate and could not remove yet.
    pub leftovers: Vec<Said<Left>>,
    /// What somebody who settles it can choose; empty unless it needs that. [`Settlement::GoBack`] alone means that
    /// undoing has begun, [`Settlement::GoOn`] alone that what cannot be undone has.
    pub settlements: Vec<Settlement>,
}

/// What a person decides at the end of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Keep the restored disks; the replaced ones are removed.
    Commit,
    /// Put the replaced disks back.
    RollBack,
}

/// How an operator settles a run whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// Probe again and go on where it stopped.
    GoOn,
    /// Undo everything, or the rest of it.
    GoBack,
}

/// What a run tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvent {
    /// The run.
    pub run: RunId,
    /// What happened.
    pub news: RunNews,
}

/// The news of a [`RunEvent`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunNews {
    /// The state of the run changed.
    State {
        /// New state.
        state: RunState,
        /// Why, see [`RunSummary::message`].
        message: Vec<Said<Message>>,
    },
    /// A journal line was written or completed.
    Journal {
        /// The line.
        entry: JournalEntry,
    },
    /// Bytes moved in a step.
    Progress {
        /// Id of the step.
        step: String,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all, when known.
        of: Option<u64>,
        /// Bytes a second, measured over the last moments.
        rate: u64,
    },
}
