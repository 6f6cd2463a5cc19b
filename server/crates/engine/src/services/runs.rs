//! Backups and job runs.

use super::access::{finish, require_for, wanted};
use super::known_requests::visible_request;
use super::known_runs::{run_event, visible_run};
use super::planning::{fresh, keep_draft, new_run, plan_event, planning, stored_plan};
use super::questions;
use crate::core::{Core, from_store, internal, new_id};
use crate::run::{begun_to_undo, may_turn_back, of_run};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::Detail;
use domain::error::{RunConflict, ServiceError};
use domain::experience::{Experience, LOOK_BACK};
use domain::ids::{PointId, RunId};
use domain::list::Part;
use domain::news::News;
use domain::plan::{Header, Plan, PlanHash, Purpose, Refusal};
use domain::request::Request;
use domain::run::{Decision, JournalEntry, Message, RunDetail, RunNews, RunState, RunSummary, Settled, Settlement};
use domain::services::{Answer, Draft, RunFilter, RunService};
use domain::subject::{Object, SubjectRef};
use futures::stream::BoxStream;
use futures::{StreamExt, future};
use std::sync::Arc;
use store::{RunRow, Tx};
use tokio_stream::wrappers::BroadcastStream;

pub(crate) struct Runs(pub(crate) Arc<Core>);

#[async_trait]
impl RunService for Runs {
    async fn plan_backup(&self, actor: &Actor, subject: &SubjectRef) -> Answer<Draft> {
        let core = &*self.0;
        require_for(core, actor, Permission::RunBackup, subject).await?;
        let Object::Vm(vm) = &subject.object else {
            return Err(ServiceError::conflict(Refusal::NotAVm {
                what: (&subject.object).into(),
            }));
        };
        let policy = core.store.protection(subject).await.map_err(from_store)?;
        let policy = policy.ok_or_else(|| ServiceError::conflict(Refusal::NoPolicy))?;
        let (estate, context) = planning(core, actor, &subject.manager).await?;
        let point = PointId::new(new_id(10));
        let plan = plan::plan_backup(&estate, vm, &policy, &point, &context).map_err(ServiceError::conflict)?;
        keep_draft(core, actor, plan).await
    }

    async fn plan(&self, actor: &Actor, hash: &PlanHash) -> Answer<Draft> {
        let stored = stored_plan(&self.0, actor, hash, Permission::ViewRuns).await?;
        Ok(Draft {
            hash: stored.sealed.hash().clone(),
            plan: stored.sealed.plan().clone(),
        })
    }

    async fn experience(&self, actor: &Actor, hash: &PlanHash) -> Answer<Option<Experience>> {
        let stored = stored_plan(&self.0, actor, hash, Permission::ViewRuns).await?;
        let header = &stored.sealed.plan().header;
        let (subject, kind) = (header.subject.at(), header.purpose.kind());
        let worked = self.0.store.worked(&subject, kind, LOOK_BACK).await;
        worked.map(Experience::of).map_err(from_store)
    }

    async fn start_backup(&self, actor: &Actor, hash: &PlanHash) -> Answer<RunId> {
        let core = &*self.0;
        let stored = stored_plan(core, actor, hash, Permission::RunBackup).await?;
        let header = &stored.sealed.plan().header;
        let Purpose::Backup { point, .. } = &header.purpose else {
            return Err(ServiceError::conflict(RunConflict::NotABackup));
        };
        let run = new_run(core, actor, &stored.sealed, None, Some(point.clone()));
        let detail = Detail::BackupStarted {
            name: run.subject.name.clone(),
            point: point.clone(),
        };
        let event = plan_event(core, actor, &stored.sealed, detail);
        let tx = core.store.begin().await.map_err(from_store)?;
        fresh(&tx, stored.sealed.plan()).await?;
        require_no_twin(&tx, header).await?;
        tx.insert_run(&run).await.map_err(from_store)?;
        finish(core, tx, &event).await?;
        Ok(run.id)
    }

    async fn list(&self, actor: &Actor, filter: &RunFilter) -> Answer<Part<RunSummary>> {
        actor.require_somewhere(Permission::ViewRuns)?;
        let reach = actor.reach(Permission::ViewRuns);
        let wanted = wanted(&reach, filter.text.as_deref(), filter.before.as_ref());
        let runs = self.0.store.runs(filter.state, &wanted).await;
        runs.map(Part::beginning).map_err(from_store)
    }

    async fn get(&self, actor: &Actor, id: &RunId) -> Answer<RunDetail> {
        let core = &*self.0;
        let (run, team) = visible_run(core, actor, id).await?;
        let stored = core.store.plan(&run.summary.plan_hash).await.map_err(from_store)?;
        let stored = stored.ok_or_else(|| internal(format!("the plan of run {id} is missing")))?;
        let leftovers = core.store.leftovers(Some(id), true).await.map_err(from_store)?;
        let point = match &run.point {
            Some(point) => core
                .store
                .point(point)
                .await
                .map_err(from_store)?
                .map(|point| point.manifest.point),
            None => None,
        };
        let request = match &run.request {
            Some(request) => core.store.request(request).await.map_err(from_store)?,
            None => None,
        };
        let journal = core.store.journal(id).await.map_err(from_store)?;
        let settlements = match run.summary.state {
            RunState::NeedsOperator => settlements(&run, stored.sealed.plan(), &journal),
            _ => Vec::new(),
        };
        let asks = questions::waits_at(&run, stored.sealed.plan(), &journal).cloned();
        Ok(RunDetail {
            asks,
            plan: stored.sealed.plan().clone(),
            journal,
            settlements,
            request: request.map(|request| Request { team, ..request }),
            point,
            decide_before: run.decide_before,
            cancelling: run.cancel_requested && !run.summary.state.is_over(),
            leftovers: leftovers.into_iter().map(|leftover| leftover.what).collect(),
            summary: run.summary,
        })
    }

    async fn cancel(&self, actor: &Actor, id: &RunId) -> Answer<()> {
        let core = &*self.0;
        let (run, team) = visible_run(core, actor, id).await?;
        actor.require(run.summary.kind.permission(), team.as_ref())?;
        if !matches!(run.summary.state, RunState::Queued | RunState::Running) {
            return Err(ServiceError::conflict(RunConflict::RunNotInProgress {
                state: run.summary.state,
            }));
        }
        let tx = core.store.begin().await.map_err(from_store)?;
        let (state, message) = (RunState::Cancelled, vec![Message::CancelledInTime.into()]);
        // One that waits in line may do so for long, and nobody works on it who could stop.
        if tx
            .end_queued(id, state, &message, core.now())
            .await
            .map_err(from_store)?
        {
            let event = run_event(core, actor, &run, Detail::RunCancelled(of_run(&run.summary)));
            finish(core, tx, &event).await?;
            core.tell(id, RunNews::State { state, message });
            return Ok(());
        }
        tx.request_cancel(id).await.map_err(from_store)?;
        let event = run_event(core, actor, &run, Detail::CancelRequested(of_run(&run.summary)));
        finish(core, tx, &event).await
    }

    async fn decide(&self, actor: &Actor, id: &RunId, decision: Decision) -> Answer<()> {
        questions::decide(&self.0, actor, id, decision).await
    }

    async fn confirm(&self, actor: &Actor, id: &RunId, step: &str, observed: &str) -> Answer<()> {
        questions::confirm(&self.0, actor, id, step, observed).await
    }

    async fn settle(&self, actor: &Actor, id: &RunId, settlement: Settlement) -> Answer<()> {
        let core = &*self.0;
        let (run, team) = visible_run(core, actor, id).await?;
        actor.require(Permission::SettleRuns, team.as_ref())?;
        if run.summary.state != RunState::NeedsOperator {
            return Err(ServiceError::conflict(RunConflict::RunNotStuck));
        }
        let (state, settled) = settled(core, &run, settlement).await?;
        let detail = Detail::RunSettled {
            run: of_run(&run.summary),
            settled,
        };
        let event = run_event(core, actor, &run, detail);
        // What had stopped it stays readable, also at its end.
        let mut message = run.summary.message.clone();
        message.push(Message::Settled(settled).into());
        let tx = core.store.begin().await.map_err(from_store)?;
        tx.settle_run(id, state, &message).await.map_err(from_store)?;
        finish(core, tx, &event).await
    }

    async fn events(&self, actor: &Actor) -> Answer<BoxStream<'static, News>> {
        actor.require_somewhere(Permission::ViewRuns)?;
        let listener = (self.0.clone(), actor.clone());
        let news = BroadcastStream::new(self.0.news.subscribe());
        // A listener that was too slow, or cannot be told for another reason, is let go: its page comes back by itself
        // and reads everything anew.
        let seen = news.scan(listener, |(core, actor), news| {
            let (core, actor) = (core.clone(), actor.clone());
            async move {
                let news = news.ok()?;
                let seen = match &news {
                    News::Run(event) => visible_run(&core, &actor, &event.run).await.map(drop),
                    News::Request(request) => visible_request(&core, &actor, request).await.map(drop),
                };
                match seen {
                    Ok(()) => Some(Some(news)),
                    Err(ServiceError::NotFound { .. }) => Some(None),
                    Err(_) => None,
                }
            }
        });
        Ok(seen.filter_map(future::ready).boxed())
    }
}

/// What can be chosen for a run that stands still. One that has begun to undo, or that somebody has decided to roll
/// back, only goes back; one that has begun what cannot be undone only goes on.
fn settlements(run: &RunRow, plan: &Plan, journal: &[JournalEntry]) -> Vec<Settlement> {
    if begun_to_undo(journal) || run.decision == Some(Decision::RollBack) {
        vec![Settlement::GoBack]
    } else if may_turn_back(plan, journal) {
        vec![Settlement::GoOn, Settlement::GoBack]
    } else {
        vec![Settlement::GoOn]
    }
}

/// How a run goes on that somebody has settled. One that only goes back does so whatever was
/// chosen: his page may be older than the run.
async fn settled(core: &Core, run: &RunRow, settlement: Settlement) -> Answer<(RunState, Settled)> {
    let id = &run.summary.id;
    let journal = core.store.journal(id).await.map_err(from_store)?;
    let stored = core.store.plan(&run.summary.plan_hash).await.map_err(from_store)?;
    let stored = stored.ok_or_else(|| internal(format!("the plan of run {id} is missing")))?;
    let open = settlements(run, stored.sealed.plan(), &journal);
    match (open.as_slice(), settlement) {
        ([Settlement::GoBack], _) => Ok((RunState::RollingBack, Settled::UndoesRest)),
        (_, Settlement::GoOn) => Ok((RunState::Running, Settled::GoesOn)),
        ([Settlement::GoOn], Settlement::GoBack) => Err(ServiceError::conflict(RunConflict::RunPastReturn)),
        (_, Settlement::GoBack) => Ok((RunState::RollingBack, Settled::GoesBack)),
    }
}

/// A backup that waits in line already would only be made twice.
async fn require_no_twin(tx: &Tx, header: &Header) -> Answer<()> {
    let subject = header.subject.at();
    for queued in tx.queued_runs_of(&subject).await.map_err(from_store)? {
        let stored = tx.plan(&queued.summary.plan_hash).await.map_err(from_store)?;
        let purpose = stored.map(|stored| stored.sealed.plan().header.purpose.clone());
        if queued.summary.subject.at() == subject && purpose.is_some_and(|other| is_twin(&header.purpose, &other)) {
            return Err(ServiceError::conflict(RunConflict::BackupQueued {
                subject: queued.summary.subject.name,
                run: queued.summary.id,
            }));
        }
    }
    Ok(())
}

fn is_twin(one: &Purpose, other: &Purpose) -> bool {
    match (one, other) {
        (Purpose::Backup { policy, .. }, Purpose::Backup { policy: other, .. }) => policy == other,
        _ => false,
    }
}
