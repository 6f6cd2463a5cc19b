//! What a step means to the executor, beside what it does: what must hold before it, what it needs, what it stands for,
//! how it bears interruption. The executor follows these fields and never guesses them from the form of a step.

use ovm::ids::{DiskId, VmId};
use serde::{Deserialize, Serialize};

/// What must hold at the moment before a step acts. Asked of the estate each time, after the probe; when it does not
/// hold, the step does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "guard", rename_all = "snake_case")]
pub enum Guard {
    /// The Manager shows the machine stopped: files of a machine are neither moved nor copied while it may write to them.
    VmStopped {
        /// The machine.
        vm: VmId,
    },
    /// The disk is as the plan says, see [`super::Precondition::ReplacedDisk`], and no other machine has it mapped.
    DiskReplaceable {
        /// The disk.
        disk: DiskId,
    },
}

/// What a step stands for, where something else in the run depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// When it begins is the time of the recovery point. Of several, the first counts.
    PointInTime,
    /// When its effect was there already, the machine was seen stopped.
    StoppedIfThere,
    /// When it is done, the machine was seen stopped.
    StoppedIfDone,
}

/// From where on a run does not turn back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoReturn {
    /// From the moment at which the step begins: it destroys what an undo would need.
    OnceBegun,
    /// From the moment at which the step is done: what it made is to stay, whatever comes after.
    OnceDone,
}

/// How soon a step that is under way is left when a person cancels the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCancel {
    /// It comes to its end: left in the middle it could take effect behind the back of its undo.
    #[default]
    Finish,
    /// At once: it only looks, or its undo removes whatever it has done so far.
    Leave,
    /// After the time that jobs of a Manager usually take: behind a lost connection they go on.
    LeaveAfterJob,
}

/// How a step bears being repeated, interrupted and undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Conduct {
    /// Doing it twice does no harm. One without a probe whose outcome is not known is done again only then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// What a cancellation does to it.
    #[serde(skip_serializing_if = "is_default")]
    pub on_cancel: OnCancel,
    /// It is undone only when its probe says that its effect is there: moving back what was not moved, or starting what
    /// was not stopped, would do harm.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undone_if_there: bool,
    /// Others may bring about meanwhile what a late attempt would bring about: then there is nothing left to do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub may_settle_itself: bool,
}

/// For fields that are left out of the hashed bytes when they say nothing.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Conduct {
    /// A look: it changes nothing.
    pub const LOOK: Self = Self {
        repeatable: true,
        on_cancel: OnCancel::Leave,
        undone_if_there: false,
        may_settle_itself: false,
    };

    /// A command of the Manager that makes or removes an object.
    pub const JOB: Self = Self {
        repeatable: false,
        on_cancel: OnCancel::LeaveAfterJob,
        undone_if_there: false,
        may_settle_itself: false,
    };

    /// Brings the machine from one state to another, where others may do so as well.
    pub const STATE: Self = Self {
        repeatable: false,
        on_cancel: OnCancel::Finish,
        undone_if_there: true,
        may_settle_itself: true,
    };

    /// Gives a file another name.
    pub const MOVE: Self = Self {
        repeatable: true,
        on_cancel: OnCancel::Finish,
        undone_if_there: true,
        may_settle_itself: false,
    };

    /// The same, and doing it twice does no harm.
    #[must_use]
    pub const fn repeatable(self) -> Self {
        Self {
            repeatable: true,
            ..self
        }
    }

    /// The same, with another answer to a cancellation.
    #[must_use]
    pub const fn on_cancel(self, on_cancel: OnCancel) -> Self {
        Self { on_cancel, ..self }
    }
}

/// What a newer run must have done so that something left over from an older one is not done any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Superseded {
    /// It has changed something: the machine may be down because somebody wants it so.
    ByAnyChange,
    /// It has taken the lock of the machine: the lock is its own.
    ByLock,
}

/// What a run does when it cannot clear up, or does not know what came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenStuck {
    /// It goes on; what could not be removed is left for the sweeper. For plans that replace nothing, and whose undo steps
    /// do not depend on each other.
    LeaveBehind,
    /// It stops where it is and asks a person.
    AskPerson,
}
