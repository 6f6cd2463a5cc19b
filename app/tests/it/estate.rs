//! The estate of the tests: one Manager, one server, one repository, two machines, one of them with a hostile name.

use domain::document::{Rehearsal, RehearsalOutcome, ScriptView};
use domain::enrolment::{ManagerView, ServerAccess};
use domain::error::{ServiceError, Thing};
use domain::ids::{ManagerId, PointId, PolicyId, RunId, TargetId, TeamId};
use domain::plan::{Gap, Said};
use domain::point::{Consistency, Content, Manifest, PointCopy, PointDisk, RecoveryPoint, VmContent};
use domain::policy::{BackupMethod, Policy, PolicyRules, RestoreGate};
use domain::services::{Answer, EstateView, PolicyView, Protection, Protections, RevisionHead, VmView};
use domain::subject::Subject;
use domain::target::{Location, TargetView};
use domain::time::Timestamp;
use ovm::estate::*;
use ovm::ids::*;
use ovm::script::Scope;
use std::sync::Arc;

/// When the recovery point was taken.
pub const TAKEN: Timestamp = Timestamp(1_790_000_000_000);

/// What a machine could be called by somebody who means harm.
pub const HOSTILE: &str = "</title></textarea><script>alert('x')</script>";

/// Id of the machine under a policy.
pub const SLOT: &str = "0004fb0000060000aa00bb00cc00dd01";

/// Id of the machine under none.
pub const BARE: &str = "0004fb0000060000aa00bb00cc00dd02";

pub fn manager() -> ManagerView {
    ManagerView {
        id: ManagerId::new("m1"),
        name: "Manager One".into(),
        host: "manager.example".into(),
        port: 10000,
        user: "admin".into(),
        fingerprint: "SHA256:pinned".into(),
        changed_fingerprint: Some("SHA256:changed".into()),
        legacy_algorithms: true,
        revision: Some((7, TAKEN)),
        problem: None,
    }
}

fn vm(id: &str, name: &str) -> Vm {
    Vm {
        id: VmId::new(id),
        name: name.into(),
        state: VmState::Running,
        pool: None,
        server: Some(ServerId::new("00:11")),
        repository: Some(RepositoryId::new("repo1")),
        memory_mb: 4096,
        max_memory_mb: 8192,
        processors: 2,
        max_processors: 2,
        high_availability: true,
        domain_type: "XEN_PVM".into(),
        operating_system: "Oracle Linux 6".into(),
        boot_order: vec![],
        description: String::new(),
        mappings: vec![DiskMapping {
            id: MappingId::new("map1"),
            name: "map1".into(),
            slot: 0,
            storage: MappedStorage::VirtualDisk {
                id: DiskId::new("disk1.img"),
            },
            other: vec![],
        }],
        vnics: vec![Vnic {
            id: VnicId::new("nic1"),
            name: "nic1".into(),
            mac: Some("00:21:f6:00:00:01".into()),
            network: None,
            other: vec![],
        }],
        tags: vec![],
        vm_cfg: Some("name = 'slot011'".into()),
        other: vec![],
    }
}

pub fn policy() -> Policy {
    Policy {
        id: PolicyId::new("gold"),
        team: Some(TeamId::new("blue")),
        rules: PolicyRules {
            name: "Gold".into(),
            method: BackupMethod::ManagerClone,
            patience_secs: 300,
            may_kill: false,
            free_space_floor_percent: 10,
            restore_gate: RestoreGate::Approval { approvers: 1 },
            commit_within_hours: 1,
            target: TargetId::first(),
        },
    }
}

/// The machine that most pages are about.
pub fn subject() -> Subject {
    Subject::vm(&ManagerId::new("m1"), &VmId::new(SLOT), "slot011")
}

pub fn policy_view() -> PolicyView {
    PolicyView {
        policy: policy(),
        subjects: vec![subject()],
        approvers: 2,
    }
}

/// The backup target of the configuration.
pub fn first_target() -> TargetView {
    TargetView {
        id: TargetId::first(),
        location: Location::Folder {
            folder: "/backup/holdfast".into(),
        },
        repository: "5f0c3a".repeat(10),
        fault: None,
        looked_at: Some(TAKEN),
    }
}

/// A backup target in a bucket that nobody has looked at.
pub fn target_in_bucket(name: &str) -> TargetView {
    TargetView {
        id: TargetId::new(name),
        location: Location::S3 {
            endpoint: "https://s3.example".into(),
            region: "eu-1".into(),
            bucket: "backups".into(),
            prefix: "dc1".into(),
        },
        repository: "77ab02".repeat(10),
        fault: None,
        looked_at: None,
    }
}

fn protection(policy: Option<Policy>) -> Protection {
    Protection {
        team: Some(TeamId::new("blue")),
        newest_point: policy.as_ref().map(|_| TAKEN),
        points: policy.iter().count() as u64,
        policy,
    }
}

/// One machine under a policy, all others under none.
pub fn protections(crowd: usize) -> Protections {
    let policy = |vm: &Vm| (vm.id.as_str() == SLOT).then(policy);
    let view = view_with(crowd);
    let vms = view.estate.vms.iter();
    vms.map(|vm| (vm.id.clone(), protection(policy(vm)))).collect()
}

/// The server is reached under an account of its own.
pub fn server_access() -> ServerAccess {
    ServerAccess {
        manager: ManagerId::new("m1"),
        server: ServerId::new("00:11"),
        name: "ovs1".into(),
        host: "192.0.2.11".into(),
        port: 22,
        user: "holdfast".into(),
        fingerprint: "SHA256:pinned".into(),
        changed_fingerprint: None,
        legacy_algorithms: true,
    }
}

/// A port that belongs to something.
fn port(name: &str, (kind, id): (Kind, &str)) -> Object {
    Object {
        kind: Kind::Port,
        id: format!("port-{name}"),
        name: name.into(),
        links: vec![Link {
            role: kind.words().into(),
            kind,
            id: id.into(),
            name: String::new(),
        }],
        attributes: vec![],
    }
}

pub fn view() -> EstateView {
    let estate = Estate {
        version: "3.4.6.2105".into(),
        pools: vec![Pool {
            id: PoolId::new("pool1"),
            name: "Pool One".into(),
            servers: vec![],
            master: None,
            other: vec![],
        }],
        servers: vec![Server {
            id: ServerId::new("00:11"),
            name: "ovs1".into(),
            status: "Running".into(),
            ip_address: Some("192.0.2.11".into()),
            pool: None,
            version: None,
            memory_mb: None,
            processors: None,
            other: vec![],
        }],
        repositories: vec![Repository {
            id: RepositoryId::new("repo1"),
            name: "Repository One".into(),
            file_system: None,
            file_system_name: None,
            file_server: None,
            kind: RepositoryKind::Ocfs2,
            free_bytes: Some(200 << 30),
            presented_to: vec![ServerId::new("00:11")],
            other: vec![],
        }],
        disks: vec![VirtualDisk {
            id: DiskId::new("disk1.img"),
            name: "system disk".into(),
            repository: Some(RepositoryId::new("repo1")),
            size_bytes: Some(12 << 30),
            used_bytes: Some(4 << 30),
            shareable: false,
            other: vec![],
        }],
        vms: vec![vm(SLOT, "slot011"), vm(BARE, HOSTILE)],
        networks: vec![Network {
            id: NetworkId::new("net1"),
            name: "Network One".into(),
            roles: vec![],
            other: vec![],
        }],
        objects: vec![
            port("eth0", (Kind::Network, "net1")),
            port("eth1", (Kind::Server, "00:11")),
        ],
        ..Estate::default()
    };
    EstateView {
        manager: manager(),
        estate: Arc::new(estate),
        revision: 7,
        taken_at: TAKEN,
    }
}

/// With so many more machines, `crowd001` and so on, under no policy; memory grows with the number.
pub fn view_with(crowd: usize) -> EstateView {
    let mut view = view();
    let estate = Arc::make_mut(&mut view.estate);
    for number in 1..=crowd {
        let id = format!("0004fb00000600001111{number:012}");
        estate.vms.push(Vm {
            memory_mb: 1024 * number as u64,
            ..vm(&id, &format!("crowd{number:03}"))
        });
    }
    view
}

pub fn vm_view(id: &VmId) -> Answer<VmView> {
    let estate = view();
    let at = estate.estate.vms.iter().position(|vm| vm.id == *id);
    let at = at.ok_or_else(|| ServiceError::not_found(Thing::Vm, id))?;
    Ok(VmView {
        vm: estate.estate.vms[at].clone(),
        protection: protection((at == 0).then(policy)),
        not_contained: vec![Gap::CdImage {
            name: "install.iso".into(),
            slot: 3,
        }],
        estate,
        points: vec![point().summary()],
        runs: vec![],
        requests: vec![],
    })
}

pub fn point() -> RecoveryPoint {
    let disk = PointDisk {
        slot: 0,
        disk: DiskId::new("disk1.img"),
        name: "system disk".into(),
        repository: RepositoryId::new("repo1"),
        file: "disk1.img".into(),
        size_bytes: 12 << 30,
        read_bytes: 4 << 30,
        stored_bytes: 3 << 30,
        sha256: "cd".repeat(32),
        data: vec![],
        data_sha256: "ef".repeat(32),
    };
    RecoveryPoint {
        manifest: Manifest {
            format: Manifest::FORMAT,
            point: PointId::new("p1"),
            run: RunId::new("7q2k"),
            subject: subject(),
            manager_name: "Manager One".into(),
            taken_at: TAKEN,
            policy: "Gold".into(),
            plan_hash: "ab".repeat(32),
            content: Content::Vm(VmContent {
                vm: vm(SLOT, "slot011"),
                method: BackupMethod::ManagerClone,
                consistency: Consistency::CrashConsistent,
                disks: vec![disk],
            }),
            not_contained: vec![Said::from(Gap::CdImage {
                name: "install.iso".into(),
                slot: 3,
            })],
        },
        copies: vec![PointCopy {
            target: TargetId::first(),
            snapshot: "5e0f".into(),
            stored_bytes: 0,
            verified_at: TAKEN,
            damaged: None,
        }],
    }
}

/// Of a Manager that did not print a `vm.cfg`.
pub fn point_without_definition() -> RecoveryPoint {
    let mut point = point();
    point.manifest.point = PointId::new("p2");
    let Content::Vm(machine) = &mut point.manifest.content;
    machine.vm.vm_cfg = None;
    point
}

/// The newest is equal to the one before it, which has a change.
pub fn revisions() -> Vec<RevisionHead> {
    [(8, Some(7)), (7, None), (5, None)]
        .map(|(number, same_as)| RevisionHead {
            number,
            taken_at: TAKEN,
            counts: vec![(Kind::Vm, 2), (Kind::Server, 1)],
            same_as,
        })
        .into()
}

/// What changed from revision 5 to 7.
pub fn changes() -> Vec<Change> {
    let change = |nature, volatile, sentence: &str| Change {
        nature,
        volatile,
        kind: Kind::Vm,
        id: SLOT.into(),
        name: "slot011".into(),
        sentence: sentence.into(),
    };
    vec![
        change(Nature::Added, false, "VM slot011 gained vNIC 00:21:f6:00:00:01."),
        change(
            Nature::Changed,
            false,
            "Memory (MB) of VM slot011 changed from 2048 to 4096.",
        ),
        change(
            Nature::Changed,
            true,
            "Status of VM slot011 changed from stopped to running.",
        ),
    ]
}

/// A script whose rehearsal was of an older form and found a difference.
pub fn script(scope: &Scope) -> ScriptView {
    let line = format!(
        "create Vm name=\"{}\" on ServerPool name=pool01\n",
        HOSTILE.replace('/', "//")
    );
    ScriptView {
        scope: scope.clone(),
        name: "slot011".into(),
        revision: 7,
        taken_at: TAKEN,
        notes: vec!["Passwords are not in the script.".into()],
        for_people: format!("# make the machine\n{line}"),
        for_cli: line,
        hash: "new".into(),
        rehearsal: Some(rehearsal(scope)),
    }
}

/// A rehearsal that found a difference.
pub fn rehearsal(scope: &Scope) -> Rehearsal {
    Rehearsal {
        scope: scope.clone(),
        revision: 5,
        at: TAKEN,
        script_hash: "old".into(),
        outcome: RehearsalOutcome {
            steps: 12,
            made: 9,
            failures: vec![],
            differences: changes().into_iter().take(1).collect(),
            milliseconds: 2500,
        },
    }
}
