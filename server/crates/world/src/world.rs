//! A lab, a database, a backup target and an engine, with people who may do things.

use crate::furnish::{People, enrol, people};
use crate::haste::{hurry, keep_host_key, lay_target, lend_host_key};
use crate::wait::{soon, until};
use domain::ids::{ManagerId, PointId, RequestId, RunId, TargetId};
use domain::point::{PointSummary, RecoveryPoint};
use domain::policy::{BackupMethod, PolicyRules, RestoreGate};
use domain::request::{AskedHash, Request, RequestState, Vote, Window};
use domain::run::{Decision, RunDetail, RunState, RunSummary};
use domain::say::{Language, together};
use domain::services::{Backend, Changed, Draft, PointFilter, RestoreOptions};
use domain::subject::SubjectRef;
use engine::{Breakpoints, Engine, EngineOptions, SealKey};
use ground::SimulatedManagers;
use lab::{HostKeyKind, Lab, LabOptions, Mode};
use ovm::ids::VmId;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;
use tempfile::TempDir;

/// Of everybody.
pub const PASSWORD: &str = "correct horse battery";
/// Of the backup target.
pub const TARGET_PASSWORD: &str = "target password";

/// Everything a test needs. The lab goes on when the engine is lost.
pub struct World {
    /// The simulated estate.
    pub lab: Arc<Lab>,
    /// Folder of lab, database and backup target.
    pub dir: TempDir,
    /// The database.
    pub store: Store,
    /// What seals the stored passwords.
    pub seal_key: SealKey,
    /// None while nothing runs.
    pub engine: Option<Engine>,
    /// The program, as pages see it.
    pub backend: Backend,
    /// Who may do what.
    pub people: People,
    /// The lab's Manager, as it is enrolled.
    pub manager: ManagerId,
}

/// A lab in a folder, with whatever options `change` wants.
pub async fn lab_in(dir: &TempDir, change: impl FnOnce(&mut LabOptions)) -> Arc<Lab> {
    let mut options = LabOptions {
        mode: Mode::Auto { speed: 200.0 },
        ..LabOptions::new(dir.path().join("lab"))
    };
    change(&mut options);
    let (dir, kind) = (options.dir.clone(), options.switches.manager_host_key);
    if kind == HostKeyKind::Rsa {
        lend_host_key(&dir);
    }
    let lab = Lab::start(options).await.unwrap();
    if kind == HostKeyKind::Rsa {
        keep_host_key(&dir);
    }
    lab
}

impl World {
    /// With everything as usual.
    pub async fn start() -> Self {
        Self::start_in(TempDir::new().unwrap()).await
    }

    /// In a folder that was prepared.
    pub async fn start_in(dir: TempDir) -> Self {
        let lab = lab_in(&dir, |_| ()).await;
        Self::around(lab, dir).await
    }

    /// With other options of the lab.
    pub async fn with(change: impl FnOnce(&mut LabOptions)) -> Self {
        let dir = TempDir::new().unwrap();
        let lab = lab_in(&dir, change).await;
        Self::around(lab, dir).await
    }

    /// Around a lab in the same folder.
    pub async fn around(lab: Arc<Lab>, dir: TempDir) -> Self {
        let servers = lab.description().servers.len();
        Self::seeing(servers, lab, dir).await
    }

    /// Around a lab of which only so many servers are enrolled.
    pub async fn seeing(servers: usize, lab: Arc<Lab>, dir: TempDir) -> Self {
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("holdfast.db").display());
        let store = Store::connect(&url).await.unwrap();
        let seal_key = SealKey::generate();
        let engine = start_engine(&dir, &store, &seal_key, |_| ()).await;
        let backend = engine.backend();
        let people = people(&store, &backend).await;
        let manager = enrol(&lab, servers, &backend, &people.admin, "lab", false).await;
        Self {
            lab,
            dir,
            store,
            seal_key,
            engine: Some(engine),
            backend,
            people,
            manager,
        }
    }

    /// Ends the engine wherever its runs are, and starts another with (or without) a place to stop at. It gives its leases
    /// back, so that the next one need not wait for them; only a process that is killed does not.
    pub async fn restart(&mut self, breakpoints: Option<Arc<dyn Breakpoints>>) {
        self.restart_with(|options| options.breakpoints = breakpoints).await;
    }

    /// The same, with other options.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut EngineOptions)) {
        self.stop_engine().await;
        let engine = start_engine(&self.dir, &self.store, &self.seal_key, change).await;
        self.backend = engine.backend();
        self.engine = Some(engine);
    }

    /// Ends the engine. What is asked of the backend is still written down, for the next one.
    pub async fn stop_engine(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop().await;
        }
    }

    /// The machine of this name.
    pub fn vm(&self, name: &str) -> VmId {
        VmId::new(self.lab.vm_id(name).unwrap())
    }

    /// The machine of this name, as rows refer to it.
    pub fn subject(&self, name: &str) -> SubjectRef {
        SubjectRef::vm(&self.manager, &self.vm(name))
    }

    /// Puts a machine under a policy of its own.
    pub async fn protect(&self, vm: &str, method: BackupMethod, gate: RestoreGate) {
        self.protect_with(vm, method, gate, |_| ()).await;
    }

    /// Puts a machine under a policy of its own, with whatever rules `change` wants.
    pub async fn protect_with(
        &self,
        vm: &str,
        method: BackupMethod,
        gate: RestoreGate,
        change: impl FnOnce(&mut PolicyRules),
    ) {
        let mut rules = PolicyRules {
            name: format!("{vm} {} of {}", method.key(), self.manager),
            method,
            patience_secs: 10,
            may_kill: true,
            free_space_floor_percent: 5,
            restore_gate: gate,
            commit_within_hours: 24,
            target: TargetId::first(),
        };
        change(&mut rules);
        let admin_and_owner = &self.people.operator;
        let policy = self.backend.policies.save(admin_and_owner, None, None, rules, "").await;
        let Changed::Now(policy) = policy.unwrap() else {
            panic!("a new policy makes nothing easier");
        };
        let reason = "nobody works with it";
        let assigned = self
            .backend
            .policies
            .assign(admin_and_owner, &self.subject(vm), Some(policy), reason)
            .await;
        if let Changed::Requested(request) = assigned.unwrap() {
            self.approve(&request).await;
        }
    }

    /// Approves whatever was requested.
    pub async fn approve(&self, request: &RequestId) -> Request {
        let (restores, approver) = (&self.backend.restores, &self.people.approver);
        let seen = restores.get(approver, request).await.unwrap().request.asked.hash();
        let voted = restores.vote(approver, request, &seen, Vote::Approve, "").await;
        assert_eq!(voted, Ok(RequestState::Approved));
        restores.get(approver, request).await.unwrap().request
    }

    /// Plans and starts a backup.
    pub async fn start_backup(&self, vm: &str) -> RunId {
        let draft = self.planned_backup(vm).await;
        let operator = &self.people.operator;
        self.backend.runs.start_backup(operator, &draft.hash).await.unwrap()
    }

    /// Plans a backup.
    pub async fn planned_backup(&self, vm: &str) -> Draft {
        let operator = &self.people.operator;
        let planned = self.backend.runs.plan_backup(operator, &self.subject(vm)).await;
        planned.unwrap()
    }

    /// Backs a machine up and returns its new recovery point.
    pub async fn back_up(&self, vm: &str) -> RecoveryPoint {
        let run = self.start_backup(vm).await;
        let ended = self.ended(&run).await;
        assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
        self.point(ended.point.as_ref().unwrap()).await
    }

    /// Backs up a machine with one disk, whose restore needs an approval, and overwrites the disk: the point, its bytes, and
    /// those on the disk now.
    pub async fn overwritten(&self, vm: &str) -> (PointId, Vec<String>, Vec<String>) {
        let gate = RestoreGate::Approval { approvers: 1 };
        self.protect(vm, BackupMethod::Reflink, gate).await;
        let good = self.hashes(vm, &[0]);
        let point = self.back_up(vm).await.manifest.point;
        self.lab.scribble(self.vm(vm).as_str(), 0).unwrap();
        (point, good, self.hashes(vm, &[0]))
    }

    /// A recovery point.
    pub async fn point(&self, id: &PointId) -> RecoveryPoint {
        self.backend.catalogue.point(&self.people.operator, id).await.unwrap()
    }

    /// All recovery points, newest first.
    pub async fn points(&self) -> Vec<PointSummary> {
        self.backend
            .catalogue
            .points(&self.people.operator, &PointFilter::default())
            .await
            .unwrap()
            .rows
    }

    /// Plans, requests and approves a restore; the run is queued then.
    pub async fn start_restore(&self, point: &PointId) -> RunId {
        let (request, _) = self.request_restore(point).await;
        self.approve(&request).await.run.unwrap()
    }

    /// Requests and approves a restore, and waits until the restored machine waits for a decision.
    pub async fn restored(&self, point: &PointId) -> RunId {
        let run = self.start_restore(point).await;
        self.waiting(&run).await;
        run
    }

    /// Starts a restore that needs nobody's approval.
    pub async fn restore(&self, point: &PointId) -> RunId {
        let (request, _) = self.request_restore(point).await;
        let operator = &self.people.operator;
        let view = self.backend.restores.get(operator, &request).await.unwrap();
        view.request.run.unwrap()
    }

    /// Commits or rolls back, and waits until the run has ended so.
    pub async fn decide(&self, run: &RunId, decision: Decision) -> RunDetail {
        let operator = &self.people.operator;
        self.backend.runs.decide(operator, run, decision).await.unwrap();
        let ended = self.ended(run).await;
        let expected = match decision {
            Decision::Commit => RunState::Succeeded,
            Decision::RollBack => RunState::RolledBack,
        };
        assert_eq!(ended.summary.state, expected, "{ended:#?}");
        ended
    }

    /// The run failed with a sentence that says all this, and left nothing.
    pub async fn fails(&self, run: &RunId, says: &[&str]) -> RunDetail {
        let ended = self.stands(run).await;
        assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
        let message = told(&ended.summary);
        for part in says {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert!(message.ends_with('.'), "{message}");
        self.assert_clean(&message);
        ended
    }

    /// Discovers the estate anew.
    pub async fn refresh(&self) {
        let admin = &self.people.admin;
        self.backend.estate.refresh(admin, &self.manager).await.unwrap();
    }

    /// Plans and requests a restore.
    pub async fn request_restore(&self, point: &PointId) -> (RequestId, AskedHash) {
        let operator = &self.people.operator;
        let draft = self
            .backend
            .restores
            .plan(operator, point, &RestoreOptions::default())
            .await
            .unwrap();
        let reason = "somebody has overwritten the disk";
        let request = self
            .backend
            .restores
            .submit(operator, &draft.hash, reason, None, Window::default())
            .await
            .unwrap();
        (request, (&draft.hash).into())
    }

    /// A run as it is now.
    pub async fn run(&self, id: &RunId) -> RunDetail {
        self.backend.runs.get(&self.people.operator, id).await.unwrap()
    }

    /// Waits until the run is over or needs an operator.
    pub async fn ended(&self, id: &RunId) -> RunDetail {
        self.until(id, |state| state.is_over() || state == RunState::NeedsOperator)
            .await
    }

    /// Waits until the run waits for a decision, or stops otherwise.
    pub async fn waiting(&self, id: &RunId) -> RunDetail {
        let detail = self.stands(id).await;
        assert_eq!(detail.summary.state, RunState::Waiting, "{detail:#?}");
        detail
    }

    /// Waits until the run is over, or waits for a person.
    pub async fn stands(&self, id: &RunId) -> RunDetail {
        self.until(id, |state| {
            state.is_over() || matches!(state, RunState::NeedsOperator | RunState::Waiting)
        })
        .await
    }

    /// Waits until the run has come to such a state.
    ///
    /// # Panics
    /// When it does not, with what it does instead.
    pub async fn until(&self, id: &RunId, reached: impl Fn(RunState) -> bool) -> RunDetail {
        let last = Mutex::new(None);
        let comes = async {
            loop {
                let detail = self.run(id).await;
                if reached(detail.summary.state) {
                    return detail;
                }
                *last.lock().unwrap() = Some(detail);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let stays = || format!("the run stays as it is: {:#?}", last.lock().unwrap());
        soon(stays, comes).await
    }

    /// Waits until nothing is left behind by the run any more.
    pub async fn cleared_up(&self, id: &RunId) {
        let is_so = async || self.run(id).await.leftovers.is_empty();
        until("what the run has left behind is cleared up", is_so).await;
    }

    /// Waits until all faults of the lab were met.
    pub async fn faults_met(&self) {
        let is_so = async || self.lab.faults().armed().is_empty();
        until("all faults are met", is_so).await;
    }

    /// Nothing that Holdfast made is left in the estate.
    pub fn assert_clean(&self, after: &str) {
        let orphans = self.lab.orphans();
        assert!(orphans.is_empty(), "left behind after {after}: {orphans:#?}");
    }

    /// SHA-256 of the disks in these slots, in hex.
    pub fn hashes(&self, vm: &str, slots: &[u32]) -> Vec<String> {
        slots
            .iter()
            .map(|slot| self.lab.disk_sha256(self.vm(vm).as_str(), *slot).unwrap())
            .collect()
    }

    /// Whether the Manager calls the machine running.
    pub async fn vm_is_running(&self, vm: &str) -> bool {
        let answer = self.lab.execute(&format!("show Vm id={}", self.vm(vm))).await;
        answer.contains("Status = Running")
    }

    /// Ends everything.
    pub async fn stop(mut self) {
        self.stop_engine().await;
        self.lab.stop().await;
    }
}

/// An engine in a folder, at the pace of tests, with whatever options `change` wants.
pub async fn start_engine(
    dir: &TempDir,
    store: &Store,
    key: &SealKey,
    change: impl FnOnce(&mut EngineOptions),
) -> Engine {
    let target = dir.path().join("target");
    lay_target(&target);
    let mut options = EngineOptions::new(store.clone(), target, TARGET_PASSWORD.into(), key.clone());
    hurry(&mut options);
    options.rehearsals = Some(Arc::new(SimulatedManagers));
    change(&mut options);
    Engine::start(options).await.unwrap()
}

/// Why a run is as it is, in the words that its page has.
pub fn told(run: &RunSummary) -> String {
    together(&run.message, Language::En)
}
