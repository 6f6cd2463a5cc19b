//! A program that knows one small estate, keeps what it is told in memory and can be told to refuse.

mod people;

use crate::{estate, plans};
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::console::RawAnswer;
use domain::document::{PlanForm, Rehearsal, ScriptForm, ScriptView};
use domain::enrolment::{HostKey, ManagerView, NewManager, NewServerAccess, ServerAccess};
use domain::error::{ServiceError, Thing};
use domain::experience::Experience;
use domain::fault::TargetFault;
use domain::handbook::Handbook;
use domain::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId, TeamId};
use domain::list::{Cursor, Part};
use domain::news::News;
use domain::plan::{PlanHash, Step};
use domain::point::{Artefact, PointSummary, RecoveryPoint};
use domain::policy::PolicyRules;
use domain::request::{AskedHash, Request, RequestState, Vote, Window};
use domain::run::{Decision, RunDetail, RunState, RunSummary, Settlement};
use domain::say::{Language, Say};
use domain::services::*;
use domain::subject::SubjectRef;
use domain::target::{Locations, NewTarget, TargetView};
use futures::stream::BoxStream;
use ovm::estate::Change;
use ovm::ids::VmId;
use ovm::ovmcli::Status;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

/// What the tests put in and look at.
#[derive(Default)]
pub struct Facts {
    /// Every change that a form has asked for, in words.
    pub asked: Mutex<Vec<String>>,
    /// The next change is refused with this.
    pub refusal: Mutex<Option<ServiceError>>,
    /// Why the estate cannot be shown.
    pub undiscovered: Mutex<Option<ServiceError>>,
    /// State of the one run.
    pub run_state: Mutex<Option<RunState>>,
    /// Whom the one run waits for.
    pub waiting_for: Mutex<Vec<RunId>>,
    /// What the one run asks, if not for a decision.
    pub asks: Mutex<Option<Step>>,
    /// How the one run can be settled.
    pub settlements: Mutex<Vec<Settlement>>,
    /// All requests; the first is that of the one run.
    pub requests: Mutex<Vec<Request>>,
    /// The run of an approved request has not begun.
    pub not_begun: AtomicBool,
    /// Who can approve restores.
    pub approvers: Mutex<Vec<String>>,
    /// Policies beside the usual one.
    pub policies: Mutex<Vec<PolicyView>>,
    /// Why a run cannot be read.
    pub run_lost: Mutex<Option<ServiceError>>,
    /// How long past runs took.
    pub experience: Mutex<Option<Experience>>,
    /// How many more machines the estate has.
    pub crowd: Mutex<usize>,
    /// Backup targets beside the first.
    pub targets: Mutex<Vec<TargetView>>,
    /// The target of the one policy, where it is another than the first.
    pub policy_target: Mutex<Option<TargetId>>,
    /// Where every list goes on.
    pub older: Mutex<Option<Cursor>>,
}

impl Facts {
    fn change(&self, words: impl Into<String>) -> Answer<()> {
        if let Some(refusal) = self.refusal.lock().unwrap().take() {
            return Err(refusal);
        }
        self.asked.lock().unwrap().push(words.into());
        Ok(())
    }

    fn run(&self, state: RunState) -> RunDetail {
        let mut run = plans::run(state);
        run.summary.waiting_for.clone_from(&self.waiting_for.lock().unwrap());
        run
    }

    fn part<T>(&self, rows: Vec<T>) -> Part<T> {
        let older = self.older.lock().unwrap().clone();
        Part { rows, older }
    }

    /// What forms have asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// One value behind all services.
#[derive(Clone)]
struct Fake(Arc<Facts>);

/// The program for the pages.
pub fn backend(facts: &Arc<Facts>) -> Backend {
    let fake = Arc::new(Fake(Arc::clone(facts)));
    Backend {
        estate: fake.clone(),
        documents: fake.clone(),
        policies: fake.clone(),
        catalogue: fake.clone(),
        targets: fake.clone(),
        runs: fake.clone(),
        restores: fake.clone(),
        handbooks: fake.clone(),
        audit: fake.clone(),
        accounts: fake.clone(),
        health: fake,
    }
}

#[async_trait]
impl EstateService for Fake {
    async fn managers(&self, _: &Actor) -> Answer<Vec<ManagerView>> {
        Ok(vec![estate::manager()])
    }
    async fn estate(&self, _: &Actor, _: &ManagerId) -> Answer<EstateView> {
        match self.0.undiscovered.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => Ok(estate::view_with(*self.0.crowd.lock().unwrap())),
        }
    }
    async fn protection(&self, _: &Actor, _: &ManagerId) -> Answer<Protections> {
        match self.0.undiscovered.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => Ok(estate::protections(*self.0.crowd.lock().unwrap())),
        }
    }
    async fn vm(&self, _: &Actor, _: &ManagerId, vm: &VmId) -> Answer<VmView> {
        match self.0.undiscovered.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => estate::vm_view(vm),
        }
    }
    async fn team(&self, _: &Actor, of: &SubjectRef) -> Answer<Option<TeamId>> {
        let of = of.object.vm().and_then(|vm| estate::protections(0).remove(vm));
        Ok(of.and_then(|protection| protection.team))
    }
    async fn revisions(&self, _: &Actor, _: &ManagerId) -> Answer<Vec<RevisionHead>> {
        Ok(estate::revisions())
    }
    async fn revision_difference(&self, _: &Actor, _: &ManagerId, from: i64, to: i64) -> Answer<Vec<Change>> {
        Ok(if (from, to) == (5, 7) {
            estate::changes()
        } else {
            vec![]
        })
    }
    async fn refresh(&self, _: &Actor, manager: &ManagerId) -> Answer<i64> {
        self.0.change(format!("refresh {manager}")).map(|()| 8)
    }
    async fn probe_host_key(&self, _: &Actor, host: &str, port: u16) -> Answer<HostKey> {
        self.0.change(format!("probe {host} {port}"))?;
        Ok(HostKey {
            algorithm: "ssh-dss".into(),
            fingerprint: "SHA256:shown-by-the-host".into(),
        })
    }
    async fn enrol(&self, _: &Actor, new: NewManager) -> Answer<ManagerId> {
        self.0
            .change(format!("enrol {} {} {}", new.host, new.fingerprint, new.password))?;
        Ok(ManagerId::new("m1"))
    }
    async fn servers(&self, _: &Actor, _: &ManagerId) -> Answer<Vec<ServerAccess>> {
        Ok(vec![estate::server_access()])
    }
    async fn set_server_access(&self, _: &Actor, new: NewServerAccess) -> Answer<()> {
        let old = if new.legacy_algorithms { " old" } else { "" };
        self.0.change(format!("access {} {}{old}", new.server, new.user))
    }
    async fn set_team(&self, _: &Actor, of: &SubjectRef, team: Option<TeamId>) -> Answer<()> {
        self.0.change(format!("team of {}: {team:?}", of.object))
    }
    async fn ask(&self, actor: &Actor, _: &ManagerId, line: &str) -> Answer<RawAnswer> {
        actor.require(Permission::Administer, None)?;
        domain::console::admit(line)?;
        self.0.change(format!("ask {line}"))?;
        Ok(RawAnswer {
            line: line.into(),
            status: Status::Success,
            text: "Status: Success\n  id:1  name:</code><b>not markup".into(),
            millis: 12,
        })
    }
}

#[async_trait]
impl DocumentService for Fake {
    async fn script(&self, _: &Actor, _: &ManagerId, scope: &ovm::script::Scope) -> Answer<ScriptView> {
        Ok(estate::script(scope))
    }
    async fn rehearse(&self, _: &Actor, _: &ManagerId, scope: &ovm::script::Scope) -> Answer<Rehearsal> {
        self.0.change(format!("rehearse {}", scope.key()))?;
        Ok(estate::rehearsal(scope))
    }
    async fn download_script(
        &self,
        _: &Actor,
        _: &ManagerId,
        scope: &ovm::script::Scope,
        _: ScriptForm,
    ) -> Answer<String> {
        Ok(estate::script(scope).for_cli)
    }
    async fn download_plan(&self, _: &Actor, hash: &PlanHash, _: PlanForm) -> Answer<String> {
        Ok(format!("Plan {hash}"))
    }
}

#[async_trait]
impl PolicyService for Fake {
    async fn list(&self, actor: &Actor) -> Answer<Vec<PolicyView>> {
        let mut policies = vec![PolicyService::get(self, actor, &PolicyId::new("gold")).await?];
        policies.extend(self.0.policies.lock().unwrap().clone());
        Ok(policies)
    }
    async fn get(&self, _: &Actor, _: &PolicyId) -> Answer<PolicyView> {
        let mut view = estate::policy_view();
        view.approvers = self.0.approvers.lock().unwrap().len();
        if let Some(target) = self.0.policy_target.lock().unwrap().clone() {
            view.policy.rules.target = target;
        }
        Ok(view)
    }
    async fn targets(&self, actor: &Actor) -> Answer<Vec<TargetId>> {
        actor.require_somewhere(Permission::EditPolicies)?;
        let targets = self.0.targets.lock().unwrap();
        let others = targets.iter().map(|target| target.id.clone());
        Ok([TargetId::first()].into_iter().chain(others).collect())
    }
    async fn save(
        &self,
        _: &Actor,
        id: Option<PolicyId>,
        _: Option<TeamId>,
        rules: PolicyRules,
        reason: &str,
    ) -> Answer<Changed<PolicyId>> {
        let what = format!("save {id:?} {} {reason}", rules.name);
        self.0.change(what.trim_end().to_owned())?;
        Ok(match reason {
            "" => Changed::Now(PolicyId::new("gold")),
            _ => Changed::Requested(RequestId::new("r2")),
        })
    }
    async fn assign(
        &self,
        _: &Actor,
        subject: &SubjectRef,
        policy: Option<PolicyId>,
        reason: &str,
    ) -> Answer<Changed<()>> {
        let policy = policy.map_or_else(|| "none".into(), |policy| policy.to_string());
        let what = format!("assign {} {policy} {reason}", subject.object);
        self.0.change(what.trim_end().to_owned())?;
        Ok(match reason {
            "" => Changed::Now(()),
            _ => Changed::Requested(RequestId::new("r2")),
        })
    }
}

#[async_trait]
impl CatalogueService for Fake {
    async fn points(&self, _: &Actor, filter: &PointFilter) -> Answer<Part<PointSummary>> {
        let wanted = filter.text.clone().unwrap_or_default();
        let mut points = vec![estate::point().summary()];
        points.retain(|point| mentions(point, &wanted));
        Ok(self.0.part(points))
    }
    async fn point(&self, _: &Actor, id: &PointId) -> Answer<RecoveryPoint> {
        let mut points = [estate::point(), estate::point_without_definition()].into_iter();
        points
            .find(|point| point.manifest.point == *id)
            .ok_or_else(|| ServiceError::not_found(Thing::RecoveryPoint, id))
    }
    async fn artefact(&self, _: &Actor, id: &PointId, _: Artefact) -> Answer<Vec<u8>> {
        Err(ServiceError::not_found(Thing::File, id))
    }
    async fn targets(&self, _: &Actor) -> Answer<Locations> {
        Ok([(TargetId::first(), "/backup/holdfast".into())].into_iter().collect())
    }
    async fn target_faults(&self, _: &Actor) -> Answer<Vec<TargetFault>> {
        let targets = self.0.targets.lock().unwrap();
        Ok(targets.iter().filter_map(|target| target.fault.clone()).collect())
    }
    async fn verify(&self, _: &Actor, id: &PointId) -> Answer<RecoveryPoint> {
        self.0.change(format!("verify {id}"))?;
        Ok(estate::point())
    }
}

#[async_trait]
impl TargetService for Fake {
    async fn list(&self, actor: &Actor) -> Answer<Vec<TargetView>> {
        actor.require(Permission::Administer, None)?;
        let mut targets = vec![estate::first_target()];
        targets.extend(self.0.targets.lock().unwrap().clone());
        Ok(targets)
    }
    async fn add(&self, actor: &Actor, new: NewTarget) -> Answer<TargetId> {
        actor.require(Permission::Administer, None)?;
        let made = if new.make_new { " new" } else { "" };
        let key = new
            .access_key
            .map_or_else(String::new, |key| format!(" {} {}", key.id, key.secret));
        self.0
            .change(format!("add {}{made} {}{key} {}", new.name, new.location, new.password))?;
        Ok(TargetId::new(new.name))
    }
    async fn check(&self, actor: &Actor, id: &TargetId) -> Answer<TargetView> {
        self.0.change(format!("check {id}"))?;
        let mut targets = TargetService::list(self, actor).await?.into_iter();
        let target = targets.find(|target| target.id == *id);
        target.ok_or_else(|| ServiceError::not_found(Thing::BackupTarget, id))
    }
}

#[async_trait]
impl HealthService for Fake {
    async fn ready(&self) -> Result<(), NotReady> {
        Ok(())
    }
}

#[async_trait]
impl RunService for Fake {
    async fn plan_backup(&self, _: &Actor, subject: &SubjectRef) -> Answer<Draft> {
        self.0.change(format!("plan backup of {}", subject.object))?;
        Ok(plans::backup())
    }
    async fn plan(&self, _: &Actor, hash: &PlanHash) -> Answer<Draft> {
        plans::by_hash(hash)
    }
    async fn experience(&self, _: &Actor, _: &PlanHash) -> Answer<Option<Experience>> {
        Ok(*self.0.experience.lock().unwrap())
    }
    async fn start_backup(&self, _: &Actor, hash: &PlanHash) -> Answer<RunId> {
        self.0.change(format!("start {}", hash.short()))?;
        Ok(RunId::new("7q2k"))
    }
    async fn list(&self, _: &Actor, filter: &RunFilter) -> Answer<Part<RunSummary>> {
        let state = *self.0.run_state.lock().unwrap();
        let mut runs: Vec<_> = state.map(|state| self.0.run(state).summary).into_iter().collect();
        let wanted = filter.text.clone().unwrap_or_default();
        runs.retain(|run| filter.state.is_none_or(|state| run.state == state) && mentions(run, &wanted));
        Ok(self.0.part(runs))
    }
    async fn get(&self, _: &Actor, id: &RunId) -> Answer<RunDetail> {
        if let Some(lost) = self.0.run_lost.lock().unwrap().clone() {
            return Err(lost);
        }
        let state = *self.0.run_state.lock().unwrap();
        let run = state
            .map(|state| self.0.run(state))
            .ok_or_else(|| ServiceError::not_found(Thing::JobRun, id))?;
        let request = self.0.requests.lock().unwrap().first().cloned();
        Ok(RunDetail {
            asks: self.0.asks.lock().unwrap().clone().or(run.asks),
            settlements: self.0.settlements.lock().unwrap().clone(),
            request: request.or(run.request),
            ..run
        })
    }
    async fn cancel(&self, _: &Actor, id: &RunId) -> Answer<()> {
        self.0.change(format!("cancel {id}"))
    }
    async fn confirm(&self, _: &Actor, id: &RunId, step: &str, observed: &str) -> Answer<()> {
        self.0.change(format!("confirm {id} {step} {observed}"))
    }
    async fn decide(&self, _: &Actor, id: &RunId, decision: Decision) -> Answer<()> {
        self.0.change(format!("{decision:?} {id}"))
    }
    async fn settle(&self, _: &Actor, id: &RunId, settlement: Settlement) -> Answer<()> {
        self.0.change(format!("{settlement:?} {id}"))
    }
    async fn events(&self, _: &Actor) -> Answer<BoxStream<'static, News>> {
        Ok(Box::pin(futures::stream::empty()))
    }
}

#[async_trait]
impl RestoreService for Fake {
    async fn plan(&self, _: &Actor, point: &PointId, options: &RestoreOptions) -> Answer<Draft> {
        self.0
            .change(format!("plan restore of {point} slots {:?}", options.slots))?;
        Ok(plans::restore())
    }
    async fn submit(
        &self,
        _: &Actor,
        hash: &PlanHash,
        reason: &str,
        _: Option<String>,
        window: Window,
    ) -> Answer<RequestId> {
        let when = window.say(Language::En);
        self.0.change(format!("submit {} {reason}{when}", hash.short()))?;
        Ok(RequestId::new("r1"))
    }
    async fn of_plan(&self, _: &Actor, hash: &PlanHash) -> Answer<Option<RequestId>> {
        let requests = self.0.requests.lock().unwrap();
        let asked = requests.iter().find(|request| request.asked.plan() == Some(hash));
        Ok(asked.map(|request| request.id.clone()))
    }
    async fn list(&self, _: &Actor, filter: &RequestFilter) -> Answer<Part<Request>> {
        let mut requests = self.0.requests.lock().unwrap().clone();
        let wanted = filter.text.clone().unwrap_or_default();
        let whose = filter.requested_by.as_ref();
        requests
            .retain(|request| whose.is_none_or(|person| request.requested_by == *person) && mentions(request, &wanted));
        Ok(self.0.part(requests))
    }
    async fn get(&self, actor: &Actor, id: &RequestId) -> Answer<RequestView> {
        let requests = self.0.requests.lock().unwrap();
        let request = requests.iter().find(|request| request.id == *id).cloned();
        let request = request.unwrap_or_else(plans::request);
        let may = actor.require_somewhere(Permission::DecideRequests);
        let (pending, stoppable) = match request.state {
            RequestState::Pending => (true, true),
            RequestState::Approved => (false, self.0.not_begun.load(Relaxed)),
            _ => (false, false),
        };
        Ok(RequestView {
            approvers: self.0.approvers.lock().unwrap().clone(),
            plan: request.asked.plan().map(|_| plans::restore().plan),
            may_approve: match pending {
                true => may.clone().map_err(|error| error.to_string()),
                false => Err("The request is not waiting any more.".into()),
            },
            may_veto: stoppable && may.is_ok(),
            may_withdraw: stoppable && request.requested_by == actor.id,
            request,
        })
    }
    async fn vote(&self, _: &Actor, id: &RequestId, seen: &AskedHash, vote: Vote, _: &str) -> Answer<RequestState> {
        self.0.change(format!("{vote:?} {id} {}", seen.short()))?;
        Ok(RequestState::Approved)
    }
    async fn withdraw(&self, _: &Actor, id: &RequestId) -> Answer<()> {
        self.0.change(format!("withdraw {id}"))
    }
}

#[async_trait]
impl HandbookService for Fake {
    async fn handbook(&self, _: &Actor, _: &ManagerId, scope: &ovm::script::Scope) -> Answer<Handbook> {
        Err(ServiceError::not_found(Thing::Handbook, scope.key()))
    }
}

/// A search that looks everywhere.
fn mentions(row: &impl std::fmt::Debug, wanted: &str) -> bool {
    format!("{row:?}").to_lowercase().contains(&wanted.to_lowercase())
}
