//! Helpers that all services share: whom an object belongs to, what the actor may see of it, and how a change and its
//! row in the audit trail are written together.

use crate::core::{Core, actor_of, from_store};
use domain::actor::{Actor, Permission, Reach};
use domain::audit::AuditEvent;
use domain::error::{AccountFlaw, Crossing, FormFlaw, PolicyConflict, ServiceError, Thing};
use domain::ids::TeamId;
use domain::list::{Cursor, LIST_LIMIT};
use domain::policy::Policy;
use domain::services::Answer;
use domain::subject::SubjectRef;
use std::collections::HashMap;
use store::{StoreError, Tx, Wanted};

/// The team of an object. An object that nobody has put under a team has none, one that does not exist neither.
pub(crate) async fn team_of(core: &Core, subject: &SubjectRef) -> Answer<Option<TeamId>> {
    core.store.subject_team(subject).await.map_err(from_store)
}

/// Guard for a call about one object; the answer is its team.
///
/// # Errors
/// [`ServiceError::NotFound`] when the actor may not even see the object, [`ServiceError::Forbidden`] when he may, but
/// lacks the permission.
pub(crate) async fn require_for(
    core: &Core,
    actor: &Actor,
    permission: Permission,
    subject: &SubjectRef,
) -> Answer<Option<TeamId>> {
    let team = team_of(core, subject).await?;
    seen(actor, team.as_ref(), subject)?;
    actor.require(permission, team.as_ref())?;
    Ok(team)
}

/// Guard: what the actor may not see does not exist for him.
///
/// # Errors
/// [`ServiceError::NotFound`] for the thing with this `id`.
pub(crate) fn visible(actor: &Actor, team: Option<&TeamId>, what: Thing, id: impl ToString) -> Answer<()> {
    match actor.may(Permission::ViewEstate, team) {
        true => Ok(()),
        false => Err(ServiceError::not_found(what, id)),
    }
}

/// [`visible`] for an object of this team.
///
/// # Errors
/// As there.
pub(crate) fn seen(actor: &Actor, team: Option<&TeamId>, subject: &SubjectRef) -> Answer<()> {
    match actor.may(Permission::ViewEstate, team) {
        true => Ok(()),
        false => Err(missing(subject)),
    }
}

/// The error for an object that is not there.
pub(crate) fn missing(subject: &SubjectRef) -> ServiceError {
    let id = subject.object.id().unwrap_or(subject.manager.as_str());
    ServiceError::not_found(&subject.object, id)
}

/// Guard: the team exists.
///
/// # Errors
/// [`ServiceError::Invalid`] for the field `team`.
pub(crate) async fn require_team(core: &Core, team: &TeamId) -> Answer<()> {
    let teams = core.store.teams().await.map_err(from_store)?;
    match teams.iter().any(|known| known.id == *team) {
        true => Ok(()),
        false => {
            let team = team.clone();
            Err(ServiceError::invalid("team", AccountFlaw::TeamUnknown { team }))
        }
    }
}

/// Guard: the policy takes objects of this team.
///
/// # Errors
/// [`ServiceError::Conflict`], by this.
pub(crate) fn require_own(policy: &Policy, team: Option<&TeamId>, by: Crossing) -> Answer<()> {
    match policy.takes(team) {
        true => Ok(()),
        false => {
            let policy = policy.rules.name.clone();
            Err(ServiceError::conflict(PolicyConflict::PolicyOfOtherTeam { policy, by }))
        }
    }
}

/// A display name, without blanks around it.
///
/// # Errors
/// [`ServiceError::Invalid`] for the field `name`.
pub(crate) fn checked_title(name: &str) -> Answer<String> {
    let name = name.trim();
    if (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(ServiceError::invalid("name", FormFlaw::Title))
}

/// What is asked of a list: the part behind `before`, within the actor's reach, with the text, and one row more than a part
/// has, which tells that the list goes on.
pub(crate) fn wanted<'a>(reach: &'a Reach, text: Option<&'a str>, before: Option<&Cursor>) -> Wanted<'a> {
    Wanted {
        reach,
        text,
        before: before.cloned(),
        limit: LIST_LIMIT as u64 + 1,
    }
}

/// Everybody who can log in, by name.
pub(crate) async fn accounts(core: &Core) -> Answer<Vec<Actor>> {
    let rows = core.store.users().await.map_err(from_store)?;
    Ok(rows.into_iter().filter(|row| !row.disabled).map(actor_of).collect())
}

/// Which objects the actor has a permission on, for lists: read once, asked for every row.
pub(crate) struct Sight<'a> {
    actor: &'a Actor,
    permission: Permission,
    teams: HashMap<SubjectRef, TeamId>,
}

/// The teams of all objects that have one.
pub(crate) async fn teams(core: &Core) -> Answer<HashMap<SubjectRef, TeamId>> {
    let mut teams = HashMap::new();
    for manager in core.store.managers().await.map_err(from_store)? {
        let of_manager = core.store.subject_teams(&manager.id).await.map_err(from_store)?;
        teams.extend(of_manager.into_iter().map(|(object, team)| {
            let manager = manager.id.clone();
            (SubjectRef { manager, object }, team)
        }));
    }
    Ok(teams)
}

impl<'a> Sight<'a> {
    /// Reads the teams of all objects; of none for an actor who sees everything anyway.
    pub(crate) async fn read(core: &Core, actor: &'a Actor, permission: Permission) -> Answer<Self> {
        actor.require_somewhere(permission)?;
        let teams = match actor.may(permission, None) {
            true => HashMap::new(),
            false => teams(core).await?,
        };
        Ok(Self {
            actor,
            permission,
            teams,
        })
    }

    /// Whether the actor has the permission on this object.
    pub(crate) fn reaches(&self, subject: &SubjectRef) -> bool {
        self.actor.may(self.permission, self.teams.get(subject))
    }
}

/// Commits a change together with its row in the audit trail: there is neither without the other.
pub(crate) async fn commit(tx: Tx, event: &AuditEvent) -> Result<(), StoreError> {
    tx.audit(event).await?;
    tx.commit().await
}

/// Adds a row to the audit trail for something that changed nothing in the database.
pub(crate) async fn record(core: &Core, event: &AuditEvent) -> Answer<()> {
    let written = async { commit(core.store.begin().await?, event).await };
    written.await.map_err(from_store)
}

/// Writes the audit row, commits, and wakes whoever waits.
pub(super) async fn finish(core: &Core, tx: Tx, event: &AuditEvent) -> Answer<()> {
    tx.audit(event).await.map_err(from_store)?;
    tx.commit().await.map_err(from_store)?;
    core.wake_all();
    Ok(())
}
