//! Restore requests and approvals.

use super::access::{accounts, require_for, team_of, teams, wanted};
use super::runs::{finish, fresh, keep_draft, new_run, plan_event, planning, refused, stored_plan};
use super::voters::request_and_voters;
use crate::core::{Core, from_store, internal, new_id};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::AuditSubject;
use domain::error::ServiceError;
use domain::ids::{PointId, RequestId};
use domain::list::Part;
use domain::plan::{PlanHash, Purpose, SealedPlan};
use domain::policy::{BackupMethod, Policy, PolicyRules, RestoreGate};
use domain::request::{APPROVAL_EXPIRY_SECS, CastVote, RequestState, RestoreRequest, Vote, checked_reason};
use domain::services::{Answer, Draft, RequestFilter, RequestView, RestoreOptions, RestoreService};
use std::sync::Arc;
use store::{StoredPlan, Tx};

pub(crate) struct Restores(pub(crate) Arc<Core>);

#[async_trait]
impl RestoreService for Restores {
    async fn plan(&self, actor: &Actor, point: &PointId, options: &RestoreOptions) -> Answer<Draft> {
        let core = &*self.0;
        let known = core.store.point(point).await.map_err(from_store)?;
        let known = known.ok_or_else(|| ServiceError::not_found("recovery point", point))?;
        let subject = known.manifest.subject.at();
        require_for(core, actor, Permission::RequestRestore, &subject).await?;
        let rules = rules(core.store.protection(&subject).await.map_err(from_store)?);
        let (estate, context) = planning(core, actor, &subject.manager).await?;
        let plan = plan::plan_restore_in_place(&estate, &known, &rules, options, &context).map_err(refused)?;
        keep_draft(core, actor, plan).await
    }

    async fn submit(&self, actor: &Actor, hash: &PlanHash, reason: &str, ticket: Option<String>) -> Answer<RequestId> {
        let core = &*self.0;
        let stored = stored_plan(core, actor, hash, Permission::RequestRestore).await?;
        let reason = checked_reason(reason)?;
        let tx = core.store.begin().await.map_err(from_store)?;
        fresh(&tx, stored.sealed.plan()).await?;
        let request = new_request(core, &tx, actor, &stored, reason, ticket).await?;
        if tx.request_of_plan(hash).await.map_err(from_store)?.is_some() {
            return Err(ServiceError::conflict(
                "This plan was requested already.",
                "Open its request under Restores, or make a new plan from the recovery point.",
            ));
        }
        tx.insert_request(&request).await.map_err(from_store)?;
        let detail = format!("Restore of {} requested: {}", request.subject.name, request.reason);
        let event = plan_event(core, actor, "restore.requested.v1", &stored.sealed, detail);
        if request.state == RequestState::Approved {
            tx.audit(&event).await.map_err(from_store)?;
            start(core, tx, actor, &stored.sealed, &request).await?;
        } else {
            finish(core, tx, &event).await?;
        }
        core.tell_of_request(&request.id);
        Ok(request.id)
    }

    async fn list(&self, actor: &Actor, filter: &RequestFilter) -> Answer<Part<RestoreRequest>> {
        actor.require_somewhere(Permission::ViewRuns)?;
        let (teams, accounts) = (&teams(&self.0).await?, &accounts(&self.0).await?);
        let reach = actor.reach(Permission::ViewRuns);
        let wanted = wanted(&reach, filter.text.as_deref(), filter.before.as_ref());
        let requests = self
            .0
            .store
            .requests(filter.state, filter.requested_by.as_ref(), &wanted);
        let mut part = Part::beginning(requests.await.map_err(from_store)?);
        for request in &mut part.rows {
            request.team = teams.get(&request.subject.at()).cloned();
            show_what_counts(request, accounts);
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
        let stored = core.store.plan(&request.plan_hash).await.map_err(from_store)?;
        let stored = stored.ok_or_else(|| internal(format!("the plan of request {id} is missing")))?;
        let may = actor.require(Permission::DecideRequests, request.team.as_ref());
        let may = may.and_then(|()| {
            request
                .after_vote(&actor.id, Vote::Approve, &request.plan_hash, core.now())
                .map(|_| ())
        });
        approvers.retain(|account| request.waits_for(account));
        Ok(RequestView {
            plan: stored.sealed.plan().clone(),
            may_vote: may.map_err(|error| error.to_string()),
            approvers: approvers.into_iter().map(|account| account.name).collect(),
            request,
        })
    }

    async fn vote(
        &self,
        actor: &Actor,
        id: &RequestId,
        seen: &PlanHash,
        vote: Vote,
        reason: &str,
    ) -> Answer<RequestState> {
        let core = &*self.0;
        let request = visible_request(core, actor, id).await?;
        actor.require(Permission::DecideRequests, request.team.as_ref())?;
        let reason = if vote == Vote::Veto {
            checked_reason(reason)?
        } else {
            reason.trim().chars().take(1000).collect()
        };
        let tx = core.store.begin().await.map_err(from_store)?;
        // Read again inside the transaction: two approvers may decide at the same time.
        let found = request_and_voters(&tx, id).await.map_err(from_store)?;
        let (request, voters) = found.ok_or_else(|| ServiceError::not_found("request", id))?;
        let counted = request.counted(&voters);
        let state = counted.after_vote(&actor.id, vote, seen, core.now())?;
        let stored = tx.plan(&request.plan_hash).await.map_err(from_store)?;
        let stored = stored.ok_or_else(|| internal(format!("the plan of request {id} is missing")))?;
        let cast = CastVote {
            user: actor.id.clone(),
            user_name: actor.name.clone(),
            vote,
            reason: reason.clone(),
            at: core.now(),
            plan_hash: seen.clone(),
        };
        tx.insert_vote(id, &request.requested_by, &cast)
            .await
            .map_err(from_store)?;
        let event = if vote == Vote::Approve {
            "restore.approved.v1"
        } else {
            "restore.vetoed.v1"
        };
        let detail = format!(
            "Restore of {}, asked for by {}. {reason}",
            request.subject.name, request.requested_by_name
        );
        let event = plan_event(core, actor, event, &stored.sealed, detail.trim().to_owned());
        if state == RequestState::Approved {
            tx.audit(&event).await.map_err(from_store)?;
            start(core, tx, actor, &stored.sealed, &request).await?;
        } else {
            tx.set_request_state(id, state, None).await.map_err(from_store)?;
            finish(core, tx, &event).await?;
        }
        core.tell_of_request(id);
        Ok(state)
    }

    async fn withdraw(&self, actor: &Actor, id: &RequestId) -> Answer<()> {
        let core = &*self.0;
        let request = visible_request(core, actor, id).await?;
        if request.requested_by != actor.id {
            return Err(ServiceError::conflict(
                "Somebody else has asked for this.",
                "Only he can withdraw it; an approver can veto it.",
            ));
        }
        let tx = core.store.begin().await.map_err(from_store)?;
        let request = tx
            .request(id)
            .await
            .map_err(from_store)?
            .ok_or_else(|| ServiceError::not_found("request", id))?;
        if request.state != RequestState::Pending {
            return Err(ServiceError::conflict(
                "The request is not waiting any more.",
                "Reload the page to see what happened.",
            ));
        }
        tx.set_request_state(id, RequestState::Withdrawn, None)
            .await
            .map_err(from_store)?;
        let subject = AuditSubject::Request(id.clone());
        let event = core.event(&actor.name, "restore.withdrawn.v1", subject, request.reason);
        finish(core, tx, &event).await?;
        core.tell_of_request(id);
        Ok(())
    }
}

/// Approves the request and queues its run, in the transaction that holds the vote.
async fn start(core: &Core, tx: Tx, actor: &Actor, sealed: &SealedPlan, request: &RestoreRequest) -> Answer<()> {
    let run = new_run(core, actor, sealed, Some(request.id.clone()), None);
    let run = store::NewRun {
        started_by: request.requested_by_name.clone(),
        ..run
    };
    tx.insert_run(&run).await.map_err(from_store)?;
    tx.set_request_state(&request.id, RequestState::Approved, Some(&run.id))
        .await
        .map_err(from_store)?;
    let detail = format!("Restore of {} starts as run {}.", request.subject.name, run.id);
    finish(core, tx, &plan_event(core, actor, "restore.started.v1", sealed, detail)).await
}

/// The request as it is now: gate and team are those that the transaction sees.
async fn new_request(
    core: &Core,
    tx: &Tx,
    actor: &Actor,
    stored: &StoredPlan,
    reason: String,
    ticket: Option<String>,
) -> Answer<RestoreRequest> {
    let header = &stored.sealed.plan().header;
    let Purpose::RestoreInPlace { point, .. } = &header.purpose else {
        return Err(ServiceError::conflict(
            "This plan is not a restore.",
            "A backup is started, not requested.",
        ));
    };
    let subject = header.subject.clone();
    let team = tx.subject_team(&subject.at()).await.map_err(from_store)?;
    actor.require(Permission::RequestRestore, team.as_ref())?;
    let rules = rules(tx.protection(&subject.at()).await.map_err(from_store)?);
    let (state, approvals_needed) = match rules.restore_gate {
        RestoreGate::Approval { approvers } => (RequestState::Pending, approvers),
        RestoreGate::Free => (RequestState::Approved, 0),
    };
    let now = core.now();
    Ok(RestoreRequest {
        id: RequestId::new(new_id(8)),
        state,
        subject,
        team,
        point: point.clone(),
        plan_hash: stored.sealed.hash().clone(),
        requested_by: actor.id.clone(),
        requested_by_name: actor.name.clone(),
        requested_at: now,
        reason,
        ticket: ticket
            .map(|ticket| ticket.trim().to_owned())
            .filter(|ticket| !ticket.is_empty()),
        approvals_needed,
        votes: Vec::new(),
        expires_at: now.plus_seconds(APPROVAL_EXPIRY_SECS),
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

/// While a request waits, only the votes are shown that count, so that what is missing is told rightly. Afterwards all are:
/// who has agreed is history.
fn show_what_counts(request: &mut RestoreRequest, accounts: &[Actor]) {
    if request.state == RequestState::Pending {
        *request = request.counted(accounts);
    }
}

/// The request, if it is there and the actor may see it. It belongs to the team that its subject has now.
pub(super) async fn visible_request(core: &Core, actor: &Actor, id: &RequestId) -> Answer<RestoreRequest> {
    let missing = || ServiceError::not_found("request", id);
    let request = core.store.request(id).await.map_err(from_store)?.ok_or_else(missing)?;
    let team = team_of(core, &request.subject.at()).await?;
    match actor.may(Permission::ViewRuns, team.as_ref()) {
        true => Ok(RestoreRequest { team, ..request }),
        false => Err(missing()),
    }
}
