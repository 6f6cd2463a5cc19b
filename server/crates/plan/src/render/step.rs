//! One step as texts.

use super::{action, place};
use domain::plan::Step;
use domain::say::{Language, Say, each};

/// A step as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    /// What it does, a title.
    pub title: String,
    /// Where it runs.
    pub place: String,
    /// What runs: see [`action`].
    pub command: String,
    /// What must hold at the moment before it acts, each a sentence.
    pub guards: Vec<String>,
    /// What must be true afterwards, a sentence.
    pub check: Option<String>,
    /// How it is told that it is already done, a sentence.
    pub probe: Option<String>,
    /// How it is undone, in order: place and what runs there. Empty: it needs no undo, or has none.
    pub undo: Vec<(String, String)>,
    /// What must hold at the moment before it is undone, each a sentence.
    pub undo_guards: Vec<String>,
    /// What is learned, each as name and sentence.
    pub learns: Vec<(String, String)>,
}

/// The texts of a step.
pub fn step(step: &Step, language: Language) -> StepText {
    let undo = step.undo.iter();
    let learns = step.binds.iter();
    StepText {
        title: step.title.say(language),
        place: place(&step.place),
        command: action(&step.action, language),
        guards: each(&step.guards, language),
        check: step.check.as_ref().map(|check| check.say(language)),
        probe: step.probe.as_ref().map(|probe| probe.say(language)),
        undo: undo
            .map(|undo| (place(&undo.place), action(&undo.action, language)))
            .collect(),
        undo_guards: each(&step.undo_guards, language),
        learns: learns
            .map(|bind| (bind.name().to_owned(), bind.say(language)))
            .collect(),
    }
}
