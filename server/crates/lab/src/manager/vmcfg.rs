//! The definition file of a machine: Python text whose keys stand in another order after every write.

use crate::model::{
    DomainType, Estate, MappedDisk, PhysicalDisk, VirtualCdrom, VirtualDisk, Vm, VmDiskMapping, VmStatus,
};
use crate::server::Files;
use rand::seq::SliceRandom;
use std::io;
use std::path::PathBuf;

/// Where the file of a machine or template lies.
pub(super) fn path(files: &Files, estate: &Estate, id: &str) -> Option<PathBuf> {
    let vm = estate.get::<Vm>(id)?;
    let folder = if vm.status == VmStatus::Template {
        "Templates"
    } else {
        "VirtualMachines"
    };
    Some(files.repository(&vm.repository).join(folder).join(id).join("vm.cfg"))
}

/// Writes the file of a new machine.
pub(super) fn create(files: &Files, estate: &Estate, id: &str) -> io::Result<()> {
    let Some(path) = path(files, estate, id) else {
        return Ok(());
    };
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(path, text(estate, id))
}

/// Writes the file of a changed machine. Like a real Manager, drops what was edited by hand, and does not bring back
/// a file that is missing.
pub(super) fn rewrite(files: &Files, estate: &Estate, id: &str) {
    if let Some(path) = path(files, estate, id)
        && path.exists()
        && let Err(error) = std::fs::write(&path, text(estate, id))
    {
        tracing::warn!(%error, vm = id, "the lab could not write a vm.cfg");
    }
}

/// Writes the files of all machines of a new lab.
pub(crate) fn write_all(files: &Files, estate: &Estate) -> io::Result<()> {
    for (object, _) in estate.all::<Vm>() {
        create(files, estate, &object.id)?;
    }
    Ok(())
}

/// The definition of a machine.
pub(super) fn text(estate: &Estate, id: &str) -> String {
    let Some(vm) = estate.get::<Vm>(id) else {
        return String::new();
    };
    let mut pairs = common(estate, id, vm);
    match vm.domain_type {
        DomainType::XenPvm => pairs.extend(paravirtual(vm)),
        DomainType::XenHvm | DomainType::XenHvmPvDrivers => pairs.extend(hardware(vm)),
    }
    pairs.shuffle(&mut rand::rng());
    pairs.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

type Pairs = Vec<(&'static str, String)>;

fn common(estate: &Estate, id: &str, vm: &Vm) -> Pairs {
    let object = estate.objects.get(id);
    let name = object.map_or(id, |object| object.name.as_str());
    let description = object.map_or("", |object| object.description.as_str());
    let number = |number: u64| number.to_string();
    vec![
        ("name", quote(id)),
        ("uuid", quote(&uuid(id))),
        ("OVM_simple_name", quote(name)),
        ("OVM_description", quote(description)),
        ("OVM_os_type", quote(&vm.os_type)),
        ("OVM_domain_type", quote(vm.domain_type.cfg())),
        ("OVM_high_availability", python_bool(vm.high_availability)),
        ("OVM_cpu_compat_group", quote("")),
        ("memory", number(vm.memory)),
        ("maxmem", number(vm.max_memory)),
        ("vcpus", number(vm.cpus.into())),
        ("maxvcpus", number(vm.max_cpus.into())),
        ("cpu_weight", "27500".to_owned()),
        ("cpu_cap", "0".to_owned()),
        ("on_poweroff", quote("destroy")),
        ("on_reboot", quote("restart")),
        ("on_crash", quote("restart")),
        (
            "guest_os_type",
            quote(if vm.os_type.contains("Windows") {
                "windows"
            } else {
                "linux"
            }),
        ),
        ("disk", list(disks(estate, id))),
        ("vif", list(cards(estate, id, vm))),
    ]
}

fn paravirtual(vm: &Vm) -> Pairs {
    let console = format!("type=vnc,vncunused=1,vnclisten=127.0.0.1,keymap={}", vm.keymap);
    vec![
        ("bootloader", quote("/usr/bin/pygrub")),
        ("bootargs", quote("")),
        ("vfb", list([console])),
    ]
}

fn hardware(vm: &Vm) -> Pairs {
    let letters = vm.boot_order.iter().filter_map(|device| match device.as_str() {
        "DISK" => Some('c'),
        "CDROM" => Some('d'),
        "PXE" => Some('n'),
        _ => None,
    });
    let mut pairs = vec![
        ("builder", quote("hvm")),
        ("boot", quote(&letters.collect::<String>())),
        ("vnc", "1".to_owned()),
        ("vncunused", "1".to_owned()),
        ("vnclisten", quote("127.0.0.1")),
        ("serial", quote("pty")),
        ("keymap", quote(&vm.keymap)),
    ];
    if vm.mouse == "USB_TABLET" {
        pairs.push(("usbdevice", quote("tablet")));
    }
    pairs
}

fn disks(estate: &Estate, id: &str) -> Vec<String> {
    estate
        .mappings_of(id)
        .into_iter()
        .filter_map(|(_, mapping)| disk(estate, mapping))
        .collect()
}

fn disk(estate: &Estate, mapping: &VmDiskMapping) -> Option<String> {
    let device = device(mapping.slot);
    let file = |repository: &str, folder: &str, id: &str| format!("file:/OVS/Repositories/{repository}/{folder}/{id}");
    let mode = |shareable: bool| if shareable { "w!" } else { "w" };
    Some(match &mapping.disk {
        MappedDisk::Virtual(id) => {
            let disk = estate.get::<VirtualDisk>(id)?;
            format!(
                "{},{device},{}",
                file(&disk.repository, "VirtualDisks", id),
                mode(disk.shareable)
            )
        }
        MappedDisk::Physical(id) => {
            let disk = estate.get::<PhysicalDisk>(id)?;
            format!("phy:/dev/mapper/{},{device},{}", disk.wwid, mode(disk.shareable))
        }
        MappedDisk::Cdrom(id) => {
            let cdrom = estate.get::<VirtualCdrom>(id)?;
            format!("{},{device}:cdrom,r", file(&cdrom.repository, "ISOs", id))
        }
        MappedDisk::EmptyCdrom => format!("file:,{device}:cdrom,r"),
    })
}

/// `xvda` for slot 0; `xvdaa` follows `xvdz`.
fn device(slot: u32) -> String {
    let letter = |number: u32| char::from_digit(number + 10, 36).unwrap_or('a');
    match slot / 26 {
        0 => format!("xvd{}", letter(slot)),
        high => format!("xvd{}{}", letter((high - 1) % 26), letter(slot % 26)),
    }
}

fn cards(estate: &Estate, id: &str, vm: &Vm) -> Vec<String> {
    let kind = match vm.domain_type {
        DomainType::XenHvmPvDrivers => "type=netfront,",
        _ => "",
    };
    let card = |mac: &str, network: &str| format!("{kind}mac={mac},bridge={network}");
    let cards = estate.vnics_of(id).into_iter();
    cards
        .map(|(_, vnic)| card(&vnic.mac, vnic.network.as_deref().unwrap_or_default()))
        .collect()
}

fn uuid(id: &str) -> String {
    let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn quote(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("'{escaped}'")
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| quote(&item)).collect();
    format!("[{}]", items.join(", "))
}

fn python_bool(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_ids_and_strings() {
        assert_eq!([0, 16, 25, 26].map(device), ["xvda", "xvdq", "xvdz", "xvdaa"]);
        assert_eq!(
            uuid("0004fb0000060000cfe2da48f9e2120e"),
            "0004fb00-0006-0000-cfe2-da48f9e2120e"
        );
        assert_eq!(quote("it's"), r"'it\'s'");
    }
}
