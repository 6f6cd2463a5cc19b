//! Managers, servers, and the estate as discovered.

mod console;
mod enrol;
pub(super) mod view;

use super::access::{commit, missing, require_own, require_team, seen, team_of};
use crate::core::{Core, from_store, internal};
use crate::estate::{Reach, discover};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditSubject, Detail};
use domain::console::RawAnswer;
use domain::enrolment::{HostKey, ManagerView, NewManager, NewServerAccess, ServerAccess};
use domain::error::{Crossing, EstateConflict, ServiceError, Thing};
use domain::ids::{ManagerId, TeamId};
use domain::services::{Answer, EstateService, EstateView, Protections, RevisionHead, VmView};
use domain::subject::SubjectRef;
use ovm::estate::{Change, difference};
use ovm::ids::VmId;
use std::sync::Arc;
use store::{ManagerRow, Revision};

/// Revisions in a list.
const REVISION_LIMIT: u64 = 500;

const LIST_OF_VM: u64 = domain::services::LIST_OF_VM as u64;

pub(crate) struct Estates(pub(crate) Arc<Core>);

#[async_trait]
impl EstateService for Estates {
    async fn managers(&self, actor: &Actor) -> Answer<Vec<ManagerView>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        let mut views = Vec::new();
        for row in self.0.store.managers().await.map_err(from_store)? {
            let head = self.0.store.latest_revision_head(&row.id).await.map_err(from_store)?;
            views.push(view::manager(row, head));
        }
        Ok(views)
    }

    async fn estate(&self, actor: &Actor, manager: &ManagerId) -> Answer<EstateView> {
        actor.require_somewhere(Permission::ViewEstate)?;
        let row = existing(&self.0, manager).await?;
        let revision = newest(&self.0, manager).await?;
        view::estate(&self.0, actor, row, &revision).await
    }

    async fn protection(&self, actor: &Actor, manager: &ManagerId) -> Answer<Protections> {
        let view = self.estate(actor, manager).await?;
        view::protections(&self.0, manager, &view.estate).await
    }

    async fn vm(&self, actor: &Actor, manager: &ManagerId, vm: &VmId) -> Answer<VmView> {
        let subject = SubjectRef::vm(manager, vm);
        let team = team_of(&self.0, &subject).await?;
        seen(actor, team.as_ref(), &subject)?;
        let estate = self.estate(actor, manager).await?;
        let known = estate.estate.vm(vm).ok_or_else(|| missing(&subject))?;
        let store = &self.0.store;
        let mut requests = store.requests_of(&subject, LIST_OF_VM).await.map_err(from_store)?;
        for request in &mut requests {
            request.team.clone_from(&team);
        }
        let points = store.points_of(&subject, LIST_OF_VM).await.map_err(from_store)?;
        Ok(VmView {
            vm: known.clone(),
            not_contained: plan::not_contained(&estate.estate, known),
            protection: view::protection_of(&self.0, &subject, team).await?,
            points,
            runs: store.runs_of(&subject, LIST_OF_VM).await.map_err(from_store)?,
            requests,
            estate,
        })
    }

    async fn team(&self, actor: &Actor, of: &SubjectRef) -> Answer<Option<TeamId>> {
        let team = team_of(&self.0, of).await?;
        seen(actor, team.as_ref(), of)?;
        Ok(team)
    }

    async fn revisions(&self, actor: &Actor, manager: &ManagerId) -> Answer<Vec<RevisionHead>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        existing(&self.0, manager).await?;
        let revisions = self.0.store.revisions(manager, REVISION_LIMIT).await;
        let mut revisions = revisions.map_err(from_store)?;
        if !actor.may(Permission::ViewEstate, None) {
            // How many machines there are is told only to those who see them all.
            revisions.iter_mut().for_each(|head| head.counts.clear());
        }
        Ok(revisions)
    }

    async fn revision_difference(&self, actor: &Actor, manager: &ManagerId, from: i64, to: i64) -> Answer<Vec<Change>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        existing(&self.0, manager).await?;
        let from = view::seen_revision(&self.0, actor, manager, from).await?;
        let to = view::seen_revision(&self.0, actor, manager, to).await?;
        Ok(difference(&from, &to))
    }

    async fn refresh(&self, actor: &Actor, manager: &ManagerId) -> Answer<i64> {
        if !actor.may_somewhere(Permission::RunBackup) {
            actor.require_somewhere(Permission::Administer)?;
        }
        existing(&self.0, manager).await?;
        rediscover(&self.0, &actor.name, manager).await
    }

    async fn probe_host_key(&self, actor: &Actor, host: &str, port: u16) -> Answer<HostKey> {
        actor.require(Permission::Administer, None)?;
        enrol::probe(host, port).await
    }

    async fn enrol(&self, actor: &Actor, new: NewManager) -> Answer<ManagerId> {
        actor.require(Permission::Administer, None)?;
        let id = enrol::manager(&self.0, actor, new).await?;
        // Enrolled is enrolled: what the discovery ran into is shown on the Manager's page.
        let _shown_there = rediscover(&self.0, &actor.name, &id).await;
        Ok(id)
    }

    async fn servers(&self, actor: &Actor, manager: &ManagerId) -> Answer<Vec<ServerAccess>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        existing(&self.0, manager).await?;
        let rows = self.0.store.server_accesses(manager).await.map_err(from_store)?;
        Ok(rows.into_iter().map(view::server).collect())
    }

    async fn set_server_access(&self, actor: &Actor, new: NewServerAccess) -> Answer<()> {
        actor.require(Permission::Administer, None)?;
        existing(&self.0, &new.manager).await?;
        let revision = newest(&self.0, &new.manager).await?;
        let server = revision
            .estate
            .server(&new.server)
            .ok_or_else(|| ServiceError::not_found(Thing::Server, &new.server))?;
        enrol::server(&self.0, actor, new, &server.name).await
    }

    async fn set_team(&self, actor: &Actor, of: &SubjectRef, team: Option<TeamId>) -> Answer<()> {
        actor.require(Permission::Administer, None)?;
        existing(&self.0, &of.manager).await?;
        if let Some(team) = &team {
            require_team(&self.0, team).await?;
        }
        let revision = newest(&self.0, &of.manager).await?;
        if of.object.vm().and_then(|vm| revision.estate.vm(vm)).is_none() {
            return Err(missing(of));
        }
        let tx = self.0.store.begin().await.map_err(from_store)?;
        if let Some(policy) = tx.protection(of).await.map_err(from_store)? {
            require_own(&policy, team.as_ref(), Crossing::MovingObject)?;
        }
        let was = tx.subject_team(of).await.map_err(from_store)?;
        let detail = Detail::TeamChanged { was, is: team.clone() };
        let event = self.0.event(&actor.name, AuditSubject::Object(of.clone()), detail);
        let stored = async {
            tx.set_subject_team(of, team.as_ref()).await?;
            commit(tx, &event).await
        };
        stored.await.map_err(from_store)
    }

    async fn ask(&self, actor: &Actor, manager: &ManagerId, line: &str) -> Answer<RawAnswer> {
        actor.require(Permission::Administer, None)?;
        existing(&self.0, manager).await?;
        console::ask(&self.0, actor, manager, line).await
    }
}

/// Discovers the estate of a Manager, in a task of its own: the result is kept although the one who asked goes away.
async fn rediscover(core: &Arc<Core>, actor: &str, manager: &ManagerId) -> Answer<i64> {
    let (core, actor, manager) = (core.clone(), actor.to_owned(), manager.clone());
    let discovering = tokio::spawn(async move { discover_anew(&core, &actor, &manager).await });
    discovering.await.map_err(internal)?
}

/// Discovers the estate of a Manager and stores it as a new revision; a failure is stored as the Manager's problem.
async fn discover_anew(core: &Arc<Core>, actor: &str, manager: &ManagerId) -> Answer<i64> {
    let found = discover(&Reach::new(core.clone(), manager.clone())).await;
    let subject = AuditSubject::Manager(manager.clone());
    let detail = match &found {
        Ok(estate) => Detail::EstateDiscovered {
            vms: estate.vms.len(),
            problems: estate.problems.len(),
        },
        Err(error) => Detail::DiscoveryFailed(error.fault()),
    };
    let event = core.event(actor, subject, detail);
    let stored = async {
        let tx = core.store.begin().await?;
        let revision = match &found {
            Ok(estate) => {
                tx.set_manager_problem(manager, None).await?;
                tx.insert_revision(manager, event.at, estate).await?
            }
            Err(error) => {
                tx.set_manager_problem(manager, Some(&error.fault())).await?;
                0
            }
        };
        commit(tx, &event).await?;
        Ok(revision)
    };
    let revision = stored.await.map_err(from_store)?;
    found.map_err(ServiceError::from).map(|_| revision)
}

pub(super) async fn existing(core: &Core, manager: &ManagerId) -> Answer<ManagerRow> {
    let row = core.store.manager(manager).await.map_err(from_store)?;
    row.ok_or_else(|| ServiceError::not_found(Thing::Manager, manager))
}

pub(super) async fn newest(core: &Core, manager: &ManagerId) -> Answer<Arc<Revision>> {
    let revision = core.store.latest_revision(manager).await.map_err(from_store)?;
    revision.ok_or_else(|| ServiceError::conflict(EstateConflict::NeverDiscovered))
}
