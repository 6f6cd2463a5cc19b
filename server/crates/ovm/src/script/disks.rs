//! The disks of a rebuild script: new empty ones, and what goes into the slots.

use super::build::Builder;
use crate::{
    estate::{DiskMapping, MappedStorage, Repository, VirtualDisk},
    ids::{DiskId, PhysicalDiskId},
    ovmcli::{Command, Selector},
};

/// Unit of sizes in `create VirtualDisk`.
pub(super) const GIB: u64 = 1 << 30;

impl<'a> Builder<'a> {
    /// `create VirtualDisk` for each one that is mapped and known.
    pub(super) fn disks(&mut self) {
        for mapping in &self.vm.mappings {
            let MappedStorage::VirtualDisk { id } = &mapping.storage else {
                continue;
            };
            let Some((disk, repository, size)) = self.known_disk(id) else {
                self.note(format!(
                    "Slot {}: nothing is known of the disk {id}; it is left out.",
                    mapping.slot
                ));
                continue;
            };
            self.note_repository(repository);
            self.note_sharers(id, mapping.slot);
            let name = self.disk_name(disk, mapping.slot);
            let command = Command::of_type("create", "VirtualDisk")
                .with("size", size.div_ceil(GIB).max(1).to_string())
                .with("sparse", "Yes")
                .with("shareable", yes_no(disk.shareable))
                .with("name", &name)
                .target("on", "Repository", Selector::Name(repository.name.clone()));
            self.push(
                format!("Empty disk for slot {} in {}", mapping.slot, repository.name),
                command,
            );
        }
    }

    /// The disk with its repository and size, when all are known.
    fn known_disk(&self, id: &DiskId) -> Option<(&'a VirtualDisk, &'a Repository, u64)> {
        let disk = self.estate.disk(id)?;
        let repository = self.estate.repository(disk.repository.as_ref()?)?;
        Some((disk, repository, disk.size_bytes?))
    }

    fn note_sharers(&mut self, id: &DiskId, slot: u32) {
        let sharers: Vec<_> = self
            .estate
            .vms_sharing_disk(id, &self.vm.id)
            .map(|vm| vm.name.as_str())
            .collect();
        if !sharers.is_empty() {
            let sharers = sharers.join(", ");
            self.note(format!(
                "Slot {slot}: the disk is shared with {sharers}; make it once and map it to each."
            ));
        }
    }

    /// Name of the new disk: the old one, unless it repeats an id or is used by another disk of the estate.
    fn disk_name(&self, disk: &VirtualDisk, slot: u32) -> String {
        let unique = self.estate.disks.iter().filter(|other| other.name == disk.name).count() == 1;
        self.fresh_name(&disk.name, disk.id.as_str(), unique, &format!("disk {slot}"))
    }

    /// Warns of a repository that its name does not single out.
    pub(super) fn note_repository(&mut self, repository: &Repository) {
        let name = &repository.name;
        if self
            .estate
            .repositories
            .iter()
            .filter(|other| other.name == *name)
            .count()
            > 1
        {
            let note = format!("The storage repository name {name} is not unique; make sure the right one is used.");
            if !self.script.notes.contains(&note) {
                self.note(note);
            }
        }
    }

    pub(super) fn mapping(&mut self, mapping: &DiskMapping) {
        let slot = mapping.slot;
        let Some((key, value)) = self.mapped(mapping) else {
            return;
        };
        let old_id = match &mapping.storage {
            MappedStorage::VirtualDisk { id } => id.as_str(),
            MappedStorage::PhysicalDisk { id } => id.as_str(),
            MappedStorage::Cdrom { id } => id.as_str(),
            MappedStorage::EmptyCdrom => mapping.id.as_str(),
        };
        let name = self.fresh_name(&mapping.name, old_id, true, &format!("slot {slot}"));
        let command = Command::of_type("create", "VmDiskMapping")
            .with("slot", slot.to_string())
            .with(key, value);
        let command = self.on_vm(command.with("name", name));
        self.push(format!("Slot {slot}"), command);
    }

    /// Attribute that says what is mapped; nothing when that is not known.
    fn mapped(&mut self, mapping: &DiskMapping) -> Option<(&'static str, String)> {
        let slot = mapping.slot;
        match &mapping.storage {
            MappedStorage::VirtualDisk { id } => {
                let (disk, ..) = self.known_disk(id)?;
                Some(("virtualDisk", self.disk_name(disk, slot)))
            }
            MappedStorage::PhysicalDisk { id } => Some(("physicalDisk", self.lun(id, slot)?)),
            MappedStorage::Cdrom { id } => {
                let Some(cdrom) = self.estate.cdrom(id) else {
                    self.note(format!(
                        "Slot {slot}: nothing is known of the CD image {id}; it is left out."
                    ));
                    return None;
                };
                self.note(format!(
                    "Slot {slot}: the CD image {} must be there already.",
                    cdrom.name
                ));
                Some(("virtualCd", cdrom.name.clone()))
            }
            MappedStorage::EmptyCdrom => Some(("virtualCd", "EMPTY_CDROM".to_owned())),
        }
    }

    fn lun(&mut self, id: &PhysicalDiskId, slot: u32) -> Option<String> {
        let Some(disk) = self.estate.physical_disk(id) else {
            self.note(format!(
                "Slot {slot}: nothing is known of the physical disk {id}; it is left out."
            ));
            return None;
        };
        let wwid = disk.wwid.as_deref().unwrap_or("unknown");
        self.note(format!(
            "Slot {slot}: the physical disk {} (WWID {wwid}) must be visible already, under this name; its content is \
             not restored.",
            disk.name
        ));
        Some(disk.name.clone())
    }
}

pub(super) fn yes_no(value: bool) -> &'static str {
    if value { "Yes" } else { "No" }
}
