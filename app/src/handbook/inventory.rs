//! What there is, what of it is protected, and what every id stands for.

use super::machines::anchor;
use super::parts::{code, section, table};
use crate::format::{bytes, bytes_or_unknown};
use crate::say;
use domain::handbook::{Chapter, Handbook};
use domain::ids::TargetId;
use leptos::prelude::*;
use ovm::estate::{Estate, RepositoryKind};

/// The chapters that hold tables.
pub(super) fn all(handbook: &Handbook) -> impl IntoView {
    view! {
        {section("inventory", "Inventory", inventory(&handbook.estate))}
        {section("protection", "What is protected, and what is not", protection(&handbook.chapters))}
        {section("order", "Recovery order", order(&handbook.chapters))}
        {section("identity", "WWIDs and UUIDs", identity(handbook))}
        {section("restic", "Reading the backup target without Holdfast", restic(handbook))}
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or("unknown").to_owned()
}

fn inventory(estate: &Estate) -> impl IntoView + use<> {
    let pool_of = |server: &ovm::estate::Server| {
        let pool = server.pool.as_ref().and_then(|id| estate.pool(id));
        pool.map_or_else(|| "none".into(), |pool| pool.name.clone())
    };
    let servers = estate.servers.iter().map(|server| {
        let size = server
            .memory_mb
            .map_or_else(|| "unknown".into(), crate::format::megabytes);
        vec![
            server.name.clone(),
            text(server.ip_address.as_deref()),
            pool_of(server),
            text(server.version.as_deref()),
            size,
            server
                .processors
                .map_or_else(|| "unknown".into(), |count| count.to_string()),
        ]
    });
    let networks = estate
        .networks
        .iter()
        .map(|network| vec![network.name.clone(), network.roles.join(", "), network.id.to_string()]);
    let repositories = estate.repositories.iter().map(|repository| {
        let servers = repository.presented_to.iter().filter_map(|id| estate.server(id));
        let kind = match repository.kind {
            RepositoryKind::Ocfs2 => "OCFS2",
            RepositoryKind::Nfs => "NFS",
            RepositoryKind::Unknown => "unknown",
        };
        vec![
            repository.name.clone(),
            kind.into(),
            text(repository.file_system_name.as_deref()),
            servers.map(|server| server.name.clone()).collect::<Vec<_>>().join(", "),
            repository.id.to_string(),
        ]
    });
    view! {
        {table(
            "Servers",
            &["Name", "Address", "Server pool", "Version", "Memory", "Processors"],
            servers.collect(),
        )}
        {table("Networks", &["Name", "Roles", "ID (bridge)"], networks.collect())}
        {table(
            "Storage repositories",
            &["Name", "Kind", "File system", "Presented to", "ID (folder)"],
            repositories.collect(),
        )}
    }
}

fn protection(chapters: &[Chapter]) -> impl IntoView + use<> {
    let row = |chapter: &Chapter| {
        let time = |at: Option<domain::time::Timestamp>| at.map_or_else(|| "never".into(), |at| at.display());
        vec![
            chapter.vm.name.clone(),
            chapter.policy.clone().unwrap_or_else(|| "NONE".into()),
            time(chapter.protected_since),
            time(chapter.newest.as_ref().map(|point| point.manifest.taken_at)),
            chapter.points.to_string(),
            say::each(&chapter.not_contained).join(" "),
        ]
    };
    let heads = [
        "VM",
        "Policy",
        "Protected since",
        "Newest recovery point",
        "Recovery points",
        "Not included",
    ];
    let (good, bad): (Vec<_>, Vec<_>) = chapters.iter().partition(|chapter| chapter.newest.is_some());
    view! {
        {table("Without a usable recovery point", &heads, bad.into_iter().map(row).collect())}
        {table("With usable recovery points", &heads, good.into_iter().map(row).collect())}
    }
}

fn order(chapters: &[Chapter]) -> impl IntoView + use<> {
    let items: Vec<_> = chapters
        .iter()
        .map(|chapter| view! { <li><a href=format!("#{}", anchor(&chapter.vm))>{chapter.vm.name.clone()}</a></li> })
        .collect();
    view! {
        <p>
            "VMs with high availability first, then running VMs, then the others, templates last; by name within each \
             group. Change the order by hand where services depend on each other."
        </p>
        <ol>{items}</ol>
    }
}

fn identity(handbook: &Handbook) -> impl IntoView + use<> {
    let estate = &handbook.estate;
    let luns = estate.physical_disks.iter().map(|disk| {
        let users = estate.vms.iter().filter(|vm| {
            let maps = |it: &ovm::estate::DiskMapping| {
                matches!(&it.storage, ovm::estate::MappedStorage::PhysicalDisk { id } if *id == disk.id)
            };
            vm.mappings.iter().any(maps)
        });
        vec![
            disk.name.clone(),
            text(disk.wwid.as_deref()),
            bytes_or_unknown(disk.size_bytes),
            users.map(|vm| vm.name.clone()).collect::<Vec<_>>().join(", "),
        ]
    });
    let pools = estate
        .pools
        .iter()
        .map(|it| ("Server pool", &it.name, it.id.to_string()));
    let servers = estate.servers.iter().map(|it| ("Server", &it.name, it.id.to_string()));
    let repositories = estate
        .repositories
        .iter()
        .map(|it| ("Storage repository", &it.name, it.id.to_string()));
    let vms = estate.vms.iter().map(|it| ("VM", &it.name, it.id.to_string()));
    let ids = pools.chain(servers).chain(repositories).chain(vms);
    let ids = ids.map(|(kind, name, id)| vec![kind.to_owned(), name.clone(), id]);
    view! {
        {table("Physical disks", &["Name", "WWID", "Size", "Mapped by"], luns.collect())}
        {table("UUIDs and IDs", &["Type", "Name", "ID"], ids.collect())}
    }
}

fn restic(handbook: &Handbook) -> impl IntoView + use<> {
    let targets = handbook.targets.all();
    let snapshots: Vec<String> = targets
        .map(|(_, location)| format!("restic --repo {location} snapshots"))
        .collect();
    let points: Vec<_> = handbook
        .chapters
        .iter()
        .filter_map(|chapter| {
            let point = chapter.newest.as_ref()?;
            let copy = point.whole_copy(&TargetId::first())?;
            let files = point
                .manifest
                .disks()
                .iter()
                .map(|disk| format!("{} ({})", disk.file, bytes(disk.size_bytes)));
            Some(vec![
                chapter.vm.name.clone(),
                point.manifest.taken_at.display(),
                copy.snapshot.chars().take(16).collect(),
                files.collect::<Vec<_>>().join(", "),
            ])
        })
        .collect();
    view! {
        <p>
            "The backup target is an ordinary restic repository, readable with restic 0.14 or newer. Put its password \
             into a file and set RESTIC_PASSWORD_FILE to its path. Each VM’s chapter has the commands that turn its \
             newest recovery point into image files."
        </p>
        {code(snapshots.join("\n"))}
        {table("Newest recovery points", &["VM", "Taken", "ID in restic", "Disks"], points)}
    }
}
