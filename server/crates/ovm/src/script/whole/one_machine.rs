//! The script of one machine, on a Manager that has the rest. It is that of an estate with this machine alone, so that a
//! rehearsal on an empty Manager runs what is shown; the plain form leaves out what stands already.

use super::network::word;
use super::{Builder, object};
use crate::estate::{Estate, Kind, MappedStorage, Vm, VmState};
use crate::ids::VmId;
use crate::script::ScriptError;
use crate::script::safe::PlainForm;
use crate::script::scope::pool_of;

/// A machine needs a pool and a repository.
pub(super) fn may_be_made<'e>(estate: &'e Estate, id: &VmId) -> Result<&'e Vm, ScriptError> {
    let vm = estate.vm(id).ok_or_else(|| ScriptError::UnknownVm { vm: id.clone() })?;
    let name = || vm.name.clone();
    let repository = vm.repository.as_ref().and_then(|id| estate.repository(id));
    if repository.is_none() {
        return Err(ScriptError::NoRepository { name: name() });
    }
    let pool = pool_of(estate, vm).and_then(|id| estate.pool(&id).map(drop));
    pool.ok_or_else(|| ScriptError::NoPool { name: name() })?;
    Ok(vm)
}

impl<'a> Builder<'a> {
    /// The plain form leaves out the steps so far: their objects stand already, under their final names. What of them no
    /// step could make is there nevertheless.
    pub(super) fn stands_already(&mut self) {
        let steps = self.script.steps.iter_mut().chain(&mut self.renames);
        steps.for_each(|step| step.plain = PlainForm::Omitted);
        let estate = self.estate;
        let pools = estate
            .pools
            .iter()
            .map(|one| (Kind::ServerPool, one.id.as_str(), one.name.as_str()));
        let repositories = estate
            .repositories
            .iter()
            .map(|one| (Kind::Repository, one.id.as_str(), one.name.as_str()));
        let networks = estate
            .networks
            .iter()
            .map(|one| (Kind::Network, one.id.as_str(), one.name.as_str()));
        for (kind, id, name) in pools.chain(repositories).chain(networks) {
            self.stands(kind, id, name);
        }
        for disk in &estate.physical_disks {
            // Two LUNs of one name: a person tells the one with the WWID apart.
            let name = match (self.is_ambiguous(Kind::PhysicalDisk, &disk.name), &disk.wwid) {
                (true, Some(wwid)) => format!("${{ID_OF_LUN_{}}}", word(wwid)),
                _ => disk.name.clone(),
            };
            self.called(Kind::PhysicalDisk, disk.id.as_str(), &name);
        }
    }

    /// An object that the plain form can name only.
    pub(super) fn stands(&mut self, kind: Kind, id: &str, name: &str) {
        self.called(kind, id, name);
        if self.is_ambiguous(kind, name) {
            self.note(format!(
                "The {kind} name {name} is not unique; make sure the right one is used."
            ));
        }
    }

    fn called(&mut self, kind: Kind, id: &str, name: &str) {
        match self.bound.get(&(kind, id.to_owned())) {
            Some(placeholder) => {
                self.script.names.insert(placeholder.clone(), name.to_owned());
            }
            None => {
                let look = object(kind, Some(name), Vec::new());
                self.find(kind, id, name, format!("The {kind} {name}, which must be there"), look);
            }
        }
    }

    fn is_ambiguous(&self, kind: Kind, name: &str) -> bool {
        self.uses.get(&(kind, name)).is_some_and(|uses| *uses > 1)
    }

    /// What people are to know of the machine.
    pub(super) fn notes_of_the_machine(&mut self, vm: &Vm) {
        let namesakes = self.uses.get(&(Kind::Vm, vm.name.as_str())).map_or(0, |uses| uses - 1);
        if namesakes > 0 {
            self.note(format!(
                "The name {} is not unique: {namesakes} more have it. The machine is made under another name, and gets \
                 its own at the end.",
                vm.name
            ));
        }
        if vm.state == VmState::Template {
            self.note("The original is a template. Make one of the rebuilt machine by `clone Vm` to a template.");
        }
        if vm.description.chars().any(char::is_control) {
            self.note("Line ends in the description become blanks.");
        }
        for mapping in &vm.mappings {
            self.note_of_the_slot(vm, mapping.slot, &mapping.storage);
        }
    }

    fn note_of_the_slot(&mut self, vm: &Vm, slot: u32, storage: &MappedStorage) {
        match storage {
            MappedStorage::VirtualDisk { id } => {
                let sharers = self.whole.vms_sharing_disk(id, &vm.id).map(|vm| vm.name.as_str());
                let sharers: Vec<_> = sharers.collect();
                if !sharers.is_empty() {
                    let sharers = sharers.join(", ");
                    self.note(format!(
                        "Slot {slot}: the disk is shared with {sharers}; make it once and map it to each."
                    ));
                }
            }
            MappedStorage::PhysicalDisk { id } => {
                let Some(disk) = self.whole.physical_disk(id) else {
                    return;
                };
                let wwid = disk.wwid.as_deref().unwrap_or("unknown");
                self.note(format!(
                    "Slot {slot}: the physical disk {} (WWID {wwid}) must be visible already, under this name; its \
                     content is not restored.",
                    disk.name
                ));
            }
            MappedStorage::Cdrom { id } => {
                let Some(image) = self.whole.cdrom(id) else { return };
                self.note(format!(
                    "Slot {slot}: the CD image {} must be there already.",
                    image.name
                ));
            }
            MappedStorage::EmptyCdrom => {}
        }
    }
}
