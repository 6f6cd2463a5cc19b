//! Steps of a plan.

use super::conduct::is_default;
use super::{Action, Bind, Check, Conduct, Guard, Mark, NoReturn, Place, Probe, Said, StepTitle, Superseded};
use crate::resource::Resource;
use serde::{Deserialize, Serialize};

/// One step. The executor takes the places that it needs, asks the probe (its effect may already be there), sees that
/// the guards hold, writes the intent, acts, checks, writes the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Short name, unique in the plan.
    pub id: String,
    /// What it does.
    pub title: Said<StepTitle>,
    /// Where it runs.
    pub place: Place,
    /// What runs.
    pub action: Action,
    /// What must hold at the moment before it acts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<Guard>,
    /// What must be true afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// Read-only question whether the effect is already there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// How it is undone: actions in order, each harmless when there is nothing to undo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<UndoAction>,
    /// What must hold at the moment before it is undone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo_guards: Vec<Guard>,
    /// Values learned here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binds: Vec<Bind>,
    /// Places without which it does not begin. A run keeps a place from the first step that needs it to the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Resource>,
    /// What it stands for in the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// How it bears being repeated, interrupted and undone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub conduct: Conduct,
    /// Runs on success and on failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
    /// When it was left for later: what makes it void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Superseded>,
    /// From where on the run does not turn back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_return: Option<NoReturn>,
}

/// An action of an undo, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoAction {
    /// Where it runs.
    pub place: Place,
    /// What runs.
    pub action: Action,
    /// When it was left for later: what makes it void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Superseded>,
}

impl Step {
    /// A step with only the necessary parts.
    pub fn new(id: impl Into<String>, title: impl Into<Said<StepTitle>>, place: Place, action: Action) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            place,
            action,
            guards: Vec::new(),
            check: None,
            probe: None,
            undo: Vec::new(),
            undo_guards: Vec::new(),
            binds: Vec::new(),
            needs: Vec::new(),
            marks: Vec::new(),
            conduct: Conduct::default(),
            always: false,
            superseded: None,
            no_return: None,
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

    /// With one more guard before it acts.
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// With one more guard before it is undone.
    #[must_use]
    pub fn undo_guarded(mut self, guard: Guard) -> Self {
        self.undo_guards.push(guard);
        self
    }

    /// With one more undo action.
    #[must_use]
    pub fn undone_by(mut self, place: Place, action: Action) -> Self {
        self.undo.push(UndoAction {
            place,
            action,
            superseded: None,
        });
        self
    }

    /// With one more undo action that a newer run may make void.
    #[must_use]
    pub fn undone_unless(mut self, superseded: Superseded, place: Place, action: Action) -> Self {
        self.undo.push(UndoAction {
            place,
            action,
            superseded: Some(superseded),
        });
        self
    }

    /// With a value learned.
    #[must_use]
    pub fn binding(mut self, bind: Bind) -> Self {
        self.binds.push(bind);
        self
    }

    /// With a place that it needs.
    #[must_use]
    pub fn needing(mut self, resource: Resource) -> Self {
        self.needs.push(resource);
        self
    }

    /// With what it stands for.
    #[must_use]
    pub fn marked(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }

    /// With another conduct than the usual: not repeatable, never left in the middle, undone whatever its probe says.
    #[must_use]
    pub fn conducted(mut self, conduct: Conduct) -> Self {
        self.conduct = conduct;
        self
    }

    /// Runs on success and on failure.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.always = true;
        self
    }

    /// Void, when it was left for later, once a newer run has done this.
    #[must_use]
    pub fn void_if(mut self, superseded: Superseded) -> Self {
        self.superseded = Some(superseded);
        self
    }

    /// The run does not turn back from here on.
    #[must_use]
    pub fn no_return(mut self, from: NoReturn) -> Self {
        self.no_return = Some(from);
        self
    }

    /// What is done again later when this step of the kind `always` could not do it.
    pub fn left_for_later(&self) -> UndoAction {
        UndoAction {
            place: self.place.clone(),
            action: self.action.clone(),
            superseded: self.superseded,
        }
    }
}
