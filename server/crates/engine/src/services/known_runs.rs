//! Runs as somebody sees them, and rows of the audit trail about them.

use super::access::team_of;
use crate::core::{Core, from_store};
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::error::{ServiceError, Thing};
use domain::ids::{RunId, TeamId};
use domain::services::Answer;
use store::RunRow;

/// A run, if the actor may see it; with the team of its subject.
pub(super) async fn visible_run(core: &Core, actor: &Actor, id: &RunId) -> Answer<(RunRow, Option<TeamId>)> {
    let run = core.store.run(id).await.map_err(from_store)?;
    let run = run.ok_or_else(|| ServiceError::not_found(Thing::JobRun, id))?;
    let team = team_of(core, &run.summary.subject.at()).await?;
    if actor.may(Permission::ViewRuns, team.as_ref()) {
        Ok((run, team))
    } else {
        Err(ServiceError::not_found(Thing::JobRun, id))
    }
}

/// An audit event about a run.
pub(super) fn run_event(core: &Core, actor: &Actor, run: &RunRow, detail: Detail) -> AuditEvent {
    let subject = AuditSubject::Run(run.summary.id.clone());
    AuditEvent {
        plan_hash: Some(run.summary.plan_hash.to_string()),
        ..core.event(&actor.name, subject, detail)
    }
}
