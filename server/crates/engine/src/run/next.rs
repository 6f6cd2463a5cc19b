//! What a run does next, as a function of plan and journal. Pure: this is what makes a run survive its process.

use domain::plan::{Plan, Purpose, Step};
use domain::run::{JournalEntry, Outcome, Phase};
use std::collections::BTreeSet;

/// Direction of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Doing the steps.
    Forward,
    /// Undoing them.
    Back,
}

/// The next thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    /// Do this step.
    Do(&'a Step),
    /// Undo this step.
    Undo(&'a Step),
    /// Nothing is left to do in this direction.
    Over,
}

/// What comes next. Going back, the steps that were begun are undone in reverse order; then the `always` steps run that
/// were never done.
pub(crate) fn next<'a>(plan: &'a Plan, journal: &[JournalEntry], direction: Direction) -> Next<'a> {
    let settled = settled(journal, Phase::Forward);
    match direction {
        Direction::Forward => match plan.steps.iter().find(|step| !settled.contains(step.id.as_str())) {
            Some(step) => Next::Do(step),
            None => Next::Over,
        },
        Direction::Back => {
            let begun = begun(journal);
            let undone = self::settled(journal, Phase::Undo);
            let to_undo = plan.steps.iter().rev().find(|step| {
                begun.contains(step.id.as_str()) && !step.undo.is_empty() && !undone.contains(step.id.as_str())
            });
            let left = || plan.steps.iter().find(|step| step.always && !settled.contains(step.id.as_str()));
            match (to_undo, left()) {
                (Some(step), _) => Next::Undo(step),
                (None, Some(step)) => Next::Do(step),
                (None, None) => Next::Over,
            }
        }
    }
}

/// Steps whose newest entry in this phase needs no further work. A step that failed in an `always` position counts: what
/// it left is kept as a leftover.
fn settled(journal: &[JournalEntry], phase: Phase) -> BTreeSet<&str> {
    let mut settled = BTreeSet::new();
    for entry in journal.iter().filter(|entry| entry.phase == phase) {
        match entry.outcome {
            Some(Outcome::Done | Outcome::AlreadyThere | Outcome::Skipped) => settled.insert(entry.step.as_str()),
            Some(Outcome::Failed | Outcome::Unknown) | None => settled.remove(entry.step.as_str()),
        };
    }
    settled
}

fn begun(journal: &[JournalEntry]) -> BTreeSet<&str> {
    journal.iter().filter(|entry| entry.phase == Phase::Forward).map(|entry| entry.step.as_str()).collect()
}

/// Whether the run may still be cancelled: nothing that cannot be undone was begun.
pub(crate) fn may_turn_back(plan: &Plan, journal: &[JournalEntry]) -> bool {
    let begun = begun(journal);
    let past_return = plan.steps.iter().any(|step| step.point_of_no_return && begun.contains(step.id.as_str()));
    let published = matches!(plan.header.purpose, Purpose::Backup { .. })
        && settled(journal, Phase::Forward).contains(PUBLISH_STEP);
    !past_return && !published
}

/// Id of the step that makes a recovery point visible; after it a backup is not turned back.
pub(crate) const PUBLISH_STEP: &str = "publish";
