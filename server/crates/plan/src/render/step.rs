//! One step as texts.

use super::{action, place};
use domain::plan::{Action, Question, Said, Step, StepTitle, Task};
use domain::say::{Language, Say, each};

/// A step as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    /// What it does, a title.
    pub title: String,
    /// Where it runs, or where a person does it.
    pub place: String,
    /// What a person should know first, sentences; empty when there is nothing to know.
    pub advice: String,
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
    let task = task(step);
    let learns = step.binds.iter();
    StepText {
        title: step.title.say(language),
        place: task.map_or_else(|| place(&step.place), |task| task.place(language)),
        advice: task.map_or_else(String::new, |task| task.advice(language)),
        command: action(&step.action, language),
        guards: each(&step.guards, language),
        check: expected(step, language),
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

/// What a person is to do here.
fn task(step: &Step) -> Option<&Task> {
    match &step.title {
        Said::Typed(StepTitle::ByHand { task }) => Some(task),
        _ => None,
    }
}

/// What must be true afterwards, as Holdfast checks it or a person sees it.
fn expected(step: &Step, language: Language) -> Option<String> {
    let rule = match &step.action {
        Action::Ask {
            question: Question::Confirm { expects, .. },
        } => Some(expects.say(language)),
        _ => None,
    };
    let parts = [
        task(step).and_then(|task| task.sight(language)),
        rule.filter(|rule| !rule.is_empty()),
        step.check.as_ref().map(|check| check.say(language)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
