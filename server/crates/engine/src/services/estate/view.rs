//! What the estate's pages show, reduced to what the actor may see.

use crate::core::{Core, from_store};
use domain::actor::{Actor, Permission, Reach};
use domain::enrolment::{ManagerView, ServerAccess};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, TeamId};
use domain::policy::Policy;
use domain::services::{Answer, EstateView, Protection, Protections};
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use ovm::estate::Estate;
use ovm::ids::VmId;
use std::collections::HashMap;
use std::sync::Arc;
use store::{ManagerRow, PointCount, Revision, ServerAccessRow};

pub(super) fn manager(row: ManagerRow, revision: Option<(i64, Timestamp)>) -> ManagerView {
    ManagerView {
        id: row.id,
        name: row.name,
        host: row.host,
        port: row.port,
        user: row.user,
        fingerprint: row.fingerprint,
        changed_fingerprint: row.changed_fingerprint,
        legacy_algorithms: row.legacy_algorithms,
        revision,
        problem: row.problem,
    }
}

pub(in crate::services) fn server(row: ServerAccessRow) -> ServerAccess {
    ServerAccess {
        manager: row.manager,
        server: row.server,
        name: row.name,
        host: row.host,
        port: row.port,
        user: row.user,
        fingerprint: row.fingerprint,
        changed_fingerprint: row.changed_fingerprint,
        legacy_algorithms: row.legacy_algorithms,
    }
}

/// The estate of a revision.
pub(super) async fn estate(core: &Core, actor: &Actor, row: ManagerRow, revision: &Revision) -> Answer<EstateView> {
    Ok(EstateView {
        estate: seen(core, actor, &row.id, revision).await?,
        manager: manager(row, Some((revision.id, revision.taken_at))),
        revision: revision.id,
        taken_at: revision.taken_at,
    })
}

/// The estate at one revision, as far as the actor may see it.
///
/// # Errors
/// [`ServiceError::NotFound`] when the Manager has no such revision.
pub(super) async fn seen_revision(core: &Core, actor: &Actor, manager: &ManagerId, number: i64) -> Answer<Arc<Estate>> {
    let revision = core.store.revision(manager, number).await.map_err(from_store)?;
    let revision = revision.ok_or_else(|| ServiceError::not_found(Thing::Revision, number))?;
    seen(core, actor, manager, &revision).await
}

/// The same value for everybody who sees the same.
async fn seen(core: &Core, actor: &Actor, manager: &ManagerId, revision: &Revision) -> Answer<Arc<Estate>> {
    let teams = match actor.reach(Permission::ViewEstate) {
        Reach::Everything => return Ok(revision.estate.clone()),
        Reach::Teams(teams) => teams,
    };
    let objects = core
        .store
        .subjects_of_teams(manager, &teams)
        .await
        .map_err(from_store)?;
    let vms = objects.iter().filter_map(Object::vm).cloned().collect();
    Ok(core.seen.reduced(manager, revision, vms))
}

/// How the VMs of an estate are protected.
pub(in crate::services) async fn protections(core: &Core, manager: &ManagerId, estate: &Estate) -> Answer<Protections> {
    let policies = policies(core, manager).await?;
    let teams = core.store.subject_teams(manager).await.map_err(from_store)?;
    let points = core.store.point_counts(manager).await.map_err(from_store)?;
    let protection = |vm: &VmId| {
        let object = Object::Vm(vm.clone());
        let (team, policy) = (teams.get(&object).cloned(), policies.get(&object).cloned());
        protection(team, policy, points.get(&object))
    };
    let vms = estate.vms.iter().map(|vm| vm.id.clone());
    Ok(vms.map(|vm| (vm.clone(), protection(&vm))).collect())
}

/// How one VM of this team is protected.
pub(super) async fn protection_of(core: &Core, subject: &SubjectRef, team: Option<TeamId>) -> Answer<Protection> {
    let policy = core.store.protection(subject).await.map_err(from_store)?;
    let points = core.store.point_count(subject).await.map_err(from_store)?;
    Ok(protection(team, policy, points.as_ref()))
}

fn protection(team: Option<TeamId>, policy: Option<Policy>, points: Option<&PointCount>) -> Protection {
    Protection {
        team,
        policy,
        newest_point: points.map(|count| count.newest),
        points: points.map_or(0, |count| count.points),
    }
}

/// The policies of the objects of one Manager.
async fn policies(core: &Core, manager: &ManagerId) -> Answer<HashMap<Object, Policy>> {
    let known = core.store.policies().await.map_err(from_store)?;
    let known: HashMap<_, _> = known.into_iter().map(|policy| (policy.id.clone(), policy)).collect();
    let protections = core.store.protections().await.map_err(from_store)?.into_iter();
    let of_manager = protections.filter(|(subject, _)| subject.manager == *manager);
    Ok(of_manager
        .filter_map(|(subject, id)| Some((subject.object, known.get(&id)?.clone())))
        .collect())
}
