//! Virtual disks, machines with their network cards and what is in their slots.

use super::{Builder, New, by_name, described, object};
use crate::estate::{DiskMapping, Kind, MappedStorage, VirtualDisk, Vm, Vnic};
use crate::ovmcli::{Command, Selector};
use crate::script::build::{create_vm, plain_text};
use crate::script::cards::Addressing;
use crate::script::safe::{Look, Trait};
use std::collections::HashMap;

/// Unit of sizes in `create VirtualDisk`.
const GIB: u64 = 1 << 30;

/// A slot of a machine, as it names a disk that has no name of its own.
type User<'a> = (&'a str, u32);

impl<'a> Builder<'a> {
    /// All disks, used or not, empty; and the CD images that must be there.
    pub(super) fn disks(&mut self) {
        let mut users: HashMap<&str, User<'a>> = HashMap::new();
        for vm in by_name(&self.estate.vms, |one| (&one.name, one.id.as_str())) {
            for mapping in &vm.mappings {
                if let MappedStorage::VirtualDisk { id } = &mapping.storage {
                    users.entry(id.as_str()).or_insert((&vm.name, mapping.slot));
                }
            }
        }
        // Disks without a name of their own come in the order of their users: ids must not decide.
        let mut disks: Vec<_> = self.estate.disks.iter().collect();
        disks.sort_by_cached_key(|disk| {
            let user = users.get(disk.id.as_str()).copied();
            (self.disk_name(disk, user), disk.size_bytes, user, disk.id.clone())
        });
        for disk in disks {
            self.disk(disk, users.get(disk.id.as_str()).copied());
        }
        for cdrom in by_name(&self.estate.cdroms, |one| (&one.name, one.id.as_str())) {
            let repository = cdrom
                .repository
                .as_ref()
                .and_then(|id| self.id_of(Kind::Repository, id.as_str()));
            let traits = repository.map(|id| Trait::new("Repository", id)).into_iter().collect();
            let look = object(Kind::VirtualCdrom, Some(&cdrom.name), traits);
            let purpose = format!("CD image {}, which must be there already", cdrom.name);
            self.find(Kind::VirtualCdrom, cdrom.id.as_str(), &cdrom.name, purpose, look);
        }
    }

    fn disk_name(&self, disk: &VirtualDisk, user: Option<User<'_>>) -> String {
        self.clean_name(&disk.name, || match user {
            Some((vm, slot)) => plain_text(&format!("{vm} disk {slot}")),
            None => "disk without a machine".to_owned(),
        })
    }

    fn disk(&mut self, disk: &VirtualDisk, user: Option<User<'_>>) {
        let name = self.disk_name(disk, user);
        let repository = disk
            .repository
            .as_ref()
            .and_then(|id| self.id_of(Kind::Repository, id.as_str()));
        let (Some(repository), Some(size)) = (repository, disk.size_bytes) else {
            return self.unknown(format!("Disk {name}"), "its repository or size");
        };
        let command = Command::of_type("create", "VirtualDisk")
            .with("size", size.div_ceil(GIB).max(1).to_string())
            .with("sparse", "Yes")
            .with("shareable", yes_no(disk.shareable));
        let mut traits = vec![Trait::new("Repository", &repository)];
        if self
            .uses
            .get(&(Kind::VirtualDisk, disk.name.as_str()))
            .is_some_and(|uses| *uses > 1)
        {
            traits.push(Trait::new("Shareable", yes_no(disk.shareable)));
        }
        self.make(New {
            kind: Kind::VirtualDisk,
            id: disk.id.as_str(),
            purpose: format!("Empty disk {name}"),
            name,
            command: described(command, &disk.other).target("on", "Repository", Selector::Id(repository)),
            traits,
        });
    }

    /// Machines and templates, without high availability until everything is there.
    pub(super) fn machines(&mut self) {
        for vm in by_name(&self.estate.vms, |one| (&one.name, one.id.as_str())) {
            self.machine(vm);
        }
    }

    fn machine(&mut self, vm: &'a Vm) {
        let pool = vm
            .pool
            .as_ref()
            .and_then(|id| self.id_of(Kind::ServerPool, id.as_str()));
        let pool = pool.or_else(|| self.any_pool_of(vm));
        let repository = vm
            .repository
            .as_ref()
            .and_then(|id| self.id_of(Kind::Repository, id.as_str()));
        let (Some(pool), Some(repository)) = (pool, repository) else {
            return self.unknown(format!("Virtual machine {}", vm.name), "its server pool or repository");
        };
        let id = self.make(New {
            kind: Kind::Vm,
            id: vm.id.as_str(),
            name: vm.name.clone(),
            purpose: format!("Virtual machine {}", vm.name),
            command: create_vm(vm, &repository).target("on", "ServerPool", Selector::Id(pool)),
            traits: self.tells_apart(vm),
        });
        for (number, vnic) in vm.vnics.iter().enumerate() {
            self.card(vm, &id, number, vnic);
        }
        for mapping in &vm.mappings {
            self.slot(vm, &id, mapping);
        }
        for tag in &vm.tags {
            if let Some(tag_id) = self.id_of(Kind::Tag, tag) {
                self.add(
                    format!("Tag {tag} on {}", vm.name),
                    (Kind::Tag, &tag_id),
                    (Kind::Vm, &id),
                    "Tag",
                );
            }
        }
    }

    /// A machine outside of all pools is made in one that sees its repository.
    fn any_pool_of(&mut self, vm: &Vm) -> Option<String> {
        let repository = self.estate.repository(vm.repository.as_ref()?)?;
        let only = self.machine.and(self.estate.pools.first());
        let only = only.and_then(|pool| self.id_of(Kind::ServerPool, pool.id.as_str()));
        let pool = self.pool_that_sees(repository).or(only)?;
        self.note(format!(
            "The machine {} was in no server pool; it comes back in one that sees its repository.",
            vm.name
        ));
        Some(pool)
    }

    /// Machines of one name are known again by their cards.
    fn tells_apart(&self, vm: &Vm) -> Vec<Trait> {
        let is_ambiguous = self
            .uses
            .get(&(Kind::Vm, vm.name.as_str()))
            .is_some_and(|uses| *uses > 1);
        let macs = vm.vnics.iter().filter_map(|vnic| vnic.mac.as_ref());
        let cards = macs.map(|mac| Trait::of_part("Vnic", "Mac Address", mac));
        let memory = Trait::new("Memory (MB)", vm.memory_mb.to_string());
        if is_ambiguous {
            cards.chain([memory]).collect()
        } else {
            Vec::new()
        }
    }

    fn card(&mut self, vm: &Vm, vm_id: &str, number: usize, vnic: &Vnic) {
        let network = vnic
            .network
            .as_ref()
            .and_then(|id| self.id_of(Kind::Network, id.as_str()));
        let Some(network) = network else {
            return self.unknown(format!("Network card {number} of {}", vm.name), "its network");
        };
        let which = format!("{number} of {}", vm.name);
        let name = self.clean_name(&vnic.name, || plain_text(&format!("{} card {number}", vm.name)));
        let create = described(Command::of_type("create", "Vnic").with("network", network), &vnic.other);
        let by_name = part_of(vm_id, "Vnic", Trait::new("Name", &name));
        let addressing = Addressing::of(self.version);
        let mut make = |name: &str, look, command| {
            let purpose = format!("Network card {which}");
            self.bound_step(Kind::Vnic, vnic.id.as_str(), name, purpose, look, command)
        };
        match (&vnic.mac, addressing) {
            (Some(mac), Addressing::AtOnce) => {
                let by_address = part_of(vm_id, "Vnic", Trait::new("Mac Address", mac));
                let create = create.with("macAddress", mac).with("name", &name);
                make(&name, by_address, on_vm(create, vm_id));
            }
            (Some(mac), Addressing::Afterwards) => {
                let id = make(&name, by_name, on_vm(create.with("name", &name), vm_id));
                let edit = Self::on("edit", Kind::Vnic, &id).with("macAddress", mac);
                let look = super::says(Kind::Vnic, &id, "Mac Address", mac);
                self.step(format!("The old MAC address of network card {which}"), look, edit);
            }
            (Some(mac), Addressing::AsName) => {
                let id = make(mac, object(Kind::Vnic, Some(mac), Vec::new()), create.with("name", mac));
                self.add(
                    format!("Network card {which}, in the machine"),
                    (Kind::Vnic, &id),
                    (Kind::Vm, vm_id),
                    "Vnic",
                );
            }
            (None, Addressing::AsName) => self.unknown(format!("Network card {which}"), "its MAC address"),
            (None, _) => {
                make(&name, by_name, on_vm(create.with("name", &name), vm_id));
                self.note(format!("Network card {which} gets a new MAC address."));
            }
        }
    }

    fn slot(&mut self, vm: &Vm, vm_id: &str, mapping: &DiskMapping) {
        let slot = mapping.slot;
        let found = match &mapping.storage {
            MappedStorage::VirtualDisk { id } => {
                self.id_of(Kind::VirtualDisk, id.as_str()).map(|id| ("virtualDisk", id))
            }
            MappedStorage::PhysicalDisk { id } => self
                .id_of(Kind::PhysicalDisk, id.as_str())
                .map(|id| ("physicalDisk", id)),
            MappedStorage::Cdrom { id } => self.id_of(Kind::VirtualCdrom, id.as_str()).map(|id| ("virtualCd", id)),
            MappedStorage::EmptyCdrom => Some(("virtualCd", "EMPTY_CDROM".to_owned())),
        };
        let Some((key, value)) = found else {
            return self.unknown(format!("Slot {slot} of {}", vm.name), "what was in it");
        };
        let name = self.clean_name(&mapping.name, || plain_text(&format!("{} slot {slot}", vm.name)));
        let command = Command::of_type("create", "VmDiskMapping")
            .with("slot", slot.to_string())
            .with(key, value);
        let command = described(command, &mapping.other).with("name", &name);
        let look = part_of(vm_id, "VmDiskMapping", Trait::new("Slot", slot.to_string()));
        let purpose = format!("Slot {slot} of {}", vm.name);
        let first = self.script.steps.len();
        self.bound_step(
            Kind::VmDiskMapping,
            mapping.id.as_str(),
            &name,
            purpose,
            look,
            on_vm(command, vm_id),
        );
        // A Manager that has lost one machine has its images still.
        if let (MappedStorage::Cdrom { id }, None) = (&mapping.storage, self.machine) {
            self.omit_in_plain(first);
            let image = self.estate.cdrom(id).map_or("", |cdrom| cdrom.name.as_str());
            self.note(format!(
                "Slot {slot} of {} held the CD image {}: the command line form leaves it out.",
                vm.name,
                plain_text(image)
            ));
        }
    }

    /// The last edit of all: from here on a machine may be started without anybody asking for it.
    pub(super) fn high_availability(&mut self) {
        for vm in by_name(&self.estate.vms, |one| (&one.name, one.id.as_str())) {
            let Some(id) = self.id_of(Kind::Vm, vm.id.as_str()).filter(|_| vm.high_availability) else {
                continue;
            };
            let edit = Self::on("edit", Kind::Vm, &id).with("highAvailability", "Yes");
            let look = super::says(Kind::Vm, &id, "High Availability", "Yes");
            self.step(format!("High availability of {}", vm.name), look, edit);
        }
    }
}

fn on_vm(command: Command, vm: &str) -> Command {
    command.target("on", "Vm", Selector::Id(vm.to_owned()))
}

fn part_of(vm: &str, object_type: &str, part: Trait) -> Look {
    Look::Part {
        owner_type: "Vm".to_owned(),
        owner: vm.to_owned(),
        object_type: object_type.to_owned(),
        part,
    }
}

fn yes_no(value: bool) -> &'static str {
    if value { "Yes" } else { "No" }
}
