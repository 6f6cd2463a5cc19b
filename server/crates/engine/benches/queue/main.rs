//! How long pages wait for their data when 2,000 runs are over, and when 2,000 more are queued. `cargo xtask bench queue`
//! runs it.
//!
//! The Manager of the runs takes connections and says nothing, so that as many are under way as there are workers, all the
//! time. Compare the two columns: the milliseconds move with the machine and with what else it does.

use anyhow::{Context, Result};
use domain::actor::{Actor, Grant, Role, Scope};
use domain::enrolment::NewManager;
use domain::ids::{ManagerId, PointId, PolicyId, RunId};
use domain::plan::{
    Action, ENGINE, Header, Place, Plan, Purpose, Risk, RiskClass, SealedPlan, Step, StepTitle, WhenStuck,
};
use domain::policy::BackupMethod;
use domain::run::RunState;
use domain::services::{AuditFilter, Backend, PointFilter, RunFilter};
use domain::subject::Subject;
use domain::time::{Clock, Timestamp};
use engine::core::SystemClock;
use engine::{Engine, EngineOptions, SealKey};
use lab::rehearsal::{RehearsalManager, populated, quick};
use lab::{Fault, Switches};
use ovm::ids::VmId;
use std::ops::Range;
use std::time::{Duration, Instant};
use store::{NewRun, Store, Wanted};
use tempfile::TempDir;

const RUNS: usize = 2_000;
const REQUESTS: usize = 200;
const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() -> Result<()> {
    let (_dir, store, engine) = start().await?;
    let backend = engine.backend();
    let (admin, reader) = people(&store, &backend).await?;
    let silent = populated(1, quick(Switches::default()), 0).await?;
    let manager = enrol(&backend, &admin, &silent).await?;
    let first = insert(&store, &admin, &manager, 0..RUNS, RunState::Succeeded).await?;
    // The first time is for the audit trail, which has a page full of rows from then on.
    measured(&backend, &reader, &first).await?;
    let idle = measured(&backend, &reader, &first).await?;
    insert(&store, &admin, &manager, RUNS..2 * RUNS, RunState::Queued).await?;
    under_way(&store, 8).await?;
    let queued = measured(&backend, &reader, &first).await?;
    println!("{REQUESTS} requests each, p50 / p95 in ms, with {RUNS} runs that are over");
    println!("{:<28} {:>16} {:>16}", "", "none queued", format!("{RUNS} queued"));
    for ((page, idle), (_, queued)) in idle.iter().zip(&queued) {
        println!("{page:<28} {:>16} {:>16}", idle.show(), queued.show());
    }
    engine.stop().await;
    Ok(())
}

async fn start() -> Result<(TempDir, Store, Engine)> {
    let dir = TempDir::new()?;
    let url = format!("sqlite://{}?mode=rwc", dir.path().join("holdfast.db").display());
    let store = Store::connect(&url).await?;
    let target = dir.path().join("target");
    let options = EngineOptions::new(store.clone(), target, PASSWORD.into(), SealKey::generate());
    let engine = Engine::start(options).await?;
    Ok((dir, store, engine))
}

/// Who plans, and who reads everything.
async fn people(store: &Store, backend: &Backend) -> Result<(Actor, Actor)> {
    engine::create_administrator(store, &SystemClock, "admin", PASSWORD).await?;
    let admin = backend.accounts.login("admin", PASSWORD, "127.0.0.1").await?.actor;
    let grant = |role| Grant {
        role,
        scope: Scope::All,
    };
    let grants = vec![grant(Role::BackupOperator), grant(Role::Auditor)];
    let (accounts, name) = (&backend.accounts, "olga");
    accounts.create_user(&admin, name, PASSWORD, grants).await?;
    let reader = accounts.login(name, PASSWORD, "127.0.0.1").await?.actor;
    Ok((admin, reader))
}

/// Enrols a Manager, which from then on answers nothing any more.
async fn enrol(backend: &Backend, admin: &Actor, manager: &RehearsalManager) -> Result<ManagerId> {
    let described = manager.description();
    let new = NewManager {
        name: "Silent".into(),
        host: described.address.clone(),
        port: described.port,
        user: described.user.clone(),
        password: described.password.clone(),
        fingerprint: described.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    };
    let id = backend.estate.enrol(admin, new).await?;
    for _ in 0..10 * RUNS {
        let command = String::new();
        manager.faults().arm(Fault::Silent { command });
    }
    Ok(id)
}

/// Inserts runs in this state, one for each of so many machines; answers the first.
async fn insert(
    store: &Store,
    by: &Actor,
    manager: &ManagerId,
    numbers: Range<usize>,
    state: RunState,
) -> Result<RunId> {
    let tx = store.begin().await?;
    let first = RunId::new(format!("r{}", numbers.start));
    for number in numbers {
        let (sealed, now) = (plan(manager, number)?, SystemClock.now());
        let header = &sealed.plan().header;
        tx.insert_plan(&sealed, &by.id, now).await?;
        let run = NewRun {
            id: header.run.clone(),
            plan_hash: sealed.hash().clone(),
            kind: header.purpose.kind(),
            subject: header.subject.clone(),
            touches: vec![header.subject.at()],
            started_by: by.name.clone(),
            queued_at: now,
            request: None,
            point: None,
            window: domain::request::Window::default(),
        };
        tx.insert_run(&run).await?;
        tx.set_run_state(&run.id, 0, state, &[], None, None).await?;
    }
    tx.commit().await?;
    Ok(first)
}

fn plan(manager: &ManagerId, number: usize) -> Result<SealedPlan> {
    let vm = VmId::new(format!("vm{number}"));
    let reads = Action::ReadDefinition {
        vm: vm.clone(),
        vm_cfg: None,
    };
    let header = Header {
        engine: ENGINE,
        when_stuck: WhenStuck::LeaveBehind,
        purpose: Purpose::Backup {
            point: PointId::new(format!("p{number}")),
            method: BackupMethod::Reflink,
            policy: PolicyId::new("gold"),
            policy_name: "Gold".into(),
        },
        run: RunId::new(format!("r{number}")),
        subject: Subject::vm(manager, &vm, vm.as_str()),
        planned_by: "admin".into(),
        planned_at: Timestamp(0),
        estate_revision: 1,
        risk: Risk {
            class: RiskClass::Low,
            reasons: Vec::new(),
        },
        not_contained: Vec::new(),
        remarks: Vec::new(),
    };
    Ok(SealedPlan::seal(Plan {
        header,
        preconditions: Vec::new(),
        steps: vec![Step::new(
            "definition",
            StepTitle::ReadDefinition,
            Place::Manager,
            reads,
        )],
    })?)
}

/// Waits until so many runs are under way.
async fn under_way(store: &Store, many: usize) -> Result<()> {
    let running = async {
        while store.runs(Some(RunState::Running), &Wanted::newest(100)).await?.len() < many {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(())
    };
    let running = tokio::time::timeout(Duration::from_secs(120), running).await;
    running.context("the workers do not begin")?
}

/// Times of one page, sorted.
struct Times(Vec<Duration>);

impl Times {
    fn show(&self) -> String {
        let at = |percent: usize| self.0.get(self.0.len() * percent / 100).copied().unwrap_or_default();
        let millis = |percent| at(percent).as_secs_f64() * 1000.0;
        format!("{:.1} / {:.1}", millis(50), millis(95))
    }
}

/// The data of some pages, again and again.
async fn measured(backend: &Backend, reader: &Actor, run: &RunId) -> Result<Vec<(&'static str, Times)>> {
    let running = RunFilter {
        state: Some(RunState::Running),
        ..RunFilter::default()
    };
    let (all, points, audit) = (RunFilter::default(), PointFilter::default(), AuditFilter::default());
    Ok(vec![
        ("all runs", times(|| backend.runs.list(reader, &all)).await?),
        ("runs under way", times(|| backend.runs.list(reader, &running)).await?),
        ("a run", times(|| backend.runs.get(reader, run)).await?),
        (
            "recovery points",
            times(|| backend.catalogue.points(reader, &points)).await?,
        ),
        ("audit trail", times(|| backend.audit.page(reader, &audit)).await?),
        (
            "a logout, which writes",
            times(|| backend.accounts.logged_out(reader)).await?,
        ),
    ])
}

async fn times<T, F>(request: impl Fn() -> F) -> Result<Times>
where
    F: Future<Output = domain::services::Answer<T>>,
{
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let began = Instant::now();
        request().await?;
        times.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    times.sort();
    Ok(Times(times))
}
