//! What a run does next, as a function of plan and journal. Pure: this is what makes a run survive its process.

use domain::plan::{NoReturn, Plan, Step};
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
            // Where nothing was made, nothing is cleared up.
            let made = made_something(plan, journal);
            let left = plan
                .steps
                .iter()
                .find(|step| made && step.always && !settled.contains(step.id.as_str()));
            match (to_undo, left) {
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
    journal
        .iter()
        .filter(|entry| entry.phase == Phase::Forward)
        .map(|entry| entry.step.as_str())
        .collect()
}

/// Whether a step was begun that has something to undo.
pub(crate) fn made_something(plan: &Plan, journal: &[JournalEntry]) -> bool {
    let begun = begun(journal);
    plan.steps
        .iter()
        .any(|step| begun.contains(step.id.as_str()) && !step.undo.is_empty())
}

/// Whether the run has turned back: from then on it never goes forward again, because steps that are undone still stand as
/// done in the journal.
pub(crate) fn begun_to_undo(journal: &[JournalEntry]) -> bool {
    journal.iter().any(|entry| entry.phase == Phase::Undo)
}

/// Whether the run may still turn back: no step was begun, or done, behind which the plan does not.
pub(crate) fn may_turn_back(plan: &Plan, journal: &[JournalEntry]) -> bool {
    let (begun, done) = (begun(journal), settled(journal, Phase::Forward));
    let past = |step: &Step| match step.no_return {
        Some(NoReturn::OnceBegun) => begun.contains(step.id.as_str()),
        Some(NoReturn::OnceDone) => done.contains(step.id.as_str()),
        None => false,
    };
    !plan.steps.iter().any(past)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use domain::ids::{ManagerId, PointId, PolicyId, RunId, TargetId};
    use domain::plan::{Action, Bindings, ENGINE, Header, Place, Purpose, Risk, RiskClass, Said, WhenStuck};
    use domain::policy::BackupMethod;
    use domain::subject::Subject;
    use domain::time::Timestamp;
    use ovm::ids::VmId;

    /// A plan of five steps: one that looks, two with something to undo, one that publishes, one that always runs.
    pub(in crate::run) fn plan() -> Plan {
        let purpose = Purpose::Backup {
            point: PointId::new("p"),
            method: BackupMethod::Reflink,
            policy: PolicyId::new("gold"),
            policy_name: "gold".into(),
        };
        let target = TargetId::first;
        let step = |id: &str| {
            let action = Action::ReadBack { target: target() };
            Step::new(id, Said::Text(id.into()), Place::Holdfast, action)
        };
        let discard = || Action::DiscardStored { target: target() };
        Plan {
            header: Header {
                engine: ENGINE,
                purpose,
                run: RunId::new("r"),
                subject: Subject::vm(&ManagerId::new("m"), &VmId::new("v"), "v"),
                planned_by: "olga".into(),
                planned_at: Timestamp(0),
                estate_revision: 1,
                risk: Risk {
                    class: RiskClass::Low,
                    reasons: Vec::new(),
                },
                not_contained: Vec::new(),
                remarks: Vec::new(),
                when_stuck: WhenStuck::LeaveBehind,
            },
            preconditions: Vec::new(),
            steps: vec![
                step("look"),
                step("make").undone_by(Place::Holdfast, discard()),
                step("use").undone_by(Place::Holdfast, discard()),
                step("share").no_return(NoReturn::OnceDone),
                step("remove").always(),
            ],
        }
    }

    /// A journal of these lines.
    pub(in crate::run) fn journal(lines: &[(&str, Phase, Option<Outcome>)]) -> Vec<JournalEntry> {
        let entry = |(step, phase, outcome): &(&str, Phase, Option<Outcome>)| JournalEntry {
            seq: 0,
            step: (*step).to_owned(),
            phase: *phase,
            started_at: Timestamp(0),
            ended_at: None,
            outcome: *outcome,
            observed: String::new(),
            notes: Vec::new(),
            bytes: None,
            learned: Bindings::default(),
        };
        lines.iter().map(entry).collect()
    }

    fn comes(lines: &[(&str, Phase, Option<Outcome>)], direction: Direction) -> String {
        match next(&plan(), &journal(lines), direction) {
            Next::Do(step) => format!("do {}", step.id),
            Next::Undo(step) => format!("undo {}", step.id),
            Next::Over => "over".into(),
        }
    }

    const DONE: Option<Outcome> = Some(Outcome::Done);
    const LOOKED: (&str, Phase, Option<Outcome>) = ("look", Phase::Forward, DONE);
    const MADE: (&str, Phase, Option<Outcome>) = ("make", Phase::Forward, DONE);

    #[test]
    fn an_interrupted_step_is_taken_again() {
        assert_eq!(comes(&[LOOKED], Direction::Forward), "do make");
        assert_eq!(
            comes(&[LOOKED, ("make", Phase::Forward, None)], Direction::Forward),
            "do make"
        );
        assert_eq!(
            comes(
                &[LOOKED, ("make", Phase::Forward, Some(Outcome::Unknown))],
                Direction::Forward
            ),
            "do make"
        );
    }

    #[test]
    fn going_back_undoes_what_was_begun_in_reverse_and_then_clears_up() {
        let failed = ("use", Phase::Forward, Some(Outcome::Failed));
        assert_eq!(comes(&[LOOKED, MADE, failed], Direction::Back), "undo use");
        let undone = ("use", Phase::Undo, DONE);
        assert_eq!(comes(&[LOOKED, MADE, failed, undone], Direction::Back), "undo make");
        let undone_too = ("make", Phase::Undo, DONE);
        assert_eq!(
            comes(&[LOOKED, MADE, failed, undone, undone_too], Direction::Back),
            "do remove"
        );
    }

    #[test]
    fn where_nothing_was_made_nothing_is_cleared_up() {
        assert_eq!(
            comes(&[("look", Phase::Forward, Some(Outcome::Failed))], Direction::Back),
            "over"
        );
    }

    #[test]
    fn a_run_has_turned_back_when_it_has_tried_to_undo_a_step() {
        assert!(!begun_to_undo(&journal(&[LOOKED, MADE])));
        let failed = ("make", Phase::Undo, Some(Outcome::Failed));
        assert!(begun_to_undo(&journal(&[LOOKED, MADE, failed])));
    }

    #[test]
    fn a_run_turns_back_until_a_step_is_done_that_stays() {
        let share = |outcome| may_turn_back(&plan(), &journal(&[LOOKED, MADE, ("share", Phase::Forward, outcome)]));
        assert!(may_turn_back(&plan(), &journal(&[LOOKED, MADE])));
        assert!(share(None), "it is under way");
        assert!(share(Some(Outcome::Failed)));
        assert!(!share(DONE));
    }

    #[test]
    fn a_run_turns_back_until_a_step_is_begun_that_destroys_the_way_back() {
        let mut plan = plan();
        plan.steps[3].no_return = Some(NoReturn::OnceBegun);
        assert!(may_turn_back(&plan, &journal(&[LOOKED, MADE])));
        assert!(!may_turn_back(
            &plan,
            &journal(&[LOOKED, MADE, ("share", Phase::Forward, None)])
        ));
    }

    /// A name is only a name.
    #[test]
    fn a_step_is_not_known_by_its_name() {
        let mut plan = plan();
        plan.steps[3] = Step::new(
            "publish",
            Said::Text("Publish".into()),
            Place::Holdfast,
            Action::Publish {
                target: TargetId::first(),
            },
        );
        assert!(may_turn_back(
            &plan,
            &journal(&[LOOKED, MADE, ("publish", Phase::Forward, DONE)])
        ));
    }
}
