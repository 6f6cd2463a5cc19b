//! What carries the machines: pools, servers, repositories, networks.

use crate::components::{Id, Status, Table, Tone};
use crate::format;
use leptos::prelude::*;
use ovm::estate::{Estate, Network, Repository, RepositoryKind, Server};
use std::sync::Arc;

/// Servers, repositories and networks of one Manager.
#[component]
pub fn Infrastructure(estate: Arc<Estate>) -> impl IntoView {
    let servers: Vec<_> = estate
        .servers
        .iter()
        .map(|server| server_row(&estate, server))
        .collect();
    let repositories: Vec<_> = estate
        .repositories
        .iter()
        .map(|repository| repository_row(&estate, repository))
        .collect();
    let networks: Vec<_> = estate.networks.iter().map(network_row).collect();
    view! {
        <Table caption="Servers" columns=vec!["Server", "Status", "Pool", "Address", "Version", "Memory#", "CPUs#"]>
            {servers}
        </Table>
        <Table caption="Storage repositories" columns=vec!["Storage repository", "Kind", "Free#", "Presented to", "ID"]>
            {repositories}
        </Table>
        <Table caption="Networks" columns=vec!["Network", "Roles", "ID"]>{networks}</Table>
    }
}

fn server_row(estate: &Estate, server: &Server) -> AnyView {
    let pool = server.pool.as_ref().and_then(|pool| estate.pool(pool));
    let master = pool.is_some_and(|pool| pool.master.as_ref() == Some(&server.id));
    let pool = pool.map_or_else(|| "none".into(), |pool| pool.name.clone());
    let tone = if server.status == "Running" {
        Tone::Good
    } else {
        Tone::Attention
    };
    view! {
        <tr>
            <td data-label="Server">
                {server.name.clone()}
                <span class="under"><Id id=server.id.as_str()/></span>
            </td>
            <td data-label="Status"><Status tone word=server.status.clone()/></td>
            <td data-label="Pool">{pool} {master.then_some(" (master)")}</td>
            <td data-label="Address">{server.ip_address.clone()}</td>
            <td data-label="Version">{server.version.clone()}</td>
            <td data-label="Memory" class="number">{server.memory_mb.map(format::megabytes)}</td>
            <td data-label="CPUs" class="number">{server.processors}</td>
        </tr>
    }
    .into_any()
}

fn repository_row(estate: &Estate, repository: &Repository) -> AnyView {
    let kind = match repository.kind {
        RepositoryKind::Ocfs2 => "OCFS2",
        RepositoryKind::Nfs => "NFS",
        RepositoryKind::Unknown => "unknown",
    };
    let servers: Vec<String> = repository
        .presented_to
        .iter()
        .map(|id| {
            estate
                .server(id)
                .map_or_else(|| id.to_string(), |server| server.name.clone())
        })
        .collect();
    view! {
        <tr>
            <td data-label="Storage repository">{repository.name.clone()}</td>
            <td data-label="Kind">{kind}</td>
            <td data-label="Free" class="number">{format::bytes_or_unknown(repository.free_bytes)}</td>
            <td data-label="Presented to">{servers.join(", ")}</td>
            <td data-label="ID"><Id id=repository.id.as_str()/></td>
        </tr>
    }
    .into_any()
}

fn network_row(network: &Network) -> AnyView {
    view! {
        <tr>
            <td data-label="Network">{network.name.clone()}</td>
            <td data-label="Roles">{network.roles.join(", ")}</td>
            <td data-label="ID"><Id id=network.id.as_str()/></td>
        </tr>
    }
    .into_any()
}
