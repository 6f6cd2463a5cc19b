//! The disaster recovery handbook: everything that Holdfast knows of an estate, put together so that it is of use
//! without Holdfast.

use super::access::record;
use super::catalogue::locations;
use super::documents::{Scripts, rehearsed, require_download};
use super::estate::{Estates, view};
use crate::core::{Core, blocking, from_store};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::audit::{AuditSubject, Detail};
use domain::enrolment::ServerAccess;
use domain::error::{ServiceError, Thing};
use domain::handbook::{Chapter, Handbook, Sheet, file_name};
use domain::ids::ManagerId;
use domain::point::RecoveryPoint;
use domain::services::{Answer, EstateService, EstateView, HandbookService, Protections};
use domain::subject::{Object, SubjectRef};
use domain::target::Locations;
use domain::time::Timestamp;
use ovm::estate::{Estate, Vm};
use ovm::ids::VmId;
use ovm::script::{RebuildScript, Scope, rebuild_script};
use plan::procedure::{Facts, everything_lost, manager_lost, vm_lost};
use std::collections::HashMap;
use std::sync::Arc;
use store::PointCount;

pub(crate) struct Handbooks(pub(crate) Arc<Core>);

#[async_trait]
impl HandbookService for Handbooks {
    async fn handbook(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<Handbook> {
        let core = &self.0;
        require_download(core, actor, manager, scope).await?;
        let view = Estates(core.clone()).estate(actor, manager).await?;
        let subject = subject(scope, &view.estate)?;
        let protection = view::protections(core, manager, &view.estate).await?;
        let servers = core.store.server_accesses(manager).await.map_err(from_store)?;
        let part = scope.part_of(&view.estate);
        let counts = core.store.point_counts(manager).await.map_err(from_store)?;
        let newest_row = core.store.audit(None, None, 1).await.map_err(from_store)?.pop();
        let estate = view.estate.clone();
        let source = Source {
            subject,
            made_at: core.now(),
            made_by: actor.name.clone(),
            audit: newest_row.map(|row| (row.seq, row.hash)),
            servers: servers.into_iter().map(view::server).collect(),
            newest: self.newest_points(manager, &part, &counts).await?,
            targets: locations(core).await?,
            view,
            protection,
            part,
            counts,
        };
        let of = scope.clone();
        // Scripts of thousands of machines take a while, and other requests go on.
        let mut handbook = blocking(move || source.handbook(&of)).await;
        for sheet in &mut handbook.scripts {
            sheet.rehearsed = rehearsed(core, manager, &estate, &sheet.scope).await?;
        }
        let detail = Detail::HandbookExported {
            subject: handbook.subject.clone(),
            revision: handbook.revision,
        };
        let event = core.event(&actor.name, AuditSubject::Manager(manager.clone()), detail);
        record(core, &event).await?;
        Ok(handbook)
    }
}

impl Handbooks {
    /// The newest usable recovery point of each machine that has one.
    async fn newest_points(
        &self,
        manager: &ManagerId,
        part: &Estate,
        counts: &HashMap<Object, PointCount>,
    ) -> Answer<HashMap<VmId, RecoveryPoint>> {
        let mut newest = HashMap::new();
        for vm in &part.vms {
            let subject = SubjectRef::vm(manager, &vm.id);
            if !counts.contains_key(&subject.object) {
                continue;
            }
            let point = self.0.store.newest_point(&subject).await.map_err(from_store)?;
            newest.extend(point.map(|point| (vm.id.clone(), point)));
        }
        Ok(newest)
    }
}

fn subject(scope: &Scope, estate: &Estate) -> Answer<String> {
    let name = scope.name(estate).ok_or_else(|| match scope {
        Scope::Pool(id) => ServiceError::not_found(Thing::ServerPool, id),
        Scope::Vm(id) => ServiceError::not_found(Thing::Vm, id),
        Scope::Estate => ServiceError::not_found(Thing::Estate, scope.key()),
    })?;
    Ok(match scope {
        Scope::Estate => name.to_owned(),
        Scope::Pool(_) => format!("the server pool {name}"),
        Scope::Vm(_) => format!("the VM {name}"),
    })
}

/// What a handbook is made from.
struct Source {
    subject: String,
    made_at: Timestamp,
    made_by: String,
    /// Number and hash of the newest row of the audit trail.
    audit: Option<(i64, String)>,
    view: EstateView,
    protection: Protections,
    part: Estate,
    servers: Vec<ServerAccess>,
    counts: HashMap<Object, PointCount>,
    newest: HashMap<VmId, RecoveryPoint>,
    targets: Locations,
}

impl Source {
    fn handbook(self, scope: &Scope) -> Handbook {
        let facts = Facts {
            estate: &self.part,
            manager: &self.view.manager,
            servers: &self.servers,
            targets: &self.targets,
        };
        let mut scripts = Vec::new();
        let chapters = self.chapters(facts, &mut scripts);
        let procedures = match scope {
            Scope::Vm(_) => Vec::new(),
            Scope::Estate | Scope::Pool(_) => {
                let order: Vec<String> = chapters.iter().map(|chapter| chapter.vm.name.clone()).collect();
                let whole = whole_sheet(&self.view.estate, scope, &self.subject);
                let script = whole.as_ref().map(|sheet| sheet.file.as_str()).map_err(String::as_str);
                let procedures = vec![everything_lost(facts, &order, script), manager_lost(facts)];
                scripts.extend(whole);
                procedures
            }
        };
        Handbook {
            subject: self.subject,
            revision: self.view.revision,
            taken_at: self.view.taken_at,
            made_at: self.made_at,
            made_by: self.made_by,
            audit: self.audit,
            chapters,
            procedures,
            scripts,
            manager: self.view.manager,
            estate: self.part,
            targets: self.targets,
        }
    }

    /// One chapter and, where there can be one, one script for each machine, in the order of recovery.
    fn chapters(&self, facts: Facts<'_>, scripts: &mut Vec<Sheet>) -> Vec<Chapter> {
        let mut vms: Vec<&Vm> = self.part.vms.iter().collect();
        vms.sort_by(|one, other| Chapter::rank(one).cmp(&Chapter::rank(other)));
        let mut chapter = |vm: &Vm| {
            let sheet = machine_sheet(&self.view.estate, vm);
            let script = sheet.as_ref().map(|sheet| sheet.file.clone()).map_err(Clone::clone);
            scripts.extend(sheet);
            self.chapter(facts, vm, script)
        };
        vms.into_iter().map(&mut chapter).collect()
    }

    fn chapter(&self, facts: Facts<'_>, vm: &Vm, script: Result<String, String>) -> Chapter {
        let (count, newest) = (self.counts.get(&Object::Vm(vm.id.clone())), self.newest.get(&vm.id));
        let protection = self.protection.get(&vm.id);
        let words = script.as_ref().map(String::as_str).map_err(String::as_str);
        Chapter {
            procedure: vm_lost(facts, vm, newest, words),
            policy: protection
                .and_then(|it| it.policy.as_ref())
                .map(|policy| policy.rules.name.clone()),
            protected_since: count.map(|count| count.oldest),
            points: count.map_or(0, |count| count.points),
            newest: newest.cloned(),
            not_contained: plan::not_contained(&self.view.estate, vm),
            vm: vm.clone(),
            script,
        }
    }
}

fn machine_sheet(estate: &Estate, vm: &Vm) -> Result<Sheet, String> {
    let script = rebuild_script(estate, &vm.id).map_err(|error| error.to_string())?;
    sheet(Scope::Vm(vm.id.clone()), format!("The VM {}", vm.name), script)
}

fn whole_sheet(estate: &Estate, scope: &Scope, subject: &str) -> Result<Sheet, String> {
    let scripts = Scripts::of(estate, scope).map_err(|error| error.to_string())?;
    sheet(scope.clone(), subject.to_owned(), scripts.plain)
}

/// Names are not unique and hold anything: the scope's word makes the file name.
fn sheet(scope: Scope, title: String, script: RebuildScript) -> Result<Sheet, String> {
    Ok(Sheet {
        file: file_name(&scope.key()),
        scope,
        title,
        for_people: script.render_for_people().map_err(|error| error.to_string())?,
        for_cli: script.render_for_cli().map_err(|error| error.to_string())?,
        rehearsed: None,
    })
}
