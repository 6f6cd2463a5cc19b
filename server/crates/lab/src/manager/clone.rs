//! `clone Vm`: the machine first, then its disks one after the other, each at another moment. What was made stays when a
//! later part fails, as on a real Manager.

use super::clone_disk::thin_is_possible;
use super::job::{Outcome, Work};
use super::reply::CliError;
use super::{lookup, vmcfg};
use crate::model::{
    Body, CloneType, Estate, Kind, MappedDisk, Repository, RepositoryKind, StorageMapping, VirtualDisk, Vm,
    VmCloneCustomizer, VmDiskMapping, VmStatus, Vnic,
};

/// What becomes of one slot.
struct Slot {
    slot: u32,
    disk: Part,
}

enum Part {
    /// The disk is cloned into a repository.
    Cloned {
        disk: String,
        repository: String,
        clone_type: CloneType,
    },
    /// A CD drive keeps its disc.
    Kept(MappedDisk),
}

struct Plan {
    vm: Vm,
    slots: Vec<Slot>,
    networks: Vec<String>,
}

impl Work {
    pub(super) async fn clone_vm(&self) -> Outcome {
        let source = self.subject()?;
        let plan = self.read(|estate| self.plan(estate, source))?;
        self.step(400).await?;
        let id = self.make_clone(&plan.vm)?;
        for slot in plan.slots {
            let disk = match slot.disk {
                Part::Kept(disk) => disk,
                Part::Cloned {
                    disk,
                    repository,
                    clone_type,
                } => {
                    let copy = self.clone_disk(&disk, &repository, clone_type).await?;
                    MappedDisk::Virtual(copy)
                }
            };
            self.change(|estate| map(estate, &id, slot.slot, disk));
            if self.fails {
                return Err(self.fault());
            }
        }
        self.change(|estate| {
            for (order, network) in (0..).zip(&plan.networks) {
                add_card(estate, &id, order, network);
            }
            vmcfg::rewrite(&self.manager.files, estate, &id);
        });
        Ok(Some(id))
    }

    fn make_clone(&self, vm: &Vm) -> Result<String, CliError> {
        let name = self.required("destName")?;
        let id = self.change(|estate| {
            let mut id = estate.new_id(Kind::Vm);
            if vm.status == VmStatus::Template {
                id = id.replacen("0600", "1400", 1);
            }
            let id = estate.add_as(id, name, Body::Vm(vm.clone()));
            if let Some(object) = estate.objects.get_mut(&id) {
                object.locked_by = Some(self.job);
            }
            id
        });
        let written = self.read(|estate| vmcfg::create(&self.manager.files, estate, &id));
        match written {
            Ok(()) => Ok(id),
            Err(error) => Err(CliError::coded(
                "OVMRU_001021E",
                &format!("The file vm.cfg could not be written: {error}"),
            )),
        }
    }

    /// Checks everything that can be checked before anything is made.
    fn plan(&self, estate: &Estate, source: &str) -> Result<Plan, CliError> {
        let original = estate
            .get::<Vm>(source)
            .ok_or_else(|| CliError::coded("OVMAPI_4003E", "The Vm is gone."))?;
        let status = match self.required("destType")?.to_ascii_lowercase().as_str() {
            "vm" => VmStatus::Stopped,
            "vmtemplate" => VmStatus::Template,
            other => return Err(super::create::invalid("destType", other)),
        };
        let pool = lookup::reference(estate, Kind::ServerPool, self.required("serverPool")?)?;
        let repository = |value: &str| lookup::reference(estate, Kind::Repository, value);
        let target = self.command.attribute("targetRepository").map(repository).transpose()?;
        let slots = self.slots(estate, source, target.as_deref())?;
        if original.status == VmStatus::Running {
            only_thin(&slots)?;
        }
        Ok(Plan {
            vm: Vm {
                status,
                pool: Some(pool),
                server: None,
                repository: target.unwrap_or_else(|| original.repository.clone()),
                high_availability: false,
                ..original.clone()
            },
            slots,
            networks: estate
                .vnics_of(source)
                .iter()
                .map(|(_, vnic)| vnic.network.clone())
                .collect(),
        })
    }

    fn slots(&self, estate: &Estate, source: &str, target: Option<&str>) -> Result<Vec<Slot>, CliError> {
        let customizer = match self.command.attribute("cloneCustomizer") {
            Some(value) => Some(customizer_of(estate, source, value)?),
            None => None,
        };
        let mut slots = Vec::new();
        for (object, mapping) in estate.mappings_of(source) {
            let part = match (&mapping.disk, &customizer) {
                (MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom, _) => Some(Part::Kept(mapping.disk.clone())),
                (MappedDisk::Virtual(disk), Some(customizer)) => customized(estate, customizer, &object.id, disk)?,
                (MappedDisk::Virtual(disk), None) => Some(usual(estate, disk, target)),
                // The plan names no place for it: the clone does without.
                (MappedDisk::Physical(_), Some(_)) => None,
                (MappedDisk::Physical(id), None) => {
                    let text = format!("The physical disk {} cannot be cloned.", estate.name_of(id));
                    return Err(CliError::coded("OVMRU_005030E", &text));
                }
            };
            if let Some(disk) = part {
                slots.push(Slot {
                    slot: mapping.slot,
                    disk,
                });
            }
        }
        Ok(slots)
    }
}

fn customizer_of(estate: &Estate, source: &str, value: &str) -> Result<String, CliError> {
    let id = lookup::reference(estate, Kind::VmCloneCustomizer, value)?;
    match estate.get::<VmCloneCustomizer>(&id) {
        Some(customizer) if customizer.vm == source => Ok(id),
        _ => Err(CliError::coded(
            "OVMAPI_4080E",
            "The clone customizer belongs to another Vm.",
        )),
    }
}

/// A disk that the customizer does not name stays out of the clone.
fn customized(estate: &Estate, customizer: &str, mapping: &str, disk: &str) -> Result<Option<Part>, CliError> {
    let mut rules = estate.all::<StorageMapping>();
    let rule = rules.find(|(_, rule)| rule.customizer == customizer && rule.mapping == mapping);
    let Some((_, rule)) = rule else { return Ok(None) };
    thin_is_possible(estate, disk, &rule.repository, rule.clone_type)?;
    Ok(Some(Part::Cloned {
        disk: disk.to_owned(),
        repository: rule.repository.clone(),
        clone_type: rule.clone_type,
    }))
}

/// Without a customizer a disk is cloned thin where that is possible.
fn usual(estate: &Estate, disk: &str, target: Option<&str>) -> Part {
    let own = estate
        .get::<VirtualDisk>(disk)
        .map(|disk| disk.repository.clone())
        .unwrap_or_default();
    let repository = target.map_or_else(|| own.clone(), str::to_owned);
    let ocfs2 = estate
        .get::<Repository>(&own)
        .is_some_and(|found| found.kind == RepositoryKind::Ocfs2);
    Part::Cloned {
        disk: disk.to_owned(),
        clone_type: if ocfs2 && repository == own {
            CloneType::ThinClone
        } else {
            CloneType::SparseCopy
        },
        repository,
    }
}

/// A running machine can only be cloned thin, and something must be cloned.
fn only_thin(slots: &[Slot]) -> Result<(), CliError> {
    let mut cloned = slots.iter().filter_map(|slot| match &slot.disk {
        Part::Cloned { clone_type, .. } => Some(*clone_type),
        Part::Kept(_) => None,
    });
    let mut some = false;
    let all_thin = cloned.all(|clone_type| {
        some = true;
        clone_type == CloneType::ThinClone
    });
    match (some, all_thin) {
        (true, true) => Ok(()),
        (false, _) => Err(CliError::coded(
            "OVMRU_005031E",
            "A running Vm without virtual disks cannot be cloned.",
        )),
        (_, false) => Err(CliError::coded(
            "OVMRU_005032E",
            "A running Vm can only be cloned with thin clones. Stop the Vm, or use a repository that supports them.",
        )),
    }
}

fn map(estate: &mut Estate, vm: &str, slot: u32, disk: MappedDisk) {
    let name = format!("Mapping for disk Id ({})", disk.id().unwrap_or("EMPTY_CDROM"));
    let body = VmDiskMapping {
        vm: vm.to_owned(),
        slot,
        disk,
    };
    estate.add(&name, Body::VmDiskMapping(body));
}

fn add_card(estate: &mut Estate, vm: &str, order: u64, network: &str) {
    let mac = estate.new_mac();
    let body = Vnic {
        vm: Some(vm.to_owned()),
        mac: mac.clone(),
        network: network.to_owned(),
        order,
    };
    estate.add(&mac, Body::Vnic(body));
}
