//! Changes of what governs restores. One that makes restores stricter, or leaves them as they are, is done at once; one by
//! which fewer people would have to approve a restore becomes a request, and is done with the last vote.

use super::access::finish;
use super::access::require_own;
use crate::core::{Core, from_store, new_id};
use crate::requests::{request_event, requester_may};
use domain::actor::Actor;
use domain::audit::{AuditEvent, AuditSubject, Detail, OfRequest, RequestStage};
use domain::error::{Conflict, Crossing, Invalid, PolicyConflict, PolicyFlaw, RequestFlaw, ServiceError};
use domain::ids::{RequestId, TargetId, TeamId};
use domain::policy::Policy;
use domain::request::{Asked, Change, Request, RequestState, Void, Window, checked_reason, expiry};
use domain::services::{Answer, Changed};
use store::{StoreError, Tx};

/// Does the change, or requests it. What it changes was read in this transaction, and it is of this team.
pub(super) async fn change(
    core: &Core,
    tx: Tx,
    actor: &Actor,
    team: Option<TeamId>,
    change: Change,
    reason: &str,
) -> Answer<Changed<()>> {
    check(&tx, &change).await?;
    if change.approvals_needed() == 0 {
        write(&tx, &change).await.map_err(from_store)?;
        finish(core, tx, &done(core, &actor.name, &change, None)).await?;
        return Ok(Changed::Now(()));
    }
    let reason = loosening_reason(&change, reason)?;
    let now = core.now();
    let request = Request {
        id: RequestId::new(new_id(8)),
        state: RequestState::Pending,
        approvals_needed: change.approvals_needed(),
        asked: Asked::Change(change),
        team,
        requested_by: actor.id.clone(),
        requested_by_name: actor.name.clone(),
        requested_at: now,
        reason,
        ticket: None,
        votes: Vec::new(),
        expires_at: expiry(now, Window::default()),
        run: None,
    };
    tx.insert_request(&request).await.map_err(from_store)?;
    let stage = RequestStage::Requested {
        reason: request.reason.clone(),
    };
    let event = request_event(core, &actor.name, &request, stage);
    finish(core, tx, &event).await?;
    core.tell_of_request(&request.id);
    Ok(Changed::Requested(request.id))
}

/// Whoever asks for it hears first that it has to be asked for.
fn loosening_reason(change: &Change, reason: &str) -> Answer<String> {
    if !reason.trim().is_empty() {
        return checked_reason(reason);
    }
    let approvers = change.approvals_needed();
    Err(ServiceError::invalid(
        "reason",
        RequestFlaw::ReasonMissing { approvers },
    ))
}

/// Does what was approved with the last vote, in the transaction of that vote. The answer is why it is not done, when what
/// was to be changed is not as it was any more, or it may not be done any more.
pub(super) async fn carry_out(
    core: &Core,
    tx: &Tx,
    actor: &Actor,
    request: &Request,
    change: &Change,
) -> Answer<Result<(), Void>> {
    if !requester_may(tx, request).await.map_err(from_store)? {
        let name = request.requested_by_name.clone();
        return Ok(Err(Void::Requester { name }));
    }
    if !is_as_it_was(tx, change).await.map_err(from_store)? {
        return Ok(Err(Void::ChangedSince));
    }
    match check(tx, change).await {
        Err(ServiceError::Invalid {
            why: Invalid::Policy(PolicyFlaw::PolicyTaken { .. }),
            ..
        }) => return Ok(Err(Void::NameTaken)),
        Err(ServiceError::Conflict(Conflict::Policy(PolicyConflict::PolicyOfOtherTeam { .. }))) => {
            return Ok(Err(Void::OtherTeam));
        }
        checked => checked?,
    }
    let written = async {
        write(tx, change).await?;
        tx.audit(&done(core, &actor.name, change, Some(request))).await
    };
    written.await.map_err(from_store)?;
    Ok(Ok(()))
}

/// Whether all that the change names is still what it was when it was asked for.
async fn is_as_it_was(tx: &Tx, change: &Change) -> Result<bool, StoreError> {
    match change {
        Change::Policy { from, .. } => Ok(tx.policy(&from.id).await?.as_ref() == Some(from)),
        Change::Assignment { subject, from, to } => {
            let target_stands = match to {
                Some(to) => tx.policy(&to.id).await?.as_ref() == Some(to),
                None => true,
            };
            Ok(target_stands && tx.protection(&subject.at()).await? == *from)
        }
    }
}

async fn check(tx: &Tx, change: &Change) -> Answer<()> {
    match change {
        Change::Policy { to, .. } => check_policy(tx, to).await,
        Change::Assignment { to: None, .. } => Ok(()),
        Change::Assignment {
            subject, to: Some(to), ..
        } => {
            let team = tx.subject_team(&subject.at()).await.map_err(from_store)?;
            require_own(to, team.as_ref(), Crossing::Assigning)
        }
    }
}

/// Whether a policy may be stored as it is: its name is free, and everything that is under it may be under it.
pub(super) async fn check_policy(tx: &Tx, policy: &Policy) -> Answer<()> {
    require_free_name(tx, policy).await?;
    require_target(tx, &policy.rules.target).await?;
    let under = tx.protections().await.map_err(from_store)?;
    for (subject, _) in under.into_iter().filter(|(_, id)| *id == policy.id) {
        let team = tx.subject_team(&subject).await.map_err(from_store)?;
        require_own(policy, team.as_ref(), Crossing::MovingPolicy)?;
    }
    Ok(())
}

/// A backup to a place that nobody has added would fail every night.
async fn require_target(tx: &Tx, id: &TargetId) -> Answer<()> {
    match tx.target(id).await.map_err(from_store)? {
        Some(_) => Ok(()),
        None => {
            let target = id.clone();
            Err(ServiceError::invalid("target", PolicyFlaw::TargetUnknown { target }))
        }
    }
}

async fn require_free_name(tx: &Tx, policy: &Policy) -> Answer<()> {
    let name = &policy.rules.name;
    let all = tx.policies().await.map_err(from_store)?;
    let taken = |other: &Policy| other.id != policy.id && other.rules.name == *name;
    match all.iter().any(taken) {
        true => {
            let name = name.clone();
            Err(ServiceError::invalid("name", PolicyFlaw::PolicyTaken { name }))
        }
        false => Ok(()),
    }
}

async fn write(tx: &Tx, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Policy { to, .. } => tx.put_policy(to).await,
        Change::Assignment { subject, to, .. } => {
            let policy = to.as_ref().map(|policy| &policy.id);
            tx.set_protection(&subject.at(), policy).await
        }
    }
}

/// The row about a change that is done, for the requester or, where it was approved, for the one whose vote was the last.
fn done(core: &Core, actor: &str, change: &Change, request: Option<&Request>) -> AuditEvent {
    let request = request.map(|request| OfRequest {
        id: request.id.clone(),
        by: request.requested_by_name.clone(),
    });
    match change {
        Change::Policy { from, to } => saved(core, actor, Some(from), to, request),
        Change::Assignment { subject, from, to } => {
            let name = |policy: &Option<Policy>| policy.as_ref().map(|policy| policy.rules.name.clone());
            let detail = Detail::PolicyAssigned {
                was: name(from),
                is: name(to),
                request,
            };
            core.event(actor, AuditSubject::Object(subject.at()), detail)
        }
    }
}

/// The row about a policy that is saved: created, where there was none.
pub(super) fn saved(
    core: &Core,
    actor: &str,
    old: Option<&Policy>,
    policy: &Policy,
    request: Option<OfRequest>,
) -> AuditEvent {
    let detail = Detail::PolicySaved {
        was: old.map(Into::into),
        is: policy.into(),
        request,
    };
    core.event(actor, AuditSubject::Policy(policy.id.clone()), detail)
}
