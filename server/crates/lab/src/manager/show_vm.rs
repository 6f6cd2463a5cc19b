//! `show Vm`. The order up to `Origin` was seen on a Manager of 2020, and the path of `vm.cfg` on 3.4.6 only; the rest is
//! guessed.

use super::lines::{Lines, words};
use crate::model::{Object, Vm, VmStatus};
use crate::switches::{BootOrder, Dialect, EnumWords};

pub(super) fn vm(out: &mut Lines, object: &Object, vm: &Vm) {
    let status = match vm.status {
        VmStatus::Running => "Running",
        VmStatus::Stopped => "Stopped",
        VmStatus::Suspended => "Suspended",
        VmStatus::Template => "Template",
    };
    out.put("Status", status);
    out.put("Memory (MB)", vm.memory);
    out.put("Max. Memory (MB)", vm.max_memory);
    out.put("Processors", vm.cpus);
    out.put("Max. Processors", vm.max_cpus);
    out.put("Priority", vm.priority);
    out.put("Processor Cap", vm.cap);
    out.flag("High Availability", vm.high_availability);
    out.put("Operating System", &vm.os_type);
    out.constant("Mouse Type", &vm.mouse);
    match out.switches.enum_words {
        EnumWords::Words => out.put("Domain Type", vm.domain_type.words()),
        EnumWords::Constants => out.put("Domain Type", vm.domain_type.constant()),
    }
    out.put("Keymap", &vm.keymap);
    out.constant("Start Policy", &vm.start_policy);
    out.put("Origin", &vm.origin);
    out.flag("Huge Pages Enabled", vm.huge_pages);
    let devices: Vec<_> = vm.boot_order.iter().map(|device| words(device)).collect();
    match out.switches.boot_order {
        BootOrder::Numbered => out.put_all("Boot Order", &devices),
        BootOrder::List => out.put("Boot Order", devices.join(", ")),
    }
    if !vm.network_install_path.is_empty() {
        out.put("Network Install Path", &vm.network_install_path);
    }
    let folder = if vm.status == VmStatus::Template {
        "Templates"
    } else {
        "VirtualMachines"
    };
    if out.switches.dialect >= Dialect::V34 {
        let path = format!("/OVS/Repositories/{}/{folder}/{}/vm.cfg", vm.repository, object.id);
        out.put("Config File Mounted Path", path);
    }
    out.refer_if("Server", vm.server.as_deref());
    out.refer_if("Server Pool", vm.pool.as_deref());
    out.refer("Repository", &vm.repository);
    out.put("Restart Action On Crash", "Restart");
    let estate = out.estate;
    let mappings = estate.mappings_of(&object.id);
    let mappings = mappings.iter().map(|(mapping, _)| mapping.id.as_str());
    match out.switches.dialect {
        // Seen without names there.
        Dialect::V32 => out.put_all("VmDiskMapping", &mappings.map(str::to_owned).collect::<Vec<_>>()),
        Dialect::V33 | Dialect::V34 => out.refer_all("VmDiskMapping", mappings),
    }
    out.refer_all(
        "Vnic",
        estate.vnics_of(&object.id).iter().map(|(vnic, _)| vnic.id.as_str()),
    );
    out.tags(&object.id);
}
