//! `delete`. Deleting a machine leaves its disks; a disk that is mapped cannot be deleted.

use super::job::{Outcome, Work};
use super::reply::CliError;
use super::vmcfg;
use crate::model::{
    Body, DomainType, Estate, MappedDisk, StorageMapping, Tag, Vm, VmCloneCustomizer, VmDiskMapping, VmStatus,
};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

impl Work {
    pub(super) async fn delete(&self) -> Outcome {
        self.step(150).await?;
        let id = self.subject()?;
        let body = self.read(|estate| estate.objects.get(id).map(|object| object.body.clone()));
        match body {
            Some(Body::Vm(vm)) => self.delete_vm(id, &vm),
            Some(Body::VirtualDisk(disk)) => {
                self.read(|estate| unused(estate, id))?;
                self.remove_file(&self.manager.files.disk(&disk.repository, id))?;
                self.forget(&[id.to_owned()])
            }
            Some(Body::VirtualCdrom(cdrom)) => {
                self.read(|estate| unused(estate, id))?;
                self.remove_file(&self.manager.files.iso(&cdrom.repository, id))?;
                self.forget(&[id.to_owned()])
            }
            Some(Body::VmDiskMapping(mapping)) => self.delete_mapping(id, &mapping),
            Some(Body::Vnic(vnic)) => {
                let gone = self.forget(&[id.to_owned()]);
                self.rewrite(vnic.vm.as_deref());
                gone
            }
            Some(Body::VmCloneCustomizer(_)) => {
                let parts = self.read(|estate| parts_of_customizer(estate, id));
                self.forget(&parts)
            }
            Some(_) => self.forget(&[id.to_owned()]),
            None => Err(CliError::coded("OVMAPI_4003E", "The object is gone.")),
        }
    }

    fn delete_vm(&self, id: &str, vm: &Vm) -> Outcome {
        if matches!(vm.status, VmStatus::Running | VmStatus::Suspended) {
            return Err(CliError::coded(
                "OVMAPI_4050E",
                "A Vm that is not stopped cannot be deleted.",
            ));
        }
        let directory = self
            .read(|estate| vmcfg::path(&self.manager.files, estate, id))
            .and_then(parent);
        if let Some(directory) = directory
            && let Err(error) = std::fs::remove_dir_all(&directory)
            && error.kind() != ErrorKind::NotFound
        {
            return Err(CliError::coded(
                "OVMRU_001022E",
                &format!("The Vm could not be removed: {error}"),
            ));
        }
        let parts = self.read(|estate| parts_of_vm(estate, id));
        self.forget(&parts)
    }

    fn delete_mapping(&self, id: &str, mapping: &VmDiskMapping) -> Outcome {
        let vm = self.read(|estate| estate.get::<Vm>(&mapping.vm).map(|vm| (vm.status, vm.domain_type)));
        let disk = !matches!(mapping.disk, MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom);
        if disk && vm == Some((VmStatus::Running, DomainType::XenHvm)) {
            let text = "A disk cannot be detached from a running Vm without paravirtual drivers.";
            return Err(CliError::coded("OVMAPI_4051E", text));
        }
        self.manager.live.detach_slot(&mapping.vm, mapping.slot);
        let gone = self.forget(&[id.to_owned()]);
        self.rewrite(Some(&mapping.vm));
        gone
    }

    fn rewrite(&self, vm: Option<&str>) {
        if let Some(vm) = vm {
            self.read(|estate| vmcfg::rewrite(&self.manager.files, estate, vm));
        }
    }

    fn remove_file(&self, path: &Path) -> Result<(), CliError> {
        match std::fs::remove_file(path) {
            // A file that is gone already does not keep its object alive.
            Err(error) if error.kind() != ErrorKind::NotFound => Err(CliError::coded(
                "OVMRU_005003E",
                &format!("The file could not be removed: {error}"),
            )),
            _ => Ok(()),
        }
    }

    fn forget(&self, ids: &[String]) -> Outcome {
        self.change(|estate| {
            estate.objects.retain(|id, _| !ids.contains(id));
            for object in estate.objects.values_mut() {
                if let Body::Tag(Tag { members }) = &mut object.body {
                    members.retain(|member| !ids.contains(member));
                }
            }
        });
        Ok(None)
    }
}

fn parent(path: PathBuf) -> Option<PathBuf> {
    path.parent().map(Path::to_owned)
}

fn unused(estate: &Estate, id: &str) -> Result<(), CliError> {
    match estate.users_of(id).next() {
        Some((mapping, _)) => Err(CliError::coded(
            "OVMRU_005010E",
            &format!(
                "Cannot delete {}: it is in use by the mapping {}.",
                estate.name_of(id),
                mapping.id
            ),
        )),
        None => Ok(()),
    }
}

/// The machine, its mappings, cards and customizers.
fn parts_of_vm(estate: &Estate, vm: &str) -> Vec<String> {
    let mut parts = vec![vm.to_owned()];
    parts.extend(estate.mappings_of(vm).iter().map(|(object, _)| object.id.clone()));
    parts.extend(estate.vnics_of(vm).iter().map(|(object, _)| object.id.clone()));
    for (object, customizer) in estate.all::<VmCloneCustomizer>() {
        if customizer.vm == vm {
            parts.extend(parts_of_customizer(estate, &object.id));
        }
    }
    parts
}

/// The customizer and its storage mappings.
fn parts_of_customizer(estate: &Estate, customizer: &str) -> Vec<String> {
    let mappings = estate
        .all::<StorageMapping>()
        .filter(|(_, mapping)| mapping.customizer == customizer);
    mappings
        .map(|(object, _)| object.id.clone())
        .chain([customizer.to_owned()])
        .collect()
}
