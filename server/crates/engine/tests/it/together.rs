//! Several engines on one database, SQLite and PostgreSQL: they share the work, hear of each other, and one that was
//! stopped past its lease does nothing that another has done meanwhile.

use crate::moments::Gate;
use async_trait::async_trait;
use domain::ids::RunId;
use domain::news::News;
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{Decision, Outcome, RunNews, RunState};
use engine::{Breakpoints, Engine, EngineOptions, Moment};
use futures::StreamExt;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use store::Store;
use tokio_util::sync::CancellationToken;
use world::Database;
use world::{World, start_engine};

const FREE: RestoreGate = RestoreGate::Free;
const VM: &str = "web01";

/// Fails when it takes longer than anybody would wait.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), work)
        .await
        .expect("it hangs")
}

/// Makes of each function a test on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(world::Database::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(world::Database::postgres()).await;
            })*
        }
    };
}

on_both!(
    the_main_job_is_done,
    two_engines_share_the_work_and_hear_of_each_other,
    a_run_that_waits_for_a_person_takes_nobodys_place,
    an_engine_that_stood_still_past_its_lease_writes_nothing_twice,
);

async fn the_main_job_is_done(database: Database) {
    let world = database.world().await;
    let (point, good, overwritten) = world.overwritten(VM).await;
    let run = world.restored(&point).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    world.decide(&run, Decision::RollBack).await;
    assert_eq!(world.hashes(VM, &[0]), overwritten);
    let run = world.restored(&point).await;
    world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    world.assert_clean("the main job");
    world.stop().await;
}

/// Another engine on the database of a world, over connections of its own.
async fn another_engine(database: &Database, world: &World, change: impl FnOnce(&mut EngineOptions)) -> Engine {
    let store = Store::connect(&database.url(&world.dir)).await.unwrap();
    start_engine(&world.dir, &store, &world.seal_key, change).await
}

async fn two_engines_share_the_work_and_hear_of_each_other(database: Database) {
    let mut world = database.world().await;
    // Each engine has room for one run, and holds it before it copies.
    let gates = [Gate::at("copy-0"), Gate::at("copy-0")];
    let with = |gate: &Arc<Gate>| {
        let gate = gate.clone();
        move |options: &mut EngineOptions| {
            options.workers = 1;
            options.breakpoints = Some(gate);
        }
    };
    world.restart_with(with(&gates[0])).await;
    let other = another_engine(&database, &world, with(&gates[1])).await;
    let operator = &world.people.operator;
    let mut heard = other.backend().runs.events(operator).await.unwrap();

    let mut runs = Vec::new();
    for vm in [VM, "intranet", "db01"] {
        world.protect(vm, BackupMethod::Reflink, FREE).await;
        runs.push(world.start_backup(vm).await);
    }
    soon(async {
        while gates.iter().any(|gate| gate.arrived().is_empty()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let queued = world.run(&runs[2]).await.summary.state;
    assert_eq!(queued, RunState::Queued, "there is room for two");

    // What happens in one is heard in the other.
    let here = &gates[0].arrived()[0];
    let is_told = |news: &News| matches!(news, News::Run(event) if event.run == *here);
    soon(async { while !heard.next().await.is_some_and(|news| is_told(&news)) {} }).await;
    // What is wished at one is done by the other.
    let there = &gates[1].arrived()[0];
    world.backend.runs.cancel(operator, there).await.unwrap();
    gates.iter().for_each(|gate| gate.open());
    assert_eq!(soon(world.ended(there)).await.summary.state, RunState::Cancelled);
    for run in runs.iter().filter(|run| *run != there) {
        assert_eq!(soon(world.ended(run)).await.summary.state, RunState::Succeeded);
    }
    let is_end = |news: &News| {
        let ended = RunState::Succeeded;
        matches!(news, News::Run(event) if matches!(event.news, RunNews::State { state, .. } if state == ended))
    };
    soon(async { while !heard.next().await.is_some_and(|news| is_end(&news)) {} }).await;
    drop(heard);
    other.stop().await;
    world.assert_clean("backups by two engines");
    world.stop().await;
}

async fn a_run_that_waits_for_a_person_takes_nobodys_place(database: Database) {
    let mut world = database.world().await;
    world.restart_with(|options| options.workers = 1).await;
    let (point, good, _) = world.overwritten(VM).await;
    let waiting = world.restored(&point).await;
    world.protect("intranet", BackupMethod::Reflink, FREE).await;
    soon(world.back_up("intranet")).await;
    assert_eq!(world.run(&waiting).await.summary.state, RunState::Waiting);
    // Decided where nobody works, it is taken up by whoever comes.
    world.stop_engine().await;
    let other = another_engine(&database, &world, |_| ()).await;
    soon(world.decide(&waiting, Decision::Commit)).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    other.stop().await;
    world.stop().await;
}

/// Stops a whole engine that has a thread of its own, as SIGSTOP would, when a step of a run has written its intent.
struct StandStill {
    step: &'static str,
    stands: Mutex<Option<RunId>>,
    may_go_on: Mutex<bool>,
    changed: Condvar,
}

impl StandStill {
    fn at(step: &'static str) -> Arc<Self> {
        Arc::new(Self {
            step,
            stands: Mutex::default(),
            may_go_on: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    fn stands(&self) -> bool {
        self.stands.lock().unwrap().is_some()
    }

    fn go_on(&self) {
        *self.may_go_on.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

#[async_trait]
impl Breakpoints for StandStill {
    async fn reached(&self, run: &RunId, step: &str, moment: Moment) {
        if step == self.step && moment == Moment::AfterIntent && !self.stands() {
            *self.stands.lock().unwrap() = Some(run.clone());
            // Blocks the only thread, and with it the heart of the engine.
            let waits = self.may_go_on.lock().unwrap();
            drop(self.changed.wait_while(waits, |may| !*may).unwrap());
        }
    }
}

/// An engine in a thread of its own, until it is told to stop.
fn engine_alone(
    url: String,
    world: &World,
    still: Arc<StandStill>,
    stop: CancellationToken,
) -> std::thread::JoinHandle<()> {
    let (target, key) = (world.dir.path().join("target"), world.seal_key.clone());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let store = Store::connect(&url).await.unwrap();
            let password = world::TARGET_PASSWORD.to_owned();
            let mut options = EngineOptions::new(store, target, password, key);
            options.lease_secs = 2;
            options.breakpoints = Some(still);
            let engine = Engine::start(options).await.unwrap();
            stop.cancelled().await;
            engine.stop().await;
        });
    })
}

async fn an_engine_that_stood_still_past_its_lease_writes_nothing_twice(database: Database) {
    let mut world = database.world().await;
    let (point, good, _) = world.overwritten(VM).await;
    world.stop_engine().await;
    let (still, stop) = (StandStill::at("write-0"), CancellationToken::new());
    let slow = engine_alone(database.url(&world.dir), &world, still.clone(), stop.clone());
    let run = world.start_restore(&point).await;
    soon(async {
        while !still.stands() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    // Another takes over when the lease of the first has run out, and comes to the pause.
    world.restart(None).await;
    soon(world.waiting(&run)).await;
    world.stop_engine().await;
    still.go_on();
    // It works again when it has a new lease; by then it has come as far with the old run as it could.
    world.protect("intranet", BackupMethod::Reflink, FREE).await;
    soon(async {
        let later = world.start_backup("intranet").await;
        assert_eq!(world.ended(&later).await.summary.state, RunState::Succeeded);
    })
    .await;
    stop.cancel();
    tokio::task::spawn_blocking(move || slow.join().unwrap()).await.unwrap();
    assert_eq!(times_written(&world, &run), 1, "{:#?}", world.lab.heard());
    world.restart(None).await;
    world.decide(&run, Decision::Commit).await;
    assert_eq!(world.hashes(VM, &[0]), good);
    world.assert_clean("a restore that two engines had in hand");
    world.stop().await;
}

/// How often the lab was told to write a disk for this run.
fn times_written(world: &World, run: &RunId) -> usize {
    let writes = |line: &String| line.contains("tar") && line.contains("-xS") && line.contains(&run.tag());
    world.lab.heard().into_iter().filter(writes).count()
}

/// The claim is lost behind the intent, while the engine believes to have it: it looks once more before it writes.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_the_claim_without_knowing_it_sends_nothing() {
    let database = Database::postgres();
    let mut world = database.world().await;
    let (point, ..) = world.overwritten(VM).await;
    let gate = Gate::at("write-0");
    world.restart(Some(gate.clone())).await;
    let run = world.start_restore(&point).await;
    soon(async {
        while gate.arrived().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    database.sql("UPDATE run SET fence = fence + 1");
    gate.open();
    // It claims the run anew, and finds that nothing was written.
    let waiting = soon(world.waiting(&run)).await;
    let written = waiting.journal.iter().rfind(|entry| entry.step == "write-0").unwrap();
    assert_eq!(written.outcome, Some(Outcome::Done), "{waiting:#?}");
    assert_eq!(times_written(&world, &run), 1);
    world.stop().await;
}
