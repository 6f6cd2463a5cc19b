//! What the estate's pages show, reduced to what the actor may see.

use super::seen::seen;
use crate::core::{Core, from_store};
use domain::actor::Actor;
use domain::enrolment::{ManagerView, ServerAccess};
use domain::error::ServiceError;
use domain::ids::{ManagerId, TeamId};
use domain::policy::Policy;
use domain::services::{Answer, EstateView, Protection};
use domain::subject::Object;
use domain::time::Timestamp;
use ovm::estate::{Estate, Vm};
use std::collections::HashMap;
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

/// The estate of a revision, and how its machines are protected.
pub(super) async fn estate(core: &Core, actor: &Actor, row: ManagerRow, revision: &Revision) -> Answer<EstateView> {
    let facts = Facts::read(core, &row.id).await?;
    let estate = seen(&revision.estate, actor, &facts.teams);
    // What is not contained is read off the whole estate: a LUN of a machine is known there in any case.
    let protection = estate
        .vms
        .iter()
        .map(|vm| facts.protection(&revision.estate, vm))
        .collect();
    Ok(EstateView {
        manager: manager(row, Some((revision.id, revision.taken_at))),
        estate,
        revision: revision.id,
        taken_at: revision.taken_at,
        protection,
    })
}

/// The estate at one revision, as far as the actor may see it.
///
/// # Errors
/// [`ServiceError::NotFound`] when the Manager has no such revision.
pub(super) async fn seen_revision(core: &Core, actor: &Actor, manager: &ManagerId, number: i64) -> Answer<Estate> {
    let revision = core.store.revision(manager, number).await.map_err(from_store)?;
    let revision = revision.ok_or_else(|| ServiceError::not_found("revision", number))?;
    let teams = core.store.subject_teams(manager).await.map_err(from_store)?;
    Ok(seen(&revision.estate, actor, &teams))
}

/// What Holdfast knows about the machines of one Manager beside what the Manager says.
struct Facts {
    teams: HashMap<Object, TeamId>,
    policies: HashMap<Object, Policy>,
    points: HashMap<Object, PointCount>,
}

impl Facts {
    async fn read(core: &Core, manager: &ManagerId) -> Answer<Self> {
        let policies = core.store.policies().await.map_err(from_store)?;
        let of = |object, id| {
            policies
                .iter()
                .find(|policy| policy.id == id)
                .map(|policy| (object, policy.clone()))
        };
        let protections = core.store.protections().await.map_err(from_store)?.into_iter();
        let policies = protections
            .filter(|(subject, _)| subject.manager == *manager)
            .filter_map(|(subject, id)| of(subject.object, id))
            .collect();
        Ok(Self {
            teams: core.store.subject_teams(manager).await.map_err(from_store)?,
            policies,
            points: core.store.point_counts(manager).await.map_err(from_store)?,
        })
    }

    fn protection(&self, estate: &Estate, vm: &Vm) -> Protection {
        let object = Object::Vm(vm.id.clone());
        let points = self.points.get(&object);
        Protection {
            vm: vm.id.clone(),
            team: self.teams.get(&object).cloned(),
            policy: self.policies.get(&object).cloned(),
            newest_point: points.map(|count| count.newest),
            points: points.map_or(0, |count| count.points),
            not_contained: plan::not_contained(estate, vm),
        }
    }
}
