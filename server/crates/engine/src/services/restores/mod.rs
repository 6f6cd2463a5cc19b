//! Restores and what else is requested, and its approval.

mod vote;

use super::access::{accounts, require_for, wanted};
use super::known_requests::{Owners, show_what_counts, visible_request};
use super::planning::{fresh, keep_draft, new_run, plan_event, planning, stored_plan};
use crate::core::{Core, from_store, internal, new_id};
use crate::requests::request_event;
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{Detail, RequestStage};
use domain::error::{RequestConflict, RunConflict, ServiceError, Thing};
use domain::ids::{PointId, RequestId};
use domain::list::Part;
use domain::plan::{Plan, PlanHash, Purpose};
use domain::policy::{BackupMethod, Policy, PolicyRules, RestoreGate};
use domain::request::{Asked, AskedHash, Request, RequestState, Vote, Window, checked_reason, expiry};
use domain::run::RunState;
use domain::services::{Answer, Draft, RequestFilter, RequestView, RestoreOptions, RestoreService};
use domain::subject::SubjectRef;
use std::sync::Arc;
use store::{StoredPlan, Tx};

pub(crate) struct Restores(pub(crate) Arc<Core>);

#[async_trait]
impl RestoreService for Restores {
    async fn plan(&self, actor: &Actor, point: &PointId, options: &RestoreOptions) -> Answer<Draft> {
        let core = &*self.0;
        let known = core.store.point(point).await.map_err(from_store)?;
        let known = known.ok_or_else(|| ServiceError::not_found(Thing::RecoveryPoint, point))?;
        let subject = known.manifest.subject.at();
        require_for(core, actor, Permission::RequestRestore, &subject).await?;
        let rules = rules(core.store.protection(&subject).await.map_err(from_store)?);
        let (estate, context) = planning(core, actor, &subject.manager).await?;
        let plan =
            plan::plan_restore_in_place(&estate, &known, &rules, options, &context).map_err(ServiceError::conflict)?;
        keep_draft(core, actor, plan).await
    }

    async fn submit(
        &self,
        actor: &Actor,
        hash: &PlanHash,
        reason: &str,
        ticket: Option<String>,
        window: Window,
    ) -> Answer<RequestId> {
        let core = &*self.0;
        let stored = stored_plan(core, actor, hash, Permission::RequestRestore).await?;
        let reason = checked_reason(reason)?;
        let window = window.checked(core.now())?;
        let tx = core.store.begin().await.map_err(from_store)?;
        fresh(&tx, stored.sealed.plan()).await?;
        let asked = asked(&stored, window)?;
        let request = new_request(core, &tx, actor, asked, reason, ticket).await?;
        if tx.request_of_plan(hash).await.map_err(from_store)?.is_some() {
            return Err(ServiceError::conflict(RequestConflict::PlanRequested));
        }
        tx.insert_request(&request).await.map_err(from_store)?;
        let stage = RequestStage::Requested {
            reason: request.reason.clone(),
        };
        let event = request_event(core, &actor.name, &request, stage);
        tx.audit(&event).await.map_err(from_store)?;
        if request.state == RequestState::Approved {
            queue(core, &tx, actor, hash, &request).await?;
        }
        tx.commit().await.map_err(from_store)?;
        core.wake_all();
        core.tell_of_request(&request.id);
        Ok(request.id)
    }

    async fn list(&self, actor: &Actor, filter: &RequestFilter) -> Answer<Part<Request>> {
        actor.require_somewhere(Permission::ViewRuns)?;
        let (owners, accounts) = (Owners::read(&self.0).await?, accounts(&self.0).await?);
        let reach = actor.reach(Permission::ViewRuns);
        let wanted = wanted(&reach, filter.text.as_deref(), filter.before.as_ref());
        let by = filter.requested_by.as_ref();
        let requests = self.0.store.requests(filter.state, by, &wanted).await;
        let mut part = Part::beginning(requests.map_err(from_store)?);
        for request in &mut part.rows {
            request.team = owners.of(&request.asked);
            show_what_counts(request, &accounts);
        }
        Ok(part)
    }

    async fn of_plan(&self, actor: &Actor, hash: &PlanHash) -> Answer<Option<RequestId>> {
        stored_plan(&self.0, actor, hash, Permission::ViewRuns).await?;
        self.0.store.request_of_plan(hash).await.map_err(from_store)
    }

    async fn get(&self, actor: &Actor, id: &RequestId) -> Answer<RequestView> {
        let core = &*self.0;
        let (mut request, mut approvers) = (visible_request(core, actor, id).await?, accounts(core).await?);
        show_what_counts(&mut request, &approvers);
        let stands = stands(core, &request).await?;
        let may = |vote| {
            actor.require(Permission::DecideRequests, request.team.as_ref())?;
            request.after_vote(&actor.id, vote, &request.asked.hash(), core.now())
        };
        let view = RequestView {
            plan: plan_of(core, &request).await?,
            may_approve: may(Vote::Approve).map(drop).map_err(|error| error.to_string()),
            may_veto: stands && may(Vote::Veto).is_ok(),
            may_withdraw: stands && request.after_withdrawal(&actor.id).is_ok(),
            approvers: {
                approvers.retain(|account| request.waits_for(account));
                approvers.into_iter().map(|account| account.name).collect()
            },
            request,
        };
        Ok(view)
    }

    async fn vote(
        &self,
        actor: &Actor,
        id: &RequestId,
        seen: &AskedHash,
        vote: Vote,
        reason: &str,
    ) -> Answer<RequestState> {
        vote::vote(&self.0, actor, id, seen, vote, reason).await
    }

    async fn withdraw(&self, actor: &Actor, id: &RequestId) -> Answer<()> {
        vote::withdraw(&self.0, actor, id).await
    }
}

/// Whether nothing of what the request asks for has begun: its run, if it has one, is still queued.
async fn stands(core: &Core, request: &Request) -> Answer<bool> {
    let Some(run) = &request.run else {
        return Ok(true);
    };
    let run = core.store.run(run).await.map_err(from_store)?;
    Ok(run.is_some_and(|run| run.summary.state == RunState::Queued))
}

async fn plan_of(core: &Core, request: &Request) -> Answer<Option<Plan>> {
    let Some(hash) = request.asked.plan() else {
        return Ok(None);
    };
    let stored = core.store.plan(hash).await.map_err(from_store)?;
    let stored = stored.ok_or_else(|| internal(format!("the plan of request {} is missing", request.id)))?;
    Ok(Some(stored.sealed.plan().clone()))
}

/// Queues the run of an approved request, in the transaction that holds the approval. It begins when its window is open
/// and what it touches is free.
async fn queue(core: &Core, tx: &Tx, actor: &Actor, hash: &PlanHash, request: &Request) -> Answer<()> {
    let stored = tx.plan(hash).await.map_err(from_store)?;
    let stored = stored.ok_or_else(|| internal(format!("the plan of request {} is missing", request.id)))?;
    let run = new_run(core, actor, &stored.sealed, Some(request.id.clone()), None);
    let run = store::NewRun {
        started_by: request.requested_by_name.clone(),
        window: request.asked.window(),
        ..run
    };
    tx.insert_run(&run).await.map_err(from_store)?;
    tx.set_request_state(&request.id, RequestState::Approved, Some(&run.id))
        .await
        .map_err(from_store)?;
    let detail = Detail::RestoreQueued {
        name: request.asked.name().to_owned(),
        run: run.id.clone(),
        window: run.window,
    };
    let event = plan_event(core, actor, &stored.sealed, detail);
    tx.audit(&event).await.map(drop).map_err(from_store)
}

/// What is asked for with a plan, and about which object.
fn asked(stored: &StoredPlan, window: Window) -> Answer<(Asked, SubjectRef)> {
    let header = &stored.sealed.plan().header;
    let Purpose::RestoreInPlace { point, .. } = &header.purpose else {
        return Err(ServiceError::conflict(RunConflict::NotARestore));
    };
    let asked = Asked::Plan {
        hash: stored.sealed.hash().clone(),
        point: point.clone(),
        subject: header.subject.clone(),
        window,
    };
    Ok((asked, header.subject.at()))
}

/// The request as it is now: gate and team are those that the transaction sees.
async fn new_request(
    core: &Core,
    tx: &Tx,
    actor: &Actor,
    (asked, subject): (Asked, SubjectRef),
    reason: String,
    ticket: Option<String>,
) -> Answer<Request> {
    let team = tx.subject_team(&subject).await.map_err(from_store)?;
    actor.require(Permission::RequestRestore, team.as_ref())?;
    let policy = tx.protection(&subject).await.map_err(from_store)?;
    let approvals_needed = RestoreGate::under(policy.as_ref()).approvals();
    let state = match approvals_needed {
        0 => RequestState::Approved,
        _ => RequestState::Pending,
    };
    let now = core.now();
    Ok(Request {
        id: RequestId::new(new_id(8)),
        state,
        expires_at: expiry(now, asked.window()),
        asked,
        team,
        requested_by: actor.id.clone(),
        requested_by_name: actor.name.clone(),
        requested_at: now,
        reason,
        ticket: ticket
            .map(|ticket| ticket.trim().to_owned())
            .filter(|ticket| !ticket.is_empty()),
        approvals_needed,
        votes: Vec::new(),
        run: None,
    })
}

/// The rules that govern what is under this policy. Without one the strictest hold: nobody has said that it is not
/// production.
fn rules(policy: Option<Policy>) -> PolicyRules {
    let without = || PolicyRules {
        name: "none".into(),
        method: BackupMethod::StopCopyStart,
        ..PolicyRules::usual()
    };
    policy.map_or_else(without, |policy| policy.rules)
}
