//! Requests as they are now: of which team, whose votes still count, and who sees them.

use super::access::{team_of, teams};
use crate::core::{Core, from_store};
use crate::requests::team_of_policy;
use domain::actor::{Actor, Permission};
use domain::error::{ServiceError, Thing};
use domain::ids::{RequestId, TeamId};
use domain::policy::Policy;
use domain::request::{Asked, Change, Request, RequestState};
use domain::services::Answer;
use domain::subject::SubjectRef;
use std::collections::HashMap;

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
