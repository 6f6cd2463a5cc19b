//! What the pages show: an estate that was discovered, and for each of its VMs some recovery points and a run.

use anyhow::Result;
use domain::actor::{Actor, Grant, Role, Scope};
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::enrolment::NewManager;
use domain::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId, TeamId};
use domain::plan::{
    Action, ENGINE, Header, Place, Plan, Purpose, Risk, RiskClass, SealedPlan, Step, StepTitle, WhenStuck,
};
use domain::point::{Consistency, Content, Manifest, PointCopy, PointDisk, RecoveryPoint, VmContent};
use domain::policy::{BackupMethod, PolicyRules};
use domain::request::{Asked, Request, RequestState, Window};
use domain::run::{Outcome, Phase, RunState};
use domain::services::{Backend, Changed};
use domain::subject::{Subject, SubjectRef};
use domain::time::{Clock, Timestamp};
use engine::core::{SystemClock, new_id};
use engine::{Engine, EngineOptions, SealKey};
use lab::Switches;
use lab::rehearsal::{populated, quick};
use ovm::estate::{Estate, MappedStorage, Vm, VmState};
use ovm::ids::RepositoryId;
use sha2::{Digest, Sha256};
use std::path::Path;
use store::{NewRun, Store, Tx};

pub const PASSWORD: &str = "correct horse battery";
/// Somebody who sees everything, and somebody of a small team.
pub const PEOPLE: [&str; 2] = ["anna", "tim"];
/// VMs of the small team.
const OF_TEAM: usize = 10;
/// One in so many VMs is under no policy.
const BARE: usize = 20;
const REQUESTS: usize = 100;
const AUDIT_ROWS: usize = 5_000;
const STEPS: usize = 12;

/// What the pages of single things are about.
pub struct Samples {
    pub manager: ManagerId,
    pub vm: String,
    pub point: PointId,
    pub run: RunId,
}

/// Fills a new database in this folder.
pub async fn fill(folder: &Path, key: SealKey, vms: usize) -> Result<Samples> {
    let store = Store::connect(&format!("sqlite://{}", folder.join("holdfast.db").display())).await?;
    let options = EngineOptions::new(store.clone(), folder.join("target"), PASSWORD.into(), key);
    let engine = Engine::start(options).await?;
    let backend = engine.backend();
    let (admin, team) = people(&store, &backend).await?;
    let lab = populated(vms, quick(Switches::default()), 0).await?;
    let described = lab.description();
    let new = NewManager {
        name: "Main site".into(),
        host: described.address.clone(),
        port: described.port,
        user: described.user.clone(),
        password: described.password.clone(),
        fingerprint: described.host_key_fingerprint.clone(),
        legacy_algorithms: false,
    };
    let manager = backend.estate.enrol(&admin, new).await?;
    let estate = backend.estate.estate(&admin, &manager).await?.estate;
    let Changed::Now(policy) = backend.policies.save(&admin, None, None, rules(), "").await? else {
        anyhow::bail!("a new policy needs no approval");
    };
    engine.stop().await;
    let filling = Filling {
        by: admin,
        manager,
        policy,
        now: SystemClock.now(),
    };
    filling.fill(&store, &estate, &team).await
}

fn rules() -> PolicyRules {
    PolicyRules {
        name: "Gold".into(),
        ..PolicyRules::usual()
    }
}

async fn people(store: &Store, backend: &Backend) -> Result<(Actor, TeamId)> {
    engine::create_administrator(store, &SystemClock, "root", PASSWORD).await?;
    let accounts = &backend.accounts;
    let root = accounts.login("root", PASSWORD, "127.0.0.1").await?.actor;
    let team = accounts.create_team(&root, "Small").await?;
    let all = Role::ALL.map(|role| Grant {
        role,
        scope: Scope::All,
    });
    let of_team = [Role::BackupOperator, Role::RestoreOperator].map(|role| Grant {
        role,
        scope: Scope::Team(team.clone()),
    });
    for (name, grants) in PEOPLE.into_iter().zip([all.to_vec(), of_team.to_vec()]) {
        accounts.create_user(&root, name, PASSWORD, grants).await?;
    }
    Ok((accounts.login(PEOPLE[0], PASSWORD, "127.0.0.1").await?.actor, team))
}

struct Filling {
    by: Actor,
    manager: ManagerId,
    policy: PolicyId,
    now: Timestamp,
}

impl Filling {
    async fn fill(&self, store: &Store, estate: &Estate, team: &TeamId) -> Result<Samples> {
        let tx = store.begin().await?;
        let mut samples = None;
        let vms = estate.vms.iter().filter(|vm| vm.state != VmState::Template);
        for (number, vm) in vms.enumerate() {
            let subject = SubjectRef::vm(&self.manager, &vm.id);
            if number < OF_TEAM {
                tx.set_subject_team(&subject, Some(team)).await?;
            }
            if number % BARE != 0 {
                tx.set_protection(&subject, Some(&self.policy)).await?;
            }
            // The second is stored as what differs from the first.
            let points = [self.point(estate, vm, 2), self.point(estate, vm, 1)];
            for point in &points {
                tx.insert_point(point).await?;
            }
            let run = self.run(&tx, vm, &points[1]).await?;
            if number < REQUESTS {
                self.request(&tx, vm, &points[1]).await?;
            }
            samples.get_or_insert(Samples {
                manager: self.manager.clone(),
                vm: vm.id.to_string(),
                point: points[1].manifest.point.clone(),
                run,
            });
        }
        for number in 0..AUDIT_ROWS {
            tx.audit(&self.event(number)).await?;
        }
        tx.commit().await?;
        samples.ok_or_else(|| anyhow::anyhow!("the estate has no VM"))
    }

    fn point(&self, estate: &Estate, vm: &Vm, hours: i64) -> RecoveryPoint {
        let taken_at = self.now.plus_seconds(-3600 * hours);
        let hash = |what: &str| hex::encode(Sha256::digest(new_id(20) + what));
        let disks = vm.mappings.iter().filter_map(|mapping| {
            let MappedStorage::VirtualDisk { id } = &mapping.storage else {
                return None;
            };
            let disk = estate.disk(id)?;
            Some(PointDisk {
                slot: mapping.slot,
                disk: id.clone(),
                name: disk.name.clone(),
                repository: disk.repository.clone().unwrap_or_else(|| RepositoryId::new("none")),
                file: format!("disk-{}.img", mapping.slot),
                size_bytes: disk.size_bytes.unwrap_or_default(),
                read_bytes: disk.used_bytes.unwrap_or_default(),
                stored_bytes: 1 << 20,
                sha256: hash("whole"),
                data: Vec::new(),
                data_sha256: hash("data"),
            })
        });
        RecoveryPoint {
            manifest: Manifest {
                format: Manifest::FORMAT,
                point: PointId::new(new_id(10)),
                run: RunId::new(new_id(8)),
                subject: Subject::vm(&self.manager, &vm.id, &vm.name),
                manager_name: "Main site".into(),
                taken_at,
                policy: "Gold".into(),
                plan_hash: hash("plan"),
                content: Content::Vm(VmContent {
                    vm: vm.clone(),
                    method: BackupMethod::Reflink,
                    consistency: Consistency::CrashConsistentPerDisk,
                    disks: disks.collect(),
                }),
                not_contained: Vec::new(),
            },
            copies: vec![PointCopy {
                target: TargetId::first(),
                snapshot: hash("snapshot"),
                stored_bytes: 0,
                verified_at: taken_at,
                damaged: None,
            }],
        }
    }

    async fn run(&self, tx: &Tx, vm: &Vm, point: &RecoveryPoint) -> Result<RunId> {
        let manifest = &point.manifest;
        let sealed = self.plan(vm, &manifest.point, &manifest.run)?;
        tx.insert_plan(&sealed, &self.by.id, manifest.taken_at).await?;
        let run = NewRun {
            id: manifest.run.clone(),
            plan_hash: sealed.hash().clone(),
            kind: sealed.plan().header.purpose.kind(),
            subject: manifest.subject.clone(),
            touches: vec![manifest.subject.at()],
            started_by: self.by.name.clone(),
            queued_at: manifest.taken_at,
            request: None,
            point: Some(manifest.point.clone()),
            window: Window::default(),
        };
        tx.insert_run(&run).await?;
        for step in &sealed.plan().steps {
            let (from, to) = (manifest.taken_at, manifest.taken_at.plus_seconds(9));
            let seq = tx.begin_entry(&run.id, 0, &step.id, Phase::Forward, from).await?;
            let observed = "Status: Success\nTime: 2026-11-30 01:00:07,123 UTC\nJobId: 1701306007123";
            let learned = domain::plan::Bindings::default();
            tx.finish_entry(&run.id, 0, seq, Outcome::Done, observed, &[], None, &learned, to)
                .await?;
        }
        let ended = Some(manifest.taken_at.plus_seconds(108));
        tx.set_run_state(&run.id, 0, RunState::Succeeded, &[], ended, None)
            .await?;
        tx.set_worked(&run.id, 108_000).await?;
        Ok(run.id)
    }

    fn plan(&self, vm: &Vm, point: &PointId, run: &RunId) -> Result<SealedPlan> {
        let step = |number| {
            let reads = Action::ReadDefinition {
                vm: vm.id.clone(),
                vm_cfg: None,
            };
            Step::new(
                format!("definition-{number}"),
                StepTitle::ReadDefinition,
                Place::Manager,
                reads,
            )
        };
        let header = Header {
            engine: ENGINE,
            when_stuck: WhenStuck::LeaveBehind,
            purpose: Purpose::Backup {
                point: point.clone(),
                method: BackupMethod::Reflink,
                policy: self.policy.clone(),
                policy_name: "Gold".into(),
            },
            run: run.clone(),
            subject: Subject::vm(&self.manager, &vm.id, &vm.name),
            planned_by: self.by.name.clone(),
            planned_at: self.now,
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
            steps: (0..STEPS).map(step).collect(),
        })?)
    }

    async fn request(&self, tx: &Tx, vm: &Vm, point: &RecoveryPoint) -> Result<()> {
        let sealed = self.plan(vm, &point.manifest.point, &RunId::new(new_id(8)))?;
        tx.insert_plan(&sealed, &self.by.id, self.now).await?;
        let request = Request {
            id: RequestId::new(new_id(8)),
            state: RequestState::Vetoed,
            asked: Asked::Plan {
                hash: sealed.hash().clone(),
                point: point.manifest.point.clone(),
                subject: point.manifest.subject.clone(),
                window: Window::default(),
            },
            team: None,
            requested_by: self.by.id.clone(),
            requested_by_name: self.by.name.clone(),
            requested_at: self.now,
            reason: "The disk was overwritten.".into(),
            ticket: Some("INC-4711".into()),
            approvals_needed: 2,
            votes: Vec::new(),
            expires_at: self.now,
            run: None,
        };
        Ok(tx.insert_request(&request).await?)
    }

    fn event(&self, number: usize) -> AuditEvent {
        let detail = Detail::BackupStarted {
            name: format!("vm{number}"),
            point: PointId::new(format!("p{number}")),
        };
        AuditEvent::new(
            self.now,
            &self.by.name,
            AuditSubject::Manager(self.manager.clone()),
            detail,
        )
    }
}
