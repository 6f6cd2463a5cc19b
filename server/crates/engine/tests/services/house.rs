//! An engine over a database with an estate that exists on paper only: three machines, of the team blue, of the team
//! red and of no team, and a template.

use domain::actor::{Actor, Grant, Role, Scope};
use domain::audit::AuditRow;
use domain::ids::{ManagerId, PointId, RunId, TargetId, TeamId, UserId};
use domain::point::{Consistency, Content, Extent, Manifest, PointCopy, PointDisk, RecoveryPoint, VmContent};
use domain::policy::{BackupMethod, PolicyRules, RestoreGate};
use domain::services::{Backend, Changed, Team};
use domain::subject::SubjectRef;
use domain::time::{Clock, Timestamp};
use engine::core::SystemClock;
use engine::{Engine, EngineOptions, RehearsalGround, SealKey};
use ground::SimulatedManagers;
use ovm::estate::{DiskMapping, Estate, MappedStorage, Problem, VirtualDisk, Vm, VmState};
use ovm::ids::{DiskId, MappingId, RepositoryId, VmId};
use std::path::PathBuf;
use std::sync::Arc;
use store::{ManagerRow, Store};
use tempfile::TempDir;
pub use world::TARGET_PASSWORD;
use world::lay_target;

pub const BLUE: &str = "blue";
pub const RED: &str = "red";
pub const PASSWORD: &str = "correct horse battery";

pub struct House {
    dir: TempDir,
    pub store: Store,
    engine: Engine,
    pub backend: Backend,
}

/// The time in so many hours.
struct Later(i64);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(self.0 * 3600)
    }
}

impl House {
    /// Only the program, nothing in it.
    pub async fn empty() -> Self {
        Self::with_rehearsals(Arc::new(SimulatedManagers)).await
    }

    /// Only the program, with something to rehearse scripts on.
    pub async fn with_rehearsals(ground: Arc<dyn RehearsalGround>) -> Self {
        let dir = TempDir::new().unwrap();
        let store = Store::connect(&format!("sqlite://{}", dir.path().join("holdfast.db").display()))
            .await
            .unwrap();
        Self::start(dir, store, |options| options.rehearsals = Some(ground)).await
    }

    async fn start(dir: TempDir, store: Store, change: impl FnOnce(&mut EngineOptions)) -> Self {
        let target = dir.path().join("target");
        lay_target(&target);
        let mut options = EngineOptions::new(store.clone(), target, TARGET_PASSWORD.into(), SealKey::generate());
        change(&mut options);
        let engine = Engine::start(options).await.unwrap();
        let backend = engine.backend();
        Self {
            dir,
            store,
            engine,
            backend,
        }
    }

    /// Ends the program, and starts it again when it is so many hours later than now.
    pub async fn in_hours(self, hours: i64) -> Self {
        self.engine.stop().await;
        Self::start(self.dir, self.store, |options| options.clock = Arc::new(Later(hours))).await
    }

    /// With the estate on paper.
    pub async fn furnished() -> Self {
        let house = Self::empty().await;
        let tx = house.store.begin().await.unwrap();
        for name in [BLUE, RED] {
            tx.insert_team(&Team {
                id: team(name),
                name: name.into(),
            })
            .await
            .unwrap();
        }
        tx.put_manager(&nowhere()).await.unwrap();
        tx.insert_revision(&manager(), Timestamp(1000), &estate())
            .await
            .unwrap();
        tx.set_subject_team(&at(BLUE), Some(&team(BLUE))).await.unwrap();
        tx.set_subject_team(&at(RED), Some(&team(RED))).await.unwrap();
        tx.commit().await.unwrap();
        house
    }

    pub fn target(&self) -> PathBuf {
        self.dir.path().join("target")
    }

    pub async fn insert(&self, point: &RecoveryPoint) {
        let tx = self.store.begin().await.unwrap();
        tx.insert_point(point).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The trail from its first row, only the events of this name.
    pub async fn trail(&self, event: &str) -> Vec<AuditRow> {
        let mut rows = self.store.audit_all().await.unwrap();
        assert_eq!(domain::audit::first_break(&rows), None);
        rows.retain(|row| row.event.event == event);
        rows
    }
}

pub fn manager() -> ManagerId {
    ManagerId::new("m1")
}

pub fn team(name: &str) -> TeamId {
    TeamId::new(name)
}

pub fn vm(name: &str) -> VmId {
    VmId::new(format!("vm-{name}"))
}

/// The machine of this name.
pub fn at(name: &str) -> SubjectRef {
    SubjectRef::vm(&manager(), &vm(name))
}

/// Somebody with one role; no account is needed to ask a service.
pub fn actor(role: Role, scope: Scope) -> Actor {
    Actor {
        id: UserId::new(role.key()),
        name: role.key().to_owned(),
        grants: vec![Grant { role, scope }],
    }
}

pub fn of_all(role: Role) -> Actor {
    actor(role, Scope::All)
}

pub fn of_team(role: Role, name: &str) -> Actor {
    actor(role, Scope::Team(team(name)))
}

pub fn rules(name: &str) -> PolicyRules {
    PolicyRules {
        name: name.to_owned(),
        method: BackupMethod::ManagerClone,
        patience_secs: 60,
        may_kill: false,
        free_space_floor_percent: 10,
        restore_gate: RestoreGate::Approval { approvers: 1 },
        commit_within_hours: 24,
        target: TargetId::first(),
    }
}

/// What was changed, at once.
pub fn now<T>(changed: Changed<T>) -> T {
    match changed {
        Changed::Now(done) => done,
        Changed::Requested(request) => panic!("it waits for approval in request {request}"),
    }
}

/// A recovery point of a machine, of one disk with this content hash.
pub fn point(id: &str, of: &str, snapshot: &str, sha256: &str) -> RecoveryPoint {
    let disk = PointDisk {
        slot: 0,
        disk: DiskId::new(format!("{of}.img")),
        name: "system".into(),
        repository: RepositoryId::new("repo"),
        file: "disks/0.img".into(),
        size_bytes: 5,
        read_bytes: 5,
        stored_bytes: 5,
        sha256: sha256.to_owned(),
        data: vec![Extent { offset: 0, length: 5 }],
        data_sha256: sha256.to_owned(),
    };
    let manifest = Manifest {
        format: Manifest::FORMAT,
        point: PointId::new(id),
        run: RunId::new("run"),
        subject: at(of).named(format!("{of} machine")),
        manager_name: "paper".into(),
        taken_at: Timestamp(2000),
        policy: "Gold".into(),
        plan_hash: "00".into(),
        content: Content::Vm(VmContent {
            vm: machine(of, VmState::Running),
            method: BackupMethod::ManagerClone,
            consistency: Consistency::CrashConsistent,
            disks: vec![disk],
        }),
        not_contained: Vec::new(),
    };
    RecoveryPoint {
        manifest,
        copies: vec![PointCopy {
            target: TargetId::first(),
            snapshot: snapshot.to_owned(),
            stored_bytes: 0,
            verified_at: Timestamp(2000),
            damaged: None,
        }],
    }
}

/// A Manager where nobody listens.
pub fn nowhere() -> ManagerRow {
    ManagerRow {
        id: manager(),
        name: "paper".into(),
        host: "127.0.0.1".into(),
        port: 1,
        user: "admin".into(),
        sealed_password: String::new(),
        fingerprint: "SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM".into(),
        changed_fingerprint: None,
        legacy_algorithms: false,
        problem: None,
    }
}

fn estate() -> Estate {
    let machines = [
        (BLUE, VmState::Running),
        (RED, VmState::Stopped),
        ("free", VmState::Running),
        ("tmpl", VmState::Template),
    ];
    let disk = |name: &str| VirtualDisk {
        id: DiskId::new(format!("{name}.img")),
        name: "system".into(),
        repository: None,
        size_bytes: None,
        used_bytes: None,
        shareable: false,
        other: Vec::new(),
    };
    let problem = Problem {
        object_type: "Vm".into(),
        id: "vm-unreadable".into(),
        name: "secret project".into(),
        reason: "It cannot be read.".into(),
    };
    Estate {
        version: "3.4.6".into(),
        disks: machines.iter().map(|(name, _)| disk(name)).collect(),
        vms: machines.into_iter().map(|(name, state)| machine(name, state)).collect(),
        problems: vec![problem],
        ..Estate::default()
    }
}

fn machine(name: &str, state: VmState) -> Vm {
    let system = DiskMapping {
        id: MappingId::new(format!("map-{name}")),
        name: String::new(),
        slot: 0,
        storage: MappedStorage::VirtualDisk {
            id: DiskId::new(format!("{name}.img")),
        },
        other: Vec::new(),
    };
    Vm {
        id: vm(name),
        name: format!("{name} machine"),
        state,
        pool: None,
        server: None,
        repository: None,
        memory_mb: 1024,
        max_memory_mb: 1024,
        processors: 1,
        max_processors: 1,
        high_availability: false,
        domain_type: "XEN_HVM".into(),
        operating_system: "Oracle Linux 7".into(),
        boot_order: Vec::new(),
        description: String::new(),
        mappings: vec![system],
        vnics: Vec::new(),
        tags: Vec::new(),
        vm_cfg: Some("name = 'x'".into()),
        other: Vec::new(),
    }
}
