//! The disaster recovery handbook: what is in it, how good it would be today, and where to download it.

use crate::components::{Empty, PageHead, Status, Table, Time, Tone, page};
use crate::context;
use crate::format;
use crate::link;
use crate::listing::{Query, search};
use crate::pages::estate::{Protected, unread};
use domain::actor::{Actor, Permission};
use domain::ids::ManagerId;
use domain::services::Protection;
use leptos::prelude::*;
use ovm::estate::{Vm, VmState};
use ovm::script::Scope;

/// Machines that are shown; the search finds the others.
const SHOWN: usize = 50;

/// What a handbook holds.
const CONTENT: [&str; 6] = [
    "The inventory: servers, storage, networks and VMs, with their WWIDs and UUIDs.",
    "What is protected, how and since when, and what is not.",
    "The recovery order, and what to do if a VM, the Manager or everything is lost, with the values of this estate.",
    "Rebuild scripts and their rehearsal results.",
    "How to restore with plain restic when Holdfast is gone.",
    "In the ZIP, alongside the document: the scripts, vm.cfg files, manifests and checksums.",
];

/// The handbook's page.
#[component]
pub fn HandbookPage() -> impl IntoView {
    let query = Query::of(&context::requested(), &[]);
    page(async move {
        let (actor, backend) = context::caller()?;
        actor.require_somewhere(Permission::DownloadArtefacts)?;
        let mut sections = Vec::new();
        for manager in backend.estate.managers(&actor).await? {
            sections.push(match Protected::read(&actor, &backend, &manager.id).await {
                Ok(estate) => section(&actor, &estate, query.text.as_deref()),
                Err(error) => unread(manager, "The handbook of this estate cannot be created", &error, None),
            });
        }
        let content = if sections.is_empty() {
            view! { <Empty><p>"Once a Manager is enrolled, its handbook is available here."</p></Empty> }.into_any()
        } else {
            view! { {search(&query, "Find a VM by name or ID", false)} {sections} }.into_any()
        };
        let items: Vec<_> = CONTENT
            .into_iter()
            .map(|sentence| view! { <li>{sentence}</li> })
            .collect();
        let view = view! {
            <PageHead
                title="Handbook"
                lead="The document for rebuilding VMs when Holdfast and the Manager are gone. Keep an up-to-date copy \
                    where the disaster cannot reach it."
            />
            <section>
                <h2>"Contents"</h2>
                <ul class="sentences">{items}</ul>
            </section>
            {content}
        };
        Ok(view.into_any())
    })
}

fn section(actor: &Actor, protected: &Protected, query: Option<&str>) -> AnyView {
    let view = &protected.view;
    let (manager, estate) = (&view.manager, &view.estate);
    let (revision, taken_at) = (view.revision, view.taken_at);
    let name = manager.name.clone();
    let machines = protected.machines_by_name();
    // What spans machines of all teams is for those who may download from all of them.
    let wide = actor.may(Permission::DownloadArtefacts, None).then(|| {
        let whole = row(&manager.id, &Scope::Estate, "The whole estate".into(), &machines);
        let pools = estate.pools.iter().map(|pool| {
            let members = machines
                .iter()
                .filter(|(vm, _)| vm.pool.as_ref() == Some(&pool.id))
                .copied();
            row(
                &manager.id,
                &Scope::Pool(pool.id.clone()),
                format!("Server pool {}", pool.name),
                &members.collect::<Vec<_>>(),
            )
        });
        let rows: Vec<_> = std::iter::once(whole).chain(pools).collect();
        let columns = vec!["Scope", "VMs#", "Without a usable recovery point", "Handbook"];
        view! { <Table caption="Handbooks of several VMs" columns>{rows}</Table> }
    });
    let single = single(actor, &manager.id, machines, query);
    view! {
        <section>
            <h2>{name}</h2>
            <p class="note">
                "A handbook created now describes revision " {revision} ", discovered " <Time at=taken_at/> "."
            </p>
            {wide}
            {single}
        </section>
    }
    .into_any()
}

/// A machine that could not come back from the backup target. Templates are rebuilt by hand.
fn is_bare((vm, protection): &(&Vm, &Protection)) -> bool {
    vm.state != VmState::Template && protection.points == 0
}

fn row(manager: &ManagerId, scope: &Scope, title: String, machines: &[(&Vm, &Protection)]) -> AnyView {
    let bare = match machines.iter().filter(|machine| is_bare(machine)).count() {
        0 => view! { <Status tone=Tone::Good word="none"/> }.into_any(),
        count => view! { <Status tone=Tone::Danger word=format::count(count, "VM")/> }.into_any(),
    };
    view! {
        <tr>
            <td data-label="Scope">{title.clone()}</td>
            <td data-label="VMs" class="number">{format::thousands(machines.len())}</td>
            <td data-label="Without a usable recovery point">{bare}</td>
            <td data-label="Handbook">{downloads(manager, scope, &title)}</td>
        </tr>
    }
    .into_any()
}

fn downloads(manager: &ManagerId, scope: &Scope, title: &str) -> AnyView {
    let link = |form: &'static str, file: &'static str| {
        let label = format!("{form} of {title}");
        view! { <a href=link::handbook(manager, scope, file) aria-label=label>{form}</a> }
    };
    view! { <span class="words">{link("HTML", "handbook.html")} {link("ZIP", "handbook.zip")}</span> }.into_any()
}

fn single(actor: &Actor, manager: &ManagerId, machines: Vec<(&Vm, &Protection)>, query: Option<&str>) -> AnyView {
    let wanted = query.map(str::to_lowercase);
    let fits = |text: &str| {
        wanted
            .as_ref()
            .is_none_or(|wanted| text.to_lowercase().contains(wanted))
    };
    let machines: Vec<_> = machines
        .into_iter()
        .filter(|(_, protection)| actor.may(Permission::DownloadArtefacts, protection.team.as_ref()))
        .filter(|(vm, _)| fits(&vm.name) || fits(vm.id.as_str()))
        .collect();
    if machines.is_empty() {
        return view! { <Empty><p>"No matching VMs."</p></Empty> }.into_any();
    }
    let caption = match machines.len() {
        all if all <= SHOWN => "Handbooks of single VMs".to_owned(),
        all => format!(
            "Handbooks of single VMs, the first {SHOWN} of {}; search for the others",
            format::thousands(all)
        ),
    };
    let rows: Vec<_> = machines
        .into_iter()
        .take(SHOWN)
        .map(|(vm, protection)| {
            let newest = match protection.newest_point {
                Some(at) => view! { <Time at/> }.into_any(),
                None if vm.state == VmState::Template => "none, a template".into_any(),
                None => view! { <Status tone=Tone::Danger word="none"/> }.into_any(),
            };
            view! {
                <tr>
                    <td data-label="VM">
                        <a href=link::vm(manager, &vm.id)>{vm.name.clone()}</a>
                        <span class="under"><code title=vm.id.to_string()>{format::short_id(vm.id.as_str())}</code></span>
                    </td>
                    <td data-label="Newest usable recovery point">{newest}</td>
                    <td data-label="Handbook">{downloads(manager, &Scope::Vm(vm.id.clone()), &vm.name)}</td>
                </tr>
            }
        })
        .collect();
    view! { <Table caption columns=vec!["VM", "Newest usable recovery point", "Handbook"]>{rows}</Table> }.into_any()
}
