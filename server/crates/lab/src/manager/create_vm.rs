//! The attributes of a machine, for `create Vm` and `edit Vm`.

use super::create::{boolean, invalid};
use super::job::Work;
use super::reply::CliError;
use super::{lookup, vmcfg};
use crate::model::{Body, DomainType, Estate, Kind, Vm, VmStatus};
use ovm::ovmcli::Command;

impl Work {
    pub(super) fn create_vm(&self) -> Result<String, CliError> {
        let pool = self.target()?.to_owned();
        let repository = self.required("repository")?;
        let vm = self.read(|estate| {
            let repository = lookup::reference(estate, Kind::Repository, repository)?;
            let mut vm = defaults(pool, repository);
            apply(estate, &self.command, &mut vm)?;
            Ok(vm)
        })?;
        let id = self.insert(Body::Vm(vm))?;
        let written = self.read(|estate| vmcfg::create(&self.manager.files, estate, &id));
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

/// Puts the attributes of the command into the machine. `repository` is for `create` alone.
pub(super) fn apply(estate: &Estate, command: &Command, vm: &mut Vm) -> Result<(), CliError> {
    let text = |key: &str| command.attribute(key);
    let number = |key: &str, least: u64, most: u64| match text(key) {
        None => Ok(None),
        Some(value) => match value.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(invalid(key, value)),
        },
    };
    if let Some(memory) = number("memory", 32, 2_000_000)? {
        vm.memory = memory;
        vm.max_memory = vm.max_memory.max(memory);
    }
    if let Some(limit) = number("memoryLimit", vm.memory, 2_000_000)? {
        vm.max_memory = limit;
    }
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    if let Some(cpus) = number("cpuCount", 1, 128)? {
        vm.cpus = small(cpus);
        vm.max_cpus = vm.max_cpus.max(vm.cpus);
    }
    if let Some(limit) = number("cpuCountLimit", vm.cpus.into(), 128)? {
        vm.max_cpus = small(limit);
    }
    if let Some(priority) = number("cpuPriority", 1, 100)? {
        vm.priority = small(priority);
    }
    if let Some(cap) = number("cpuUtilizationCap", 1, 100)? {
        vm.cap = small(cap);
    }
    apply_words(estate, command, vm)
}

fn apply_words(estate: &Estate, command: &Command, vm: &mut Vm) -> Result<(), CliError> {
    let text = |key: &str| command.attribute(key);
    let constant = |key: &str, known: &[&str]| match text(key) {
        None => Ok(None),
        Some(value) => {
            let upper = value.to_ascii_uppercase();
            if known.contains(&upper.as_str()) {
                Ok(Some(upper))
            } else {
                Err(invalid(key, value))
            }
        }
    };
    if let Some(value) = text("highAvailability") {
        vm.high_availability = boolean("highAvailability", value)?;
    }
    if let Some(value) = text("hugePagesEnabled") {
        vm.huge_pages = boolean("hugePagesEnabled", value)?;
    }
    if let Some(value) = text("osType") {
        value.clone_into(&mut vm.os_type);
    }
    if let Some(mouse) = constant("mouseType", &["OS_DEFAULT", "PS2_MOUSE", "USB_MOUSE", "USB_TABLET"])? {
        vm.mouse = mouse;
    }
    if let Some(value) = text("domainType") {
        vm.domain_type = DomainType::parse(value).ok_or_else(|| invalid("domainType", value))?;
    }
    if let Some(value) = text("keymapName") {
        value.clone_into(&mut vm.keymap);
    }
    if let Some(value) = text("bootOrder") {
        vm.boot_order = boot_order(value)?;
    }
    if let Some(value) = text("networkInstallPath") {
        value.clone_into(&mut vm.network_install_path);
    }
    if let Some(value) = text("server") {
        vm.server = Some(lookup::reference(estate, Kind::Server, value)?);
    }
    if let Some(policy) = constant("startPolicy", &["BEST_SERVER", "CURRENT_SERVER", "USE_POOL_POLICY"])? {
        vm.start_policy = policy;
    }
    Ok(())
}

fn boot_order(value: &str) -> Result<Vec<String>, CliError> {
    let devices: Vec<_> = value
        .split(',')
        .map(|device| device.trim().to_ascii_uppercase())
        .collect();
    let known = devices
        .iter()
        .all(|device| ["PXE", "DISK", "CDROM"].contains(&device.as_str()));
    if known {
        Ok(devices)
    } else {
        Err(invalid("bootOrder", value))
    }
}
