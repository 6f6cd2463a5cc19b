//! The estate of a new lab: one clustered pool, two servers, three storage repositories and machines of every shape that
//! makes a backup tool stumble. Everything follows from the seed.

mod contents;
mod crowd;
mod machines;
mod network;

pub(crate) use contents::{make_luns, make_repositories, mark_repository};
pub(crate) use crowd::crowd;

use crate::hardware::{Hardware, HardwarePort, HardwareServer, Lun, NfsExport, NfsHost};
use crate::manager::{GENERIC_NFS, enter_exports, enter_luns, enter_server, new_manager};
use crate::model::{
    Body, DomainType, Estate, FileServer, FileSystem, Kind, MappedDisk, Object, PhysicalDisk, Repository,
    RepositoryKind, Server, ServerPool, VirtualCdrom, VirtualDisk, Vm, VmDiskMapping, VmStatus, Vnic,
};
use crate::options::LabOptions;
use crate::switches::Dialect;
use std::collections::BTreeMap;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// The NFS host.
const FILER: &str = "filer01.example.com";

/// How much pseudo-random data a new disk holds, by disk id; the rest is holes.
pub(crate) type Fills = BTreeMap<String, u64>;

/// A new estate and what its disks hold.
pub(crate) struct Seeded {
    pub estate: Estate,
    pub fills: Fills,
}

/// Makes the estate of a new lab.
pub(crate) fn new_estate(options: &LabOptions) -> Seeded {
    let mut builder = Builder::new(options.switches.dialect, options.seed, options.repository_size);
    builder.shrink_by = options.shrink_disks_by.max(1);
    machines::add(&mut builder);
    machines::group(&mut builder);
    Seeded {
        estate: builder.estate,
        fills: builder.fills,
    }
}

/// Ids of the parts that machines are put together from.
struct Builder {
    estate: Estate,
    fills: Fills,
    pool: String,
    servers: [String; 2],
    gold: String,
    silver: String,
    nfs: String,
    network: String,
    storage_network: String,
    /// How many times smaller than said disks and their data become.
    shrink_by: u64,
}

impl Builder {
    fn new(dialect: Dialect, seed: u64, repository_size: u64) -> Self {
        let mut estate = new_manager(dialect, seed);
        estate.hardware = hardware(&mut estate);
        let mut servers = [String::new(), String::new()];
        for (id, found) in servers.iter_mut().zip(estate.hardware.servers.clone()) {
            enter_server(&mut estate, &found, dialect.version(), true, true);
            *id = found.id();
        }
        let mut builder = Self {
            pool: estate.new_id(Kind::ServerPool),
            estate,
            fills: Fills::new(),
            servers,
            gold: String::new(),
            silver: String::new(),
            nfs: String::new(),
            network: String::new(),
            storage_network: String::new(),
            shrink_by: 1,
        };
        network::add(&mut builder);
        builder.storage(repository_size);
        builder
    }

    fn storage(&mut self, size: u64) {
        let [first, _] = self.servers.clone();
        let pool_lun = self.lun("poolfs_pool01", 12 * GIB, false);
        let pool_fs = self.file_system("fs_poolfs_pool01", &pool_lun);
        let pool = ServerPool {
            clustered: true,
            master: Some(first),
            virtual_ip: "192.168.56.10".to_owned(),
            pool_file_system: Some(pool_fs),
            start_policy: match self.estate.dialect {
                Dialect::V34 => "BALANCE_SERVER".to_owned(),
                _ => "BEST_SERVER".to_owned(),
            },
            ..ServerPool::default()
        };
        self.estate.add_as(self.pool.clone(), "pool01", Body::ServerPool(pool));
        for server in self.servers.clone() {
            let pool = self.pool.clone();
            self.estate
                .update(&server, |server: &mut Server| server.pool = Some(pool));
        }
        let gold = self.lun("repo-gold_lun", size, false);
        let silver = self.lun("repo-silver_lun;", size, false);
        let gold = self.file_system("fs_repo-gold", &gold);
        let silver = self.file_system("fs_repo-silver", &silver);
        let nfs = self.export();
        let both = self.servers.to_vec();
        self.gold = self.repository("repo-gold", RepositoryKind::Ocfs2, gold, both.clone());
        self.silver = self.repository("repo silver (2)", RepositoryKind::Ocfs2, silver, both.clone());
        let backwards = both.into_iter().rev().collect();
        self.nfs = self.repository("repo-nfs", RepositoryKind::Nfs, nfs, backwards);
    }

    /// A file system on a LUN, made through the local file server of the first server.
    fn file_system(&mut self, name: &str, lun: &str) -> String {
        let mut local = self.estate.objects.named(Kind::FileServer, "Local FS ovs01");
        let server = local.next().map(|object| object.id.clone());
        drop(local);
        let disk = self.estate.get::<PhysicalDisk>(lun);
        let body = FileSystem {
            file_server: server.unwrap_or_default(),
            path: disk
                .map(|disk| format!("/dev/mapper/{}", disk.wwid))
                .unwrap_or_default(),
            size: disk.map_or(0, |disk| disk.size),
            physical_disk: Some(lun.to_owned()),
            refreshed: true,
        };
        self.estate.add(name, Body::FileSystem(body))
    }

    /// The file system of the NFS repository; the other export of the host has never been refreshed.
    fn export(&mut self) -> String {
        let body = FileServer {
            plugin: GENERIC_NFS.0.to_owned(),
            access_host: FILER.to_owned(),
            uniform: true,
            admin_servers: self.servers.to_vec(),
            refresh_servers: self.servers.to_vec(),
        };
        let server = self.estate.add("filer01", Body::FileServer(body));
        enter_exports(&mut self.estate, &server);
        let mut systems = self.estate.of::<FileSystem>(&server);
        let repository = systems.find(|(_, system)| system.path == "/export/repo");
        let id = repository.map(|(object, _)| object.id.clone()).unwrap_or_default();
        drop(systems);
        self.estate
            .update(&id, |system: &mut FileSystem| system.refreshed = true);
        id
    }

    fn repository(&mut self, name: &str, kind: RepositoryKind, file_system: String, presented: Vec<String>) -> String {
        let body = Repository {
            kind,
            file_system,
            share_path: String::new(),
            owned: true,
            presented,
            free: 0,
        };
        self.estate.add(name, Body::Repository(body))
    }

    /// A LUN. Those below a repository or the pool file system exist for the Manager only.
    fn lun(&mut self, name: &str, size: u64, shareable: bool) -> String {
        let number = self.estate.hardware.luns.len() + 1;
        let wwid = format!("36006016020b03800{:014x}{number:02x}", self.estate.draw() >> 8);
        self.estate.hardware.luns.push(Lun {
            wwid: wwid.clone(),
            size,
            ..Lun::default()
        });
        enter_luns(&mut self.estate, None);
        let mut disks = self.estate.all::<PhysicalDisk>();
        let found = disks.find(|(_, disk)| disk.wwid == wwid);
        let id = found.map(|(object, _)| object.id.clone()).unwrap_or_default();
        drop(disks);
        self.estate
            .objects
            .update(&id, |object: &mut Object| name.clone_into(&mut object.name));
        self.estate
            .update(&id, |disk: &mut PhysicalDisk| disk.shareable = shareable);
        id
    }

    fn disk(&mut self, repository: &str, name: &str, size: u64, data: u64) -> MappedDisk {
        let (size, data) = (size / self.shrink_by, data / self.shrink_by);
        let body = VirtualDisk {
            repository: repository.to_owned(),
            size,
            used: data,
            shareable: false,
            cloned: false,
        };
        let id = self.estate.add(name, Body::VirtualDisk(body));
        self.fills.insert(id.clone(), data);
        MappedDisk::Virtual(id)
    }

    fn iso(&mut self, repository: &str, name: &str, size: u64) -> MappedDisk {
        let body = VirtualCdrom {
            repository: repository.to_owned(),
            size,
        };
        let id = self.estate.add(name, Body::VirtualCdrom(body));
        self.fills.insert(id.clone(), size);
        MappedDisk::Cdrom(id)
    }

    /// Adds a machine, its disks in the order of slots, and one card for each network.
    fn vm(&mut self, name: &str, vm: Vm, disks: Vec<MappedDisk>, networks: &[String]) -> String {
        let id = match vm.status {
            VmStatus::Template => self.estate.new_id(Kind::Vm).replacen("0600", "1400", 1),
            _ => self.estate.new_id(Kind::Vm),
        };
        let id = self.estate.add_as(id, name, Body::Vm(vm));
        for (slot, disk) in (0..).zip(disks) {
            let name = format!("Mapping for disk Id ({})", disk.id().unwrap_or("EMPTY_CDROM"));
            let body = VmDiskMapping {
                vm: id.clone(),
                slot,
                disk,
            };
            self.estate.add(&name, Body::VmDiskMapping(body));
        }
        for (order, network) in (0..).zip(networks) {
            let mac = self.estate.new_mac();
            let body = Vnic {
                vm: Some(id.clone()),
                mac: mac.clone(),
                network: Some(network.clone()),
                order,
            };
            self.estate.add(&mac, Body::Vnic(body));
        }
        id
    }

    /// A running machine on server 0 or 1 whose definition lies in `repository`.
    fn machine(&self, repository: &str, server: usize, domain_type: DomainType, memory: u64) -> Vm {
        Vm {
            status: VmStatus::Running,
            pool: Some(self.pool.clone()),
            server: self.servers.get(server).cloned(),
            repository: repository.to_owned(),
            memory,
            max_memory: memory * 2,
            cpus: 2,
            max_cpus: 4,
            priority: 50,
            cap: 100,
            high_availability: false,
            os_type: "Oracle Linux 7".to_owned(),
            mouse: "OS_DEFAULT".to_owned(),
            domain_type,
            keymap: "en-us".to_owned(),
            start_policy: "USE_POOL_POLICY".to_owned(),
            boot_order: vec!["DISK".to_owned()],
            huge_pages: false,
            network_install_path: String::new(),
            origin: String::new(),
        }
    }
}

/// Two servers with four network cards each, and an NFS host.
fn hardware(estate: &mut Estate) -> Hardware {
    let (release, build) = estate.dialect.server();
    let servers = [1, 2].map(|number| {
        let octets: Vec<_> = [estate.draw(), estate.draw()]
            .into_iter()
            .flat_map(u64::to_be_bytes)
            .map(|octet| format!("{octet:02x}"))
            .collect();
        HardwareServer {
            ip: format!("192.168.56.1{number}"),
            name: format!("ovs{number:02}"),
            uuid: octets.join(":"),
            ports: (0..4)
                .map(|card| HardwarePort {
                    interface: format!("eth{card}"),
                    mac: format!("3c:a8:2a:0{number}:4f:1{card}"),
                })
                .collect(),
            version: format!("{release}-{build}"),
            ..HardwareServer::default()
        }
    });
    let export = |path: &str, size: u64| NfsExport {
        path: path.to_owned(),
        size,
        holds: None,
    };
    Hardware {
        servers: servers.to_vec(),
        nfs: vec![NfsHost {
            host: FILER.to_owned(),
            exports: vec![export("/export/repo", 100 * GIB), export("/export/scratch", 20 * GIB)],
        }],
        ..Hardware::default()
    }
}
