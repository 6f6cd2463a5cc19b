//! A made-up program: one account, one recovery point, nothing else.

use async_trait::async_trait;
use domain::actor::{Actor, Grant, Permission, Role, Scope};
use domain::audit::TrailLine;
use domain::console::RawAnswer;
use domain::document::{PlanForm, Rehearsal, ScriptForm, ScriptView};
use domain::enrolment::{HostKey, ManagerView, NewManager, NewServerAccess, ServerAccess};
use domain::error::{ServiceError, Thing};
use domain::experience::Experience;
use domain::fault::TargetFault;
use domain::handbook::Handbook;
use domain::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId, TeamId, UserId};
use domain::list::Part;
use domain::news::News;
use domain::plan::PlanHash;
use domain::point::{Artefact, PointSummary, RecoveryPoint};
use domain::policy::PolicyRules;
use domain::request::{AskedHash, Request, RequestState, Vote, Window};
use domain::run::{Decision, RunDetail, RunEvent, RunNews, RunSummary, Settlement};
use domain::services::*;
use domain::subject::SubjectRef;
use domain::target::{Locations, NewTarget, TargetView};
use domain::time::{Clock, Timestamp};
use futures::StreamExt;
use futures::stream::BoxStream;
use ovm::estate::Change;
use ovm::ids::VmId;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub const NAME: &str = "olga";
pub const PASSWORD: &str = "correct horse";
/// A name for which the limit of attempts is reached.
pub const LIMITED: &str = "limited";
pub const POINT: &str = "p1";

/// What the tests look at and turn.
#[derive(Default)]
pub struct Fake {
    /// Milliseconds since 1970.
    pub time: AtomicI64,
    /// The account is disabled.
    pub disabled: AtomicBool,
    /// Addresses from which somebody tried to log in.
    pub addresses: Mutex<Vec<String>>,
    /// How often the password was changed; the epoch of the account.
    pub changes: AtomicI64,
    /// How often somebody logged out.
    pub logouts: AtomicI64,
    /// What the next export of the trail yields; without it nobody may have one.
    pub trail: Mutex<Vec<Answer<Vec<TrailLine>>>>,
    /// When set, a search of the runs has no end; it keeps this meanwhile.
    pub endless: Mutex<Option<Arc<()>>>,
    /// Why it cannot work.
    pub not_ready: Mutex<Option<NotReady>>,
}

impl Fake {
    pub fn backend(self: &Arc<Self>) -> Backend {
        Backend {
            estate: self.clone(),
            documents: self.clone(),
            policies: self.clone(),
            catalogue: self.clone(),
            targets: self.clone(),
            runs: self.clone(),
            restores: self.clone(),
            handbooks: self.clone(),
            audit: self.clone(),
            accounts: self.clone(),
            health: self.clone(),
        }
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        Timestamp(self.time.load(Ordering::SeqCst))
    }
}

fn olga() -> Actor {
    Actor {
        id: UserId::new("u1"),
        name: NAME.into(),
        grants: vec![Grant {
            role: Role::Viewer,
            scope: Scope::All,
        }],
    }
}

#[async_trait]
impl TargetService for Fake {
    async fn list(&self, _: &Actor) -> Answer<Vec<TargetView>> {
        Ok(Vec::new())
    }
    async fn add(&self, _: &Actor, new: NewTarget) -> Answer<TargetId> {
        Ok(TargetId::new(new.name))
    }
    async fn check(&self, _: &Actor, id: &TargetId) -> Answer<TargetView> {
        Err(ServiceError::not_found(Thing::BackupTarget, id))
    }
}

#[async_trait]
impl HealthService for Fake {
    async fn ready(&self) -> Result<(), NotReady> {
        self.not_ready.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

fn nothing<T>(what: Thing) -> Answer<T> {
    Err(ServiceError::not_found(what, "x"))
}

#[async_trait]
impl AccountService for Fake {
    async fn login(&self, name: &str, password: &str, address: &str) -> Answer<Login> {
        self.addresses.lock().unwrap().push(address.into());
        match (name, password) {
            (NAME, PASSWORD) => Ok(Login {
                actor: olga(),
                epoch: self.changes.load(Ordering::SeqCst),
            }),
            (LIMITED, _) => Err(ServiceError::TooMany { seconds: 60 }),
            _ => Err(ServiceError::NotLoggedIn),
        }
    }
    async fn actor(&self, user: &UserId, epoch: i64) -> Answer<Actor> {
        let valid =
            *user == olga().id && epoch == self.changes.load(Ordering::SeqCst) && !self.disabled.load(Ordering::SeqCst);
        if valid {
            Ok(olga())
        } else {
            Err(ServiceError::NotLoggedIn)
        }
    }
    async fn logged_out(&self, _: &Actor) -> Answer<()> {
        self.logouts.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    async fn users(&self, _: &Actor) -> Answer<Vec<UserView>> {
        Ok(Vec::new())
    }
    async fn create_user(&self, _: &Actor, _: &str, _: &str, _: Vec<Grant>) -> Answer<UserId> {
        nothing(Thing::Account)
    }
    async fn set_grants(&self, _: &Actor, _: &UserId, _: Vec<Grant>) -> Answer<()> {
        nothing(Thing::Account)
    }
    async fn set_disabled(&self, _: &Actor, _: &UserId, _: bool) -> Answer<()> {
        nothing(Thing::Account)
    }
    async fn set_password(&self, _: &Actor, _: &UserId, _: &str) -> Answer<()> {
        nothing(Thing::Account)
    }
    async fn change_password(&self, _: &Actor, _: &str, _: &str) -> Answer<Login> {
        let epoch = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Login { actor: olga(), epoch })
    }
    async fn teams(&self, _: &Actor) -> Answer<Vec<Team>> {
        Ok(Vec::new())
    }
    async fn create_team(&self, _: &Actor, _: &str) -> Answer<TeamId> {
        nothing(Thing::Account)
    }
}

#[async_trait]
impl CatalogueService for Fake {
    async fn points(&self, _: &Actor, _: &PointFilter) -> Answer<Part<PointSummary>> {
        Ok(Part::beginning(Vec::new()))
    }
    async fn point(&self, _: &Actor, _: &PointId) -> Answer<RecoveryPoint> {
        nothing(Thing::RecoveryPoint)
    }
    async fn artefact(&self, _: &Actor, id: &PointId, artefact: Artefact) -> Answer<Vec<u8>> {
        if id.as_str() == POINT {
            Ok(format!("{} of {id}", artefact.file_name()).into_bytes())
        } else {
            Err(ServiceError::not_found(Thing::RecoveryPoint, id))
        }
    }
    async fn targets(&self, _: &Actor) -> Answer<Locations> {
        Ok([(TargetId::first(), "/backup/holdfast".into())].into_iter().collect())
    }
    async fn target_faults(&self, _: &Actor) -> Answer<Vec<TargetFault>> {
        Ok(match self.not_ready.lock().unwrap().clone() {
            Some(NotReady::BackupTarget(detail)) => vec![TargetFault::Sealed { detail }],
            _ => Vec::new(),
        })
    }
    async fn verify(&self, _: &Actor, _: &PointId) -> Answer<RecoveryPoint> {
        nothing(Thing::RecoveryPoint)
    }
}

#[async_trait]
impl RunService for Fake {
    async fn plan_backup(&self, _: &Actor, _: &SubjectRef) -> Answer<Draft> {
        nothing(Thing::Vm)
    }
    async fn plan(&self, _: &Actor, _: &PlanHash) -> Answer<Draft> {
        nothing(Thing::Plan)
    }
    async fn experience(&self, _: &Actor, _: &PlanHash) -> Answer<Option<Experience>> {
        Ok(None)
    }
    async fn start_backup(&self, _: &Actor, _: &PlanHash) -> Answer<RunId> {
        nothing(Thing::Plan)
    }
    async fn list(&self, _: &Actor, _: &RunFilter) -> Answer<Part<RunSummary>> {
        let endless = self.endless.lock().unwrap().clone();
        if let Some(_kept) = endless {
            std::future::pending::<()>().await;
        }
        Ok(Part::beginning(Vec::new()))
    }
    async fn get(&self, _: &Actor, _: &RunId) -> Answer<RunDetail> {
        nothing(Thing::JobRun)
    }
    async fn cancel(&self, _: &Actor, _: &RunId) -> Answer<()> {
        nothing(Thing::JobRun)
    }
    async fn confirm(&self, _: &Actor, _: &RunId, _: &str, _: &str) -> Answer<()> {
        nothing(Thing::JobRun)
    }
    async fn decide(&self, _: &Actor, _: &RunId, _: Decision) -> Answer<()> {
        nothing(Thing::JobRun)
    }
    async fn settle(&self, _: &Actor, _: &RunId, _: Settlement) -> Answer<()> {
        nothing(Thing::JobRun)
    }
    /// One event, then silence for ever.
    async fn events(&self, _: &Actor) -> Answer<BoxStream<'static, News>> {
        let news = RunNews::Progress {
            step: "s1".into(),
            bytes: 1,
            of: None,
            rate: 1,
        };
        let event = RunEvent {
            run: RunId::new("r1"),
            news,
        };
        Ok(futures::stream::iter([News::Run(event)])
            .chain(futures::stream::pending())
            .boxed())
    }
}

#[async_trait]
impl EstateService for Fake {
    async fn managers(&self, _: &Actor) -> Answer<Vec<ManagerView>> {
        Ok(Vec::new())
    }
    async fn estate(&self, _: &Actor, _: &ManagerId) -> Answer<EstateView> {
        nothing(Thing::Manager)
    }
    async fn protection(&self, _: &Actor, _: &ManagerId) -> Answer<Protections> {
        nothing(Thing::Manager)
    }
    async fn vm(&self, _: &Actor, _: &ManagerId, _: &VmId) -> Answer<VmView> {
        nothing(Thing::Vm)
    }
    async fn team(&self, _: &Actor, _: &SubjectRef) -> Answer<Option<TeamId>> {
        Ok(None)
    }
    async fn revisions(&self, _: &Actor, _: &ManagerId) -> Answer<Vec<RevisionHead>> {
        Ok(Vec::new())
    }
    async fn revision_difference(&self, _: &Actor, _: &ManagerId, _: i64, _: i64) -> Answer<Vec<Change>> {
        Ok(Vec::new())
    }
    async fn refresh(&self, _: &Actor, _: &ManagerId) -> Answer<i64> {
        nothing(Thing::Manager)
    }
    async fn probe_host_key(&self, _: &Actor, _: &str, _: u16) -> Answer<HostKey> {
        nothing(Thing::Server)
    }
    async fn enrol(&self, _: &Actor, _: NewManager) -> Answer<ManagerId> {
        nothing(Thing::Manager)
    }
    async fn servers(&self, _: &Actor, _: &ManagerId) -> Answer<Vec<ServerAccess>> {
        Ok(Vec::new())
    }
    async fn set_server_access(&self, _: &Actor, _: NewServerAccess) -> Answer<()> {
        nothing(Thing::Manager)
    }
    async fn set_team(&self, _: &Actor, _: &SubjectRef, _: Option<TeamId>) -> Answer<()> {
        nothing(Thing::Manager)
    }
    async fn ask(&self, _: &Actor, _: &ManagerId, _: &str) -> Answer<RawAnswer> {
        nothing(Thing::Manager)
    }
}

#[async_trait]
impl DocumentService for Fake {
    async fn script(&self, _: &Actor, _: &ManagerId, _: &ovm::script::Scope) -> Answer<ScriptView> {
        nothing(Thing::RebuildScript)
    }
    async fn rehearse(&self, _: &Actor, _: &ManagerId, _: &ovm::script::Scope) -> Answer<Rehearsal> {
        nothing(Thing::RebuildScript)
    }
    async fn download_script(&self, _: &Actor, _: &ManagerId, _: &ovm::script::Scope, _: ScriptForm) -> Answer<String> {
        nothing(Thing::RebuildScript)
    }
    async fn download_plan(&self, _: &Actor, _: &PlanHash, _: PlanForm) -> Answer<String> {
        nothing(Thing::Plan)
    }
}

#[async_trait]
impl PolicyService for Fake {
    async fn list(&self, _: &Actor) -> Answer<Vec<PolicyView>> {
        Ok(Vec::new())
    }
    async fn get(&self, _: &Actor, _: &PolicyId) -> Answer<PolicyView> {
        nothing(Thing::ProtectionPolicy)
    }
    async fn targets(&self, _: &Actor) -> Answer<Vec<TargetId>> {
        Ok(Vec::new())
    }
    async fn save(
        &self,
        _: &Actor,
        _: Option<PolicyId>,
        _: Option<TeamId>,
        _: PolicyRules,
        _: &str,
    ) -> Answer<Changed<PolicyId>> {
        nothing(Thing::ProtectionPolicy)
    }
    async fn assign(&self, _: &Actor, _: &SubjectRef, _: Option<PolicyId>, _: &str) -> Answer<Changed<()>> {
        nothing(Thing::ProtectionPolicy)
    }
}

#[async_trait]
impl RestoreService for Fake {
    async fn plan(&self, _: &Actor, _: &PointId, _: &RestoreOptions) -> Answer<Draft> {
        nothing(Thing::RecoveryPoint)
    }
    async fn submit(&self, _: &Actor, _: &PlanHash, _: &str, _: Option<String>, _: Window) -> Answer<RequestId> {
        nothing(Thing::Plan)
    }
    async fn of_plan(&self, _: &Actor, _: &PlanHash) -> Answer<Option<RequestId>> {
        Ok(None)
    }
    async fn list(&self, _: &Actor, _: &RequestFilter) -> Answer<Part<Request>> {
        Ok(Part::beginning(Vec::new()))
    }
    async fn get(&self, _: &Actor, _: &RequestId) -> Answer<RequestView> {
        nothing(Thing::Request)
    }
    async fn vote(&self, _: &Actor, _: &RequestId, _: &AskedHash, _: Vote, _: &str) -> Answer<RequestState> {
        nothing(Thing::Request)
    }
    async fn withdraw(&self, _: &Actor, _: &RequestId) -> Answer<()> {
        nothing(Thing::Request)
    }
}

#[async_trait]
impl HandbookService for Fake {
    async fn handbook(&self, _: &Actor, _: &ManagerId, scope: &ovm::script::Scope) -> Answer<Handbook> {
        Err(ServiceError::not_found(Thing::Handbook, scope.key()))
    }
}

#[async_trait]
impl AuditService for Fake {
    async fn page(&self, _: &Actor, _: &AuditFilter) -> Answer<AuditPage> {
        Ok(AuditPage {
            rows: Vec::new(),
            more: false,
            broken_at: None,
        })
    }
    async fn export(&self, actor: &Actor) -> Answer<BoxStream<'static, Answer<Vec<TrailLine>>>> {
        let parts = std::mem::take(&mut *self.trail.lock().unwrap());
        if parts.is_empty() {
            actor.require(Permission::ReadAudit, None)?;
        }
        Ok(futures::stream::iter(parts).boxed())
    }
}
