//! The hardware below an estate: what an empty Manager has to find so that the estate can be built again on it.

use crate::hardware::{Hardware, HardwarePort, HardwareServer, Lun, NfsExport, NfsHost};
use ovm::estate::{Estate, Kind, Object, PhysicalDisk, Server, attribute, references};

/// Size in bytes of a LUN or export about which the estate says nothing.
const USUAL_SIZE: u64 = 1 << 40;
/// Unit of sizes in attributes.
const GIB: f64 = 1_073_741_824.0;

impl From<&Estate> for Hardware {
    fn from(estate: &Estate) -> Self {
        let with_address = estate.servers.iter().filter(|server| server.ip_address.is_some());
        let nfs = estate.objects(Kind::FileServer).filter_map(|server| {
            Some(NfsHost {
                host: server.attribute("Access Host")?.to_owned(),
                exports: exports(estate, &server.id),
            })
        });
        Self {
            servers: with_address.map(|one| server(estate, one)).collect(),
            nfs: nfs.collect(),
            luns: estate
                .physical_disks
                .iter()
                .filter_map(|disk| lun(estate, disk))
                .collect(),
            arrays: estate
                .objects(Kind::StorageArray)
                .flat_map(|array| references(&array.attributes, "Access Host"))
                .map(str::to_owned)
                .collect(),
        }
    }
}

fn server(estate: &Estate, server: &Server) -> HardwareServer {
    let ip = server.ip_address.clone().unwrap_or_default();
    HardwareServer {
        netmask: netmask(estate, server, &ip).unwrap_or_default().to_owned(),
        ip,
        name: attribute(&server.other, "Host Name").unwrap_or(&server.name).to_owned(),
        uuid: server.id.to_string(),
        ports: ports(estate, server),
        version: server.version.clone().unwrap_or_default(),
        memory: server.memory_mb.unwrap_or_default(),
        processors: server.processors.unwrap_or_default(),
        agent_password: None,
        owner: estate.manager_uuid.clone().unwrap_or_default(),
        initiators: references(&server.other, "Storage Initiator")
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}

/// Interfaces of a server.
fn of_server<'e>(estate: &'e Estate, kind: Kind, server: &'e Server) -> impl Iterator<Item = &'e Object> {
    estate
        .objects(kind)
        .filter(move |object| object.link(Kind::Server) == Some(server.id.as_str()))
}

/// Netmask of the management address.
fn netmask<'e>(estate: &'e Estate, server: &'e Server, ip: &str) -> Option<&'e str> {
    let interfaces = of_server(estate, Kind::BondPort, server).chain(of_server(estate, Kind::Port, server));
    let mut with_address = interfaces.filter_map(|object| {
        let (key, _) = object.attributes.iter().find(|(_, value)| value == ip)?;
        match key.strip_suffix("- Address") {
            Some(start) => object.attribute(&format!("{start}- Netmask")),
            // 3.2 knows only one address.
            None => object.attribute("Netmask"),
        }
    });
    with_address.next()
}

/// The network cards; the one with the management address stands first, since the installer looks for it there.
fn ports(estate: &Estate, server: &Server) -> Vec<HardwarePort> {
    let management = estate
        .networks
        .iter()
        .filter(|network| network.roles.iter().any(|role| role == "MANAGEMENT"));
    let carriers: Vec<&str> = management
        .flat_map(|network| references(&network.other, "Bond Port"))
        .collect();
    let bonds = of_server(estate, Kind::BondPort, server).filter(|bond| carriers.contains(&bond.id.as_str()));
    let first = bonds.flat_map(|bond| bond.links(Kind::Port)).next();
    let mut ports: Vec<_> = of_server(estate, Kind::Port, server).collect();
    ports.sort_by_key(|port| (Some(port.id.as_str()) != first, port.attribute("Interface Name")));
    let card = |port: &Object| HardwarePort {
        interface: port.attribute("Interface Name").unwrap_or(&port.name).to_owned(),
        mac: port.attribute("Mac Address").unwrap_or_default().to_owned(),
    };
    ports.into_iter().map(card).collect()
}

fn exports(estate: &Estate, file_server: &str) -> Vec<NfsExport> {
    let own = estate
        .objects(Kind::FileSystem)
        .filter(|system| system.link(Kind::FileServer) == Some(file_server));
    let export = |system: &Object| {
        Some(NfsExport {
            path: system.attribute("Path")?.to_owned(),
            size: bytes(system.attribute("Size (GiB)")),
            holds: None,
        })
    };
    own.filter_map(export).collect()
}

fn lun(estate: &Estate, disk: &PhysicalDisk) -> Option<Lun> {
    let arrays = estate.objects(Kind::StorageArray);
    let array = arrays.filter(|array| {
        disk.other
            .iter()
            .any(|(key, value)| key == "San Server" && *value == array.name)
    });
    let hosts = array.flat_map(|array| references(&array.attributes, "Access Host"));
    Some(Lun {
        wwid: disk.wwid.clone()?,
        size: disk.size_bytes.unwrap_or(USUAL_SIZE),
        array: hosts.map(str::to_owned).next(),
        holds: None,
    })
}

fn bytes(gib: Option<&str>) -> u64 {
    let gib: Option<f64> = gib.and_then(|gib| gib.parse().ok());
    gib.filter(|gib| (0.0..1e9).contains(gib))
        .map_or(USUAL_SIZE, |gib| (gib * GIB).round() as u64)
}
