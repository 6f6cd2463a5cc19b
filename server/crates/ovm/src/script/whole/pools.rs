//! Server pools, storage repositories with their presentation, exports.

use super::network::name_and_id;
use super::{Builder, New, by_name, described};
use crate::estate::{Kind, Pool, Repository, attribute, references};
use crate::ovmcli::{Command, Selector, Version};
use crate::script::build::{Labelled, labelled};
use crate::script::safe::Trait;

/// Attributes of `create ServerPool`, the keys that show them, and whether the value is an enumeration.
const POOL: [Labelled; 10] = [
    ("clusterEnable", "Cluster Enable", false),
    ("clusterTimeout", "Cluster Timeout", false),
    ("keymapName", "Keymap", false),
    ("migrateUsingSsl", "Secure VM Migration", false),
    ("startPolicy", "Vm Start Policy", true),
    ("policyMode", "Policy Mode", true),
    ("policyCpuEnable", "Policy Cpu Enable", false),
    ("policyPeriod", "Policy Period", false),
    ("policyCpuThreshold", "Policy Cpu Threshold", false),
    ("virtualIP", "Virtual Ip Address", false),
];

impl<'a> Builder<'a> {
    /// Pools with their servers, the master first.
    pub(super) fn pools(&mut self) {
        for pool in by_name(&self.estate.pools, |one| (&one.name, one.id.as_str())) {
            self.pool(pool);
        }
    }

    fn pool(&mut self, pool: &'a Pool) {
        let mut command = Command::of_type("create", "ServerPool");
        command.attributes.extend(labelled(&POOL, &pool.other));
        if command.attribute("clusterEnable").is_none() {
            command = command.with("clusterEnable", "No");
        }
        let own = references(&pool.other, "Pool FileSystem").first().copied();
        let below = own.and_then(|own| self.lun_below(own));
        if let Some((_, disk)) = &below {
            // The Manager makes the file system; it wants to have looked at the LUN before.
            self.again(
                format!("The LUN of the server pool {}", pool.name),
                "refresh",
                Kind::PhysicalDisk,
                disk,
            );
            command = command.with("physicalDisk", disk);
        } else if let Some(own) = own {
            let places = [(Kind::FileSystem, "fileSystem"), (Kind::PhysicalDisk, "physicalDisk")];
            let place = places
                .into_iter()
                .find_map(|(kind, key)| Some((key, self.id_of(kind, own)?)));
            match place {
                Some((key, id)) => command = command.with(key, id),
                None => self.note(format!("The pool file system of {} is not known; give one.", pool.name)),
            }
        }
        let id = self.make(New {
            kind: Kind::ServerPool,
            id: pool.id.as_str(),
            name: pool.name.clone(),
            purpose: format!("Server pool {}", pool.name),
            command: described(command, &pool.other),
            traits: Vec::new(),
        });
        if let Some((system, disk)) = below {
            self.came_along(system, &disk);
        }
        let mut servers = by_name(&self.estate.servers, |one| (&one.name, one.id.as_str()));
        servers.retain(|server| pool.servers.contains(&server.id));
        servers.sort_by_key(|server| pool.master.as_ref() != Some(&server.id));
        for server in servers {
            let Some(member) = self.id_of(Kind::Server, server.id.as_str()) else {
                continue;
            };
            let purpose = format!("Server {} in the pool {}", server.name, pool.name);
            self.add(purpose, (Kind::Server, &member), (Kind::ServerPool, &id), "Server");
        }
    }

    /// Repositories on their file systems, shown to the servers that had them.
    pub(super) fn repositories(&mut self) {
        for repository in by_name(&self.estate.repositories, |one| (&one.name, one.id.as_str())) {
            self.repository(repository);
        }
    }

    fn repository(&mut self, repository: &'a Repository) {
        let name = &repository.name;
        let mut command = described(Command::of_type("create", "Repository"), &repository.other);
        if let Some(path) = attribute(&repository.other, "Share Path") {
            command = command.with("sharePath", path);
        }
        let below = repository
            .file_system
            .as_ref()
            .and_then(|id| self.lun_below(id.as_str()))
            .filter(|_| self.version == Version::V3_2);
        let system = repository.file_system.as_ref();
        let system = system.and_then(|id| self.id_of(Kind::FileSystem, id.as_str()));
        let mut traits = Vec::new();
        match (&below, system) {
            (Some((_, disk)), _) => {
                let Some(pool) = self.pool_that_sees(repository) else {
                    return self.unknown(format!("Storage repository {name}"), "the server pool that sees it");
                };
                command = command.with("serverPool", pool).with("physicalDisk", disk);
            }
            (None, Some(system)) => {
                traits.push(Trait::new("File System", &system));
                command = command.target("on", "FileSystem", Selector::Id(system));
            }
            (None, None) => return self.unknown(format!("Storage repository {name}"), "its file system"),
        }
        let id = self.make(New {
            kind: Kind::Repository,
            id: repository.id.as_str(),
            name: name.clone(),
            purpose: format!("Storage repository {name}: a new and empty one"),
            command,
            traits,
        });
        if let Some((system, disk)) = below {
            self.came_along(system, &disk);
        }
        let mut servers = by_name(&self.estate.servers, |one| (&one.name, one.id.as_str()));
        servers.retain(|server| repository.presented_to.contains(&server.id));
        for server in servers {
            let Some(to) = self.id_of(Kind::Server, server.id.as_str()) else {
                continue;
            };
            let purpose = format!("Storage repository {name} presented to {}", server.name);
            self.add(
                purpose,
                (Kind::Server, &to),
                (Kind::Repository, &id),
                "Presented Server",
            );
        }
        self.again(
            format!("What is in the storage repository {name}"),
            "refresh",
            Kind::Repository,
            &id,
        );
    }

    /// The pool of a server to which the repository is presented.
    pub(super) fn pool_that_sees(&self, repository: &Repository) -> Option<String> {
        let servers = repository.presented_to.iter().filter_map(|id| self.estate.server(id));
        let mut pools = servers.filter_map(|server| server.pool.as_ref());
        pools.find_map(|pool| self.id_of(Kind::ServerPool, pool.as_str()))
    }

    /// Repositories shown to hosts outside.
    pub(super) fn exports(&mut self) {
        for export in by_name(self.estate.objects(Kind::RepositoryExport), name_and_id) {
            let repository = export
                .link(Kind::Repository)
                .and_then(|id| self.id_of(Kind::Repository, id));
            let server = export.link(Kind::Server).and_then(|id| self.id_of(Kind::Server, id));
            let (Some(repository), Some(server)) = (repository, server) else {
                self.unknown(format!("Repository export {}", export.name), "its repository or server");
                continue;
            };
            let client = export.attribute("Client Host Name").unwrap_or_default();
            let mut command = Command::of_type("create", "RepositoryExport")
                .with("clientHostName", client)
                .with("repository", &repository);
            if let Some(options) = export.attribute("Options") {
                command = command.with("options", options);
            }
            self.make(New {
                kind: Kind::RepositoryExport,
                id: &export.id,
                name: export.name.clone(),
                purpose: format!("Repository export {} to {client}", export.name),
                command: described(command, &export.attributes).target("on", "Server", Selector::Id(server)),
                traits: vec![
                    Trait::new("Client Host Name", client),
                    Trait::new("Repository", repository),
                ],
            });
        }
    }
}
