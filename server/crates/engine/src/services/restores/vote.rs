//! Votes and withdrawals, and what follows from them.

use super::super::access::finish;
use super::super::changes::carry_out;
use super::super::known_requests::visible_request;
use super::queue;
use crate::core::{Core, from_store};
use crate::requests::{request_and_voters, request_event};
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, RequestStage, Voted};
use domain::error::{RequestConflict, ServiceError, Thing};
use domain::ids::{RequestId, RunId};
use domain::request::{Asked, AskedHash, CastVote, Request, RequestState, Vote, checked_reason};
use domain::run::{Message, RunNews, RunState};
use domain::services::Answer;
use store::Tx;

/// Casts a vote, and does what follows from it in the same transaction.
pub(super) async fn vote(
    core: &Core,
    actor: &Actor,
    id: &RequestId,
    seen: &AskedHash,
    vote: Vote,
    reason: &str,
) -> Answer<RequestState> {
    let request = visible_request(core, actor, id).await?;
    actor.require(Permission::DecideRequests, request.team.as_ref())?;
    let reason = match vote {
        Vote::Veto => checked_reason(reason)?,
        Vote::Approve => reason.trim().chars().take(1000).collect(),
    };
    let tx = core.store.begin().await.map_err(from_store)?;
    // Read again inside the transaction: two approvers may decide at the same time.
    let found = request_and_voters(&tx, id).await.map_err(from_store)?;
    let (request, voters) = found.ok_or_else(|| ServiceError::not_found(Thing::Request, id))?;
    let state = request.counted(&voters).after_vote(&actor.id, vote, seen, core.now())?;
    let cast = CastVote {
        user: actor.id.clone(),
        user_name: actor.name.clone(),
        vote,
        reason,
        at: core.now(),
        seen: seen.clone(),
    };
    keep(&tx, &request, &cast).await?;
    tx.audit(&voted(core, &request, &cast)).await.map_err(from_store)?;
    let state = match state {
        RequestState::Approved => approved(core, &tx, actor, &request).await?,
        state => {
            if request.state == RequestState::Approved {
                take_out_of_queue(core, &tx, &request).await?;
            }
            tx.set_request_state(id, state, None).await.map_err(from_store)?;
            state
        }
    };
    tx.commit().await.map_err(from_store)?;
    core.wake_all();
    tell(core, &request, state);
    Ok(state)
}

/// Stores a vote; the veto of somebody who has approved takes the place of their approval.
async fn keep(tx: &Tx, request: &Request, cast: &CastVote) -> Answer<()> {
    let kept = match request.votes.iter().any(|before| before.user == cast.user) {
        true => tx.replace_approval(&request.id, cast).await,
        false => tx.insert_vote(&request.id, &request.requested_by, cast).await,
    };
    kept.map_err(from_store)
}

fn voted(core: &Core, request: &Request, cast: &CastVote) -> AuditEvent {
    let voted = Voted {
        requested_by: request.requested_by_name.clone(),
        reason: cast.reason.clone(),
    };
    let stage = match cast.vote {
        Vote::Approve => RequestStage::Approved(voted),
        Vote::Veto => RequestStage::Vetoed(voted),
    };
    request_event(core, &cast.user_name, request, stage)
}

/// What follows from the last approval: the run is queued, or the change is done.
async fn approved(core: &Core, tx: &Tx, actor: &Actor, request: &Request) -> Answer<RequestState> {
    let change = match &request.asked {
        Asked::Plan { hash, .. } => {
            queue(core, tx, actor, hash, request).await?;
            return Ok(RequestState::Approved);
        }
        Asked::Change(change) => change,
    };
    let state = match carry_out(core, tx, actor, request, change).await? {
        Ok(()) => RequestState::Approved,
        Err(why) => {
            let event = request_event(core, "holdfast", request, RequestStage::Void(why));
            tx.audit(&event).await.map_err(from_store)?;
            RequestState::Void
        }
    };
    tx.set_request_state(&request.id, state, None)
        .await
        .map_err(from_store)?;
    Ok(state)
}

/// Withdraws one's own request, and with it a run that has not begun.
pub(super) async fn withdraw(core: &Core, actor: &Actor, id: &RequestId) -> Answer<()> {
    visible_request(core, actor, id).await?;
    let tx = core.store.begin().await.map_err(from_store)?;
    let found = tx.request(id).await.map_err(from_store)?;
    let request = found.ok_or_else(|| ServiceError::not_found(Thing::Request, id))?;
    let state = request.after_withdrawal(&actor.id)?;
    if request.state == RequestState::Approved {
        take_out_of_queue(core, &tx, &request).await?;
    }
    tx.set_request_state(id, state, None).await.map_err(from_store)?;
    let reason = request.reason.clone();
    let event = request_event(core, &actor.name, &request, RequestStage::Withdrawn { reason });
    finish(core, tx, &event).await?;
    tell(core, &request, state);
    Ok(())
}

/// Ends the run of a request that was approved, as long as nothing of it has begun.
async fn take_out_of_queue(core: &Core, tx: &Tx, request: &Request) -> Answer<()> {
    let Some(run) = &request.run else {
        return Ok(());
    };
    let message = [Message::TakenBack.into()];
    let ended = tx.end_queued(run, RunState::Cancelled, &message, core.now()).await;
    match ended.map_err(from_store)? {
        true => Ok(()),
        false => Err(begun(run)),
    }
}

fn begun(run: &RunId) -> ServiceError {
    ServiceError::conflict(RequestConflict::RequestBegun { run: run.clone() })
}

/// Tells of a request that was decided, and of its run where that ended with it.
fn tell(core: &Core, before: &Request, now: RequestState) {
    core.tell_of_request(&before.id);
    let ended = before.state == RequestState::Approved && now != RequestState::Approved;
    if let Some(run) = before.run.as_ref().filter(|_| ended) {
        let message = vec![Message::TakenBack.into()];
        let state = RunState::Cancelled;
        core.tell(run, RunNews::State { state, message });
    }
}
