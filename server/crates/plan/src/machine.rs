//! The machine of a plan with what every planner asks of it: its disks that are files, the servers through which they
//! are reached, the head and the preconditions of the plan.

use crate::disks::FileDisk;
use crate::{Context, Refusal};
use domain::plan::{
    Action, ENGINE, Gap, Guard, Header, Place, Precondition, Purpose, Remark, RemoteFile, Risk, Said, Step, WhenStuck,
};
use domain::resource::Resource;
use domain::subject::Subject;
use ovm::estate::{DiskMapping, Estate, MappedStorage, Pool, Repository, RepositoryKind, VirtualDisk, Vm, VmState};
use ovm::ids::{DiskId, RepositoryId, ServerId, VmId};
use std::collections::BTreeSet;

/// The machine, where it was found, and what is known beside.
#[derive(Clone, Copy)]
pub(crate) struct Machine<'a> {
    pub estate: &'a Estate,
    pub vm: &'a Vm,
    pub context: &'a Context,
}

impl<'a> Machine<'a> {
    /// The machine, if it is one and either runs or is stopped.
    pub fn find(estate: &'a Estate, id: &VmId, context: &'a Context) -> Result<Self, Refusal> {
        let vm = estate.vm(id).ok_or_else(|| Refusal::VmGone { vm: id.clone() })?;
        let unfit = |state: &str| Refusal::VmStateUnfit {
            vm: vm.name.clone(),
            state: state.to_owned(),
        };
        match &vm.state {
            VmState::Running | VmState::Stopped => Ok(Self { estate, vm, context }),
            VmState::Template => Err(Refusal::VmIsTemplate { vm: vm.name.clone() }),
            VmState::Suspended => Err(unfit("Suspended")),
            VmState::Other(state) => Err(unfit(state)),
        }
    }

    pub fn runs(&self) -> bool {
        self.vm.state == VmState::Running
    }

    /// Name of everything that the run makes in the estate.
    pub fn tag(&self) -> String {
        self.context.run.tag()
    }

    pub fn pool(&self) -> Result<&'a Pool, Refusal> {
        let pool = self.vm.pool.as_ref().and_then(|pool| self.estate.pool(pool));
        pool.ok_or_else(|| Refusal::NoPool {
            vm: self.vm.name.clone(),
        })
    }

    /// Servers of the pool that can be reached, at least one, the preferred one first.
    pub fn pool_servers(&self) -> Result<Vec<ServerId>, Refusal> {
        let pool = self.pool()?;
        let servers = self.reachable(&pool.servers);
        if servers.is_empty() {
            return Err(Refusal::PoolUnreachable {
                pool: pool.name.clone(),
            });
        }
        Ok(servers)
    }

    /// Names of the servers of the pool that cannot be reached.
    pub fn unreachable_pool_servers(&self) -> Result<Vec<String>, Refusal> {
        let servers = self.pool()?.servers.iter();
        let unreachable = servers.filter(|server| self.context.fingerprint(server).is_none());
        let name = |id: &ServerId| {
            self.estate
                .server(id)
                .map_or(id.as_str(), |server| &server.name)
                .to_owned()
        };
        Ok(unreachable.map(name).collect())
    }

    /// Those of `servers` that can be reached, the preferred one first: one that does not carry the machine, so that
    /// copying does not slow it down, and the pool's master before others.
    fn reachable(&self, servers: &[ServerId]) -> Vec<ServerId> {
        let master = self.pool().ok().and_then(|pool| pool.master.as_ref());
        let known = servers
            .iter()
            .filter(|server| self.context.fingerprint(server).is_some());
        let mut reachable: Vec<ServerId> = known.cloned().collect();
        reachable.sort_by_key(|server| {
            let carries = self.runs() && self.vm.server.as_ref() == Some(server);
            (carries, master != Some(server), server.clone())
        });
        reachable
    }

    /// The server through which the files of a repository are reached. On a network share it is the machine's own, where
    /// it can be: another server remembers for a while what a name stood for, and could start the machine on the old file.
    fn way_to(&self, repository: &Repository) -> Option<ServerId> {
        let mut servers = self.reachable(&repository.presented_to);
        if repository.kind != RepositoryKind::Ocfs2 {
            servers.sort_by_key(|server| self.vm.server.as_ref() != Some(server));
        }
        servers.into_iter().next()
    }

    /// Where `vm.cfg` is read when the Manager does not print it; nothing when it does, or when no server that can be
    /// reached has the repository.
    pub fn vm_cfg_on_server(&self) -> Option<RemoteFile> {
        if self.estate.release().prints_vm_cfg() {
            return None;
        }
        let repository = self.estate.repository(self.vm.repository.as_ref()?)?;
        let server = self.reachable(&repository.presented_to).into_iter().next()?;
        let path = repository.id.vm_cfg_path(&self.vm.id, false);
        Some(RemoteFile { server, path })
    }

    /// Says that a backup will not contain `vm.cfg`, where that is so.
    pub fn missing_vm_cfg(&self) -> Option<Gap> {
        let is_missing = !self.estate.release().prints_vm_cfg() && self.vm_cfg_on_server().is_none();
        is_missing.then_some(Gap::VmCfg)
    }

    /// What keeps its files from being touched while it may write to them.
    pub fn must_be_stopped(&self) -> Guard {
        Guard::VmStopped { vm: self.vm.id.clone() }
    }

    /// The turn of whoever clones on its Manager.
    pub fn clone_turn(&self) -> Resource {
        Resource::CloneOn(self.context.manager.clone())
    }

    fn files(&self) -> impl Iterator<Item = (&'a DiskMapping, &'a DiskId)> {
        self.vm.mappings.iter().filter_map(|mapping| match &mapping.storage {
            MappedStorage::VirtualDisk { id } => Some((mapping, id)),
            _ => None,
        })
    }

    fn placed(&self, mapping: &DiskMapping, id: &DiskId) -> Result<(&'a VirtualDisk, &'a Repository), Refusal> {
        let disk = self.estate.disk(id);
        let repository = disk.and_then(|disk| self.estate.repository(disk.repository.as_ref()?));
        let unplaced = || Refusal::DiskUnplaced {
            disk: id.clone(),
            slot: mapping.slot,
        };
        disk.zip(repository).ok_or_else(unplaced)
    }

    /// The wanted disks among those that are files, in the order of the slots.
    pub fn file_disks(&self, wanted: impl Fn(&DiskId) -> bool) -> Result<Vec<FileDisk<'a>>, Refusal> {
        let locate = |(mapping, id): (&'a DiskMapping, &'a DiskId)| {
            let (disk, repository) = self.placed(mapping, id)?;
            let server = self.way_to(repository);
            let unreachable = || Refusal::ServerUnreachable {
                repository: repository.name.clone(),
            };
            let (slot, mapping) = (mapping.slot, &mapping.id);
            Ok(FileDisk {
                slot,
                mapping,
                disk,
                repository,
                server: server.ok_or_else(unreachable)?,
            })
        };
        let mut disks: Vec<FileDisk> = self
            .files()
            .filter(|(_, id)| wanted(id))
            .map(locate)
            .collect::<Result<_, Refusal>>()?;
        disks.sort_by_key(|disk| disk.slot);
        Ok(disks)
    }

    /// Slot, disk and repository of every disk that is a file.
    fn placed_disks(&self) -> Result<Vec<(u32, DiskId, RepositoryId)>, Refusal> {
        let place = |(mapping, id): (&DiskMapping, &DiskId)| {
            let (_, repository) = self.placed(mapping, id)?;
            Ok((mapping.slot, id.clone(), repository.id.clone()))
        };
        let mut disks: Vec<_> = self.files().map(place).collect::<Result<_, Refusal>>()?;
        disks.sort();
        Ok(disks)
    }

    /// The head of the plan.
    pub fn header(&self, purpose: Purpose, risk: Risk, not_contained: Vec<Gap>, remarks: Vec<Remark>) -> Header {
        let when_stuck = match purpose {
            Purpose::Backup { .. } => WhenStuck::LeaveBehind,
            Purpose::RestoreInPlace { .. } => WhenStuck::AskPerson,
        };
        Header {
            engine: ENGINE,
            purpose,
            run: self.context.run.clone(),
            subject: Subject::vm(&self.context.manager, &self.vm.id, &self.vm.name),
            planned_by: self.context.planned_by.clone(),
            planned_at: self.context.planned_at,
            estate_revision: self.context.estate_revision,
            risk,
            not_contained: not_contained.into_iter().map(Said::from).collect(),
            remarks: remarks.into_iter().map(Said::from).collect(),
            when_stuck,
        }
    }

    /// What must still hold when these steps start.
    pub fn preconditions(&self, steps: &[Step]) -> Result<Vec<Precondition>, Refusal> {
        let mut facts = vec![
            Precondition::VmNamed {
                name: self.vm.name.clone(),
            },
            Precondition::VmRunning { running: self.runs() },
            Precondition::HighAvailability {
                on: self.vm.high_availability,
            },
            Precondition::FileDisks {
                disks: self.placed_disks()?,
            },
            Precondition::HostKey {
                server: None,
                fingerprint: self.context.manager_fingerprint.clone(),
            },
        ];
        for server in servers_of(steps) {
            if let Some(fingerprint) = self.context.fingerprint(&server) {
                facts.push(Precondition::HostKey {
                    fingerprint: fingerprint.to_owned(),
                    server: Some(server),
                });
            }
        }
        Ok(facts)
    }
}

/// Every server that these steps reach.
fn servers_of(steps: &[Step]) -> BTreeSet<ServerId> {
    let undo = steps
        .iter()
        .flat_map(|step| &step.undo)
        .map(|undo| (&undo.place, &undo.action));
    let forward = steps.iter().map(|step| (&step.place, &step.action));
    let server = |(place, action): (&Place, &Action)| match (place, action) {
        (Place::Server(server), _) => Some(server.clone()),
        (
            _,
            Action::CopyDisk {
                source: RemoteFile { server, .. },
                ..
            },
        )
        | (
            _,
            Action::WriteDisk {
                target: RemoteFile { server, .. },
                ..
            },
        )
        | (
            _,
            Action::ReadDefinition {
                vm_cfg: Some(RemoteFile { server, .. }),
                ..
            },
        ) => Some(server.clone()),
        _ => None,
    };
    forward.chain(undo).filter_map(server).collect()
}
