//! Questions of runs, and who answers them.

use super::access::finish;
use super::known_runs::{run_event, visible_run};
use crate::core::{Core, from_store, internal};
use crate::run::of_run;
use domain::actor::Actor;
use domain::audit::Detail;
use domain::error::{FormFlaw, RunConflict, ServiceError};
use domain::ids::RunId;
use domain::plan::{Action, LONGEST_OBSERVATION, Plan, Question, Rule, Step};
use domain::run::{Decision, JournalEntry, RunState};
use domain::services::Answer;
use store::{RunAnswer, RunRow, Tx};

/// Commits or rolls back a run that waits for it. One that waits for something else to be done is only rolled back.
pub(super) async fn decide(core: &Core, actor: &Actor, id: &RunId, decision: Decision) -> Answer<()> {
    let (run, team) = visible_run(core, actor, id).await?;
    actor.require(run.summary.kind.permission(), team.as_ref())?;
    let of = of_run(&run.summary);
    let (step, detail) = match (asks(core, &run).await?, decision) {
        (Some((step, Question::Decide { .. })), Decision::Commit) => (step, Detail::RestoreCommitted(of)),
        (Some((step, Question::Decide { .. })), Decision::RollBack) => (step, Detail::RestoreRolledBack(of)),
        (Some((step, Question::Confirm { .. })), Decision::RollBack) => (step, Detail::CancelRequested(of)),
        (Some((_, Question::Confirm { .. })), Decision::Commit) | (None, _) => return Err(not_waiting()),
    };
    let event = run_event(core, actor, &run, detail);
    let tx = core.store.begin().await.map_err(from_store)?;
    require_open(&tx, id, &step).await?;
    tx.set_decision(id, decision).await.map_err(from_store)?;
    finish(core, tx, &event).await
}

/// Takes what a person has seen, if the plan expects that.
pub(super) async fn confirm(core: &Core, actor: &Actor, id: &RunId, step: &str, observed: &str) -> Answer<()> {
    let (run, team) = visible_run(core, actor, id).await?;
    actor.require(run.summary.kind.permission(), team.as_ref())?;
    let Some((asks, Question::Confirm { expects, .. })) = asks(core, &run).await?.filter(|(asks, _)| asks.id == step)
    else {
        return Err(not_waiting());
    };
    // Where no value is asked for, none is kept.
    let observed = if expects.wants_value() { observed.trim() } else { "" };
    if observed.chars().any(char::is_control) || observed.chars().count() > LONGEST_OBSERVATION {
        return Err(ServiceError::invalid("observed", FormFlaw::NotOneLine));
    }
    let observed = observed.to_owned();
    if !expects.is_met_by(&observed) {
        let why = match expects {
            Rule::Equal { to } => FormFlaw::SeenOtherwise { expected: to },
            Rule::Seen | Rule::Given => FormFlaw::NothingSeen,
        };
        return Err(ServiceError::invalid("observed", why));
    }
    let detail = Detail::RunConfirmed {
        run: of_run(&run.summary),
        title: asks.title.clone(),
        observed: observed.clone(),
    };
    let event = run_event(core, actor, &run, detail);
    let answer = RunAnswer {
        by: actor.name.clone(),
        observed,
        at: core.now(),
    };
    let tx = core.store.begin().await.map_err(from_store)?;
    require_open(&tx, id, &asks).await?;
    tx.insert_answer(id, step, &answer).await.map_err(from_store)?;
    finish(core, tx, &event).await
}

/// The step whose question a run waits to have answered.
pub(super) fn waits_at<'a>(run: &RunRow, plan: &'a Plan, journal: &[JournalEntry]) -> Option<&'a Step> {
    let open = journal.last().filter(|entry| entry.outcome.is_none())?;
    let step = plan.steps.get(plan.position(&open.step)?)?;
    let asks = matches!(step.action, Action::Ask { .. });
    (asks && run.summary.state == RunState::Waiting).then_some(step)
}

async fn asks(core: &Core, run: &RunRow) -> Answer<Option<(Step, Question)>> {
    let id = &run.summary.id;
    let journal = core.store.journal(id).await.map_err(from_store)?;
    let stored = core.store.plan(&run.summary.plan_hash).await.map_err(from_store)?;
    let stored = stored.ok_or_else(|| internal(format!("the plan of run {id} is missing")))?;
    let step = waits_at(run, stored.sealed.plan(), &journal);
    Ok(step.and_then(|step| match &step.action {
        Action::Ask { question } => Some((step.clone(), question.clone())),
        _ => None,
    }))
}

/// Nobody has answered meanwhile, as the transaction sees it: of two people, one has it undone and one confirms.
async fn require_open(tx: &Tx, id: &RunId, step: &Step) -> Answer<()> {
    let run = tx.run(id).await.map_err(from_store)?;
    let waits = run.is_some_and(|run| {
        run.summary.state == RunState::Waiting && run.decision != Some(Decision::RollBack) && !run.cancel_requested
    });
    match waits && tx.answer(id, &step.id).await.map_err(from_store)?.is_none() {
        true => Ok(()),
        false => Err(not_waiting()),
    }
}

fn not_waiting() -> ServiceError {
    ServiceError::conflict(RunConflict::RunNotWaiting)
}
