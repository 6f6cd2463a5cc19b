//! `edit`.

use super::create::{boolean, cdrom, free_mac};
use super::job::{Outcome, Work};
use super::reply::CliError;
use super::{create_vm, vmcfg};
use crate::model::{Body, Estate, MappedDisk, VmStatus};

impl Work {
    pub(super) async fn edit(&self) -> Outcome {
        self.step(100).await?;
        let id = self.subject()?;
        self.change(|estate| {
            let mut object = match estate.objects.get(id) {
                Some(object) => object.clone(),
                None => return Err(CliError::coded("OVMAPI_4003E", "The object is gone.")),
            };
            if let Some(name) = self.command.attribute("name") {
                name.clone_into(&mut object.name);
            }
            if let Some(description) = self.command.attribute("description") {
                description.clone_into(&mut object.description);
            }
            self.edit_body(estate, &mut object.body)?;
            estate.objects.insert(id.to_owned(), object);
            for vm in concerned(estate, id) {
                vmcfg::rewrite(&self.manager.files, estate, &vm);
            }
            Ok(None)
        })
    }

    fn edit_body(&self, estate: &Estate, body: &mut Body) -> Result<(), CliError> {
        let text = |key: &str| self.command.attribute(key);
        match body {
            Body::Vm(vm) => {
                if text("domainType").is_some() && vm.status == VmStatus::Running {
                    return Err(CliError::coded(
                        "OVMAPI_4040E",
                        "The domain type of a running Vm cannot be changed.",
                    ));
                }
                create_vm::apply(estate, &self.command, vm)?;
            }
            Body::VirtualDisk(disk) => {
                if let Some(value) = text("shareable") {
                    disk.shareable = boolean("shareable", value)?;
                }
            }
            Body::PhysicalDisk(disk) => {
                if let Some(value) = text("shareable") {
                    disk.shareable = boolean("shareable", value)?;
                }
            }
            Body::VmDiskMapping(mapping) => {
                if let Some(value) = text("virtualCd") {
                    if !matches!(mapping.disk, MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom) {
                        return Err(CliError::coded("OVMAPI_4041E", "The slot holds no CD drive."));
                    }
                    mapping.disk = cdrom(estate, value)?;
                }
            }
            Body::Vnic(vnic) => {
                if let Some(mac) = text("macAddress") {
                    vnic.mac = free_mac(estate, mac, self.subject.as_deref())?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The machines whose definition names the object.
fn concerned(estate: &Estate, id: &str) -> Vec<String> {
    match estate.objects.get(id).map(|object| &object.body) {
        Some(Body::Vm(_)) => vec![id.to_owned()],
        Some(Body::VmDiskMapping(mapping)) => vec![mapping.vm.clone()],
        Some(Body::Vnic(vnic)) => vnic.vm.iter().cloned().collect(),
        Some(Body::VirtualDisk(_) | Body::PhysicalDisk(_)) => {
            estate.users_of(id).map(|(_, mapping)| mapping.vm.clone()).collect()
        }
        _ => Vec::new(),
    }
}
