//! All of the estate: Managers, pools, servers, repositories, networks, machines.

use super::pools::Infrastructure;
use super::{machines_by_name, unread};
use crate::components::{Alert, Empty, PageHead, Search, Status, Table, Time, Tone, page, vm_status};
use crate::context;
use crate::format;
use crate::link;
use domain::actor::Permission;
use domain::ids::ManagerId;
use domain::services::{EstateView, Protection};
use leptos::prelude::*;
use ovm::estate::{Estate, MappedStorage, Vm, VmState};

/// The estate.
#[component]
pub fn EstateList() -> impl IntoView {
    let query = context::query("q");
    page(async move {
        let (actor, backend) = context::caller()?;
        let mut sections = Vec::new();
        for manager in backend.estate.managers(&actor).await? {
            sections.push(match backend.estate.estate(&actor, &manager.id).await {
                Ok(view) => section(view, query.as_deref()),
                Err(error) => unread(manager, "This estate cannot be shown", error.to_string()),
            });
        }
        let content = if sections.is_empty() {
            let how = actor.may(Permission::Administer, None).then(|| {
                view! { <p><a class="button primary" href="/administration/managers/new">"Enrol a Manager"</a></p> }
            });
            view! { <Empty><p>"Pools, servers and machines of every enrolled Manager stand here."</p>{how}</Empty> }
                .into_any()
        } else {
            sections.into_any()
        };
        let view = view! {
            <PageHead title="Estate" lead="What there is, as the Managers describe it."/>
            <Search label="Find a machine by name, id, MAC address, disk or policy" query/>
            {content}
        };
        Ok(view.into_any())
    })
}

fn section(view: EstateView, query: Option<&str>) -> AnyView {
    let EstateView {
        manager,
        estate,
        revision,
        taken_at,
        protection,
    } = view;
    let problem = manager.problem.clone().map(|problem| {
        view! { <Alert tone=Tone::Attention title="The newest discovery failed">{problem}</Alert> }
    });
    let machines: Vec<_> = machines_by_name(estate.vms.clone(), protection)
        .into_iter()
        .filter(|(vm, protection)| query.is_none_or(|query| matches(&estate, vm, protection, query)))
        .collect();
    let table = machine_table(&manager.id, &estate, machines, query);
    view! {
        <section>
            <h2><a href=link::estate(&manager.id)>{manager.name.clone()}</a></h2>
            <p class="note">
                "Oracle VM Manager " {estate.version.clone()} " at " {manager.host.clone()} ". Revision " {revision}
                ", discovered " <Time at=taken_at/> "."
            </p>
            {problem}
            {table}
            <Infrastructure estate=estate.clone()/>
            {unreadable(&estate)}
        </section>
    }
    .into_any()
}

/// Whether a machine has the text in anything that a person would look for.
fn matches(estate: &Estate, vm: &Vm, protection: &Protection, query: &str) -> bool {
    let wanted = query.to_lowercase();
    let policy = protection.policy.as_ref().map(|policy| policy.rules.name.as_str());
    let macs = vm.vnics.iter().filter_map(|vnic| vnic.mac.as_deref());
    let disks = vm
        .mappings
        .iter()
        .filter_map(|mapping| match &mapping.storage {
            MappedStorage::VirtualDisk { id } => estate.disk(id),
            _ => None,
        })
        .flat_map(|disk| [disk.name.as_str(), disk.id.as_str()]);
    [vm.name.as_str(), vm.id.as_str(), vm.operating_system.as_str()]
        .into_iter()
        .chain(vm.tags.iter().map(String::as_str))
        .chain(policy)
        .chain(macs)
        .chain(disks)
        .any(|text| text.to_lowercase().contains(&wanted))
}

fn machine_table(
    manager: &ManagerId,
    estate: &Estate,
    machines: Vec<(Vm, Protection)>,
    query: Option<&str>,
) -> AnyView {
    if machines.is_empty() {
        let sentence = match query {
            Some(query) => format!("No machine here has “{query}” in its name, ids, addresses, disks or policy."),
            None => "This Manager has no machine that you may see.".into(),
        };
        return view! { <Empty><p>{sentence}</p></Empty> }.into_any();
    }
    let caption = format::count(machines.len(), "machine");
    let rows: Vec<_> = machines
        .into_iter()
        .map(|(vm, protection)| row(manager, estate, &vm, protection))
        .collect();
    let columns = vec![
        "Machine",
        "State",
        "Pool",
        "Memory#",
        "CPUs#",
        "Disks#",
        "Policy",
        "Newest point",
    ];
    view! { <Table caption columns filterable=true>{rows}</Table> }.into_any()
}

fn row(manager: &ManagerId, estate: &Estate, vm: &Vm, protection: Protection) -> AnyView {
    let pool = vm
        .pool
        .as_ref()
        .and_then(|pool| estate.pool(pool))
        .map(|pool| pool.name.clone());
    let newest = match protection.newest_point {
        Some(at) => view! { <Time at/> }.into_any(),
        None => "none".into_any(),
    };
    let policy = match protection.policy {
        Some(policy) => view! { <a href=link::policy(&policy.id)>{policy.rules.name}</a> }.into_any(),
        None if vm.state == VmState::Template => "none".into_any(),
        None => view! { <Status tone=Tone::Danger word="Not protected"/> }.into_any(),
    };
    view! {
        <tr>
            <td data-label="Machine">
                <a href=link::vm(manager, &vm.id)>{vm.name.clone()}</a>
                <span class="under"><code title=vm.id.to_string()>{format::short_id(vm.id.as_str())}</code></span>
            </td>
            <td data-label="State">{vm_status(&vm.state)}</td>
            <td data-label="Pool">{pool.unwrap_or_else(|| "none".into())}</td>
            <td data-label="Memory" class="number">{format::megabytes(vm.memory_mb)}</td>
            <td data-label="CPUs" class="number">{vm.processors}</td>
            <td data-label="Disks" class="number">{vm.mappings.len()}</td>
            <td data-label="Policy">{policy}</td>
            <td data-label="Newest point">{newest}</td>
        </tr>
    }
    .into_any()
}

/// Objects that discovery could not read: said, not hidden.
pub(super) fn unreadable(estate: &Estate) -> Option<AnyView> {
    let rows: Vec<_> = estate
        .problems
        .iter()
        .map(|problem| {
            view! {
                <tr>
                    <td data-label="Object">{problem.object_type.clone()} " " {problem.name.clone()}</td>
                    <td data-label="Id"><code>{problem.id.clone()}</code></td>
                    <td data-label="Reason" class="prose">{problem.reason.clone()}</td>
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Table caption="Objects that could not be read" columns=vec!["Object", "Id", "Reason"]>{rows}</Table> }
            .into_any()
    })
}
