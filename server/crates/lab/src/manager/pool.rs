//! Server pools, their members, and groups of machines that avoid each other.

use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::model::{
    AntiAffinityGroup, Body, Estate, FileSystem, Kind, PhysicalDisk, Repository, Server, ServerPool, Vm, VmStatus,
};

impl Work {
    pub(super) fn create_pool(&self) -> Result<String, CliError> {
        let (mut pool, along) = self.read(|estate| {
            if estate.all::<Server>().next().is_none() {
                return Err(CliError::coded("OVMAPI_7001E", "No server has been discovered."));
            }
            let mut pool = ServerPool {
                clustered: self.flag("clusterEnable") == Some(true),
                ..ServerPool::default()
            };
            self.apply_pool(&mut pool);
            pool.pool_file_system = self.pool_file_system(estate)?;
            let along = match &pool.pool_file_system {
                Some(disk) if is_lun(estate, disk) => Some(self.file_system_along(estate, disk)?),
                _ => None,
            };
            match (pool.clustered, &pool.pool_file_system) {
                (true, None) => Err(CliError::syntax("clusterEnable=Yes needs fileSystem or physicalDisk")),
                (false, Some(_)) => Err(CliError::syntax("a pool without cluster takes no fileSystem")),
                _ => Ok((pool, along)),
            }
        })?;
        if let Some((name, system)) = along {
            let system = self.change(|estate| estate.add(&name, Body::FileSystem(system)));
            pool.pool_file_system = Some(system);
        }
        self.insert(Body::ServerPool(pool))
    }

    /// The file system or LUN for the cluster database: known well enough, and used by nobody.
    fn pool_file_system(&self, estate: &Estate) -> Result<Option<String>, CliError> {
        let system = self.named_if(estate, Kind::FileSystem, "fileSystem")?;
        let disk = self.named_if(estate, Kind::PhysicalDisk, "physicalDisk")?;
        let id = match (system, disk) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(CliError::syntax("give fileSystem or physicalDisk, not both")),
            (Some(id), None) | (None, Some(id)) => id,
        };
        if estate.get::<FileSystem>(&id).is_some_and(|system| !system.refreshed) {
            let text = format!("The file system {} has not been refreshed.", estate.name_of(&id));
            return Err(CliError::coded("OVMAPI_7002E", &text));
        }
        let users = [
            Kind::Repository,
            Kind::ServerPool,
            Kind::FileSystem,
            Kind::VmDiskMapping,
        ];
        let user = users
            .iter()
            .find_map(|kind| estate.objects.referrers(&id, *kind).next());
        match user {
            Some(user) => Err(CliError::coded(
                "OVMAPI_7003E",
                &format!(
                    "{} is in use by {} {}.",
                    estate.name_of(&id),
                    user.kind().as_str(),
                    user.name
                ),
            )),
            None => Ok(Some(id)),
        }
    }

    fn apply_pool(&self, pool: &mut ServerPool) {
        pool.cluster_timeout = self.number("clusterTimeout").unwrap_or(pool.cluster_timeout);
        pool.policy_period = self.number("policyPeriod").unwrap_or(pool.policy_period);
        pool.policy_cpu_threshold = self.number("policyCpuThreshold").unwrap_or(pool.policy_cpu_threshold);
        pool.policy_cpu = self.flag("policyCpuEnable").unwrap_or(pool.policy_cpu);
        pool.migrate_ssl = self.flag("migrateUsingSsl").unwrap_or(pool.migrate_ssl);
        if let Some(policy) = self.constant("startPolicy") {
            pool.start_policy = policy;
        }
        if let Some(mode) = self.constant("policyMode") {
            pool.policy_mode = mode;
        }
        if let Some(keymap) = self.command.attribute("keymapName") {
            keymap.clone_into(&mut pool.keymap);
        }
        if let Some(address) = self.command.attribute("virtualIP") {
            address.clone_into(&mut pool.virtual_ip);
        }
    }

    /// `edit ServerPool`: whether it is a cluster, and on what, is decided when it is made.
    pub(super) fn edit_pool(&self, _estate: &Estate, pool: &mut ServerPool) -> Result<(), CliError> {
        let fixed = ["clusterEnable", "fileSystem", "physicalDisk"];
        if let Some(key) = fixed.iter().find(|key| self.command.attribute(key).is_some()) {
            return Err(CliError::syntax(&format!("{key} of a server pool cannot be changed")));
        }
        self.apply_pool(pool);
        Ok(())
    }

    /// `add Server inst to ServerPool inst` and its contrary.
    pub(super) fn join_pool(&self, server: &str, pool: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let own = estate.get::<Server>(server).and_then(|server| server.pool.clone());
            if adds {
                may_join(estate, server, own.as_deref())?;
            } else {
                may_leave(estate, server, own.as_deref() == Some(pool))?;
            }
            estate.update(server, |server: &mut Server| {
                server.pool = adds.then(|| pool.to_owned())
            });
            let mut members = estate.of::<Server>(pool);
            let next = members.next().map(|(object, _)| object.id.clone());
            drop(members);
            estate.update(pool, |pool: &mut ServerPool| {
                if pool.master.as_deref() == Some(server) || pool.master.is_none() {
                    pool.master = if adds { Some(server.to_owned()) } else { next };
                }
            });
            Ok(None)
        })
    }

    pub(super) fn create_group(&self) -> Result<String, CliError> {
        let pool = self.target()?.to_owned();
        self.insert(Body::AntiAffinityGroup(AntiAffinityGroup { pool, vms: Vec::new() }))
    }

    /// `add Vm inst to AntiAffinityGroup inst` and its contrary.
    pub(super) fn join_group(&self, vm: &str, group: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let pool = estate.get::<AntiAffinityGroup>(group).map(|group| group.pool.clone());
            if adds && estate.get::<Vm>(vm).and_then(|vm| vm.pool.clone()) != pool {
                let text = "The Vm does not belong to the server pool of the group.";
                return Err(CliError::coded("OVMAPI_7010E", text));
            }
            let changed = estate.update(group, |group: &mut AntiAffinityGroup| {
                let member = group.vms.iter().any(|known| known == vm);
                group.vms.retain(|known| known != vm);
                if adds {
                    group.vms.push(vm.to_owned());
                }
                member != adds
            });
            match changed {
                Some(true) => Ok(None),
                _ => Err(CliError::coded("OVMAPI_7011E", "The group is as asked for already.")),
            }
        })
    }

    /// `add Vm inst to Server inst` and `to ServerPool inst`; `remove` leaves the machine unassigned.
    pub(super) fn assign(&self, vm: &str, place: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let (pool, server) = match estate.get::<Server>(place) {
                _ if !adds => (None, None),
                Some(server) => (server.pool.clone(), Some(place.to_owned())),
                None => (Some(place.to_owned()), None),
            };
            let moved = estate.update(vm, |vm: &mut Vm| {
                let stands = vm.status != VmStatus::Running;
                if stands {
                    (vm.pool, vm.server) = (pool, server);
                }
                stands
            });
            match moved {
                Some(true) => Ok(None),
                _ => Err(CliError::coded("OVMAPI_4061E", "A running Vm is moved with migrate.")),
            }
        })
    }
}

fn is_lun(estate: &Estate, id: &str) -> bool {
    estate.get::<PhysicalDisk>(id).is_some()
}

fn may_join(estate: &Estate, server: &str, own: Option<&str>) -> Result<(), CliError> {
    if let Some(own) = own {
        let text = format!("The server belongs to the server pool {} already.", estate.name_of(own));
        return Err(CliError::coded("OVMAPI_7004E", &text));
    }
    let unowned = estate.get::<Server>(server).is_some_and(|server| !server.owned);
    match unowned {
        true => Err(CliError::coded(
            "OVMAPI_7005E",
            "The server is not owned by this Manager. Take the ownership first.",
        )),
        false => Ok(()),
    }
}

fn may_leave(estate: &Estate, server: &str, member: bool) -> Result<(), CliError> {
    if !member {
        return Err(CliError::coded(
            "OVMAPI_7006E",
            "The server does not belong to the server pool.",
        ));
    }
    let machine = estate.of::<Vm>(server).map(|(object, _)| object).next();
    let ocfs2 = estate.of::<Repository>(server).map(|(object, _)| object).next();
    match machine.or(ocfs2) {
        Some(object) => Err(CliError::coded(
            "OVMAPI_7007E",
            &format!("The server has {} {}.", object.kind().as_str(), object.name),
        )),
        None => Ok(()),
    }
}

/// Whether somebody other than a pool may take the LUN.
pub(super) fn lun_is_free(estate: &Estate, disk: &str) -> Result<(), CliError> {
    let users = [Kind::ServerPool, Kind::FileSystem, Kind::VmDiskMapping];
    let user = users
        .iter()
        .find_map(|kind| estate.objects.referrers(disk, *kind).next());
    match (user, estate.get::<PhysicalDisk>(disk)) {
        (Some(user), _) => Err(CliError::coded(
            "OVMAPI_7003E",
            &format!(
                "{} is in use by {} {}.",
                estate.name_of(disk),
                user.kind().as_str(),
                user.name
            ),
        )),
        (None, Some(_)) => Ok(()),
        (None, None) => Err(CliError::coded("OVMAPI_4003E", "The physical disk is gone.")),
    }
}
