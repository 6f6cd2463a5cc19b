//! Things to store.

use domain::audit::{AuditEvent, AuditSubject};
use domain::fault::{Damage, DamageFound, Left, StepFault};
use domain::ids::{ManagerId, PointId, PolicyId, RequestId, RunId, TargetId, UserId};
use domain::plan::{ENGINE, Header, Plan, PlanHash, Purpose, Risk, RiskClass, Said, SealedPlan, StepTitle, WhenStuck};
use domain::point::{Consistency, Content, Manifest, PointCopy, PointDisk, RecoveryPoint, VmContent};
use domain::policy::{BackupMethod, Policy, PolicyRules, RestoreGate};
use domain::request::{Asked, CastVote, Request, RequestState, Vote, Window};
use domain::run::RunKind;
use domain::subject::{Subject, SubjectRef};
use domain::time::Timestamp;
use ovm::estate::{Vm, VmState};
use ovm::ids::{DiskId, RepositoryId, VmId};
use store::{ManagerRow, NewRun, Store, Tx};

pub const OLGA: &str = "u-olga";
pub const ANNA: &str = "u-anna";

pub fn manager_id() -> ManagerId {
    ManagerId::new("m1")
}

pub fn vm_id() -> VmId {
    VmId::new("0004fb00000600004a5ca6d7e9a0a0b1")
}

pub fn manager() -> ManagerRow {
    ManagerRow {
        id: manager_id(),
        name: "Main site".into(),
        host: "ovmm.example".into(),
        port: 10000,
        user: "admin".into(),
        sealed_password: "00ff".into(),
        fingerprint: "SHA256:one".into(),
        changed_fingerprint: None,
        legacy_algorithms: true,
        problem: None,
    }
}

pub fn vm() -> Vm {
    Vm {
        id: vm_id(),
        name: "db-prod-01".into(),
        state: VmState::Running,
        pool: None,
        server: None,
        repository: None,
        memory_mb: 2048,
        max_memory_mb: 4096,
        processors: 2,
        max_processors: 4,
        high_availability: false,
        domain_type: "XEN_HVM".into(),
        operating_system: "Oracle Linux 7".into(),
        boot_order: Vec::new(),
        description: String::new(),
        mappings: Vec::new(),
        vnics: Vec::new(),
        tags: Vec::new(),
        vm_cfg: None,
        other: Vec::new(),
    }
}

/// The machine that most samples are about.
pub fn subject() -> Subject {
    Subject::vm(&manager_id(), &vm_id(), "db-prod-01")
}

pub fn policy(id: &str, name: &str) -> Policy {
    Policy {
        id: PolicyId::new(id),
        team: None,
        rules: PolicyRules {
            name: name.into(),
            method: BackupMethod::Reflink,
            patience_secs: 120,
            may_kill: false,
            free_space_floor_percent: 10,
            restore_gate: RestoreGate::Approval { approvers: 2 },
            commit_within_hours: 24,
            target: TargetId::first(),
        },
    }
}

/// A backup plan; different runs make different plans.
pub fn plan(run: &str) -> SealedPlan {
    SealedPlan::seal(Plan {
        header: Header {
            purpose: Purpose::Backup {
                point: PointId::new(format!("p-{run}")),
                method: BackupMethod::Reflink,
                policy: PolicyId::new("gold"),
                policy_name: "Gold".into(),
            },
            run: RunId::new(run),
            engine: ENGINE,
            when_stuck: WhenStuck::LeaveBehind,
            subject: Subject::vm(&manager_id(), &vm_id(), "db-prod-01"),
            planned_by: "olga".into(),
            planned_at: Timestamp(1_000),
            estate_revision: 1,
            risk: Risk {
                class: RiskClass::Low,
                reasons: Vec::new(),
            },
            not_contained: Vec::new(),
            remarks: Vec::new(),
        },
        preconditions: Vec::new(),
        steps: Vec::new(),
    })
    .unwrap()
}

fn disk(slot: u32) -> PointDisk {
    PointDisk {
        slot,
        disk: DiskId::new(format!("{slot}.img")),
        name: "system".into(),
        repository: RepositoryId::new("repo1"),
        file: format!("disk-{slot}.img"),
        size_bytes: 5_000_000_000,
        read_bytes: 3_000_000,
        stored_bytes: 1_000_000 + u64::from(slot),
        sha256: "ab".into(),
        data: Vec::new(),
        data_sha256: "cd".into(),
    }
}

pub fn point(id: &str, taken_at: i64) -> RecoveryPoint {
    RecoveryPoint {
        manifest: Manifest {
            format: Manifest::FORMAT,
            point: PointId::new(id),
            run: RunId::new("r1"),
            subject: subject(),
            manager_name: "Main site".into(),
            taken_at: Timestamp(taken_at),
            policy: "Gold".into(),
            plan_hash: "aa".into(),
            content: Content::Vm(VmContent {
                vm: vm(),
                method: BackupMethod::Reflink,
                consistency: Consistency::CrashConsistentPerDisk,
                disks: vec![disk(0), disk(1)],
            }),
            not_contained: vec![Said::Text("Physical disk 2 is not contained.".into())],
        },
        copies: vec![PointCopy {
            target: TargetId::first(),
            snapshot: format!("snapshot-{id}"),
            stored_bytes: 2_000_001,
            verified_at: Timestamp(taken_at + 1),
            damaged: None,
        }],
    }
}

pub fn new_run(id: &str, vm: VmId, queued_at: i64) -> NewRun {
    NewRun {
        id: RunId::new(id),
        plan_hash: plan(id).hash().clone(),
        kind: RunKind::Backup,
        subject: Subject::vm(&manager_id(), &vm, "db-prod-01"),
        touches: vec![SubjectRef::vm(&manager_id(), &vm)],
        started_by: "olga".into(),
        queued_at: Timestamp(queued_at),
        request: None,
        point: Some(PointId::new(format!("p-{id}"))),
        window: Window::default(),
    }
}

pub fn request(id: &str, plan_hash: &PlanHash, requested_at: i64) -> Request {
    Request {
        id: RequestId::new(id),
        state: RequestState::Pending,
        asked: Asked::Plan {
            hash: plan_hash.clone(),
            point: PointId::new("p1"),
            subject: subject(),
            window: Window::default(),
        },
        team: None,
        requested_by: UserId::new(OLGA),
        requested_by_name: "olga".into(),
        requested_at: Timestamp(requested_at),
        reason: "The disk was overwritten.".into(),
        ticket: Some("INC-4711".into()),
        approvals_needed: 2,
        votes: Vec::new(),
        expires_at: Timestamp(requested_at + 100),
        run: None,
    }
}

pub fn vote(user: &str, vote: Vote, plan_hash: &PlanHash) -> CastVote {
    CastVote {
        user: UserId::new(user),
        user_name: user.trim_start_matches("u-").into(),
        vote,
        reason: "Checked with the owner.".into(),
        at: Timestamp(50),
        seen: plan_hash.into(),
    }
}

pub fn event(subject: &str) -> AuditEvent {
    AuditEvent {
        at: Timestamp(7),
        actor: "olga".into(),
        event: "backup.started.v1".into(),
        subject: AuditSubject::from_key(subject),
        plan_hash: Some("c0ffee".into()),
        detail: Said::Text("100% of Gold_1".into()),
        address: Some("192.0.2.7".into()),
    }
}

/// Two accounts and a Manager.
pub async fn people_and_manager(store: &Store) {
    let tx = store.begin().await.unwrap();
    tx.insert_user(&UserId::new(OLGA), "olga", "hash").await.unwrap();
    tx.insert_user(&UserId::new(ANNA), "anna", "hash").await.unwrap();
    tx.put_manager(&manager()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Stores the plan of a run and queues the run.
pub async fn queue(tx: &Tx, run: &NewRun) {
    tx.insert_plan(&plan(run.id.as_str()), &UserId::new(OLGA), Timestamp(1))
        .await
        .unwrap();
    tx.insert_run(run).await.unwrap();
}

/// People, a Manager and one queued run `r1`.
pub async fn one_queued_run(store: &Store) -> RunId {
    people_and_manager(store).await;
    let tx = store.begin().await.unwrap();
    queue(&tx, &new_run("r1", vm_id(), 10)).await;
    tx.commit().await.unwrap();
    RunId::new("r1")
}

pub fn damage() -> Damage {
    Damage::Disk {
        slot: 0,
        name: "system".into(),
        found: DamageFound::Differs,
    }
}

pub fn left() -> Left {
    Left {
        title: StepTitle::RemoveClone.into(),
        fault: StepFault::Cancelled,
    }
}
