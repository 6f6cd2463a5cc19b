//! Actions: from the typed step to its effect. One arm for each kind of action, nothing else decides what runs.

use super::execution::Execution;
use super::probe::mounted;
use super::stored::{DEFINITION, disk_key, tag};
use super::{Effect, StepError, clones, copy, facts, own, vm_state};
use crate::core::blocking;
use crate::core::faults::unusable;
use crate::estate::{Reach, read_vm, read_vm_cfg};
use crate::transfer::Meter;
use domain::fault::{PlanFault, PointFault, VmFault};
use domain::ids::TargetId;
use domain::note::Note;
use domain::plan::{Action, Bind, Bindings, Place, Plan, Precondition, Purpose, RemoteFile, Step, StoredFile};
use domain::point::{Extent, PointDisk};
use ovm::estate::Vm;
use ovm::ids::{DiskId, RepositoryId, ServerId, VmId};
use ovm::ovmcli::Command;
use ovm::shell::Shell;
use ovm::vmcfg::VmCfg;
use std::time::Duration;
use vault::StoredDisk;

impl Execution {
    /// Runs an action of a step.
    pub(super) async fn act(&mut self, step: &Step, place: &Place, action: &Action) -> Result<Effect, StepError> {
        let bindings = self.journal.bindings();
        match action {
            Action::ReadDefinition { vm, vm_cfg } => {
                read_definition(&self.reach, vm, vm_cfg.as_ref(), self.plan()).await
            }
            Action::Ovmcli { command } => self.ovmcli(step, command, &bindings).await,
            Action::Shell { shell } => run_shell(&self.reach, place, shell, &bindings).await,
            Action::StopVm {
                vm,
                patience_secs,
                lenient,
            } => vm_state::stop(&self.reach, vm, *patience_secs, *lenient).await,
            Action::LockVm { vm, break_after } => self.lock(step, server(place)?, vm, break_after).await,
            Action::UnlockVm { vm } => self.unlock(server(place)?, vm).await,
            Action::RemoveClone { name } => {
                let source = self.vm()?.clone();
                let made = own::learned(self.plan(), &bindings, "Vm", name);
                clones::remove(&self.reach, name, &source, made.as_deref(), &mut self.journal).await
            }
            Action::RemoveNamed { object_type, name } => {
                let made = own::learned(self.plan(), &bindings, object_type, name);
                clones::remove_named(&self.reach, object_type, name, made.as_deref()).await
            }
            Action::FindCloneDisks { clone, slots } => {
                clones::find_disks(&self.reach, &bindings.resolve(clone)?, slots, &step.binds).await
            }
            Action::CopyDisk {
                target,
                source,
                slot,
                disk,
                file,
            } => {
                let source = RemoteFile {
                    server: source.server.clone(),
                    path: bindings.resolve(&source.path)?,
                };
                self.copy_disk(step, source, target, (*slot, disk), file).await
            }
            Action::StoreDefinition { target } => self.store_definition(target).await,
            Action::ReadBack { target } => self.read_back(target).await,
            Action::DiscardStored { target } => self.discard_stored(target).await,
            Action::CheckPoint {
                point,
                target,
                snapshot,
            } => self.check_point(point, target, snapshot).await,
            Action::WriteDisk { target, from, .. } => {
                let target = RemoteFile {
                    server: target.server.clone(),
                    path: bindings.resolve(&target.path)?,
                };
                self.write_disk(step, target, from).await
            }
            Action::Wait { secs } => {
                tokio::time::sleep(Duration::from_secs((*secs).into())).await;
                Ok(Effect::noting(Note::Waited { seconds: *secs }))
            }
            // These two write the journal themselves, see `Execution::take`.
            Action::Publish { .. } | Action::Ask { .. } => Ok(Effect::default()),
        }
    }

    async fn ovmcli(&self, step: &Step, command: &Command, bindings: &Bindings) -> Result<Effect, StepError> {
        let command = command.try_map_values(|value| bindings.resolve(value))?;
        let answer = self.reach.tell(&command).await?;
        let mut effect = Effect::observed(answer.raw.clone());
        for bind in &step.binds {
            if let Bind::NewObject { name, object_name, .. } = bind
                && let Some(item) = answer.items.iter().find(|item| item.name == *object_name)
            {
                effect = effect.learning(name, &item.id);
            }
        }
        Ok(effect)
    }

    async fn copy_disk(
        &self,
        step: &Step,
        source: RemoteFile,
        target: &TargetId,
        (slot, disk): (u32, &DiskId),
        file: &str,
    ) -> Result<Effect, StepError> {
        let (name, repository) = self.disk_facts(slot, disk).await?;
        let describe = |stored: StoredDisk| PointDisk {
            slot,
            disk: disk.clone(),
            name,
            repository,
            file: file.to_owned(),
            size_bytes: stored.size,
            read_bytes: stored.read_bytes,
            stored_bytes: stored.added_bytes,
            sha256: stored.sha256,
            data: stored.data.extents.iter().map(extent).collect(),
            data_sha256: stored.data.sha256,
        };
        let into = (self.core.target(target).await?, tag(self.plan()));
        let (effect, disk) =
            copy::copy_disk(&self.core, &self.reach, into, &source, describe, file, self.watch(step)).await?;
        let json = serde_json::to_string(&disk).map_err(|error| StepError::failed(unusable(error)))?;
        Ok(effect.learning(disk_key(slot), json))
    }

    async fn write_disk(&self, step: &Step, target: RemoteFile, from: &StoredFile) -> Result<Effect, StepError> {
        copy::write_disk(&self.core, &self.reach, from, &target, self.watch(step)).await
    }

    async fn discard_stored(&self, target: &TargetId) -> Result<Effect, StepError> {
        let (vault, tag) = (self.core.target(target).await?, tag(self.plan()));
        let point = self.plan().header.purpose.point();
        if self.core.store.point(point).await?.is_some() {
            return Err(StepError::failed(PointFault::Published { point: point.clone() }));
        }
        // The parts, and the snapshot that was made of them.
        blocking(move || vault.discard(&tag).and_then(|()| vault.remove(&tag))).await?;
        Ok(Effect::noting(Note::Discarded))
    }

    fn watch<'a>(&'a self, step: &'a Step) -> copy::Watch<'a> {
        copy::Watch {
            run: &self.run.summary.id,
            step: &step.id,
            meter: Meter::new(self.cancelled.clone()),
        }
    }

    /// Name and repository of a disk, for the manifest.
    async fn disk_facts(&self, slot: u32, disk: &DiskId) -> Result<(String, RepositoryId), StepError> {
        let known = self.plan().preconditions.iter().find_map(|fact| match fact {
            Precondition::FileDisks { disks } => disks.iter().find(|(at, id, _)| *at == slot && id == disk),
            _ => None,
        });
        let repository = known.map(|(_, _, repository)| repository.clone());
        let repository = repository.ok_or_else(|| StepError::failed(PlanFault::DiskUnknown { disk: disk.clone() }))?;
        let revision = self
            .core
            .store
            .latest_revision(&self.plan().header.subject.manager)
            .await?;
        let name = revision.and_then(|revision| revision.estate.disk(disk).map(|disk| disk.name.clone()));
        Ok((name.unwrap_or_else(|| disk.to_string()), repository))
    }

    /// Whether the machine ran when the plan was made.
    pub(super) fn machine_ran(&self) -> bool {
        self.plan()
            .preconditions
            .iter()
            .any(|fact| matches!(fact, Precondition::VmRunning { running: true }))
    }
}

fn extent(extent: &vault::Extent) -> Extent {
    Extent {
        offset: extent.offset,
        length: extent.length,
    }
}

/// Reads the machine anew and compares it with the facts that the plan was made from.
async fn read_definition(
    reach: &Reach,
    id: &VmId,
    vm_cfg: Option<&RemoteFile>,
    plan: &Plan,
) -> Result<Effect, StepError> {
    let vm = read_vm(reach, id).await?;
    let mut vm = vm.ok_or_else(|| StepError::of_vm(id, VmFault::Gone))?;
    facts::still_hold(reach, plan, &vm).await?;
    if let Some(RemoteFile { server, path }) = vm_cfg {
        vm.vm_cfg = read_vm_cfg(reach, server, path).await?;
    }
    if matches!(plan.header.purpose, Purpose::Backup { .. }) {
        readable_vm_cfg(&vm)?;
    }
    let json = serde_json::to_string(&vm).map_err(|error| StepError::failed(unusable(error)))?;
    let read = Note::Definition {
        name: vm.name.clone(),
        state: vm.state.clone(),
        mappings: vm.mappings.len(),
    };
    Ok(Effect::noting(read).learning(DEFINITION, json))
}

/// A definition that nobody can read must not be found only when the machine is gone.
fn readable_vm_cfg(vm: &Vm) -> Result<(), StepError> {
    let Some(text) = &vm.vm_cfg else { return Ok(()) };
    match VmCfg::parse(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let found = VmFault::DamagedDefinition {
                name: vm.name.clone(),
                detail: error.to_string(),
            };
            Err(StepError::of_vm(&vm.id, found))
        }
    }
}

/// Runs a command line on the server of a place.
pub(super) async fn run_shell(
    reach: &Reach,
    place: &Place,
    shell: &Shell,
    bindings: &Bindings,
) -> Result<Effect, StepError> {
    let shell = shell.try_map_values(|word| bindings.resolve(word))?;
    let server = server(place)?;
    let stages = shell.commands.iter().flat_map(|line| &line.stages);
    let words = stages.flat_map(|argv| &argv.0).map(String::as_str);
    mounted(reach, server, words).await?;
    Ok(Effect::observed(reach.shell(server, &shell).await?))
}

fn server(place: &Place) -> Result<&ServerId, StepError> {
    match place {
        Place::Server(server) => Ok(server),
        _ => Err(StepError::failed(PlanFault::NoServer)),
    }
}
