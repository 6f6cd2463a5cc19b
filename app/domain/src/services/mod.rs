//! The contracts through which pages, API and command line reach the program. Every method takes the [`Actor`] first;
//! the implementation authorises before it touches data. The server puts one [`Backend`] into the page context.

mod view;

pub use view::*;

use crate::actor::{Actor, Grant};
use crate::audit::{AuditRow, TrailLine};
use crate::console::RawAnswer;
use crate::document::{PlanForm, Rehearsal, ScriptForm, ScriptView};
use crate::enrolment::{HostKey, ManagerView, NewManager, NewServerAccess, ServerAccess};
use crate::error::ServiceError;
use crate::experience::Experience;
use crate::fault::TargetFault;
use crate::handbook::Handbook;
use crate::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId, TeamId, UserId};
use crate::list::{Cursor, Part};
use crate::news::News;
use crate::plan::PlanHash;
use crate::point::{Artefact, PointSummary, RecoveryPoint};
use crate::policy::PolicyRules;
use crate::request::{AskedHash, Request, RequestState, Vote, Window};
use crate::run::{Decision, RunDetail, RunState, RunSummary, Settlement};
use crate::subject::SubjectRef;
use crate::target::{Locations, NewTarget, TargetView};
use crate::time::Timestamp;
use async_trait::async_trait;
use futures::stream::BoxStream;
use ovm::estate::Change;
use ovm::ids::VmId;
use ovm::script::Scope;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What every method returns.
pub type Answer<T> = Result<T, ServiceError>;

/// The program, as pages and API see it.
#[derive(Clone)]
pub struct Backend {
    /// Managers, servers, the estate as discovered.
    pub estate: Arc<dyn EstateService>,
    /// Rebuild scripts with their rehearsals, and plans, as files.
    pub documents: Arc<dyn DocumentService>,
    /// Protection policies and what they protect.
    pub policies: Arc<dyn PolicyService>,
    /// Recovery points.
    pub catalogue: Arc<dyn CatalogueService>,
    /// Backup targets.
    pub targets: Arc<dyn TargetService>,
    /// Backups, and all job runs.
    pub runs: Arc<dyn RunService>,
    /// Restores, and requests of all kinds with their approval.
    pub restores: Arc<dyn RestoreService>,
    /// The disaster recovery handbook.
    pub handbooks: Arc<dyn HandbookService>,
    /// The audit trail.
    pub audit: Arc<dyn AuditService>,
    /// Accounts, roles, teams.
    pub accounts: Arc<dyn AccountService>,
    /// Whether the program can work.
    pub health: Arc<dyn HealthService>,
}

/// Managers, servers, the estate.
#[async_trait]
pub trait EstateService: Send + Sync {
    /// Enrolled Managers.
    async fn managers(&self, actor: &Actor) -> Answer<Vec<ManagerView>>;
    /// The newest revision of one Manager's estate.
    async fn estate(&self, actor: &Actor, manager: &ManagerId) -> Answer<EstateView>;
    /// How each VM of that estate is protected.
    async fn protection(&self, actor: &Actor, manager: &ManagerId) -> Answer<Protections>;
    /// One machine.
    async fn vm(&self, actor: &Actor, manager: &ManagerId, vm: &VmId) -> Answer<VmView>;
    /// The team of an object, also of one that the newest revision does not have.
    async fn team(&self, actor: &Actor, of: &SubjectRef) -> Answer<Option<TeamId>>;
    /// Revisions of the estate, newest first, at most 500.
    async fn revisions(&self, actor: &Actor, manager: &ManagerId) -> Answer<Vec<RevisionHead>>;
    /// What changed between two revisions, in what the actor may see.
    async fn revision_difference(&self, actor: &Actor, manager: &ManagerId, from: i64, to: i64) -> Answer<Vec<Change>>;
    /// Discovers the estate now and returns the number of the new revision.
    async fn refresh(&self, actor: &Actor, manager: &ManagerId) -> Answer<i64>;
    /// The host key that a host shows, for comparison before enrolment. Nothing is stored.
    async fn probe_host_key(&self, actor: &Actor, host: &str, port: u16) -> Answer<HostKey>;
    /// Enrols a Manager: connects, compares the host key, logs in, discovers.
    async fn enrol(&self, actor: &Actor, new: NewManager) -> Answer<ManagerId>;
    /// Servers that can be reached.
    async fn servers(&self, actor: &Actor, manager: &ManagerId) -> Answer<Vec<ServerAccess>>;
    /// Makes a server reachable: connects, compares the host key, logs in, stores.
    async fn set_server_access(&self, actor: &Actor, new: NewServerAccess) -> Answer<()>;
    /// Puts an object under a team, or under none.
    async fn set_team(&self, actor: &Actor, of: &SubjectRef, team: Option<TeamId>) -> Answer<()>;
    /// Sends a command of [`crate::console::QUESTIONS`] to a Manager and gives its answer as it came. Audited.
    async fn ask(&self, actor: &Actor, manager: &ManagerId, line: &str) -> Answer<RawAnswer>;
}

/// What people take away: rebuild scripts with their rehearsals, and plans.
#[async_trait]
pub trait DocumentService: Send + Sync {
    /// The rebuild script of the estate's newest revision, or of a part of it.
    async fn script(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<ScriptView>;
    /// The same script as a file to take away.
    async fn download_script(
        &self,
        actor: &Actor,
        manager: &ManagerId,
        scope: &Scope,
        form: ScriptForm,
    ) -> Answer<String>;
    /// A plan as a file to take away, whatever became of it. Audited.
    async fn download_plan(&self, actor: &Actor, hash: &PlanHash, form: PlanForm) -> Answer<String>;
    /// Runs the script on an empty Manager with the same servers and storage, compares what it made with the original,
    /// and stores the result. Nothing happens in the estate. Takes seconds to minutes, by the size of the estate.
    async fn rehearse(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<Rehearsal>;
}

/// Protection policies.
#[async_trait]
pub trait PolicyService: Send + Sync {
    /// Policies that the actor may see.
    async fn list(&self, actor: &Actor) -> Answer<Vec<PolicyView>>;
    /// One policy.
    async fn get(&self, actor: &Actor, id: &PolicyId) -> Answer<PolicyView>;
    /// Names of the backup targets that a policy can send its backups to, the first before the others.
    async fn targets(&self, actor: &Actor) -> Answer<Vec<TargetId>>;
    /// Creates (`id` none) or changes a policy. A change by which fewer people have to approve a restore is not done at
    /// once: it becomes a request, for which `reason` says why.
    async fn save(
        &self,
        actor: &Actor,
        id: Option<PolicyId>,
        team: Option<TeamId>,
        rules: PolicyRules,
        reason: &str,
    ) -> Answer<Changed<PolicyId>>;
    /// Puts an object under a policy, or under none. As with [`PolicyService::save`], easier restores are requested first.
    async fn assign(
        &self,
        actor: &Actor,
        subject: &SubjectRef,
        policy: Option<PolicyId>,
        reason: &str,
    ) -> Answer<Changed<()>>;
}

/// What came of a wish to change something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed<T> {
    /// It is changed.
    Now(T),
    /// It waits for the approval of others in this request.
    Requested(RequestId),
}

/// What to show of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointFilter {
    /// Only of this object.
    pub subject: Option<SubjectRef>,
    /// Only where this text is in the subject's name or id or the policy's name, or begins the point's id.
    pub text: Option<String>,
    /// Only older ones than those before this place.
    pub before: Option<Cursor>,
}

/// Recovery points.
#[async_trait]
pub trait CatalogueService: Send + Sync {
    /// Recovery points that the actor may see.
    async fn points(&self, actor: &Actor, filter: &PointFilter) -> Answer<Part<PointSummary>>;
    /// One recovery point.
    async fn point(&self, actor: &Actor, id: &PointId) -> Answer<RecoveryPoint>;
    /// A file of a recovery point, read from the backup target. Audited.
    async fn artefact(&self, actor: &Actor, id: &PointId, artefact: Artefact) -> Answer<Vec<u8>>;
    /// Where the backup targets lie, for those who may restore from them by hand.
    async fn targets(&self, actor: &Actor) -> Answer<Locations>;
    /// Why nobody could open backup targets when they were last looked at, where that is so.
    async fn target_faults(&self, actor: &Actor) -> Answer<Vec<TargetFault>>;
    /// Reads all stored disks back now and compares their hashes; the answer is the point with the result.
    async fn verify(&self, actor: &Actor, id: &PointId) -> Answer<RecoveryPoint>;
}

/// What to show of the runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFilter {
    /// Only in this state.
    pub state: Option<RunState>,
    /// Only where this text is in subject, kind or person, or begins the run's id or its plan hash.
    pub text: Option<String>,
    /// Only older ones than those before this place.
    pub before: Option<Cursor>,
}

/// Backups and job runs.
#[async_trait]
pub trait RunService: Send + Sync {
    /// Plans a backup of an object under its effective policy. Nothing happens in the estate.
    async fn plan_backup(&self, actor: &Actor, subject: &SubjectRef) -> Answer<Draft>;
    /// A plan by its hash, whatever it is for.
    async fn plan(&self, actor: &Actor, hash: &PlanHash) -> Answer<Draft>;
    /// How long plans of the same kind took for the same subject; none when no such run has succeeded.
    async fn experience(&self, actor: &Actor, hash: &PlanHash) -> Answer<Option<Experience>>;
    /// Starts the backup with this plan.
    async fn start_backup(&self, actor: &Actor, hash: &PlanHash) -> Answer<RunId>;
    /// Runs that the actor may see.
    async fn list(&self, actor: &Actor, filter: &RunFilter) -> Answer<Part<RunSummary>>;
    /// One run.
    async fn get(&self, actor: &Actor, id: &RunId) -> Answer<RunDetail>;
    /// Asks a run to stop at the next safe place and undo what it did.
    async fn cancel(&self, actor: &Actor, id: &RunId) -> Answer<()>;
    /// Commits or rolls back a run that waits for it; one that waits for something else can only be rolled back.
    async fn decide(&self, actor: &Actor, id: &RunId, decision: Decision) -> Answer<()>;
    /// Answers the question of a step: what it asks for is done, and this was seen. Whoever cannot do it has the run rolled
    /// back by [`RunService::decide`].
    async fn confirm(&self, actor: &Actor, id: &RunId, step: &str, observed: &str) -> Answer<()>;
    /// Settles a run that needs somebody to look; what can be chosen is [`RunDetail::settlements`]. One that has begun to
    /// undo goes on undoing, whatever is chosen.
    async fn settle(&self, actor: &Actor, id: &RunId, settlement: Settlement) -> Answer<()>;
    /// News of all runs and requests that the actor may see, from now on.
    async fn events(&self, actor: &Actor) -> Answer<BoxStream<'static, News>>;
}

/// What is asked for beside the point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreOptions {
    /// Slots to restore; empty means all disks of the point.
    pub slots: Vec<u32>,
    /// Put back a disk although the machine's disk has another size by now.
    pub accept_other_size: bool,
    /// Leave the machine stopped at the end.
    pub leave_stopped: bool,
}

/// What to show of the requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFilter {
    /// Only in this state.
    pub state: Option<RequestState>,
    /// Only those of this person.
    pub requested_by: Option<UserId>,
    /// Only where this text is in subject, person, reason, ticket, id or plan hash.
    pub text: Option<String>,
    /// Only older ones than those before this place.
    pub before: Option<Cursor>,
}

/// Restores, and requests of all kinds with their approval.
#[async_trait]
pub trait RestoreService: Send + Sync {
    /// Plans an in-place restore of a point. Nothing happens in the estate.
    async fn plan(&self, actor: &Actor, point: &PointId, options: &RestoreOptions) -> Answer<Draft>;
    /// Requests the restore with this plan, to begin in this window. Without a gate it needs no approval.
    async fn submit(
        &self,
        actor: &Actor,
        hash: &PlanHash,
        reason: &str,
        ticket: Option<String>,
        window: Window,
    ) -> Answer<RequestId>;
    /// Requests that the actor may see.
    async fn list(&self, actor: &Actor, filter: &RequestFilter) -> Answer<Part<Request>>;
    /// The request for a plan, if it was requested.
    async fn of_plan(&self, actor: &Actor, hash: &PlanHash) -> Answer<Option<RequestId>>;
    /// One request.
    async fn get(&self, actor: &Actor, id: &RequestId) -> Answer<RequestView>;
    /// Votes. With the last approval that is needed, the run may begin in its window, or the change is done; it is
    /// [`RequestState::Void`] instead when there is something else by now than what it was to change. A veto also stops an
    /// approved plan whose run has not begun.
    async fn vote(
        &self,
        actor: &Actor,
        id: &RequestId,
        seen: &AskedHash,
        vote: Vote,
        reason: &str,
    ) -> Answer<RequestState>;
    /// Withdraws one's own request, also an approved one whose run has not begun.
    async fn withdraw(&self, actor: &Actor, id: &RequestId) -> Answer<()>;
}

/// The disaster recovery handbook.
#[async_trait]
pub trait HandbookService: Send + Sync {
    /// Makes a new edition for a part of the estate. Audited.
    async fn handbook(&self, actor: &Actor, manager: &ManagerId, scope: &Scope) -> Answer<Handbook>;
}

/// What to show of the trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Only where this text is in actor, event, subject, plan hash or detail.
    pub text: Option<String>,
    /// Only rows before this sequence number, for paging.
    pub before: Option<i64>,
}

/// A page of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Rows, newest first, at most 200.
    pub rows: Vec<AuditRow>,
    /// There are older rows.
    pub more: bool,
    /// Sequence number of the first row that does not fit its chain, if any: of those shown, of those that are new since
    /// the last page, and, once a day, of the whole trail.
    pub broken_at: Option<i64>,
}

/// The audit trail.
#[async_trait]
pub trait AuditService: Send + Sync {
    /// A page of the trail.
    async fn page(&self, actor: &Actor, filter: &AuditFilter) -> Answer<AuditPage>;
    /// The whole trail from its first row, some rows at a time. Audited before it begins: that row is the last.
    async fn export(&self, actor: &Actor) -> Answer<BoxStream<'static, Answer<Vec<TrailLine>>>>;
}

/// An account as the administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// Id.
    pub id: UserId,
    /// Login name.
    pub name: String,
    /// Roles.
    pub grants: Vec<Grant>,
    /// Cannot log in.
    pub disabled: bool,
    /// Last successful login.
    pub last_login: Option<Timestamp>,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Id.
    pub id: TeamId,
    /// Display name.
    pub name: String,
}

/// A successful login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub actor: Actor,
    /// Sessions of another epoch are void: a changed password or a disabled account raises it.
    pub epoch: i64,
}

/// Accounts, roles, teams.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// Checks name and password. Takes the same time for unknown names; limited by name and by address.
    async fn login(&self, name: &str, password: &str, address: &str) -> Answer<Login>;
    /// The actor of a session, if its account is enabled and its epoch is still valid.
    async fn actor(&self, user: &UserId, epoch: i64) -> Answer<Actor>;
    /// Records the end of a session.
    async fn logged_out(&self, actor: &Actor) -> Answer<()>;
    /// All accounts.
    async fn users(&self, actor: &Actor) -> Answer<Vec<UserView>>;
    /// Creates an account. The password is shown by the caller once and never again.
    async fn create_user(&self, actor: &Actor, name: &str, password: &str, grants: Vec<Grant>) -> Answer<UserId>;
    /// Replaces the roles of an account. There is always one enabled administrator.
    async fn set_grants(&self, actor: &Actor, user: &UserId, grants: Vec<Grant>) -> Answer<()>;
    /// Disables or enables an account. There is always one enabled administrator.
    async fn set_disabled(&self, actor: &Actor, user: &UserId, disabled: bool) -> Answer<()>;
    /// Sets a new first password for somebody else who has forgotten his, which ends all sessions of the account. The
    /// password is shown by the caller once and never again.
    async fn set_password(&self, actor: &Actor, user: &UserId, password: &str) -> Answer<()>;
    /// Changes one's own password, which ends all sessions of the account; the one that has asked goes on with the answer.
    async fn change_password(&self, actor: &Actor, old: &str, new: &str) -> Answer<Login>;
    /// All teams.
    async fn teams(&self, actor: &Actor) -> Answer<Vec<Team>>;
    /// Creates a team.
    async fn create_team(&self, actor: &Actor, name: &str) -> Answer<TeamId>;
}

/// Backup targets.
#[async_trait]
pub trait TargetService: Send + Sync {
    /// All of them by name, the first before the others.
    async fn list(&self, actor: &Actor) -> Answer<Vec<TargetView>>;
    /// Adds one that has let us in, or one that was made there. Audited.
    async fn add(&self, actor: &Actor, new: NewTarget) -> Answer<TargetId>;
    /// Opens one with nothing but its password; the answer says what came of it. Audited.
    async fn check(&self, actor: &Actor, id: &TargetId) -> Answer<TargetView>;
}

/// Why Holdfast cannot do its work; what lies behind it, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// Nothing can be stored in the database.
    DataBase(String),
    /// Nobody could open the backup target, or it does not answer.
    BackupTarget(String),
}

/// The program itself, for those who watch over it.
#[async_trait]
pub trait HealthService: Send + Sync {
    /// Whether it can work at this moment, found out by trying. Whoever can reach the port may ask.
    async fn ready(&self) -> Result<(), NotReady>;
}
