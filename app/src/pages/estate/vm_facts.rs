//! What a machine is: attributes, disks, network cards, `vm.cfg`.

use crate::components::{Code, Id, Status, Table, Tone};
use crate::format;
use leptos::prelude::*;
use ovm::estate::{DiskMapping, Estate, MappedStorage, Vm, Vnic};
use std::sync::Arc;

/// Memory, processors and the like.
#[component]
pub fn Attributes(vm: Vm, estate: Arc<Estate>) -> impl IntoView {
    let named = |name: Option<String>| name.unwrap_or_else(|| "none".into());
    let pool = vm
        .pool
        .as_ref()
        .and_then(|id| estate.pool(id))
        .map(|pool| pool.name.clone());
    let server = vm
        .server
        .as_ref()
        .and_then(|id| estate.server(id))
        .map(|server| server.name.clone());
    let repository = vm.repository.as_ref().and_then(|id| estate.repository(id));
    let repository = repository.map(|repository| repository.name.clone());
    let availability = if vm.high_availability { "on" } else { "off" };
    let facts: Vec<_> = [
        ("Memory", amount(vm.memory_mb, vm.max_memory_mb, format::megabytes)),
        (
            "Processors",
            amount(vm.processors.into(), vm.max_processors.into(), |count| {
                count.to_string()
            }),
        ),
        ("Domain type", vm.domain_type),
        ("Operating system", vm.operating_system),
        ("High availability", availability.into()),
        ("Boot order", vm.boot_order.join(", ")),
        ("Pool", named(pool)),
        ("Runs on", named(server)),
        ("Storage repository of vm.cfg", named(repository)),
        ("Description", vm.description),
        ("Tags", vm.tags.join(", ")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> })
    .collect();
    view! { <dl class="facts columns">{facts}</dl> }
}

fn amount(now: u64, most: u64, print: impl Fn(u64) -> String) -> String {
    if now == most {
        print(now)
    } else {
        format!("{}, at most {}", print(now), print(most))
    }
}

/// What is in its slots.
#[component]
pub fn Disks(vm: Vm, estate: Arc<Estate>) -> impl IntoView {
    let rows: Vec<_> = vm
        .mappings
        .iter()
        .map(|mapping| disk_row(&estate, &vm, mapping))
        .collect();
    let columns = vec![
        "Slot#",
        "Disk",
        "Kind",
        "Size#",
        "Used#",
        "Storage repository",
        "Shared",
    ];
    view! { <Table caption="Disks" columns>{rows}</Table> }
}

/// A disk in words.
struct DiskWords {
    name: String,
    id: String,
    kind: &'static str,
    size: Option<u64>,
    used: Option<u64>,
    repository: Option<String>,
    shared_with: Vec<String>,
}

fn disk_words(estate: &Estate, vm: &Vm, storage: &MappedStorage) -> DiskWords {
    let repository = |id: &Option<_>| Some(estate.repository(id.as_ref()?)?.name.clone());
    let mut words = DiskWords {
        name: "empty".into(),
        id: String::new(),
        kind: "CD drive",
        size: None,
        used: None,
        repository: None,
        shared_with: Vec::new(),
    };
    match storage {
        MappedStorage::VirtualDisk { id } => {
            words.kind = "File";
            words.id = id.to_string();
            words.shared_with = estate
                .vms_sharing_disk(id, &vm.id)
                .map(|other| other.name.clone())
                .collect();
            if let Some(disk) = estate.disk(id) {
                words.name.clone_from(&disk.name);
                (words.size, words.used) = (disk.size_bytes, disk.used_bytes);
                words.repository = repository(&disk.repository);
            }
        }
        MappedStorage::PhysicalDisk { id } => {
            words.kind = "LUN, not backed up";
            words.id = id.to_string();
            if let Some(disk) = estate.physical_disk(id) {
                words.name.clone_from(&disk.name);
                words.size = disk.size_bytes;
            }
        }
        MappedStorage::Cdrom { id } => {
            words.kind = "CD image, not backed up";
            words.id = id.to_string();
            if let Some(cdrom) = estate.cdrom(id) {
                words.name.clone_from(&cdrom.name);
                words.repository = repository(&cdrom.repository);
            }
        }
        MappedStorage::EmptyCdrom => {}
    }
    words
}

fn disk_row(estate: &Estate, vm: &Vm, mapping: &DiskMapping) -> AnyView {
    let words = disk_words(estate, vm, &mapping.storage);
    let shared = (!words.shared_with.is_empty()).then(|| {
        let word = format!("with {}", words.shared_with.join(", "));
        view! { <Status tone=Tone::Attention word/> }
    });
    view! {
        <tr>
            <td data-label="Slot" class="number">{mapping.slot}</td>
            <td data-label="Disk">
                {words.name}
                {(!words.id.is_empty()).then(|| view! { <span class="under"><Id id=words.id/></span> })}
            </td>
            <td data-label="Kind">{words.kind}</td>
            <td data-label="Size" class="number">{words.size.map(format::bytes)}</td>
            <td data-label="Used" class="number">{words.used.map(format::used)}</td>
            <td data-label="Storage repository">{words.repository}</td>
            <td data-label="Shared">{shared}</td>
        </tr>
    }
    .into_any()
}

/// Its network cards.
#[component]
pub fn Cards(vm: Vm, estate: Arc<Estate>) -> impl IntoView {
    let rows: Vec<_> = vm.vnics.iter().map(|card| card_row(&estate, card)).collect();
    view! { <Table caption="Network cards" columns=vec!["MAC address", "Network"]>{rows}</Table> }
}

fn card_row(estate: &Estate, card: &Vnic) -> AnyView {
    let network = card.network.as_ref().map(|id| {
        let network = estate.networks.iter().find(|network| network.id == *id);
        network.map_or_else(|| id.to_string(), |network| network.name.clone())
    });
    view! {
        <tr>
            <td data-label="MAC address"><code>{card.mac.clone().unwrap_or_else(|| card.name.clone())}</code></td>
            <td data-label="Network">{network.unwrap_or_else(|| "none".into())}</td>
        </tr>
    }
    .into_any()
}

/// `vm.cfg` as the server keeps it.
#[component]
pub fn Definition(vm: Vm) -> impl IntoView {
    vm.vm_cfg.map(|text| {
        view! {
            <details class="fold" id="vm-cfg">
                <summary>"vm.cfg"</summary>
                <Code text what="vm.cfg"/>
            </details>
        }
    })
}
