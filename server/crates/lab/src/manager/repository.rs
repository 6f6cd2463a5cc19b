//! Repositories: making them, presenting them to servers, exporting them, and taking them over from another Manager.

use super::create_disk::usable;
use super::discover::is_foreign;
use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::error::LabError;
use crate::model::{
    Body, Estate, FileSystem, Kind, Object, Repository, RepositoryExport, RepositoryKind, Server, ServerPool,
};

impl Work {
    pub(super) async fn create_repository(&self) -> Result<String, CliError> {
        let file_system = match &self.target {
            Some((_, file_system)) => file_system.clone(),
            None => self.file_system_of_3_2()?,
        };
        let share_path = self.command.attribute("sharePath").unwrap_or_default();
        let kind = self.read(|estate| free_for_repository(estate, &file_system, share_path))?;
        let id = self.change(|estate| estate.new_id(Kind::Repository));
        let body = Body::Repository(Repository {
            kind,
            file_system,
            share_path: share_path.to_owned(),
            owned: true,
            presented: Vec::new(),
            free: 0,
        });
        let object = Object::new(&id, self.required("name")?, body.clone());
        let made = self.manager.storage.create_repository(&object, kind).await;
        made.map_err(agent_failed)?;
        self.insert_as(id, body)
    }

    /// 3.2 names the file system, or a LUN with the pool that will use it, and makes the file system on the LUN itself.
    fn file_system_of_3_2(&self) -> Result<String, CliError> {
        let along = self.read(|estate| {
            let Some(disk) = self.named_if(estate, Kind::PhysicalDisk, "physicalDisk")? else {
                return self.named(estate, Kind::FileSystem, "fileSystem").map(Err);
            };
            let pool = self.named(estate, Kind::ServerPool, "serverPool")?;
            if !estate.get::<ServerPool>(&pool).is_some_and(|pool| pool.clustered) {
                let text = "A repository on a physical disk needs a clustered server pool.";
                return Err(CliError::coded("OVMAPI_4063E", text));
            }
            self.file_system_along(estate, &disk).map(Ok)
        })?;
        match along {
            Ok((name, system)) => Ok(self.change(|estate| estate.add(&name, Body::FileSystem(system)))),
            Err(known) => Ok(known),
        }
    }

    /// `add Server inst to Repository inst` and its contrary.
    pub(super) async fn present(&self, server: &str, repository: &str, presented: bool) -> Outcome {
        let name = self.read(|estate| {
            let found = estate.get::<Repository>(repository);
            if found.is_some_and(|found| found.presented.iter().any(|id| id == server)) == presented {
                let text = "The repository is presented as asked for already.";
                return Err(CliError::coded("OVMAPI_4060E", text));
            }
            if presented {
                may_present(estate, server, repository)?;
            } else {
                may_withdraw(estate, server, repository)?;
            }
            Ok(estate.name_of(server).to_owned())
        })?;
        let mounted = self.manager.storage.present(&name, repository, presented).await;
        mounted.map_err(agent_failed)?;
        self.change(|estate| {
            estate.update(repository, |repository: &mut Repository| {
                repository.presented.retain(|id| id != server);
                if presented {
                    repository.presented.push(server.to_owned());
                }
            });
        });
        Ok(None)
    }

    /// `add ServerPool inst to Repository inst`: every member that does not have it yet, or has it still.
    pub(super) async fn present_to_pool(&self, pool: &str, repository: &str, presented: bool) -> Outcome {
        let servers: Vec<_> = self.read(|estate| {
            let members = estate.of::<Server>(pool).map(|(object, _)| object.id.clone());
            let found = estate.get::<Repository>(repository);
            let has = |server: &String| found.is_some_and(|found| found.presented.contains(server));
            members.filter(|server| has(server) != presented).collect()
        });
        for server in servers {
            self.present(&server, repository, presented).await?;
        }
        Ok(None)
    }

    pub(super) fn create_export(&self) -> Result<String, CliError> {
        let server = self.target()?.to_owned();
        let client = self.required("clientHostName")?.to_owned();
        let options = self.command.attribute("options").unwrap_or("rw,async,no_root_squash");
        let repository = self.read(|estate| {
            let id = self.named(estate, Kind::Repository, "repository")?;
            let found = estate.get::<Repository>(&id);
            if !found.is_some_and(|found| found.kind == RepositoryKind::Ocfs2) {
                let text = "Only repositories on physical disks can be exported.";
                return Err(CliError::coded("OVMAPI_9101E", text));
            }
            if !found.is_some_and(|found| found.presented.contains(&server)) {
                let text = "The repository is not presented to the server.";
                return Err(CliError::coded("OVMAPI_9102E", text));
            }
            Ok(id)
        })?;
        self.insert(Body::RepositoryExport(RepositoryExport {
            repository,
            server,
            client,
            options: options.to_owned(),
        }))
    }

    /// `takeOwnership`: what another Manager made becomes this one's. An OCFS2 repository needs the pool whose cluster
    /// will use it.
    pub(super) async fn take_ownership(&self) -> Outcome {
        self.step(500).await?;
        let id = self.subject()?;
        self.change(|estate| {
            if let Some(server) = estate.get::<Server>(id) {
                self.required("password")?;
                let found = estate.hardware.server(&server.ip_address);
                let is_foreign = found.is_some_and(|found| is_foreign(estate, found)) && !server.owned;
                if is_foreign && !self.manager.switches.foreign_servers_can_be_taken {
                    let text = "The server is owned by another Manager, which has to release it first.";
                    return Err(CliError::coded("OVMAPI_7023E", text));
                }
                estate.update(id, |server: &mut Server| server.owned = true);
                return Ok(None);
            }
            let pool = self.named_if(estate, Kind::ServerPool, "serverpool")?;
            let ocfs2 = estate
                .get::<Repository>(id)
                .is_some_and(|repository| repository.kind == RepositoryKind::Ocfs2);
            if ocfs2 && pool.is_none() {
                let text = "A repository on a physical disk needs serverpool.";
                return Err(CliError::coded("OVMAPI_9103E", text));
            }
            estate.update(id, |repository: &mut Repository| repository.owned = true);
            Ok(None)
        })
    }
}

fn agent_failed(error: LabError) -> CliError {
    CliError::coded("OVMAPI_5001E", &error.to_string())
}

/// Whether a repository can be made on a file system, and of which kind it will be.
fn free_for_repository(estate: &Estate, id: &str, share_path: &str) -> Result<RepositoryKind, CliError> {
    let refuse = |text: String| Err(CliError::coded("OVMAPI_9104E", &text));
    let name = estate.name_of(id);
    let Some(system) = estate.get::<FileSystem>(id) else {
        return refuse(format!("The file system {name} is gone."));
    };
    if !system.refreshed {
        return refuse(format!("The file system {name} has not been refreshed."));
    }
    if let Some((pool, _)) = estate.of::<ServerPool>(id).next() {
        return refuse(format!(
            "The file system {name} holds the data of the server pool {}.",
            pool.name
        ));
    }
    let ocfs2 = system.physical_disk.is_some();
    let mut there = estate.of::<Repository>(id);
    match there.find(|(_, known)| ocfs2 || known.share_path == share_path) {
        Some((object, _)) => refuse(format!("The file system {name} holds the repository {}.", object.name)),
        None if ocfs2 => Ok(RepositoryKind::Ocfs2),
        None => Ok(RepositoryKind::Nfs),
    }
}

/// OCFS2 needs a cluster, and belongs to one pool only.
fn may_present(estate: &Estate, server: &str, repository: &str) -> Result<(), CliError> {
    let refuse = |text: &str| Err(CliError::coded("OVMAPI_4063E", text));
    let Some(found) = estate.get::<Repository>(repository) else {
        return refuse("The repository is gone.");
    };
    if !found.owned {
        return refuse("The repository is owned by another Manager. Take the ownership first.");
    }
    if found.kind == RepositoryKind::Nfs {
        return Ok(());
    }
    let pool_of = |server: &str| estate.get::<Server>(server).and_then(|server| server.pool.clone());
    let pool = pool_of(server);
    let cluster = pool.as_deref().and_then(|pool| estate.get::<ServerPool>(pool));
    if !cluster.is_some_and(|pool| pool.clustered) {
        return refuse("A repository on a physical disk needs a server of a clustered server pool.");
    }
    match found.presented.iter().any(|other| pool_of(other) != pool) {
        true => refuse("The repository is presented to another server pool."),
        false => Ok(()),
    }
}

/// What a running machine of the server uses must stay.
fn may_withdraw(estate: &Estate, server: &str, repository: &str) -> Result<(), CliError> {
    usable(estate, repository)?;
    let mut exports = estate.of::<RepositoryExport>(repository);
    match exports.find(|(_, export)| export.server == server) {
        Some((export, _)) => Err(CliError::coded(
            "OVMAPI_4064E",
            &format!("The server exports the repository as {}.", export.name),
        )),
        None => Ok(()),
    }
}
