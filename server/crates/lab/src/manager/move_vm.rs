//! `moveVmToRepository`: the definition and every disk that the customizer names go to another repository, one disk after
//! the other. A disk that is not named stays where it is.

use super::create_disk::usable;
use super::grammar::invalid;
use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::model::{
    CloneType, Kind, MappedDisk, Repository, StorageMapping, VirtualDisk, Vm, VmCloneCustomizer, VmDiskMapping,
    VmStatus,
};

impl Work {
    pub(super) async fn move_vm(&self) -> Outcome {
        let id = self.subject()?;
        let (target, moves) = self.read(|estate| {
            if estate.get::<Vm>(id).is_some_and(|vm| vm.status == VmStatus::Running) {
                return Err(CliError::coded(
                    "OVMAPI_4065E",
                    "A running Vm cannot be moved to another repository.",
                ));
            }
            let target = self.named(estate, Kind::Repository, "targetRepository")?;
            usable(estate, &target)?;
            let customizer = self.named(estate, Kind::VmCloneCustomizer, "cloneCustomizer")?;
            if estate
                .get::<VmCloneCustomizer>(&customizer)
                .is_none_or(|customizer| customizer.vm != id)
            {
                return Err(CliError::coded(
                    "OVMAPI_4080E",
                    "The clone customizer belongs to another Vm.",
                ));
            }
            let rules = estate.of::<StorageMapping>(&customizer);
            let moves: Vec<_> = rules.map(|(_, rule)| rule.clone()).collect();
            Ok((target, moves))
        })?;
        self.step(400).await?;
        for rule in moves {
            self.move_disk(&rule).await?;
        }
        let storage = &self.manager.storage;
        let moved = self.change(|estate| {
            storage.remove_vm(estate, id)?;
            estate.update(id, |vm: &mut Vm| vm.repository = target);
            storage.create_vm_cfg(estate, id)
        });
        moved.map_err(|error| {
            CliError::coded("OVMRU_001021E", &format!("The file vm.cfg could not be moved: {error}"))
        })?;
        Ok(None)
    }

    async fn move_disk(&self, rule: &StorageMapping) -> Result<(), CliError> {
        if rule.clone_type == CloneType::ThinClone {
            return Err(invalid("cloneType", "THIN_CLONE"));
        }
        let found = self.read(|estate| {
            let MappedDisk::Virtual(disk) = &estate.get::<VmDiskMapping>(&rule.mapping)?.disk else {
                return None;
            };
            Some((disk.clone(), estate.get::<VirtualDisk>(disk)?.repository.clone()))
        });
        let in_repository = self.read(|estate| estate.get::<Repository>(&rule.target).is_some());
        let Some((disk, repository)) = found.filter(|_| in_repository) else {
            return Err(CliError::not_simulated("moves of and to physical disks"));
        };
        let name = self.read(|estate| estate.name_of(&disk).to_owned());
        let copy = self.clone_disk(&disk, &rule.target, rule.clone_type).await?;
        let removed = self.manager.storage.remove_disk(&repository, &disk);
        removed
            .map_err(|error| CliError::coded("OVMRU_005003E", &format!("The file could not be removed: {error}")))?;
        self.change(|estate| {
            estate.update(&rule.mapping, |mapping: &mut VmDiskMapping| {
                mapping.disk = MappedDisk::Virtual(copy.clone());
            });
            estate.objects.update(&copy, |object| object.name = name);
            estate.update(&copy, |disk: &mut VirtualDisk| disk.cloned = false);
            estate.objects.remove(&disk);
        });
        Ok(())
    }
}
