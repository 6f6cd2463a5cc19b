//! Plans before they run: what they are made from, how they are kept, and the runs that they become.

use super::access::require_for;
use crate::core::{Core, from_store, internal, new_id};
use domain::actor::{Actor, Permission};
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::error::{EstateConflict, RunConflict, ServiceError, Thing};
use domain::ids::{ManagerId, PointId, RequestId, RunId};
use domain::plan::{Plan, PlanHash, SealedPlan};
use domain::request::Window;
use domain::services::{Answer, Draft};
use ovm::estate::Estate;
use std::sync::Arc;
use store::{NewRun, StoredPlan, Tx};

/// A stored plan, if the actor may do `permission` on its subject.
pub(super) async fn stored_plan(
    core: &Core,
    actor: &Actor,
    hash: &PlanHash,
    permission: Permission,
) -> Answer<StoredPlan> {
    let stored = core.store.plan(hash).await.map_err(from_store)?;
    let stored = stored.ok_or_else(|| ServiceError::not_found(Thing::Plan, hash))?;
    let subject = stored.sealed.plan().header.subject.clone();
    require_for(core, actor, permission, &subject.at()).await?;
    Ok(stored)
}

/// What the planners need beside the subject: the newest estate, and who is reached how.
pub(super) async fn planning(core: &Core, actor: &Actor, manager: &ManagerId) -> Answer<(Arc<Estate>, plan::Context)> {
    let row = core.store.manager(manager).await.map_err(from_store)?;
    let row = row.ok_or_else(|| ServiceError::not_found(Thing::Manager, manager))?;
    let revision = core.store.latest_revision(manager).await.map_err(from_store)?;
    let revision = revision.ok_or_else(|| ServiceError::conflict(EstateConflict::NeverDiscovered))?;
    let servers = core.store.server_accesses(manager).await.map_err(from_store)?;
    let context = plan::Context {
        manager: manager.clone(),
        run: RunId::new(new_id(8)),
        planned_by: actor.name.clone(),
        planned_at: core.now(),
        estate_revision: revision.id,
        manager_fingerprint: row.fingerprint,
        reachable: servers
            .into_iter()
            .map(|server| (server.server, server.fingerprint))
            .collect(),
    };
    Ok((revision.estate.clone(), context))
}

/// Seals and stores a plan that nobody has decided on yet.
pub(super) async fn keep_draft(core: &Core, actor: &Actor, plan: Plan) -> Answer<Draft> {
    let sealed = SealedPlan::seal(plan).map_err(internal)?;
    let tx = core.store.begin().await.map_err(from_store)?;
    tx.insert_plan(&sealed, &actor.id, core.now())
        .await
        .map_err(from_store)?;
    tx.commit().await.map_err(from_store)?;
    Ok(Draft {
        hash: sealed.hash().clone(),
        plan: sealed.plan().clone(),
    })
}

/// A plan is run once: its run id is part of it.
pub(super) async fn fresh(tx: &Tx, plan: &Plan) -> Answer<()> {
    match tx.run(&plan.header.run).await.map_err(from_store)? {
        None => Ok(()),
        Some(_) => Err(ServiceError::conflict(RunConflict::PlanUsed)),
    }
}

/// The run of a plan, to be queued now.
pub(super) fn new_run(
    core: &Core,
    actor: &Actor,
    sealed: &SealedPlan,
    request: Option<RequestId>,
    point: Option<PointId>,
) -> NewRun {
    let header = &sealed.plan().header;
    NewRun {
        id: header.run.clone(),
        plan_hash: sealed.hash().clone(),
        kind: header.purpose.kind(),
        subject: header.subject.clone(),
        touches: vec![header.subject.at()],
        started_by: actor.name.clone(),
        queued_at: core.now(),
        request,
        point,
        window: Window::default(),
    }
}

/// An audit event about a plan.
pub(super) fn plan_event(core: &Core, actor: &Actor, sealed: &SealedPlan, detail: Detail) -> AuditEvent {
    let subject = AuditSubject::Object(sealed.plan().header.subject.at());
    AuditEvent {
        plan_hash: Some(sealed.hash().to_string()),
        ..core.event(&actor.name, subject, detail)
    }
}
