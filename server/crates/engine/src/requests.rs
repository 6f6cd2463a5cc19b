//! Requests as a transaction sees them: of which team, whose votes still count, whether their requester may still ask; and
//! the rows of the audit trail about them.

use crate::core::{Core, actor_of};
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, AuditSubject, Detail, RequestStage};
use domain::ids::{RequestId, TeamId};
use domain::policy::Policy;
use domain::request::{Asked, Change, Request};
use store::{StoreError, Tx};

/// A request of the team that what it is about has now, and those of its voters who can log in now: what
/// [`Request::counted`] asks for. Nobody changes either before the transaction ends.
pub(crate) async fn request_and_voters(tx: &Tx, id: &RequestId) -> Result<Option<(Request, Vec<Actor>)>, StoreError> {
    let Some(request) = tx.request(id).await? else {
        return Ok(None);
    };
    let team = match &request.asked {
        Asked::Change(Change::Policy { from, .. }) => team_of_policy(from, tx.policy(&from.id).await?),
        asked => match asked.subject() {
            Some(subject) => tx.subject_team(&subject.at()).await?,
            None => None,
        },
    };
    let mut voters = Vec::new();
    for cast in &request.votes {
        let account = tx.user(&cast.user).await?;
        voters.extend(account.filter(|row| !row.disabled).map(actor_of));
    }
    Ok(Some((Request { team, ..request }, voters)))
}

/// Whether whoever has asked for it could ask for it now: the account can log in and has the right. The request is of the
/// team that [`request_and_voters`] gives it.
pub(crate) async fn requester_may(tx: &Tx, request: &Request) -> Result<bool, StoreError> {
    let account = tx.user(&request.requested_by).await?.filter(|row| !row.disabled);
    let Some(requester) = account.map(actor_of) else {
        return Ok(false);
    };
    let may = |permission| requester.may(permission, request.team.as_ref());
    Ok(match &request.asked {
        Asked::Plan { .. } => may(Permission::RequestRestore),
        Asked::Change(Change::Assignment { .. }) => may(Permission::EditPolicies),
        Asked::Change(Change::Policy { to, .. }) => {
            may(Permission::EditPolicies) && requester.may(Permission::EditPolicies, to.team.as_ref())
        }
    })
}

/// The team of a policy as it is now, or as it was when nobody has it any more.
pub(crate) fn team_of_policy(from: &Policy, now: Option<Policy>) -> Option<TeamId> {
    now.map_or_else(|| from.team.clone(), |policy| policy.team)
}

/// A row about a request. Those about what people decide are about its object or policy, so that they are found in its
/// history; those about what became of it are about the request.
pub(crate) fn request_event(core: &Core, actor: &str, request: &Request, stage: RequestStage) -> AuditEvent {
    let subject = match stage {
        RequestStage::Requested { .. } | RequestStage::Approved(_) | RequestStage::Vetoed(_) => about(&request.asked),
        RequestStage::Withdrawn { .. }
        | RequestStage::Expired
        | RequestStage::Void(_)
        | RequestStage::Missed { .. } => AuditSubject::Request(request.id.clone()),
    };
    let asked = (&request.asked).into();
    AuditEvent {
        plan_hash: request.asked.plan().map(ToString::to_string),
        ..core.event(actor, subject, Detail::Request { asked, stage })
    }
}

/// What the rows about something that was asked for are about.
pub(crate) fn about(asked: &Asked) -> AuditSubject {
    match asked {
        Asked::Plan { subject, .. } | Asked::Change(Change::Assignment { subject, .. }) => {
            AuditSubject::Object(subject.at())
        }
        Asked::Change(Change::Policy { from, .. }) => AuditSubject::Policy(from.id.clone()),
    }
}
