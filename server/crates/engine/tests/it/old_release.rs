//! What an earlier release has left: its database, its backup target, its runs under way. The release that is compiled
//! opens a copy of it, shows every row of it, restores from it, and brings what was under way to an end.
//!
//! How the fixture was made stands in `old_release/make.rs`, what is in it in its folder's README.

mod make;

use domain::actor::Actor;
use domain::ids::{PointId, RequestId, RunId};
use domain::plan::PlanHash;
use domain::request::Vote;
use domain::run::{Decision, RunDetail, RunState, Settlement};
use domain::say::{Language, each, together};
use domain::services::Backend;
use domain::time::{Clock, Timestamp};
use engine::SealKey;
use engine::core::SystemClock;
use futures::TryStreamExt;
use lab::{LabOptions, Mode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tempfile::TempDir;
use world::{PASSWORD, People, World, lab_in, start_engine};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/release-1");

/// Machines by what was under way.
struct Names {
    leftover: &'static str,
    waiting: &'static str,
    rolling_back: &'static str,
    writing: &'static str,
    copying: &'static str,
    approved: &'static str,
    queued: &'static str,
    stuck: &'static str,
}

const NAMES: Names = Names {
    leftover: "db01",
    waiting: "web01",
    rolling_back: "win-files",
    writing: "erp-app01",
    copying: "archive01",
    approved: "intranet",
    queued: "rac1",
    stuck: "rac2",
};

/// The database of the fixture knows this address and these ports; no other test uses them.
const LAB: fn(&mut LabOptions) = |options| {
    options.listen = [127, 77, 0, 1].into();
    options.manager_port = 10_077;
    options.server_ports = vec![22_077, 22_078];
    options.mode = Mode::Auto { speed: 200.0 };
    options.repository_size = 1 << 30;
    options.shrink_disks_by = 128;
};

/// Time goes on where the fixture stopped: else every request would have expired.
struct Then {
    behind_millis: i64,
}

impl Then {
    fn right_after(at: i64) -> Self {
        let behind_millis = SystemClock.now().0 - at;
        Self { behind_millis }
    }
}

impl Clock for Then {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 - self.behind_millis)
    }
}

/// The disks that are compared.
fn slots(vm: &str) -> &'static [u32] {
    if vm == NAMES.writing || vm == NAMES.copying {
        &[0, 1]
    } else {
        &[0]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_release_1_has_left_is_shown_brought_to_an_end_and_restored() {
    let old = Old::read();
    let world = old.opened().await;
    old.is_all_shown(&world).await;
    old.comes_to_an_end(&world).await;
    old.is_restored(&world).await;
    world.assert_clean("everything that release 1 had under way");
    world.stop().await;
}

/// What the generator has written down of the fixture.
struct Old(Value);

impl Old {
    fn read() -> Self {
        let text = std::fs::read_to_string(Path::new(FOLDER).join("expected.json")).unwrap();
        Self(serde_json::from_str(&text).unwrap())
    }

    fn rows(&self, list: &str) -> &[Value] {
        self.0[list].as_array().unwrap()
    }

    /// A copy of the fixture in a world of this release. The runs go on at once.
    async fn opened(&self) -> World {
        let dir = TempDir::new().unwrap();
        let unpacked = Command::new("tar")
            .args(["--extract", "--gzip", "--file"])
            .arg(Path::new(FOLDER).join("state.tar.gz"))
            .arg("--directory")
            .arg(dir.path())
            .status();
        assert!(unpacked.unwrap().success());
        let lab = lab_in(&dir, LAB).await;
        let url = format!("sqlite://{}", dir.path().join("holdfast.db").display());
        let store = Store::connect(&url).await.unwrap();
        let key = std::fs::read_to_string(dir.path().join("seal.key")).unwrap();
        let seal_key = SealKey::from_hex(&key).unwrap();
        let stopped_at = self.rows("trail").last().unwrap()["at"].as_i64().unwrap();
        let clock = Arc::new(Then::right_after(stopped_at));
        let engine = start_engine(&dir, &store, &seal_key, |options| options.clock = clock).await;
        let backend = engine.backend();
        let people = People {
            admin: logged_in(&backend, "admin").await,
            operator: logged_in(&backend, "olga").await,
            approver: logged_in(&backend, "anna").await,
        };
        let manager = backend.estate.managers(&people.admin).await.unwrap().remove(0).id;
        World {
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

    /// Every row; of what was under way, all that does not change while it goes on.
    async fn is_all_shown(&self, world: &World) {
        let auditor = logged_in(&world.backend, "aud").await;
        let shown = listed(&world.backend, &world.people.operator, &auditor).await;
        for list in ["points", "runs", "requests"] {
            let shown = shown[list].as_array().unwrap();
            for row in self.rows(list) {
                let now = shown.iter().find(|other| other["id"] == row["id"]).unwrap();
                for (field, value) in row.as_object().unwrap().iter().filter(|(field, _)| lasts(row, field)) {
                    assert!(
                        begins_so(&now[field], value),
                        "{field} of {row:#} is now {:#}",
                        now[field]
                    );
                }
            }
        }
        let (trail, old) = (shown["trail"].as_array().unwrap(), self.rows("trail"));
        assert_eq!(&trail[..old.len()], old);
        assert!(trail.len() > old.len(), "what happens now is not written down");
        follow(trail);
    }

    /// The rules are written down in `server/docs/upgrade.md`.
    async fn comes_to_an_end(&self, world: &World) {
        let stuck = self.under_way(NAMES.stuck);
        let admin = &world.people.admin;
        world
            .backend
            .runs
            .settle(admin, &stuck, Settlement::GoBack)
            .await
            .unwrap();
        self.ends(world, NAMES.stuck, RunState::Failed, &self.overwritten(NAMES.stuck))
            .await;
        self.ends(
            world,
            NAMES.rolling_back,
            RunState::RolledBack,
            &self.overwritten(NAMES.rolling_back),
        )
        .await;
        for (vm, decision) in [
            (NAMES.waiting, Decision::Commit),
            (NAMES.approved, Decision::Commit),
            (NAMES.writing, Decision::RollBack),
        ] {
            let (run, good) = (self.under_way(vm), self.newest(vm));
            world.waiting(&run).await;
            assert_eq!(world.hashes(vm, slots(vm)), good, "{vm}");
            let bytes = match decision {
                Decision::Commit => good,
                Decision::RollBack => self.overwritten(vm),
            };
            let ended = world.decide(&run, decision).await;
            self.ends(world, vm, ended.summary.state, &bytes).await;
        }
        for vm in [NAMES.copying, NAMES.queued] {
            let bytes = world.hashes(vm, slots(vm));
            let ended = self.ends(world, vm, RunState::Succeeded, &bytes).await;
            let point = world.point(ended.point.as_ref().unwrap()).await;
            let stored: Vec<_> = point.manifest.disks().iter().map(|disk| disk.sha256.clone()).collect();
            assert_eq!(stored, bytes, "{vm}");
        }
        let left = self.rows("runs").iter().find(|row| row["leftovers"] != json!([]));
        let left: RunId = serde_json::from_value(left.unwrap()["id"].clone()).unwrap();
        let removed = async {
            while !world.run(&left).await.leftovers.is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(90), removed).await.unwrap();
    }

    /// The restore that was requested from the old release is approved in this one; it is of the oldest point.
    async fn is_restored(&self, world: &World) {
        let pending = self
            .rows("requests")
            .iter()
            .find(|row| row["state"] == "pending")
            .unwrap();
        let request: RequestId = serde_json::from_value(pending["id"].clone()).unwrap();
        let seen: PlanHash = serde_json::from_value(pending["plan"].clone()).unwrap();
        let (restores, anna) = (&world.backend.restores, &world.people.approver);
        restores
            .vote(anna, &request, &(&seen).into(), Vote::Approve, "")
            .await
            .unwrap();
        let run = restores.get(anna, &request).await.unwrap().request.run.unwrap();
        world.waiting(&run).await;
        world.decide(&run, Decision::Commit).await;
        let (oldest, web01) = (self.points_of("web01").pop().unwrap(), world.hashes("web01", &[0]));
        assert_eq!(web01, hashes(oldest));
        // And one of every other method, planned and requested by this release.
        for vm in ["erp-app01", "intranet"] {
            world.lab.scribble(world.vm(vm).as_str(), 0).unwrap();
            let point = self.points_of(vm).remove(0);
            let id: PointId = serde_json::from_value(point["id"].clone()).unwrap();
            let run = world.restored(&id).await;
            world.decide(&run, Decision::Commit).await;
            assert_eq!(world.hashes(vm, slots(vm)), hashes(point));
        }
    }

    /// The run of the machine ends so, with these bytes on its disks.
    async fn ends(&self, world: &World, vm: &str, state: RunState, bytes: &[String]) -> RunDetail {
        let ended = world.ended(&self.under_way(vm)).await;
        assert_eq!(ended.summary.state, state, "{ended:#?}");
        assert_eq!(world.hashes(vm, slots(vm)), bytes, "{vm}");
        ended
    }

    fn under_way(&self, vm: &str) -> RunId {
        let mut runs = self.rows("runs").iter();
        let run = runs.find(|row| row["name"] == vm && !is_over(row)).unwrap();
        serde_json::from_value(run["id"].clone()).unwrap()
    }

    /// Newest first.
    fn points_of(&self, vm: &str) -> Vec<&Value> {
        let points = self.rows("points").iter();
        points.filter(|point| point["name"] == vm).collect()
    }

    fn newest(&self, vm: &str) -> Vec<String> {
        hashes(self.points_of(vm)[0])
    }

    /// What lay on the disks when a restore began.
    fn overwritten(&self, vm: &str) -> Vec<String> {
        serde_json::from_value(self.0["overwritten"][vm].clone()).unwrap()
    }
}

fn hashes(point: &Value) -> Vec<String> {
    let disks = point["disks"].as_array().unwrap().iter();
    disks.map(|disk| disk[2].as_str().unwrap().to_owned()).collect()
}

fn is_over(run: &Value) -> bool {
    let state = run["state"].as_str().and_then(RunState::from_key);
    state.is_some_and(RunState::is_over)
}

/// Whether a field of a row stays as it is: of a run that is not over only what it was begun with.
fn lasts(row: &Value, field: &str) -> bool {
    let moves = ["state", "ended_at", "message", "point", "journal"];
    let under_way = row.get("journal").is_some() && !is_over(row);
    field != "leftovers" && !(under_way && moves.contains(&field))
}

/// Whether it is the same; a journal gets further lines when something is cleared up.
fn begins_so(now: &Value, before: &Value) -> bool {
    match (now, before) {
        (Value::Array(now), Value::Array(before)) => now.starts_with(before),
        _ => now == before,
    }
}

/// Follows the chain as the README tells an auditor to, with nothing of Holdfast.
fn follow(trail: &[Value]) {
    let mut previous = String::new();
    for row in trail {
        let fields = ["at", "actor", "event", "subject", "plan_hash", "detail", "address"];
        let fields = fields.map(|field| format!("\"{field}\":{}", row[field])).join(",");
        let hash = hex::encode(Sha256::digest(format!("{previous}\n{{{fields}}}")));
        assert_eq!(row["hash"], hash, "{row}");
        previous = hash;
    }
}

async fn logged_in(backend: &Backend, name: &str) -> Actor {
    backend.accounts.login(name, PASSWORD, "127.0.0.1").await.unwrap().actor
}

/// Everything that the release of the fixture shows, for those who may see it.
async fn listed(backend: &Backend, operator: &Actor, auditor: &Actor) -> Value {
    json!({
        "points": points(backend, operator).await,
        "runs": runs(backend, operator).await,
        "requests": requests(backend, operator).await,
        "trail": trail(backend, auditor).await,
    })
}

async fn points(backend: &Backend, operator: &Actor) -> Vec<Value> {
    let listed = backend.catalogue.points(operator, &Default::default()).await.unwrap();
    assert_eq!(listed.older, None);
    let mut points = Vec::new();
    for row in listed.rows {
        let point = backend.catalogue.point(operator, &row.point).await.unwrap();
        let disks = point.manifest.disks().iter();
        points.push(json!({
            "id": row.point,
            "vm": row.subject.object.id(),
            "name": row.subject.name,
            "taken_at": row.taken_at,
            "policy": row.policy,
            "method": point.manifest.machine().method,
            "consistency": row.consistency,
            "snapshot": point.copies[0].snapshot,
            "damaged": row.damaged.is_some(),
            "disks": disks.map(|disk| json!([disk.slot, disk.size_bytes, disk.sha256])).collect::<Vec<_>>(),
        }));
    }
    points
}

/// With their plans and journals.
async fn runs(backend: &Backend, operator: &Actor) -> Vec<Value> {
    let listed = backend.runs.list(operator, &Default::default()).await.unwrap();
    assert_eq!(listed.older, None);
    let mut runs = Vec::new();
    for row in listed.rows {
        let run = backend.runs.get(operator, &row.id).await.unwrap();
        let plan = backend.runs.plan(operator, &row.plan_hash).await.unwrap();
        let journal = run.journal.iter();
        runs.push(json!({
            "id": row.id,
            "vm": row.subject.object.id(),
            "name": row.subject.name,
            "by": row.started_by,
            "queued_at": row.queued_at,
            "plan": plan.hash,
            "steps": plan.plan.steps.iter().map(|step| &step.id).collect::<Vec<_>>(),
            "state": row.state,
            "ended_at": row.ended_at,
            "message": (!row.message.is_empty()).then(|| together(&row.message, Language::En)),
            "point": run.point,
            "leftovers": each(&run.leftovers, Language::En),
            "journal": journal.map(|line| json!([line.step, line.phase, line.outcome])).collect::<Vec<_>>(),
        }));
    }
    runs
}

async fn requests(backend: &Backend, operator: &Actor) -> Vec<Value> {
    let listed = backend.restores.list(operator, &Default::default()).await.unwrap();
    assert_eq!(listed.older, None);
    let row = |request: domain::request::Request| {
        let votes = request.votes.iter();
        json!({
            "id": request.id,
            "state": request.state,
            "vm": request.asked.subject().and_then(|subject| subject.object.id()),
            "by": request.requested_by_name,
            "reason": request.reason,
            "plan": request.asked.plan(),
            "run": request.run,
            "votes": votes.map(|vote| json!([vote.user_name, vote.vote, vote.reason])).collect::<Vec<_>>(),
        })
    };
    listed.rows.into_iter().map(row).collect()
}

/// The lines that an auditor takes away.
async fn trail(backend: &Backend, auditor: &Actor) -> Vec<Value> {
    let page = backend.audit.page(auditor, &Default::default()).await.unwrap();
    assert_eq!(page.broken_at, None);
    let lines = backend.audit.export(auditor).await.unwrap();
    let lines: Vec<Vec<_>> = lines.try_collect().await.unwrap();
    let lines = lines.concat().into_iter();
    lines
        .map(|line| serde_json::from_str(&line.json().unwrap()).unwrap())
        .collect()
}
