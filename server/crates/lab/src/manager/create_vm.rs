//! The attributes of a machine, for `create Vm` and `edit Vm`.

use super::create_disk::usable;
use super::grammar::invalid;
use super::job::Work;
use super::lookup::{self, Names};
use super::reply::CliError;
use crate::model::{Body, DomainType, Estate, Kind, Repository, Server, ServerPool, Vm, VmStatus};
use ovm::ovmcli::Command;

impl Work {
    pub(super) fn create_vm(&self) -> Result<String, CliError> {
        let pool = self.target()?.to_owned();
        let vm = self.read(|estate| {
            let repository = self.named(estate, Kind::Repository, "repository")?;
            usable(estate, &repository)?;
            let mut vm = defaults(pool, repository);
            apply(estate, self.manager.names(), &self.command, &mut vm)?;
            fits_the_pool(estate, &vm)?;
            Ok(vm)
        })?;
        let id = self.insert(Body::Vm(vm))?;
        let written = self.read(|estate| self.manager.storage.create_vm_cfg(estate, &id));
        if let Err(error) = written {
            self.change(|estate| estate.objects.remove(&id));
            return Err(CliError::coded(
                "OVMRU_001021E",
                &format!("The file vm.cfg could not be written: {error}"),
            ));
        }
        Ok(id)
    }
}

/// The server must be of the pool and have the repository; high availability needs a cluster.
pub(super) fn fits_the_pool(estate: &Estate, vm: &Vm) -> Result<(), CliError> {
    let refuse = |text: String| Err(CliError::coded("OVMAPI_4042E", &text));
    if let Some(server) = &vm.server {
        let pool = estate.get::<Server>(server).and_then(|server| server.pool.as_ref());
        if pool != vm.pool.as_ref() {
            return refuse(format!(
                "The server {} is not in the pool of the Vm.",
                estate.name_of(server)
            ));
        }
        let repository = estate.get::<Repository>(&vm.repository);
        if !repository.is_some_and(|repository| repository.presented.contains(server)) {
            let repository = estate.name_of(&vm.repository);
            return refuse(format!(
                "The repository {repository} is not presented to the server of the Vm."
            ));
        }
    }
    let pool = vm.pool.as_deref().and_then(|pool| estate.get::<ServerPool>(pool));
    if vm.high_availability && pool.is_some_and(|pool| !pool.clustered) {
        return refuse("High availability needs a clustered server pool.".to_owned());
    }
    Ok(())
}

fn defaults(pool: String, repository: String) -> Vm {
    Vm {
        status: VmStatus::Stopped,
        pool: Some(pool),
        server: None,
        repository,
        memory: 1024,
        max_memory: 1024,
        cpus: 1,
        max_cpus: 1,
        priority: 50,
        cap: 100,
        high_availability: false,
        os_type: "None".to_owned(),
        mouse: "OS_DEFAULT".to_owned(),
        domain_type: DomainType::XenPvm,
        keymap: "en-us".to_owned(),
        start_policy: "USE_POOL_POLICY".to_owned(),
        boot_order: vec!["DISK".to_owned()],
        huge_pages: false,
        network_install_path: String::new(),
        origin: String::new(),
    }
}

/// Puts the attributes of the command, whose values the grammar has checked, into the machine. `repository` is for
/// `create` alone.
pub(super) fn apply(estate: &Estate, names: Names, command: &Command, vm: &mut Vm) -> Result<(), CliError> {
    let number = |key: &str| command.attribute(key).and_then(|value| value.parse::<u32>().ok());
    if let Some(memory) = number("memory") {
        vm.memory = memory.into();
        vm.max_memory = vm.max_memory.max(vm.memory);
    }
    if let Some(limit) = number("memoryLimit") {
        vm.max_memory = at_least("memoryLimit", limit.into(), vm.memory)?;
    }
    if let Some(cpus) = number("cpuCount") {
        vm.cpus = cpus;
        vm.max_cpus = vm.max_cpus.max(cpus);
    }
    if let Some(limit) = number("cpuCountLimit") {
        vm.max_cpus = at_least("cpuCountLimit", limit, vm.cpus)?;
    }
    vm.priority = number("cpuPriority").unwrap_or(vm.priority);
    vm.cap = number("cpuUtilizationCap").unwrap_or(vm.cap);
    if let Some(server) = command.attribute("server") {
        vm.server = Some(lookup::reference(estate, names, Kind::Server, server)?);
    }
    apply_words(command, vm);
    Ok(())
}

fn at_least<T: PartialOrd + ToString>(key: &str, value: T, least: T) -> Result<T, CliError> {
    if value >= least {
        Ok(value)
    } else {
        Err(invalid(key, &value.to_string()))
    }
}

fn apply_words(command: &Command, vm: &mut Vm) {
    let text = |key: &str, field: &mut String| {
        if let Some(value) = command.attribute(key) {
            value.clone_into(field);
        }
    };
    text("osType", &mut vm.os_type);
    text("keymapName", &mut vm.keymap);
    text("networkInstallPath", &mut vm.network_install_path);
    let constant = |key: &str| command.attribute(key).map(str::to_ascii_uppercase);
    let flag = |key: &str| command.attribute(key).map(|value| value.eq_ignore_ascii_case("yes"));
    vm.high_availability = flag("highAvailability").unwrap_or(vm.high_availability);
    vm.huge_pages = flag("hugePagesEnabled").unwrap_or(vm.huge_pages);
    vm.mouse = constant("mouseType").unwrap_or_else(|| vm.mouse.clone());
    vm.start_policy = constant("startPolicy").unwrap_or_else(|| vm.start_policy.clone());
    if let Some(domain_type) = command.attribute("domainType").and_then(DomainType::parse) {
        vm.domain_type = domain_type;
    }
    if let Some(order) = constant("bootOrder") {
        let devices = order.split(',').map(|device| device.trim().to_owned());
        vm.boot_order = devices.filter(|device| !device.is_empty()).collect();
    }
}
