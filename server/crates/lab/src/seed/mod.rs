//! The estate of a new lab: one clustered pool, two servers, three storage repositories and machines of every shape that
//! makes a backup tool stumble. Everything follows from the seed.

mod contents;
mod machines;

pub(crate) use contents::{make_luns, make_repositories};

use crate::model::{
    Body, DomainType, Estate, FileServer, FileSystem, Kind, MappedDisk, Network, PhysicalDisk, Repository,
    RepositoryKind, Server, ServerPool, VirtualCdrom, VirtualDisk, Vm, VmDiskMapping, VmStatus, Vnic,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// How much pseudo-random data a new disk holds, by disk id; the rest is holes.
pub(crate) type Fills = BTreeMap<String, u64>;

/// A new estate and what its disks hold.
pub(crate) struct Seeded {
    pub estate: Estate,
    pub fills: Fills,
}

/// Makes the estate of a new lab.
pub(crate) fn new_estate(seed: u64, repository_size: u64, address: IpAddr) -> Seeded {
    let mut builder = Builder::new(seed, repository_size, address);
    machines::add(&mut builder);
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
    arrays: u64,
}

impl Builder {
    fn new(seed: u64, repository_size: u64, address: IpAddr) -> Self {
        let mut estate = Estate::new(seed);
        estate.add("ovmm", Body::Manager);
        let network = |estate: &mut Estate, id: &str, name: &str, roles: &[&str]| {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            estate.add_as(id.to_owned(), name, Body::Network(Network { roles }))
        };
        network(
            &mut estate,
            "c0a83800",
            "192.168.56.0",
            &["MANAGEMENT", "LIVE_MIGRATE", "CLUSTER_HEARTBEAT"],
        );
        let vm_network = network(&mut estate, "10e69b4de3", "VM Network", &["VIRTUAL_MACHINE"]);
        let storage_network = network(
            &mut estate,
            "10fdd6e4a9",
            "RAC Interconnect",
            &["VIRTUAL_MACHINE", "STORAGE"],
        );
        let pool = estate.new_id(Kind::ServerPool);
        let servers = [1, 2].map(|number| server(&mut estate, number, &pool, address));
        let mut builder = Self {
            estate,
            fills: Fills::new(),
            pool,
            servers,
            gold: String::new(),
            silver: String::new(),
            nfs: String::new(),
            network: vm_network,
            storage_network,
            arrays: 0,
        };
        builder.storage(repository_size);
        builder
    }

    fn storage(&mut self, size: u64) {
        let [first, second] = self.servers.clone();
        let local = self.file_server("Local FS ovs01", "", vec![first.clone()]);
        let filer = self.file_server("filer01", "filer01.example.com", self.servers.to_vec());
        let pool_lun = self.lun("poolfs_pool01", 12 * GIB, false);
        let pool_fs = self.file_system("fs_poolfs_pool01", &local, 12 * GIB, Some(pool_lun));
        let pool = ServerPool {
            master: first,
            virtual_ip: "192.168.56.10".to_owned(),
            pool_file_system: pool_fs,
        };
        self.estate.add_as(self.pool.clone(), "pool01", Body::ServerPool(pool));
        let gold = self.lun("repo-gold_lun", size, false);
        let silver = self.lun("repo-silver_lun;", size, false);
        let gold = self.file_system("fs_repo-gold", &local, size, Some(gold));
        let silver = self.file_system("fs_repo-silver", &local, size, Some(silver));
        let nfs = self.file_system("nfs on filer01:/export/repo", &filer, 100 * GIB, None);
        let both = self.servers.to_vec();
        self.gold = self.repository("repo-gold", RepositoryKind::Ocfs2, gold, both.clone());
        self.silver = self.repository("repo silver (2)", RepositoryKind::Ocfs2, silver, both);
        self.nfs = self.repository(
            "repo-nfs",
            RepositoryKind::Nfs,
            nfs,
            vec![second, self.servers[0].clone()],
        );
    }

    fn file_server(&mut self, name: &str, access_host: &str, admin_servers: Vec<String>) -> String {
        let body = FileServer {
            access_host: access_host.to_owned(),
            admin_servers,
        };
        self.estate.add(name, Body::FileServer(body))
    }

    fn file_system(&mut self, name: &str, file_server: &str, size: u64, physical_disk: Option<String>) -> String {
        let body = FileSystem {
            file_server: file_server.to_owned(),
            size,
            physical_disk,
        };
        self.estate.add(name, Body::FileSystem(body))
    }

    fn repository(&mut self, name: &str, kind: RepositoryKind, file_system: String, presented: Vec<String>) -> String {
        let body = Repository {
            kind,
            file_system,
            presented,
            free: 0,
        };
        self.estate.add(name, Body::Repository(body))
    }

    /// A LUN. Those below a repository or the pool file system exist for the Manager only.
    fn lun(&mut self, name: &str, size: u64, shareable: bool) -> String {
        self.arrays += 1;
        let wwid = format!("36006016020b03800{:014x}{:02x}", self.estate.draw() >> 8, self.arrays);
        let body = PhysicalDisk { wwid, size, shareable };
        self.estate.add(name, Body::PhysicalDisk(body))
    }

    fn disk(&mut self, repository: &str, name: &str, size: u64, data: u64) -> MappedDisk {
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
                network: network.clone(),
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

fn server(estate: &mut Estate, number: u32, pool: &str, address: IpAddr) -> String {
    let (high, low) = (estate.draw(), estate.draw());
    let octets = high.to_be_bytes().into_iter().chain(low.to_be_bytes());
    let id: Vec<_> = octets.map(|octet| format!("{octet:02x}")).collect();
    let body = Server {
        pool: pool.to_owned(),
        ip_address: address.to_string(),
        memory: 262_144,
        processors: 32,
        serial_number: format!("CZ{:08X}", high >> 32),
    };
    estate.add_as(id.join(":"), &format!("ovs{number:02}"), Body::Server(body))
}
