//! File servers, file systems, storage arrays and access groups.

use super::grammar::invalid;
use super::job::{Outcome, Work};
use super::plugins;
use super::pool::lun_is_free;
use super::reply::CliError;
use crate::model::{
    AccessGroup, Body, Estate, FileServer, FileSystem, Kind, PhysicalDisk, Server, ServerPool, StorageArray,
    StorageInitiator,
};
use crate::switches::Dialect;

impl Work {
    pub(super) fn create_file_server(&self) -> Result<String, CliError> {
        let server = self.read(|estate| {
            let mut server = FileServer {
                plugin: self.plugin(estate, Kind::FileServerPlugin)?,
                admin_servers: self.named_all(estate, Kind::Server, "adminServers")?,
                refresh_servers: self.named_all(estate, Kind::Server, "refreshServers")?,
                ..FileServer::default()
            };
            self.apply_file_server(&mut server);
            if server.plugin == plugins::LOCAL_FS.0 {
                return Err(CliError::coded(
                    "OVMAPI_8002E",
                    "Local file servers come with their servers.",
                ));
            }
            // In 3.2 they are added afterwards.
            if server.admin_servers.is_empty() && self.manager.switches.dialect > Dialect::V32 {
                return Err(invalid("adminServers", ""));
            }
            let mut known = estate.all::<FileServer>();
            match known.find(|(_, known)| known.access_host == server.access_host) {
                Some((object, _)) => Err(CliError::coded(
                    "OVMAPI_8003E",
                    &format!(
                        "The host {} is known as the file server {}.",
                        server.access_host, object.name
                    ),
                )),
                None => Ok(server),
            }
        })?;
        self.insert(Body::FileServer(server))
    }

    pub(super) fn apply_file_server(&self, server: &mut FileServer) {
        if let Some(host) = self.command.attribute("accessHost") {
            host.clone_into(&mut server.access_host);
        }
        server.uniform = self.flag("uniformedExports").unwrap_or(server.uniform);
    }

    /// `storageType=`, which 3.2 writes in its own way.
    fn storage_type(&self) -> String {
        let written = self.constant("storageType").unwrap_or_default();
        match written.as_str() {
            "FIBRECHANNELSTORAGEARRAY" => "FIBRECHANNEL".to_owned(),
            "ISCSISTORAGEARRAY" => "ISCSI".to_owned(),
            _ => written,
        }
    }

    /// `plugin=`, by id or by name.
    fn plugin(&self, estate: &Estate, kind: Kind) -> Result<String, CliError> {
        let plugin = self.required("plugin")?;
        self.named(estate, kind, "plugin").map_err(|_| plugins::unknown(plugin))
    }

    /// The file system that is made on a LUN together with a pool, or in 3.2 with a repository, through the first server that sees the
    /// LUN. How it is called is guessed.
    pub(super) fn file_system_along(&self, estate: &Estate, disk: &str) -> Result<(String, FileSystem), CliError> {
        lun_is_free(estate, disk)?;
        let lun = estate.get::<PhysicalDisk>(disk);
        let locals = estate
            .all::<FileServer>()
            .filter(|(_, server)| server.access_host.is_empty());
        let seen = |server: &FileServer| {
            lun.is_some_and(|lun| lun.servers.iter().any(|known| server.admin_servers.contains(known)))
        };
        let mut locals: Vec<_> = locals
            .filter(|(_, server)| seen(server))
            .map(|(object, _)| object)
            .collect();
        locals.sort_by(|one, other| one.name.cmp(&other.name));
        let (Some(local), Some(lun)) = (locals.first(), lun) else {
            return Err(CliError::coded("OVMAPI_8005E", "No server sees the physical disk."));
        };
        let system = FileSystem {
            file_server: local.id.clone(),
            path: format!("/dev/mapper/{}", lun.wwid),
            size: lun.size,
            physical_disk: Some(disk.to_owned()),
            refreshed: true,
        };
        Ok((format!("fs_{}", estate.name_of(disk)), system))
    }

    /// A file system of its own on a LUN, made through the local file server of a server.
    pub(super) fn create_file_system(&self) -> Result<String, CliError> {
        let file_server = self.target()?.to_owned();
        let system = self.read(|estate| {
            let server = estate.get::<FileServer>(&file_server);
            let server = server.filter(|server| server.plugin == plugins::LOCAL_FS.0);
            let Some(server) = server else {
                let text = "File systems are made on the local file server of a server only.";
                return Err(CliError::coded("OVMAPI_8004E", text));
            };
            let disk = self.named(estate, Kind::PhysicalDisk, "physicalDisk")?;
            lun_is_free(estate, &disk)?;
            let lun = estate.get::<PhysicalDisk>(&disk);
            let seen = lun.is_some_and(|lun| lun.servers.iter().any(|known| server.admin_servers.contains(known)));
            if !is_clustered(estate, &server.admin_servers) {
                let text = format!(
                    "The server of {} is in no clustered server pool, whose cluster the file system needs.",
                    estate.name_of(&file_server)
                );
                return Err(CliError::coded("OVMAPI_8010E", &text));
            }
            if !seen {
                let text = format!(
                    "The server of {} does not see the physical disk.",
                    estate.name_of(&file_server)
                );
                return Err(CliError::coded("OVMAPI_8005E", &text));
            }
            Ok(FileSystem {
                file_server: file_server.clone(),
                path: lun.map(|lun| format!("/dev/mapper/{}", lun.wwid)).unwrap_or_default(),
                size: lun.map_or(0, |lun| lun.size),
                physical_disk: Some(disk),
                refreshed: true,
            })
        })?;
        self.insert(Body::FileSystem(system))
    }

    pub(super) fn create_array(&self) -> Result<String, CliError> {
        let mut array = StorageArray {
            plugin: self.read(|estate| self.plugin(estate, Kind::StorageArrayPlugin))?,
            storage_type: self.storage_type(),
            access_hosts: Vec::new(),
            access_port: None,
            access_username: String::new(),
            use_chap: false,
            admin_servers: Vec::new(),
            unmanaged: false,
        };
        self.apply_array(&mut array);
        if array.storage_type == "ISCSI" && array.access_hosts.is_empty() {
            return Err(CliError::syntax("the attribute accessHost is missing"));
        }
        if array.use_chap && (array.access_username.is_empty() || self.command.attribute("accessPassword").is_none()) {
            return Err(CliError::syntax("useChap=Yes needs accessUsername and accessPassword"));
        }
        let id = self.insert(Body::StorageArray(array))?;
        self.change(|estate| plugins::add_parts(estate, &id));
        Ok(id)
    }

    pub(super) fn apply_array(&self, array: &mut StorageArray) {
        if let Some(host) = self.command.attribute("accessHost") {
            array.access_hosts = vec![host.to_owned()];
        }
        let usual = (array.storage_type == "ISCSI").then_some(3260);
        array.access_port = self.number("accessPort").or(array.access_port).or(usual);
        if let Some(user) = self.command.attribute("accessUsername") {
            user.clone_into(&mut array.access_username);
        }
        array.use_chap = self.flag("useChap").unwrap_or(array.use_chap);
    }

    pub(super) fn create_access_group(&self) -> Result<String, CliError> {
        let owner = self.target()?.to_owned();
        if self.read(|estate| plugins::is_generic(estate, &owner)) {
            let text = "The plug-in has no access groups of its own.";
            return Err(CliError::coded("OVMAPI_8006E", text));
        }
        self.insert(Body::AccessGroup(AccessGroup {
            owner,
            members: Vec::new(),
        }))
    }

    /// `add ... to AccessGroup inst` and its contrary.
    pub(super) fn join_access_group(&self, member: &str, group: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let changed = estate.update(group, |group: &mut AccessGroup| {
                let known = group.members.iter().any(|known| known == member);
                group.members.retain(|known| known != member);
                if adds {
                    group.members.push(member.to_owned());
                }
                known != adds
            });
            match changed {
                Some(true) => Ok(None),
                _ => Err(CliError::coded(
                    "OVMAPI_8007E",
                    "The access group is as asked for already.",
                )),
            }
        })
    }

    /// `addAdminServer`, `addRefreshServer`, `addAccessHost` and their contraries.
    pub(super) async fn administer(&self) -> Outcome {
        self.step(200).await?;
        let id = self.subject()?;
        let verb = self.command.verb.to_ascii_lowercase();
        let value = match self.command.attribute("accessHost") {
            Some(host) => host.to_owned(),
            None => self.read(|estate| self.named(estate, Kind::Server, "server"))?,
        };
        self.change_list(id, &verb, value)
    }

    /// `add Server inst to FileServer inst` of 3.2, the same for storage arrays, and their contraries.
    pub(super) fn administer_by_adding(&self, server: &str, id: &str, adds: bool) -> Outcome {
        let verb = if adds { "addadminserver" } else { "removeadminserver" };
        self.change_list(id, verb, server.to_owned())
    }

    fn change_list(&self, id: &str, verb: &str, value: String) -> Outcome {
        let changed = self.change(|estate| {
            estate.objects.update(id, |object| {
                let list = match (&mut object.body, verb.contains("refresh"), verb.contains("host")) {
                    (Body::FileServer(server), true, _) => &mut server.refresh_servers,
                    (Body::FileServer(server), false, _) => &mut server.admin_servers,
                    (Body::StorageArray(array), _, true) => &mut array.access_hosts,
                    (Body::StorageArray(array), _, false) => &mut array.admin_servers,
                    _ => return false,
                };
                let known = list.contains(&value);
                match verb.starts_with("add") {
                    true if !known => list.push(value),
                    false if known => list.retain(|other| *other != value),
                    _ => return false,
                }
                true
            })
        });
        match changed {
            Some(true) => Ok(None),
            _ => Err(CliError::coded("OVMAPI_8008E", "The object is as asked for already.")),
        }
    }
}

/// Whether one of the servers is in a pool with a cluster.
fn is_clustered(estate: &Estate, servers: &[String]) -> bool {
    let pools = servers.iter().filter_map(|id| estate.get::<Server>(id)?.pool.as_ref());
    let mut pools = pools.filter_map(|pool| estate.get::<ServerPool>(pool));
    pools.any(|pool| pool.clustered)
}

/// Whether an array can be asked for its LUNs: somebody administers it, its hosts answer, and a server may speak to it.
pub(super) fn may_refresh(estate: &Estate, id: &str, array: &StorageArray) -> Result<(), CliError> {
    let refuse = |text: &str| Err(CliError::coded("OVMAPI_8009E", text));
    if array.unmanaged {
        return Ok(());
    }
    if array.admin_servers.is_empty() {
        return refuse("The storage array has no admin server.");
    }
    if array.storage_type != "ISCSI" {
        return Ok(());
    }
    let hardware = &estate.hardware;
    let shows_luns = |host: &String| hardware.luns.iter().any(|lun| lun.array.as_ref() == Some(host));
    let answers = |host: &String| hardware.arrays.contains(host) || shows_luns(host);
    if let Some(host) = array.access_hosts.iter().find(|host| !answers(host)) {
        return refuse(&format!("The access host {host} does not answer."));
    }
    let mut groups = estate.of::<AccessGroup>(id);
    let admits = |group: &AccessGroup| {
        let mut members = group.members.iter();
        members.any(|member| estate.get::<StorageInitiator>(member).is_some())
    };
    match groups.any(|(_, group)| admits(group)) {
        true => Ok(()),
        false => refuse("No access group of the storage array has an initiator."),
    }
}
