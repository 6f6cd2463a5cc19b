//! One chapter for each machine: what it is, and what to do when it is lost.

use super::parts::{code, facts, section, table};
use super::procedures::steps;
use crate::format::{bytes, megabytes};
use crate::say;
use domain::handbook::{Chapter, Handbook};
use domain::point::RecoveryPoint;
use leptos::prelude::*;
use ovm::estate::{DiskMapping, Estate, MappedStorage, Vm};

/// The chapters in the order of recovery.
pub(super) fn all(handbook: &Handbook) -> impl IntoView {
    let chapter = |it: &Chapter| section(&anchor(&it.vm), &it.vm.name, machine(handbook, it));
    handbook.chapters.iter().map(chapter).collect::<Vec<_>>()
}

/// Where links to a machine lead.
pub(super) fn anchor(vm: &Vm) -> String {
    format!("vm-{}", vm.id)
}

fn machine(handbook: &Handbook, chapter: &Chapter) -> impl IntoView + use<> {
    let (vm, estate) = (&chapter.vm, &handbook.estate);
    let newest = chapter.newest.as_ref();
    let warnings: Vec<_> = say::each(&chapter.not_contained)
        .into_iter()
        .map(|sentence| view! { <li>{sentence}</li> })
        .collect();
    let warnings = (!warnings.is_empty())
        .then(|| view! { <p>"Its recovery points do not include:"</p><ul class="warnings">{warnings}</ul> });
    let images = newest.map(|point| images(handbook, point));
    let definition = vm.vm_cfg.clone().map(|text| view! { <h3>"vm.cfg"</h3> {code(text)} });
    view! {
        {facts(what_it_is(chapter, estate))}
        {warnings}
        {table("Disks", &["Slot", "Name", "What"], vm.mappings.iter().map(|it| disk(estate, it)).collect())}
        {table("Network cards", &["MAC address", "Network"], cards(estate, vm))}
        <h3>{crate::say::say(&chapter.procedure.disaster)}</h3>
        {steps(&chapter.procedure)}
        {images}
        {definition}
    }
}

fn what_it_is(chapter: &Chapter, estate: &Estate) -> Vec<(&'static str, String)> {
    let vm = &chapter.vm;
    let pool = vm
        .pool
        .as_ref()
        .and_then(|id| estate.pool(id))
        .map(|pool| pool.name.clone());
    let repository = vm.repository.as_ref().and_then(|id| estate.repository(id));
    let newest = chapter.newest.as_ref();
    vec![
        ("ID", vm.id.to_string()),
        ("Description", vm.description.clone()),
        ("Server pool", pool.unwrap_or_else(|| "unknown".into())),
        (
            "Storage repository of vm.cfg",
            repository.map_or_else(|| "unknown".into(), |it| it.name.clone()),
        ),
        (
            "Memory",
            format!("{}, at most {}", megabytes(vm.memory_mb), megabytes(vm.max_memory_mb)),
        ),
        (
            "Processors",
            format!("{}, at most {}", vm.processors, vm.max_processors),
        ),
        ("Domain type", vm.domain_type.clone()),
        (
            "High availability",
            if vm.high_availability { "on" } else { "off" }.into(),
        ),
        ("Operating system", vm.operating_system.clone()),
        ("Tags", vm.tags.join(", ")),
        (
            "Protection policy",
            chapter.policy.clone().unwrap_or_else(|| "NONE".into()),
        ),
        (
            "Newest recovery point",
            newest.map_or_else(
                || "NONE: only an empty VM can be rebuilt".into(),
                |point| {
                    format!(
                        "{}, {}",
                        point.manifest.taken_at.display(),
                        point.manifest.machine().consistency.title()
                    )
                },
            ),
        ),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

fn disk(estate: &Estate, mapping: &DiskMapping) -> Vec<String> {
    let what = match &mapping.storage {
        MappedStorage::VirtualDisk { id } => estate.disk(id).map_or_else(
            || format!("virtual disk {id}"),
            |disk| {
                let repository = disk.repository.as_ref().and_then(|id| estate.repository(id));
                format!(
                    "virtual disk {} ({}) in the storage repository {}, {id}",
                    disk.name,
                    disk.size_bytes.map_or_else(|| "size unknown".into(), bytes),
                    repository.map_or("unknown", |it| it.name.as_str())
                )
            },
        ),
        MappedStorage::PhysicalDisk { id } => estate.physical_disk(id).map_or_else(
            || format!("physical disk {id}"),
            |disk| {
                format!(
                    "physical disk {}, WWID {}",
                    disk.name,
                    disk.wwid.as_deref().unwrap_or("unknown")
                )
            },
        ),
        MappedStorage::Cdrom { id } => {
            let name = estate
                .cdrom(id)
                .map_or_else(|| id.to_string(), |cdrom| cdrom.name.clone());
            format!("CD image {name}")
        }
        MappedStorage::EmptyCdrom => "empty CD drive".into(),
    };
    vec![mapping.slot.to_string(), mapping.name.clone(), what]
}

fn cards(estate: &Estate, vm: &Vm) -> Vec<Vec<String>> {
    let network = |vnic: &ovm::estate::Vnic| {
        let network = vnic.network.as_ref().and_then(|id| estate.network(id));
        network.map_or_else(|| "unknown".into(), |network| network.name.clone())
    };
    let mac = |vnic: &ovm::estate::Vnic| vnic.mac.clone().unwrap_or_else(|| vnic.name.clone());
    vm.vnics.iter().map(|vnic| vec![mac(vnic), network(vnic)]).collect()
}

/// The newest recovery point as image files.
fn images(handbook: &Handbook, point: &RecoveryPoint) -> impl IntoView + use<> {
    let hashes = point
        .manifest
        .disks()
        .iter()
        .map(|disk| vec![disk.slot.to_string(), disk.size_bytes.to_string(), disk.sha256.clone()]);
    view! {
        <h3>"Its disks as image files, using stock restic"</h3>
        {code(plan::procedure::read_with_restic(&handbook.targets, point).join("\n"))}
        {table("Expected files", &["Slot", "Bytes", "SHA-256"], hashes.collect())}
    }
}
