//! What a newer run of the same machine means for what an older one has left. To start a machine, or to give its lock
//! back, was right as long as nobody had it in hand since: now it may be down because somebody wanted it so.

use super::next::made_something;
use crate::core::Core;
use domain::ids::RunId;
use domain::plan::{Action, Plan, Step, Superseded, UndoAction};
use domain::run::{JournalEntry, Outcome, Phase, RunSummary};
use store::StoreError;

/// How many runs of the machine are looked at, from the newest back.
const LOOKED_AT: u64 = 100;

/// The newer run because of which this is not done any more, if there is one.
pub(super) async fn stands_against(
    core: &Core,
    older: &RunSummary,
    undo: &UndoAction,
) -> Result<Option<RunId>, StoreError> {
    let Some(superseded) = undo.superseded else {
        return Ok(None);
    };
    let runs = core.store.runs_of(&older.subject.at(), LOOKED_AT).await?;
    for newer in runs.into_iter().take_while(|run| run.id != older.id) {
        let Some(stored) = core.store.plan(&newer.plan_hash).await? else {
            continue;
        };
        let journal = core.store.journal(&newer.id).await?;
        if makes_void(superseded, stored.sealed.plan(), &journal) {
            return Ok(Some(newer.id));
        }
    }
    Ok(None)
}

/// Whether a newer run has had in hand what this would change. One that has only read, because it failed at once, has not;
/// and one that could not get the lock has left it as it was.
fn makes_void(superseded: Superseded, plan: &Plan, journal: &[JournalEntry]) -> bool {
    match superseded {
        Superseded::ByLock => has_locked(plan, journal),
        Superseded::ByAnyChange => made_something(plan, journal),
    }
}

fn has_locked(plan: &Plan, journal: &[JournalEntry]) -> bool {
    let locks = |step: &&Step| matches!(step.action, Action::LockVm { .. });
    let mut steps = plan.steps.iter().filter(locks);
    steps.any(|step| {
        let taken = (&step.id, Phase::Forward, Some(Outcome::Done));
        journal
            .iter()
            .any(|entry| (&entry.step, entry.phase, entry.outcome) == taken)
    })
}

#[cfg(test)]
mod tests {
    use super::super::next::tests::{journal, plan};
    use super::*;
    use domain::plan::{Place, Said};
    use ovm::ids::VmId;

    fn void(superseded: Superseded, lines: &[(&str, Outcome)]) -> bool {
        let mut plan = plan();
        let lock = Action::LockVm {
            vm: VmId::new("v"),
            break_after: Vec::new(),
        };
        plan.steps
            .push(Step::new("lock", Said::Text("lock".into()), Place::Manager, lock));
        let lines: Vec<_> = lines
            .iter()
            .map(|(step, outcome)| (*step, Phase::Forward, Some(*outcome)))
            .collect();
        makes_void(superseded, &plan, &journal(&lines))
    }

    #[test]
    fn a_machine_is_not_started_any_more_when_a_newer_run_had_it_in_hand() {
        let start = Superseded::ByAnyChange;
        assert!(!void(start, &[]), "it has not begun");
        assert!(!void(start, &[("look", Outcome::Failed)]), "it has only looked");
        assert!(void(start, &[("look", Outcome::Done), ("make", Outcome::Failed)]));
    }

    #[test]
    fn a_lock_is_given_back_unless_a_newer_run_had_it() {
        let unlock = Superseded::ByLock;
        assert!(!void(unlock, &[("make", Outcome::Done), ("lock", Outcome::Failed)]));
        assert!(void(unlock, &[("make", Outcome::Done), ("lock", Outcome::Done)]));
    }
}
