//! Requests as they are now: of which team, whose votes still count, and who sees them.

use super::access::{team_of, teams};
use super::accounts::actor_of;
use crate::core::{Core, from_store};
use domain::actor::{Actor, Permission};
use domain::error::{ServiceError, Thing};
use domain::ids::{RequestId, TeamId};
use domain::policy::Policy;
use domain::request::{Asked, Change, Request, RequestState};
use domain::services::Answer;
use domain::subject::SubjectRef;
use std::collections::HashMap;
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
fn team_of_policy(from: &Policy, now: Option<Policy>) -> Option<TeamId> {
    now.map_or_else(|| from.team.clone(), |policy| policy.team)
}

/// The request, if it is there and the actor may see it. It belongs to the team that what it is about has now.
pub(super) async fn visible_request(core: &Core, actor: &Actor, id: &RequestId) -> Answer<Request> {
    let missing = || ServiceError::not_found(Thing::Request, id);
    let request = core.store.request(id).await.map_err(from_store)?.ok_or_else(missing)?;
    let team = match &request.asked {
        Asked::Change(Change::Policy { from, .. }) => {
            team_of_policy(from, core.store.policy(&from.id).await.map_err(from_store)?)
        }
        asked => match asked.subject() {
            Some(subject) => team_of(core, &subject.at()).await?,
            None => None,
        },
    };
    match actor.may(Permission::ViewRuns, team.as_ref()) {
        true => Ok(Request { team, ..request }),
        false => Err(missing()),
    }
}

/// Who owns what can be asked for, for lists: read once, asked for every row.
pub(super) struct Owners {
    teams: HashMap<SubjectRef, TeamId>,
    policies: Vec<Policy>,
}

impl Owners {
    pub(super) async fn read(core: &Core) -> Answer<Self> {
        Ok(Self {
            teams: teams(core).await?,
            policies: core.store.policies().await.map_err(from_store)?,
        })
    }

    /// The team of what is asked for, as it is now.
    pub(super) fn of(&self, asked: &Asked) -> Option<TeamId> {
        match asked {
            Asked::Change(Change::Policy { from, .. }) => {
                let now = self.policies.iter().find(|policy| policy.id == from.id);
                team_of_policy(from, now.cloned())
            }
            asked => asked
                .subject()
                .and_then(|subject| self.teams.get(&subject.at()).cloned()),
        }
    }
}

/// While a request waits, only the votes are shown that count, so that what is missing is told rightly. Afterwards all are:
/// who has agreed is history.
pub(super) fn show_what_counts(request: &mut Request, accounts: &[Actor]) {
    if request.state == RequestState::Pending {
        *request = request.counted(accounts);
    }
}
