//! `clone Vm`: the machine first, then its disks one after the other, each at another moment. What was made stays when a
//! later part fails, as on a real Manager.

use super::clone_disk::possible_type;
use super::grammar::invalid;
use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::faults::Fault;
use crate::model::{
    Body, CloneType, Estate, Kind, MappedDisk, NetworkMapping, Object, Repository, RepositoryKind, StorageMapping,
    VirtualDisk, Vm, VmCloneCustomizer, VmDiskMapping, VmStatus, Vnic,
};
use crate::switches::{Dialect, Switches};

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
    networks: Vec<Option<String>>,
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
            if matches!(self.fault, Some(Fault::FailJob { .. })) {
                return Err(self.failure());
            }
        }
        self.change(|estate| {
            for (order, network) in (0..).zip(&plan.networks) {
                add_card(estate, &id, order, network.clone());
            }
            self.manager.storage.rewrite_vm_cfg(estate, &id);
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
            self.hold(estate, &id);
            id
        });
        let written = self.read(|estate| self.manager.storage.create_vm_cfg(estate, &id));
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
            other => return Err(invalid("destType", other)),
        };
        let pool = self.named(estate, Kind::ServerPool, "serverPool")?;
        let target = self.named_if(estate, Kind::Repository, "targetRepository")?;
        let slots = self.slots(estate, source, target.as_deref())?;
        if original.status == VmStatus::Running {
            if self.manager.switches.dialect < Dialect::V33 {
                let text = "A running Vm cannot be cloned. Stop the Vm first.";
                return Err(CliError::coded("OVMRU_005033E", text));
            }
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
            networks: self.networks(estate, source)?,
        })
    }

    /// The networks of the new cards: those of the source, where the customizer names no other.
    fn networks(&self, estate: &Estate, source: &str) -> Result<Vec<Option<String>>, CliError> {
        let customizer = self.named_if(estate, Kind::VmCloneCustomizer, "cloneCustomizer")?;
        let rules = || estate.of::<NetworkMapping>(customizer.as_deref().unwrap_or_default());
        let network = |vnic: &Object, card: &Vnic| {
            let rule = rules().find(|(_, rule)| rule.vnic == vnic.id);
            rule.map(|(_, rule)| rule.network.clone())
                .or_else(|| card.network.clone())
        };
        let cards = estate.vnics_of(source);
        Ok(cards.into_iter().map(|(vnic, card)| network(vnic, card)).collect())
    }

    fn slots(&self, estate: &Estate, source: &str, target: Option<&str>) -> Result<Vec<Slot>, CliError> {
        let customizer = self.named_if(estate, Kind::VmCloneCustomizer, "cloneCustomizer")?;
        if let Some(customizer) = &customizer {
            belongs(estate, source, customizer)?;
        }
        let mut slots = Vec::new();
        for (object, mapping) in estate.mappings_of(source) {
            let part = match (&mapping.disk, &customizer) {
                (MappedDisk::Cdrom(_) | MappedDisk::EmptyCdrom, _) => Some(Part::Kept(mapping.disk.clone())),
                (MappedDisk::Virtual(disk), Some(customizer)) => {
                    customized(estate, &self.manager.switches, customizer, &object.id, disk)?
                }
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

fn belongs(estate: &Estate, source: &str, customizer: &str) -> Result<(), CliError> {
    match estate.get::<VmCloneCustomizer>(customizer) {
        Some(customizer) if customizer.vm == source => Ok(()),
        _ => Err(CliError::coded(
            "OVMAPI_4080E",
            "The clone customizer belongs to another Vm.",
        )),
    }
}

/// A disk that the customizer does not name stays out of the clone.
fn customized(
    estate: &Estate,
    switches: &Switches,
    customizer: &str,
    mapping: &str,
    disk: &str,
) -> Result<Option<Part>, CliError> {
    let mut rules = estate.of::<StorageMapping>(customizer);
    let Some((_, rule)) = rules.find(|(_, rule)| rule.mapping == mapping) else {
        return Ok(None);
    };
    if estate.get::<Repository>(&rule.target).is_none() {
        return Err(CliError::not_simulated("clones to physical disks and storage arrays"));
    }
    let clone_type = possible_type(estate, switches, disk, &rule.target, rule.clone_type)?;
    Ok(Some(Part::Cloned {
        disk: disk.to_owned(),
        repository: rule.target.clone(),
        clone_type,
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

fn add_card(estate: &mut Estate, vm: &str, order: u64, network: Option<String>) {
    let mac = estate.new_mac();
    let body = Vnic {
        vm: Some(vm.to_owned()),
        mac: mac.clone(),
        network,
        order,
    };
    estate.add(&mac, Body::Vnic(body));
}
