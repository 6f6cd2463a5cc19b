//! Random small estates of the model, as a discovery of another Manager might have left them.

mod machines;

use ovm::estate::{
    Attributes, Estate, Kind, Link, Network, Object, PhysicalDisk, Pool, Repository, RepositoryKind, Server,
};
use ovm::ids::{FileSystemId, NetworkId, PhysicalDiskId, PoolId, RepositoryId, ServerId, VmId};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const GIB: u64 = 1 << 30;
/// LUN for the pool file system, which no machine uses.
const POOL_LUN: &str = "pool lun";

/// The estate of a seed; the same seed gives the same estate.
pub fn random_estate(seed: u64) -> Estate {
    let mut maker = Maker {
        random: StdRng::seed_from_u64(seed),
        estate: Estate {
            version: "3.4.6.2105".into(),
            manager_uuid: Some("0004fb00000100000123456789abcdef".into()),
            ..Estate::default()
        },
    };
    maker.servers();
    maker.networks();
    maker.storage();
    maker.pool_and_repositories();
    maker.disks();
    for number in 0..maker.random.random_range(1..5) {
        maker.vm(number);
    }
    maker.groups();
    maker.rename();
    maker.estate.sort();
    maker.estate
}

/// An estate of two pools and one filer, which only servers of the first pool administer. The second pool has one server,
/// a repository on the filer, and a machine.
pub fn two_pools() -> Estate {
    let mut seeds = (0..).map(random_estate);
    let mut estate = seeds.find(|estate| estate.servers.len() > 1).unwrap();
    let second = PoolId::new("0004fb0000020000ffffffffffffffff");
    let moved = estate.servers.last_mut().unwrap();
    moved.pool = Some(second.clone());
    let server = moved.id.clone();
    estate.pools[0].servers.retain(|id| *id != server);
    for repository in &mut estate.repositories {
        repository.presented_to.retain(|id| *id != server);
    }
    let spare = estate
        .objects(Kind::FileSystem)
        .find(|system| system.attribute("Path") == Some("/export/spare"));
    let (mut zinc, mut vm) = (estate.repositories[0].clone(), estate.vms[0].clone());
    zinc.id = RepositoryId::new("0004fb0000030000ffffffffffffffff");
    zinc.name = "zinc".into();
    zinc.kind = RepositoryKind::Nfs;
    zinc.file_system = spare.map(|system| FileSystemId::new(&system.id));
    zinc.presented_to = vec![server.clone()];
    vm.id = VmId::new("0004fb0000060000ffffffffffffffff");
    vm.name = "of the second pool".into();
    (vm.pool, vm.repository) = (Some(second.clone()), Some(zinc.id.clone()));
    vm.high_availability = false;
    (vm.vnics, vm.mappings, vm.tags) = (Vec::new(), Vec::new(), Vec::new());
    estate.repositories.push(zinc);
    estate.vms.push(vm);
    estate.pools.push(Pool {
        id: second,
        name: "pool two".into(),
        master: Some(server.clone()),
        servers: vec![server],
        other: pairs(&[("Cluster Enable", "No"), ("Vm Start Policy", "Best Server")]),
    });
    estate.sort();
    estate
}

struct Maker {
    random: StdRng,
    estate: Estate,
}

impl Maker {
    fn id(&mut self, code: &str) -> String {
        format!("0004fb0000{code}0000{:016x}", self.random.random::<u64>())
    }

    /// The site has given names of its own to what is found, not made.
    fn rename(&mut self) {
        self.estate.networks[0].name = "office".into();
        self.estate.servers[0].name = "the first (1)".into();
        for object in &mut self.estate.objects {
            match object.name.as_str() {
                "Local FS ovs1" => object.name = "Disks of the first".into(),
                "bond0 on ovs1" => object.name = "uplink".into(),
                "eth3 on ovs1" => object.name = "card of the guests".into(),
                name if name.ends_with("/export/spare") => object.name = "room to spare".into(),
                _ => {}
            }
        }
    }

    fn chance(&mut self) -> bool {
        self.random.random()
    }

    fn object(&mut self, kind: Kind, code: &str, name: &str, links: Vec<Link>, attributes: &[(&str, &str)]) -> String {
        let id = self.id(code);
        self.estate.objects.push(Object {
            kind,
            id: id.clone(),
            name: name.into(),
            links,
            attributes: pairs(attributes),
        });
        id
    }

    /// Servers with four ports, of which the first is in the bond of the management network.
    fn servers(&mut self) {
        for number in 1..=self.random.random_range(1..4) {
            let id = format!("00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:0{number}");
            self.estate.servers.push(Server {
                id: ServerId::new(&id),
                name: format!("ovs{number}"),
                status: "Running".into(),
                ip_address: Some(format!("10.0.0.{number}")),
                pool: None,
                version: Some("3.4.6".into()),
                memory_mb: Some(65_536),
                processors: Some(16),
                other: pairs(&[
                    ("Host Name", &format!("ovs{number}")),
                    ("Storage Initiator 1", &format!("iqn.1988-12.com.oracle:{number}")),
                ]),
            });
        }
    }

    fn networks(&mut self) {
        let mut management = Vec::new();
        let mut machines = Vec::new();
        for server in self.estate.servers.clone() {
            let (id, name) = (server.id.as_str(), server.name.as_str());
            let on = || link("Server", Kind::Server, id);
            let ports: Vec<String> = (0..4)
                .map(|card| {
                    let (interface, mac) = (
                        format!("eth{card}"),
                        format!("00:16:3e:00:{}:0{card}", &name[3..].repeat(2)),
                    );
                    let mut attributes = vec![("Interface Name", interface.as_str()), ("Mac Address", mac.as_str())];
                    let address = format!("10.9.0.{}", &name[3..]);
                    if card == 3 {
                        attributes.push(("MTU", "9000"));
                        attributes.extend(static_address(&address));
                    }
                    self.object(
                        Kind::Port,
                        "20",
                        &format!("{interface} on {name}"),
                        vec![on()],
                        &attributes,
                    )
                })
                .collect();
            let [first, second, third, fourth] = ports.try_into().unwrap();
            let bond = [("Interface Name", "bond0"), ("Mode", "Active Passive"), ("MTU", "1500")];
            let links = vec![on(), link("Port", Kind::Port, &first)];
            management.push(self.object(Kind::BondPort, "20", &format!("bond0 on {name}"), links, &bond));
            let carrier = match self.chance() {
                true => {
                    let bond = [
                        ("Interface Name", "bond1"),
                        ("Mode", "Link Aggregation"),
                        ("MTU", "9000"),
                    ];
                    let links = vec![
                        on(),
                        link("Port", Kind::Port, &second),
                        link("Port", Kind::Port, &third),
                    ];
                    let bond = self.object(Kind::BondPort, "20", &format!("bond1 on {name}"), links, &bond);
                    let number = self.random.random_range(2..4095).to_string();
                    let address = format!("10.30.0.{}", &name[3..]);
                    let mut vlan = vec![("Vlan Id", number.as_str()), ("MTU", "9000")];
                    vlan.extend(static_address(&address));
                    let links = vec![on(), link("Bond Port", Kind::BondPort, &bond)];
                    let vlan = self.object(
                        Kind::VlanInterface,
                        "20",
                        &format!("bond1.{number} on {name}"),
                        links,
                        &vlan,
                    );
                    ("Vlan Interface", vlan)
                }
                false => ("Port", fourth),
            };
            machines.push(carrier);
        }
        let carried = |carriers: &[(&str, String)]| -> Attributes {
            let numbered = (1..).zip(carriers);
            numbered
                .map(|(number, (key, id))| (format!("{key} {number}"), format!("{id}  [x]")))
                .collect()
        };
        let management: Vec<_> = management.into_iter().map(|id| ("Bond Port", id)).collect();
        let roles = |roles: &[&str]| roles.iter().map(|role| (*role).to_owned()).collect();
        self.estate.networks.push(Network {
            id: NetworkId::new("0a000000"),
            name: "10.0.0.0".into(),
            roles: roles(&["MANAGEMENT", "LIVE_MIGRATE", "CLUSTER_HEARTBEAT"]),
            other: carried(&management),
        });
        let mut other = carried(&machines);
        other.push(("Description".into(), "what the guests' cards use; \"quoted\"".into()));
        self.estate.networks.push(Network {
            id: NetworkId::new("10aabbccdd"),
            name: "front (1)".into(),
            roles: roles(&["VIRTUAL_MACHINE"]),
            other,
        });
    }

    /// Local file servers, a filer with exports, LUNs of which two have one name.
    fn storage(&mut self) {
        for server in self.estate.servers.clone() {
            let links = ["Admin Server", "Refresh Server"].map(|role| link(role, Kind::Server, server.id.as_str()));
            let plugin = [
                (
                    "FileServer Plugin",
                    "oracle.ocfs2.OCFS2.OCFS2Plugin (0.1.0-54)  [Oracle OCFS2 File system]",
                ),
                ("Uniform Exports", "No"),
            ];
            self.object(
                Kind::FileServer,
                "09",
                &format!("Local FS {}", server.name),
                links.to_vec(),
                &plugin,
            );
        }
        let admin = self.estate.servers[0].id.to_string();
        let links = ["Admin Server", "Refresh Server"].map(|role| link(role, Kind::Server, &admin));
        let plugin = "oracle.generic.NFSPlugin.GenericNFSPlugin (1.1.0)  [Oracle Generic Network File System]";
        let attributes = [
            ("Access Host", "filer.example"),
            ("FileServer Plugin", plugin),
            ("Uniform Exports", "Yes"),
        ];
        let filer = self.object(Kind::FileServer, "09", "filer", links.to_vec(), &attributes);
        for path in ["/export/pool", "/export/data", "/export/spare"] {
            let name = format!("nfs on filer.example:{path}");
            let links = vec![link("File Server", Kind::FileServer, &filer)];
            let attributes = [("Path", path), ("Size (GiB)", "1000.0"), ("Shared", "Yes")];
            self.object(Kind::FileSystem, "05", &name, links, &attributes);
        }
        for number in 0..self.random.random_range(2..5_u32) {
            let (id, shareable) = (self.id("18"), self.chance());
            self.estate.physical_disks.push(PhysicalDisk {
                id: PhysicalDiskId::new(id),
                name: if number < 2 {
                    "data lun".into()
                } else {
                    format!("lun {number}")
                },
                wwid: Some(format!("3600a0b8000{number}")),
                size_bytes: Some(100 * GIB),
                shareable,
                other: Vec::new(),
            });
        }
        self.iscsi_array();
        let id = self.id("18");
        self.estate.physical_disks.push(PhysicalDisk {
            id: PhysicalDiskId::new(id),
            name: POOL_LUN.into(),
            wwid: Some("3600a0b80fff".into()),
            size_bytes: Some(12 * GIB),
            shareable: false,
            other: Vec::new(),
        });
    }

    /// An array with a LUN that it shows only to the initiators in its access group.
    fn iscsi_array(&mut self) {
        let admin = self.estate.servers[0].id.to_string();
        let plugin = "oracle.generic.SCSIPlugin.GenericPlugin (1.1.0)  [Oracle Generic SCSI Plugin]";
        let attributes = [
            ("Storage Type", "Iscsi"),
            ("StorageArray Plugin", plugin),
            ("Access Host 1", "san.example"),
            ("Access Port", "3260"),
            ("Use Chap", "No"),
        ];
        let links = vec![link("Admin Server", Kind::Server, &admin)];
        let array = self.object(Kind::StorageArray, "08", "san", links, &attributes);
        let initiators = self.estate.servers.clone().into_iter().flat_map(|server| server.other);
        let initiators = initiators.filter(|(key, _)| key.starts_with("Storage Initiator"));
        let initiators: Vec<_> = (1..)
            .zip(initiators)
            .map(|(number, (_, name))| (format!("Storage Initiator {number}"), format!("{name}  [{name}]")))
            .collect();
        let initiators: Vec<_> = initiators
            .iter()
            .map(|(key, name)| (key.as_str(), name.as_str()))
            .collect();
        let links = vec![link("Storage Array", Kind::StorageArray, &array)];
        self.object(
            Kind::AccessGroup,
            "33",
            "Default access group @ san",
            links,
            &initiators,
        );
        let id = self.id("18");
        self.estate.physical_disks.push(PhysicalDisk {
            id: PhysicalDiskId::new(id),
            name: "iscsi lun".into(),
            wwid: Some("3600144f0aaaa".into()),
            size_bytes: Some(100 * GIB),
            shareable: false,
            other: pairs(&[("San Server", "san")]),
        });
    }

    /// One clustered pool with a repository on a LUN and one on the filer.
    fn pool_and_repositories(&mut self) {
        let exports: Vec<_> = self
            .estate
            .objects(Kind::FileSystem)
            .map(|system| system.id.clone())
            .collect();
        let pool = PoolId::new(self.id("02"));
        for server in &mut self.estate.servers {
            server.pool = Some(pool.clone());
        }
        let servers: Vec<ServerId> = self.estate.servers.iter().map(|server| server.id.clone()).collect();
        let local = self
            .estate
            .objects(Kind::FileServer)
            .find(|server| server.name.starts_with("Local"));
        let local = local.unwrap().id.clone();
        let on_lun = |lun: String| {
            vec![
                link("File Server", Kind::FileServer, &local),
                link("Physical Disk", Kind::PhysicalDisk, &lun),
            ]
        };
        let system = match self.chance() {
            true => {
                let lun = self.estate.physical_disks.last().unwrap().id.to_string();
                self.object(
                    Kind::FileSystem,
                    "05",
                    "fs of the pool",
                    on_lun(lun),
                    &[("Shared", "No")],
                )
            }
            false => exports[0].clone(),
        };
        let system = format!("{system}  [of the pool]");
        self.estate.pools.push(Pool {
            id: pool,
            name: "pool one".into(),
            servers: servers.clone(),
            master: servers.first().cloned(),
            other: pairs(&[
                ("Cluster Enable", "Yes"),
                ("Cluster Timeout", "120"),
                ("Vm Start Policy", "Best Server"),
                ("Virtual Ip Address", "10.0.0.100"),
                ("Pool FileSystem", &system),
            ]),
        });
        let lun = self.estate.physical_disks[0].id.to_string();
        let on_lun = self.object(Kind::FileSystem, "05", "fs of gold", on_lun(lun), &[("Shared", "No")]);
        let kinds = [
            (RepositoryKind::Ocfs2, on_lun, "gold"),
            (RepositoryKind::Nfs, exports[1].clone(), "tin"),
        ];
        for (kind, system, name) in kinds {
            let id = self.id("03");
            self.estate.repositories.push(Repository {
                id: RepositoryId::new(id),
                name: name.into(),
                file_system: Some(FileSystemId::new(system)),
                file_system_name: None,
                file_server: None,
                kind,
                free_bytes: None,
                presented_to: servers.clone(),
                other: pairs(&[("Description", "of the random estate")]),
            });
        }
    }
}

fn link(role: &str, kind: Kind, id: &str) -> Link {
    Link {
        role: role.into(),
        kind,
        id: id.into(),
        name: String::new(),
    }
}

/// As `show` flattens it.
fn static_address(address: &str) -> [(&str, &str); 4] {
    [
        ("Ip Address Config 1 - Address Type", "Ipv4"),
        ("Ip Address Config 1 - Config Type", "Static"),
        ("Ip Address Config 1 - Address", address),
        ("Ip Address Config 1 - Netmask", "255.255.255.0"),
    ]
}

fn pairs(attributes: &[(&str, &str)]) -> Attributes {
    attributes
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect()
}
