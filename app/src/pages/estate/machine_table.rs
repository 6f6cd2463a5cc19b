//! The machines of all Managers as one table.

use super::Protected;
use crate::components::{Empty, Status, Time, Tone, vm_status};
use crate::format;
use crate::link;
use crate::listing::{Column, Listing, Query, row_link};
use domain::enrolment::ManagerView;
use domain::ids::{ManagerId, PolicyId};
use domain::services::Protection;
use leptos::prelude::*;
use ovm::estate::{Estate, MappedStorage, VirtualDisk, Vm, VmState};
use ovm::ids::DiskId;
use std::collections::HashMap;

/// The value of an address that names a policy; [`NO_POLICY`] for machines under none.
pub const POLICY: &str = "policy";

/// Stands in an address for the machines that should be under a policy and are under none.
pub const NO_POLICY: &str = "none";

/// Signs of an id that find it.
const SHORTEST_ID: usize = 4;

/// The machines under a policy, or those under none, as a page.
pub fn of_policy(policy: Option<&PolicyId>) -> String {
    link::with_query("/estate", POLICY, policy.map_or(NO_POLICY, PolicyId::as_str))
}

/// A machine or template with what its row says.
#[derive(Clone, Copy)]
struct Machine<'a> {
    manager: &'a ManagerView,
    estate: &'a Estate,
    vm: &'a Vm,
    protection: &'a Protection,
}

impl<'a> Machine<'a> {
    /// All of them by name. Names are not unique, so the id decides between equals.
    fn all(estates: &'a [Protected]) -> Vec<Self> {
        let of = |estate: &'a Protected| {
            let Protected { view, .. } = estate;
            estate.machines().map(|(vm, protection)| Self {
                manager: &view.manager,
                estate: &view.estate,
                vm,
                protection,
            })
        };
        let mut machines: Vec<_> = estates.iter().flat_map(of).collect();
        machines.sort_by_cached_key(|machine| (machine.vm.name.to_lowercase(), &machine.vm.id));
        machines
    }

    /// It should be under a policy and is not.
    fn is_bare(&self) -> bool {
        self.protection.policy.is_none() && self.vm.state != VmState::Template
    }

    fn fits(&self, policy: &str) -> bool {
        match &self.protection.policy {
            Some(own) => own.id.as_str() == policy,
            None => policy == NO_POLICY && self.is_bare(),
        }
    }

    fn policy_name(&self) -> Option<&'a str> {
        self.protection.policy.as_ref().map(|policy| policy.rules.name.as_str())
    }

    fn pool(&self) -> Option<&'a str> {
        let pool = self.vm.pool.as_ref().and_then(|pool| self.estate.pool(pool));
        pool.map(|pool| pool.name.as_str())
    }

    fn server(&self) -> Option<&'a str> {
        let server = self.vm.server.as_ref().and_then(|server| self.estate.server(server));
        server.map(|server| server.name.as_str())
    }

    fn macs(&self) -> impl Iterator<Item = &'a str> {
        self.vm.vnics.iter().filter_map(|vnic| vnic.mac.as_deref())
    }

    /// Whether it has the text, in lower case, in anything that a person would look for. A short text occurs in the digits
    /// of many ids by chance, so it is not looked for there.
    fn mentions(&self, disks: &Disks<'a>, wanted: &str) -> bool {
        let vm = self.vm;
        let names = [vm.name.as_str(), vm.operating_system.as_str()];
        let disk_names = disks.of(self).map(|disk| disk.name.as_str());
        let names = names.into_iter().chain(disk_names).chain(self.policy_name());
        let names = names.chain(vm.tags.iter().map(String::as_str)).chain(self.macs());
        let ids = disks.of(self).map(|disk| disk.id.as_str()).chain([vm.id.as_str()]);
        let ids = ids.filter(|_| wanted.len() >= SHORTEST_ID);
        names.chain(ids).any(|text| text.to_lowercase().contains(wanted))
    }
}

/// The virtual disks of all Managers by id.
struct Disks<'a>(HashMap<(&'a ManagerId, &'a DiskId), &'a VirtualDisk>);

impl<'a> Disks<'a> {
    fn of_all(estates: &'a [Protected]) -> Self {
        let of = |Protected { view, .. }: &'a Protected| {
            view.estate
                .disks
                .iter()
                .map(|disk| ((&view.manager.id, &disk.id), disk))
        };
        Self(estates.iter().flat_map(of).collect())
    }

    fn of(&self, machine: &Machine<'a>) -> impl Iterator<Item = &'a VirtualDisk> {
        let manager = &machine.manager.id;
        machine
            .vm
            .mappings
            .iter()
            .filter_map(move |mapping| match &mapping.storage {
                MappedStorage::VirtualDisk { id } => self.0.get(&(manager, id)).copied(),
                _ => None,
            })
    }

    fn size_bytes(&self, machine: &Machine<'a>) -> u64 {
        self.of(machine).filter_map(|disk| disk.size_bytes).sum()
    }
}

/// The machines that the address asks for.
pub fn machines(query: &Query, estates: &[Protected]) -> AnyView {
    let disks = Disks::of_all(estates);
    let all = Machine::all(estates);
    let policies = policies(query, &all);
    let asked = |machine: &Machine<'_>| {
        query.kept(POLICY).is_none_or(|policy| machine.fits(policy))
            && query.wanted().is_none_or(|wanted| machine.mentions(&disks, &wanted))
    };
    let machines: Vec<_> = all.into_iter().filter(asked).collect();
    let listing = Listing::new(query.clone(), "VM", columns(&disks, estates.len() > 1)).usually_by("machine", false);
    let content = if machines.is_empty() {
        let sentence = match &query.text {
            Some(text) => format!("No VM matches “{text}” by name, ID, address, disk or policy."),
            None => "There are no matching VMs that you have access to.".into(),
        };
        view! { <Empty><p>{sentence}</p></Empty> }.into_any()
    } else {
        listing.table(machines)
    };
    view! {
        {policies}
        {listing.controls("Find a VM by name, ID, MAC address, disk or policy")}
        {content}
    }
    .into_any()
}

/// Links to all machines, to those that should be under a policy and are not, and to those that are shown now.
fn policies(query: &Query, all: &[Machine<'_>]) -> AnyView {
    let current = query.kept(POLICY);
    let link = |policy: Option<&str>, words: String| {
        let address = query.keeping(POLICY, policy).address();
        view! { <li><a href=address aria-current=(policy == current).then_some("true")>{words}</a></li> }
    };
    let bare = all.iter().filter(|machine| machine.is_bare()).count();
    let named = current.filter(|policy| *policy != NO_POLICY).map(|policy| {
        let name = all
            .iter()
            .find(|machine| machine.fits(policy))
            .and_then(Machine::policy_name);
        link(
            Some(policy),
            format!("Under {}", name.unwrap_or("a policy without VMs")),
        )
    });
    view! {
        <nav aria-label="Protection">
            <ul class="filter">
                {link(None, format!("All {}", format::thousands(all.len())))}
                {link(Some(NO_POLICY), format!("Not protected {}", format::thousands(bare)))}
                {named}
            </ul>
        </nav>
    }
    .into_any()
}

fn columns<'a>(disks: &'a Disks<'a>, several: bool) -> Vec<Column<'a, Machine<'a>>> {
    let manager = Column::new("manager", "Manager", |machine: &Machine<'_>| {
        view! { <a href=link::estate(&machine.manager.id)>{machine.manager.name.clone()}</a> }.into_any()
    })
    .by(|machine| machine.manager.name.clone());
    vec![
        Column::new("machine", "VM", name).by(|machine| machine.vm.name.clone()),
        Column::new("state", "State", |machine: &Machine<'_>| {
            vm_status(&machine.vm.state).into_any()
        })
        .by(|machine| format!("{:?}", machine.vm.state)),
        if several { manager } else { manager.on_demand() },
        Column::new("pool", "Pool", |machine: &Machine<'_>| or_none(machine.pool())).by(Machine::pool),
        Column::new("server", "Server", |machine: &Machine<'_>| or_none(machine.server()))
            .by(Machine::server)
            .on_demand(),
        Column::new("system", "Operating system", |machine: &Machine<'_>| {
            machine.vm.operating_system.clone().into_any()
        })
        .by(|machine| machine.vm.operating_system.clone())
        .on_demand(),
        Column::new("memory", "Memory", |machine: &Machine<'_>| {
            format::megabytes(machine.vm.memory_mb).into_any()
        })
        .by(|machine| machine.vm.memory_mb)
        .number(),
        Column::new("cpus", "CPUs", |machine: &Machine<'_>| machine.vm.processors.into_any())
            .by(|machine| machine.vm.processors)
            .number(),
        Column::new("disks", "Disks", |machine: &Machine<'_>| {
            machine.vm.mappings.len().into_any()
        })
        .by(|machine| machine.vm.mappings.len())
        .number(),
        Column::new("space", "Disk space", |machine| {
            format::bytes(disks.size_bytes(machine)).into_any()
        })
        .by(|machine| disks.size_bytes(machine))
        .number()
        .on_demand(),
        Column::new("macs", "MAC addresses", |machine: &Machine<'_>| list(machine.macs()))
            .by(|machine| machine.macs().next())
            .on_demand(),
        Column::new("tags", "Tags", |machine: &Machine<'_>| {
            list(machine.vm.tags.iter().map(String::as_str))
        })
        .by(|machine| machine.vm.tags.join(" "))
        .on_demand(),
        Column::new("policy", "Policy", policy).by(Machine::policy_name),
        Column::new(
            "newest",
            "Newest recovery point",
            |machine: &Machine<'_>| match machine.protection.newest_point {
                Some(at) => view! { <Time at/> }.into_any(),
                None => "none".into_any(),
            },
        )
        .by(|machine| machine.protection.newest_point),
        Column::new("points", "Recovery points", |machine: &Machine<'_>| {
            machine.protection.points.into_any()
        })
        .by(|machine| machine.protection.points)
        .number()
        .on_demand(),
    ]
}

fn name(machine: &Machine<'_>) -> AnyView {
    let id = &machine.vm.id;
    let link = row_link(link::vm(&machine.manager.id, id), machine.vm.name.clone());
    view! { {link} <span class="under"><code title=id.to_string()>{format::short_id(id.as_str())}</code></span> }
        .into_any()
}

fn or_none(name: Option<&str>) -> AnyView {
    name.unwrap_or("none").to_owned().into_any()
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> AnyView {
    let items: Vec<_> = words.map(|word| view! { <li>{word.to_owned()}</li> }).collect();
    view! { <ul class="values">{items}</ul> }.into_any()
}

fn policy(machine: &Machine<'_>) -> AnyView {
    match &machine.protection.policy {
        Some(policy) => view! { <a href=link::policy(&policy.id)>{policy.rules.name.clone()}</a> }.into_any(),
        None if machine.is_bare() => view! { <Status tone=Tone::Danger word="Not protected"/> }.into_any(),
        None => "none".into_any(),
    }
}
