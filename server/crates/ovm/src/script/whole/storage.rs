//! File servers, storage arrays, LUNs and file systems.

use super::network::{host_name, name_and_id, word};
use super::{Builder, Found, New, by_name, described, object, says};
use crate::estate::read::constant;
use crate::estate::{Kind, Object, PhysicalDisk, references};
use crate::ids::{PhysicalDiskId, ServerId};
use crate::ovmcli::{Command, Selector, Version};
use crate::script::safe::Trait;

/// Attributes of `create StorageArray` and the keys that show them.
const ARRAY: [(&str, &str, bool); 4] = [
    ("storageType", "Storage Type", true),
    ("accessPort", "Access Port", false),
    ("accessUsername", "Access Username", false),
    ("useChap", "Use Chap", false),
];

impl<'a> Builder<'a> {
    /// Servers bring their local file servers along; those of the network are made and refreshed.
    pub(super) fn file_servers(&mut self) {
        for server in by_name(self.estate.objects(Kind::FileServer), name_and_id) {
            let Some(host) = server.attribute("Access Host") else {
                self.local_file_server(server);
                continue;
            };
            let [admin, refresh] =
                ["Admin Server", "Refresh Server"].map(|role| self.ids_of(Kind::Server, server.links_as(role)));
            if admin.is_empty() {
                self.unknown(format!("File server {}", server.name), "its admin server");
                continue;
            }
            let mut command = Command::of_type("create", "FileServer")
                .with("plugin", plugin(server))
                .with("accessHost", host);
            if self.version != Version::V3_2 {
                command = command
                    .with("adminServers", admin.join(","))
                    .with("refreshServers", refresh.join(","));
            }
            let command = match server.attribute("Uniform Exports") {
                Some(uniform) => command.with("uniformedExports", uniform),
                None => command,
            };
            let id = self.make(New {
                kind: Kind::FileServer,
                id: &server.id,
                name: server.name.clone(),
                purpose: format!("File server {} at {host}", server.name),
                command: described(command, &server.attributes),
                traits: vec![Trait::new("Access Host", host)],
            });
            if self.version == Version::V3_2 {
                self.servers_of(server, &id, "addAdminServer", "Admin Server", &admin);
                self.servers_of(server, &id, "addRefreshServer", "Refresh Server", &refresh);
            }
            self.again(
                format!("Exports of the file server {}", server.name),
                "refresh",
                Kind::FileServer,
                &id,
            );
        }
        self.access_groups(Kind::FileServer);
    }

    /// It is known again by its server and what drives it.
    fn local_file_server(&mut self, local: &'a Object) {
        let server = local.links_as("Admin Server").next();
        let server =
            server.and_then(|id| Some((self.estate.server(&ServerId::new(id))?, self.id_of(Kind::Server, id)?)));
        let driver = references(&local.attributes, "FileServer Plugin").first().copied();
        let (look, shown_as) = match (server, driver) {
            (Some((server, id)), Some(driver)) => {
                let traits = vec![Trait::new("FileServer Plugin", driver), Trait::new("Admin Server", id)];
                (
                    object(Kind::FileServer, None, traits),
                    format!("Local FS {}", host_name(server)),
                )
            }
            _ => (
                object(Kind::FileServer, Some(&local.name), Vec::new()),
                local.name.clone(),
            ),
        };
        self.found(Found {
            kind: Kind::FileServer,
            id: &local.id,
            name: &local.name,
            purpose: format!("The local file server {}", local.name),
            look,
            command: None,
            shown_as,
        });
    }

    /// Gives storage the servers that administer it, or look for its exports.
    fn servers_of(&mut self, storage: &Object, id: &str, verb: &str, role: &str, servers: &[String]) {
        for server in servers {
            let command = Self::on(verb, storage.kind, id).with("server", server);
            let look = says(storage.kind, id, role, server);
            self.step(format!("{role} of {}", storage.name), look, command);
        }
    }

    /// Arrays that no plug-in manages are there from the start.
    pub(super) fn storage_arrays(&mut self) {
        for array in by_name(self.estate.objects(Kind::StorageArray), name_and_id) {
            if !is_managed(array) {
                let look = object(Kind::StorageArray, Some(&array.name), Vec::new());
                self.find(
                    Kind::StorageArray,
                    &array.id,
                    &array.name,
                    format!("The storage array {}", array.name),
                    look,
                );
                continue;
            }
            self.storage_array(array);
        }
        self.access_groups(Kind::StorageArray);
        self.luns_of_arrays();
    }

    /// Each array is asked for its LUNs once: an iSCSI array shows none before its access groups admit an initiator.
    fn luns_of_arrays(&mut self) {
        for array in by_name(self.estate.objects(Kind::StorageArray), name_and_id) {
            let id = self.id_of(Kind::StorageArray, &array.id).filter(|_| is_managed(array));
            if let Some(id) = id {
                let purpose = format!("LUNs of the storage array {}", array.name);
                self.again(purpose, "refresh", Kind::StorageArray, &id);
            }
        }
    }

    fn storage_array(&mut self, array: &Object) {
        let mut command = Command::of_type("create", "StorageArray").with("plugin", plugin(array));
        for (key, label, is_constant) in ARRAY {
            if let Some(value) = array.attribute(label) {
                command = command.with(key, if is_constant { constant(value) } else { value.to_owned() });
            }
        }
        let hosts = references(&array.attributes, "Access Host");
        if let Some(host) = hosts.first() {
            command = command.with("accessHost", *host);
        }
        if array.attribute("Access Username").is_some() {
            command = command.with(
                "accessPassword",
                format!("${{PASSWORD_OF_STORAGE_ARRAY_{}}}", word(&array.name)),
            );
        }
        let id = self.make(New {
            kind: Kind::StorageArray,
            id: &array.id,
            name: array.name.clone(),
            purpose: format!("Storage array {}", array.name),
            command: described(command, &array.attributes),
            traits: Vec::new(),
        });
        for host in hosts.iter().skip(1) {
            let command = Self::on("addAccessHost", Kind::StorageArray, &id).with("accessHost", *host);
            let look = says(Kind::StorageArray, &id, "Access Host", *host);
            self.step(
                format!("Another host of the storage array {}", array.name),
                look,
                command,
            );
        }
        let admins = self.ids_of(Kind::Server, array.links_as("Admin Server"));
        self.servers_of(array, &id, "addAdminServer", "Admin Server", &admins);
    }

    /// Groups of file servers or of storage arrays, with servers and initiators as members.
    fn access_groups(&mut self, of: Kind) {
        let kind = match (self.version, of) {
            (Version::V3_2, Kind::FileServer) => Kind::NfsAccessGroup,
            _ => Kind::AccessGroup,
        };
        for group in by_name(self.estate.objects(kind), name_and_id) {
            let Some(owner) = group.link(of).and_then(|id| self.id_of(of, id)) else {
                continue;
            };
            let first = self.script.steps.len();
            let id = self.make_on(group, of, &owner, Vec::new());
            // Generic plug-ins have a group of their own from the start, and take no other.
            if group.name.starts_with("Default access group") {
                self.omit_in_plain(first);
            }
            for server in self.ids_of(Kind::Server, group.links(Kind::Server)) {
                self.add(
                    format!("A server in {}", group.name),
                    (Kind::Server, &server),
                    (kind, &id),
                    "Server",
                );
            }
            // An initiator is called by the name that its hardware gives it, on every Manager.
            for initiator in references(&group.attributes, "Storage Initiator") {
                let command = Command::on_id("add", "StorageInitiator", initiator).target(
                    "to",
                    kind.type_name(),
                    Selector::Id(id.clone()),
                );
                let look = says(kind, &id, "Storage Initiator", initiator);
                self.step(format!("An initiator in {}", group.name), look, command);
            }
            if of == Kind::FileServer {
                self.again(format!("What {} shows", group.name), "refresh", of, &owner);
            }
        }
    }

    /// A LUN is known again by its WWID, and gets its name back.
    pub(super) fn physical_disks(&mut self) {
        for disk in by_name(&self.estate.physical_disks, |one| {
            (one.wwid.as_deref().unwrap_or_default(), one.id.as_str())
        }) {
            let Some(wwid) = &disk.wwid else {
                self.unknown(format!("LUN {}", disk.name), "its WWID");
                continue;
            };
            self.physical_disk(disk, wwid);
        }
        for group in by_name(self.estate.objects(Kind::AccessGroup), name_and_id) {
            let Some(id) = self.id_of(Kind::AccessGroup, &group.id) else {
                continue;
            };
            for disk in self.ids_of(Kind::PhysicalDisk, group.links(Kind::PhysicalDisk)) {
                let purpose = format!("A LUN in {}", group.name);
                self.add(
                    purpose,
                    (Kind::PhysicalDisk, &disk),
                    (Kind::AccessGroup, &id),
                    "Physical Disk",
                );
            }
        }
    }

    fn physical_disk(&mut self, disk: &PhysicalDisk, wwid: &str) {
        let name = self.clean_name(&disk.name, || format!("LUN {wwid}"));
        // The command line cannot look for a WWID: a person tells which name the Manager has given to the LUN.
        let id = self.found(Found {
            kind: Kind::PhysicalDisk,
            id: disk.id.as_str(),
            name: &name,
            purpose: format!("LUN {name} with WWID {wwid}, which `show PhysicalDisk` tells as Page83 ID"),
            look: object(Kind::PhysicalDisk, None, vec![Trait::new("Page83 ID", wwid)]),
            command: None,
            shown_as: format!("${{NAME_OF_LUN_{}}}", word(wwid)),
        });
        if disk.shareable {
            let share = Self::on("edit", Kind::PhysicalDisk, &id).with("shareable", "Yes");
            let look = says(Kind::PhysicalDisk, &id, "Shareable", "Yes");
            self.step(format!("Several machines may use the LUN {name}"), look, share);
        }
    }

    /// Exports are found by refreshing their file server.
    pub(super) fn exports_of_filers(&mut self) {
        for system in by_name(self.estate.objects(Kind::FileSystem), name_and_id) {
            if self.lun_below(&system.id).is_some() {
                continue;
            }
            if let Some(server) = self.file_server_of(system) {
                let id = self.export(system, &server);
                self.look_into(system, &id);
            }
        }
    }

    /// File systems on LUNs are made, but for those that come with a pool. In 3.2 they come with repositories, too.
    pub(super) fn file_systems_on_luns(&mut self) {
        for system in by_name(self.estate.objects(Kind::FileSystem), name_and_id) {
            let is_there = self.version == Version::V3_2 || self.id_of(Kind::FileSystem, &system.id).is_some();
            let Some((_, disk)) = self.lun_below(&system.id).filter(|_| !is_there) else {
                continue;
            };
            let Some(server) = self.file_server_of(system) else {
                continue;
            };
            let id = self.make(New {
                kind: Kind::FileSystem,
                id: &system.id,
                name: self.clean_name(&system.name, || format!("file system of {}", server_name(system))),
                purpose: format!("File system {}: this makes an empty one on its LUN", system.name),
                command: described(Command::of_type("create", "FileSystem"), &system.attributes)
                    .with("physicalDisk", &disk)
                    .target("on", "FileServer", Selector::Id(server)),
                traits: vec![Trait::new("Physical Disk", &disk)],
            });
            self.look_into(system, &id);
        }
    }

    fn file_server_of(&mut self, system: &Object) -> Option<String> {
        let server = system.link(Kind::FileServer);
        let server = server.and_then(|id| self.id_of(Kind::FileServer, id));
        if server.is_none() {
            self.unknown(format!("File system {}", system.name), "its file server");
        }
        server
    }

    /// A file system that the Manager has never looked into is no good for anything.
    fn look_into(&mut self, system: &Object, id: &str) {
        let purpose = format!("What the file system {} holds", system.name);
        self.again(purpose, "refresh", Kind::FileSystem, id);
    }
}

impl<'a> Builder<'a> {
    /// An export is known again by its path. A Manager may have named it in one of two ways; else the site has.
    fn export(&mut self, system: &'a Object, server: &str) -> String {
        let name = &system.name;
        let of = system
            .link(Kind::FileServer)
            .and_then(|id| self.estate.object(Kind::FileServer, id));
        let host = of
            .and_then(|server| server.attribute("Access Host"))
            .unwrap_or_default();
        let (look, shown_as) = match system.attribute("Path") {
            Some(path) => {
                let is_usual = *name == format!("nfs:{path}") || *name == format!("nfs on {host}:{path}");
                let traits = vec![Trait::new("Path", path), Trait::new("File Server", server)];
                let told = format!("${{NAME_OF_FILE_SYSTEM_{}}}", word(&format!("{host}{path}")));
                let shown_as = if is_usual { name.clone() } else { told };
                (object(Kind::FileSystem, None, traits), shown_as)
            }
            None => (object(Kind::FileSystem, Some(name), Vec::new()), name.clone()),
        };
        self.found(Found {
            kind: Kind::FileSystem,
            id: &system.id,
            name,
            purpose: format!("File system {name}"),
            look,
            command: None,
            shown_as,
        })
    }
}

/// File systems on LUNs that come with what lies on them.
impl<'a> Builder<'a> {
    /// A file system on a LUN, with its LUN.
    pub(super) fn lun_below(&self, system: &str) -> Option<(&'a Object, String)> {
        let system = self.estate.object(Kind::FileSystem, system)?;
        let disk = self.id_of(Kind::PhysicalDisk, system.link(Kind::PhysicalDisk)?)?;
        Some((system, disk))
    }

    /// Finds the file system that came with something, and gives it its old name.
    pub(super) fn came_along(&mut self, system: &Object, disk: &str) {
        let lun = system.link(Kind::PhysicalDisk).map(PhysicalDiskId::new);
        let lun = lun.and_then(|id| self.estate.physical_disk(&id));
        let wwid = lun.and_then(|lun| lun.wwid.as_deref()).unwrap_or_default();
        let name = self.clean_name(&system.name, || format!("file system of {}", server_name(system)));
        self.found(Found {
            kind: Kind::FileSystem,
            id: &system.id,
            name: &name,
            purpose: format!("File system {name}, which came along with what lies on it"),
            look: object(Kind::FileSystem, None, vec![Trait::new("Physical Disk", disk)]),
            command: None,
            shown_as: format!("${{NAME_OF_FILE_SYSTEM_ON_LUN_{}}}", word(wwid)),
        });
    }
}

/// Arrays that no plug-in manages are there from the start.
fn is_managed(array: &Object) -> bool {
    let mut keys = array.attributes.iter().map(|(key, _)| key);
    !array.name.starts_with("Unmanaged") && keys.any(|key| key.contains("Plugin"))
}

/// Name of the plug-in as `create` takes it.
fn plugin(object: &Object) -> String {
    let mut plugins = object.attributes.iter().filter(|(key, _)| key.contains("Plugin"));
    let plugin = plugins.next().map(|(_, value)| crate::estate::split_reference(value));
    match plugin {
        Some((id, "")) => id.to_owned(),
        Some((_, name)) => name.to_owned(),
        None => "Oracle Generic Network File System".to_owned(),
    }
}

fn server_name(system: &Object) -> &str {
    let mut servers = system.links.iter().filter(|link| link.kind == Kind::FileServer);
    servers.next().map_or("a server", |link| link.name.as_str())
}
