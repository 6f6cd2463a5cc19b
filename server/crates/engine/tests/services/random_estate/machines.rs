//! The machines of a random estate, and what they use.

use super::{GIB, Maker, POOL_LUN, link};
use ovm::estate::{DiskMapping, Kind, MappedStorage, VirtualDisk, Vm, VmState, Vnic};
use ovm::ids::{DiskId, MappingId, VmId, VnicId};
use rand::Rng;
use rand::seq::IndexedRandom;

impl Maker {
    /// Disks with names that are their own, used twice, or their old id.
    pub(super) fn disks(&mut self) {
        for number in 0..self.random.random_range(2..7_u32) {
            let id = format!("{}.img", self.id("12"));
            let name = match number % 3 {
                0 => id.clone(),
                1 => "system".to_owned(),
                _ => format!("disk {number}"),
            };
            let repository = self.estate.repositories.choose(&mut self.random).unwrap().id.clone();
            self.estate.disks.push(VirtualDisk {
                id: DiskId::new(id),
                name,
                repository: Some(repository),
                size_bytes: Some(self.random.random_range(1..50) * GIB),
                used_bytes: Some(0),
                shareable: false,
                other: Vec::new(),
            });
        }
    }

    pub(super) fn vm(&mut self, number: u32) {
        let memory_mb = self.random.random_range(256..4096);
        let processors = self.random.random_range(1..5);
        let (vnics, mappings) = (self.vnics(number), self.mappings(number));
        let id = self.id("06");
        let high_availability = self.chance();
        self.estate.vms.push(Vm {
            id: VmId::new(id),
            name: ["web", "web", "db [1]", "app's \"own\""][number as usize].into(),
            state: VmState::Stopped,
            pool: Some(self.estate.pools[0].id.clone()),
            server: None,
            repository: Some(self.estate.repositories[number as usize % 2].id.clone()),
            memory_mb,
            max_memory_mb: memory_mb * 2,
            processors,
            max_processors: processors + 1,
            high_availability,
            domain_type: ["XEN_PVM", "XEN_HVM", "XEN_HVM_PV_DRIVERS"][number as usize % 3].into(),
            operating_system: "Oracle Linux 7".into(),
            boot_order: vec!["DISK".into(), "PXE".into()],
            description: "made up / at random".into(),
            mappings,
            vnics,
            tags: if number == 0 { vec!["prod".into()] } else { Vec::new() },
            vm_cfg: None,
            other: Vec::new(),
        });
    }

    fn vnics(&mut self, vm: u32) -> Vec<Vnic> {
        let cards = 0..self.random.random_range(1..3);
        let network = self.estate.networks[1].id.clone();
        cards
            .map(|card| {
                let mac = format!("00:21:f6:00:0{vm}:0{card}");
                Vnic {
                    id: VnicId::new(self.id("07")),
                    name: mac.clone(),
                    mac: Some(mac),
                    network: Some(network.clone()),
                    other: Vec::new(),
                }
            })
            .collect()
    }

    /// A disk of the machine's own, perhaps a LUN, and an empty drive.
    fn mappings(&mut self, vm: u32) -> Vec<DiskMapping> {
        let mut storage = Vec::new();
        if let Some(disk) = self.estate.disks.get(vm as usize) {
            storage.push(MappedStorage::VirtualDisk { id: disk.id.clone() });
        }
        let lun = self.estate.physical_disks.get(vm as usize + 1);
        if let Some(lun) = lun.filter(|lun| lun.name != POOL_LUN) {
            storage.push(MappedStorage::PhysicalDisk { id: lun.id.clone() });
        }
        storage.push(MappedStorage::EmptyCdrom);
        let slots = (0..).step_by(if self.chance() { 1 } else { 2 });
        slots
            .zip(storage)
            .map(|(slot, storage)| DiskMapping {
                id: MappingId::new(self.id("13")),
                name: format!("web {vm} in slot {slot}"),
                slot,
                storage,
                other: Vec::new(),
            })
            .collect()
    }

    pub(super) fn groups(&mut self) {
        let machines: Vec<_> = self.estate.vms.iter().map(|vm| vm.id.to_string()).collect();
        let pool = self.estate.pools[0].id.to_string();
        let mut links = vec![link("Server Pool", Kind::ServerPool, &pool)];
        links.extend(machines.iter().take(2).map(|id| link("Vm", Kind::Vm, id)));
        self.object(
            Kind::AntiAffinityGroup,
            "24",
            "apart",
            links,
            &[("Description", "never together")],
        );
        let vm = self.estate.vms[0].clone();
        let customizer = self.object(
            Kind::VmCloneCustomizer,
            "13",
            "to tin",
            vec![link("Vm", Kind::Vm, vm.id.as_str())],
            &[],
        );
        let repository = self.estate.repositories[1].id.to_string();
        for mapping in vm
            .mappings
            .iter()
            .filter(|own| matches!(own.storage, MappedStorage::VirtualDisk { .. }))
        {
            let links = vec![
                link("VmCloneCustomizer", Kind::VmCloneCustomizer, &customizer),
                link("VmDiskMapping", Kind::VmDiskMapping, mapping.id.as_str()),
                link("Repository", Kind::Repository, &repository),
            ];
            let clone_type = [("Clone Type", "Non Sparse Copy")];
            self.object(Kind::VmCloneStorageMapping, "13", "system to tin", links, &clone_type);
        }
        let server = self.estate.servers[0].id.to_string();
        let gold = self.estate.repositories[0].id.to_string();
        let links = vec![
            link("Repository", Kind::Repository, &gold),
            link("Server", Kind::Server, &server),
        ];
        let options = [
            ("Client Host Name", "backup.example"),
            ("Options", "rw, async, no_root_squash"),
        ];
        self.object(Kind::RepositoryExport, "30", "for the backup host", links, &options);
        self.object(Kind::Tag, "31", "prod", Vec::new(), &[("Description", "in production")]);
    }
}
