//! A small estate: one pool of two servers, two OCFS2 repositories and one on NFS, and one machine to plan for.

use domain::ids::{ManagerId, PointId, PolicyId, RunId, TargetId};
use domain::plan::{Action, Plan, Step};
use domain::point::{Consistency, Content, Extent, Manifest, PointCopy, PointDisk, RecoveryPoint, VmContent};
use domain::policy::{BackupMethod, Policy, PolicyRules, RestoreGate};
use domain::say::{Language, Say};
use domain::services::RestoreOptions;
use domain::subject::Subject;
use domain::time::Timestamp;
use ovm::estate::{
    DiskMapping, Estate, MappedStorage, PhysicalDisk, Pool, Repository, RepositoryKind, Server, VirtualCdrom,
    VirtualDisk, Vm, VmState,
};
use ovm::ids::{CdromId, DiskId, MappingId, PhysicalDiskId, PoolId, RepositoryId, ServerId, VmId};
use plan::{Context, Refusal};

pub const GIB: u64 = 1 << 30;
pub const MASTER: &str = "aa:01";
pub const OTHER: &str = "aa:02";

/// Everything that a plan is made from; tests change it before they plan.
#[derive(Debug)]
pub struct World {
    pub estate: Estate,
    pub policy: Policy,
    pub context: Context,
    pub options: RestoreOptions,
}

/// A world whose machine runs on the pool's master and has a disk for each `(slot, repository)`.
pub fn world(method: BackupMethod, disks: &[(u32, &str)]) -> World {
    let mut world = World {
        estate: empty_estate(),
        policy: policy(method),
        context: context(),
        options: RestoreOptions::default(),
    };
    for (slot, repository) in disks {
        world.add_disk(*slot, repository);
    }
    world
}

fn empty_estate() -> Estate {
    let servers = [(MASTER, "ovs01"), (OTHER, "ovs02")];
    let repositories = [
        ("gold", RepositoryKind::Ocfs2),
        ("silver", RepositoryKind::Ocfs2),
        ("nfs", RepositoryKind::Nfs),
        ("odd", RepositoryKind::Unknown),
    ];
    Estate {
        version: "3.4.6.2105".into(),
        pools: vec![Pool {
            id: PoolId::new("pool-id"),
            name: "pool01".into(),
            servers: servers.iter().map(|(id, _)| ServerId::new(*id)).collect(),
            master: Some(ServerId::new(MASTER)),
            other: Vec::new(),
        }],
        servers: servers.iter().map(|(id, name)| server(id, name)).collect(),
        repositories: repositories
            .iter()
            .map(|(name, kind)| repository(name, *kind))
            .collect(),
        vms: vec![vm("vm-id", "erp app")],
        ..Estate::default()
    }
}

fn server(id: &str, name: &str) -> Server {
    Server {
        id: ServerId::new(id),
        name: name.into(),
        status: "Running".into(),
        ip_address: None,
        pool: Some(PoolId::new("pool-id")),
        version: None,
        memory_mb: None,
        processors: None,
        other: Vec::new(),
    }
}

fn repository(name: &str, kind: RepositoryKind) -> Repository {
    Repository {
        id: RepositoryId::new(format!("{name}-id")),
        name: name.into(),
        file_system: None,
        file_system_name: None,
        file_server: None,
        kind,
        free_bytes: None,
        presented_to: vec![ServerId::new(MASTER), ServerId::new(OTHER)],
        other: Vec::new(),
    }
}

pub fn vm(id: &str, name: &str) -> Vm {
    Vm {
        id: VmId::new(id),
        name: name.into(),
        state: VmState::Running,
        pool: Some(PoolId::new("pool-id")),
        server: Some(ServerId::new(MASTER)),
        repository: Some(RepositoryId::new("gold-id")),
        memory_mb: 1024,
        max_memory_mb: 1024,
        processors: 1,
        max_processors: 1,
        high_availability: false,
        domain_type: "XEN_PVM".into(),
        operating_system: "None".into(),
        boot_order: Vec::new(),
        description: String::new(),
        mappings: Vec::new(),
        vnics: Vec::new(),
        tags: Vec::new(),
        vm_cfg: None,
        other: Vec::new(),
    }
}

fn policy(method: BackupMethod) -> Policy {
    let rules = PolicyRules {
        name: "Production".into(),
        method,
        patience_secs: 120,
        may_kill: false,
        free_space_floor_percent: 15,
        restore_gate: RestoreGate::Free,
        commit_within_hours: 24,
        target: TargetId::first(),
    };
    Policy {
        id: PolicyId::new("policy"),
        team: None,
        rules,
    }
}

fn context() -> Context {
    Context {
        manager: ManagerId::new("manager"),
        run: RunId::new("7q2k"),
        planned_by: "lea".into(),
        planned_at: Timestamp(1_763_841_953_000),
        estate_revision: 17,
        manager_fingerprint: "SHA256:manager".into(),
        reachable: vec![
            (ServerId::new(MASTER), "SHA256:ovs01".into()),
            (ServerId::new(OTHER), "SHA256:ovs02".into()),
        ],
    }
}

impl World {
    pub fn vm(&mut self) -> &mut Vm {
        &mut self.estate.vms[0]
    }

    pub fn rules(&mut self) -> &mut PolicyRules {
        &mut self.policy.rules
    }

    pub fn map(&mut self, slot: u32, storage: MappedStorage) {
        let id = MappingId::new(format!("mapping-{slot}"));
        let name = format!("mapping {slot}");
        self.vm().mappings.push(DiskMapping {
            id,
            name,
            slot,
            storage,
            other: Vec::new(),
        });
    }

    pub fn add_disk(&mut self, slot: u32, repository: &str) {
        let id = DiskId::new(format!("d{slot}.img"));
        self.estate.disks.push(VirtualDisk {
            id: id.clone(),
            name: format!("disk {slot}"),
            repository: Some(RepositoryId::new(format!("{repository}-id"))),
            size_bytes: Some(10 * GIB),
            used_bytes: Some(GIB),
            shareable: false,
            other: Vec::new(),
        });
        self.map(slot, MappedStorage::VirtualDisk { id });
    }

    pub fn add_lun(&mut self, slot: u32) {
        let id = PhysicalDiskId::new("lun-id");
        self.estate.physical_disks.push(PhysicalDisk {
            id: id.clone(),
            name: "redo".into(),
            wwid: Some("36006".into()),
            size_bytes: Some(100 * GIB),
            shareable: false,
            other: Vec::new(),
        });
        self.map(slot, MappedStorage::PhysicalDisk { id });
    }

    pub fn add_iso(&mut self, slot: u32) {
        let id = CdromId::new("i.iso");
        self.estate.cdroms.push(VirtualCdrom {
            id: id.clone(),
            name: "ol7.iso".into(),
            repository: None,
            other: Vec::new(),
        });
        self.map(slot, MappedStorage::Cdrom { id });
    }

    pub fn backup(&self) -> Result<Plan, Refusal> {
        let vm = VmId::new("vm-id");
        plan::plan_backup(&self.estate, &vm, &self.policy, &PointId::new("point"), &self.context)
    }

    pub fn restore(&self, point: &RecoveryPoint) -> Result<Plan, Refusal> {
        plan::plan_restore_in_place(&self.estate, point, &self.policy.rules, &self.options, &self.context)
    }

    /// A point with all present file disks, each with 1 GiB of data in two stretches.
    pub fn point(&self) -> RecoveryPoint {
        let vm = self.estate.vms[0].clone();
        let disk = |mapping: &DiskMapping| match &mapping.storage {
            MappedStorage::VirtualDisk { id } => Some(self.point_disk(mapping.slot, id)),
            _ => None,
        };
        let manifest = Manifest {
            format: Manifest::FORMAT,
            point: PointId::new("point"),
            run: RunId::new("before"),
            subject: Subject::vm(&ManagerId::new("manager"), &vm.id, &vm.name),
            manager_name: "ovmm".into(),
            taken_at: Timestamp(1_763_755_553_000),
            policy: "Production".into(),
            plan_hash: "0".repeat(64),
            content: Content::Vm(VmContent {
                disks: vm.mappings.iter().filter_map(disk).collect(),
                vm,
                method: BackupMethod::ManagerClone,
                consistency: Consistency::CrashConsistent,
            }),
            not_contained: Vec::new(),
        };
        RecoveryPoint {
            manifest,
            copies: vec![PointCopy {
                target: TargetId::first(),
                snapshot: "5a7e".into(),
                stored_bytes: 0,
                verified_at: Timestamp(0),
                damaged: None,
            }],
        }
    }

    fn point_disk(&self, slot: u32, id: &DiskId) -> PointDisk {
        let half = |offset| Extent {
            offset,
            length: GIB / 2,
        };
        let disk = self.estate.disk(id).unwrap();
        PointDisk {
            slot,
            disk: id.clone(),
            name: disk.name.clone(),
            repository: disk.repository.clone().unwrap_or_else(|| RepositoryId::new("gold-id")),
            file: format!("disk-{slot}.img"),
            size_bytes: 10 * GIB,
            read_bytes: GIB,
            stored_bytes: GIB / 4,
            sha256: format!("{slot}").repeat(64).chars().take(64).collect(),
            data: vec![half(0), half(4 * GIB)],
            data_sha256: format!("{slot}d").repeat(32),
        }
    }
}

/// Ids of the steps, separated by blanks.
pub fn ids(plan: &Plan) -> String {
    let ids: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    ids.join(" ")
}

pub fn step<'a>(plan: &'a Plan, id: &str) -> &'a Step {
    plan.steps
        .iter()
        .find(|step| step.id == id)
        .unwrap_or_else(|| panic!("no step {id} in {}", ids(plan)))
}

/// The command of a step as people read it.
pub fn command(plan: &Plan, id: &str) -> String {
    plan::render::action(&step(plan, id).action, Language::En)
}

/// Values as people read them.
pub fn said<T: Say>(values: &[T]) -> Vec<String> {
    domain::say::each(values, Language::En)
}

/// Every action of a plan, undo included.
pub fn actions(plan: &Plan) -> Vec<&Action> {
    plan.steps
        .iter()
        .flat_map(|step| std::iter::once(&step.action).chain(step.undo.iter().map(|undo| &undo.action)))
        .collect()
}
