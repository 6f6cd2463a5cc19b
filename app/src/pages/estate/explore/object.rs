//! One object: everything it says of itself, whom it names, and who names it.

use super::index::{At, Index, VM_CFG};
use super::overview::rebuild_script;
use super::words;
use super::{above, asked_for};
use crate::components::{Alert, Code, Id, PageHead, Table, Tone, page};
use crate::context;
use crate::format;
use crate::link;
use domain::actor::Actor;
use domain::error::{ServiceError, Thing};
use domain::ids::ManagerId;
use domain::services::{Answer, EstateView};
use leptos::prelude::*;
use ovm::estate::{Entry, Kind};
use ovm::ids::{PoolId, VmId};
use ovm::script::Scope;

/// Objects that name this one and are shown.
const SHOWN: usize = 100;

/// An object's page.
#[component]
pub fn ObjectPage() -> impl IntoView {
    let manager = ManagerId::new(context::param("manager"));
    let (kind, id) = (context::param("type"), context::param("id"));
    page(async move {
        let kind = kind_of(&kind)?;
        let (actor, _, view) = asked_for(&manager).await?;
        let index = Index::of(&view);
        let at = index
            .find(kind, &id)
            .ok_or_else(|| ServiceError::not_found(kind, &id))?;
        let entry = &index.entries[at];
        let mut above = above(&view);
        above.push((link::objects(&manager, kind), kind.heading()));
        let view = view! {
            <PageHead title=shown_name(entry) above/>
            {head(&actor, &manager, &index, entry)}
            {unread(&view, entry)}
            <section>
                <h2>"Attributes"</h2>
                {facts(&manager, entry, Which::Modelled)}
                {definition(entry)}
            </section>
            {further(&manager, entry)}
            <section>
                <h2>"Referenced by"</h2>
                {naming(&manager, &index, at)}
                {repeated(&manager, entry)}
            </section>
        };
        Ok(view.into_any())
    })
}

/// The type that an address names.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such type.
pub fn kind_of(name: &str) -> Answer<Kind> {
    Kind::from_type_name(name).ok_or_else(|| ServiceError::not_found(Thing::ObjectType, name))
}

fn head(actor: &Actor, manager: &ManagerId, index: &Index, entry: &Entry) -> AnyView {
    let kind = entry.kind.words();
    let part_of = index.owner(entry).map(|owner| {
        let address = link::first_look(manager, owner.kind, &owner.id);
        view! { <span>"part of " <a href=address>{owner.name.clone()}</a></span> }
    });
    let machine = (entry.kind == Kind::Vm).then(|| {
        let address = link::vm(manager, &VmId::new(&entry.id));
        view! { <a class="button" href=address>"Protection and recovery points"</a> }
    });
    let script =
        (entry.kind == Kind::ServerPool).then(|| rebuild_script(actor, manager, &Scope::Pool(PoolId::new(&entry.id))));
    view! {
        <p class="page-facts">
            <span>{ovm::estate::capital(kind)}</span>
            <Id id=entry.id.clone()/>
            {part_of}
            {machine}
            {script}
        </p>
    }
    .into_any()
}

/// That the object could not be read as a whole, if so.
fn unread(view: &EstateView, entry: &Entry) -> Option<AnyView> {
    let mut problems = view.estate.problems.iter();
    let problem = problems.find(|problem| problem.id == entry.id)?;
    let reason = problem.reason.clone();
    Some(view! { <Alert tone=Tone::Attention title="Not everything could be read">{reason}</Alert> }.into_any())
}

/// Which of an object's facts.
#[derive(Clone, Copy)]
enum Which {
    /// Those that the model knows.
    Modelled,
    /// Those that were only kept.
    Kept,
    /// Those that say again what other objects say of this one.
    Repeated,
}

fn labels(entry: &Entry, which: Which) -> impl Iterator<Item = &str> {
    let facts = entry.facts.iter().filter(move |(label, fact)| match which {
        _ if *label == VM_CFG => false,
        Which::Modelled => fact.modelled && !fact.told_elsewhere,
        Which::Kept => !fact.modelled && !fact.told_elsewhere,
        Which::Repeated => fact.told_elsewhere,
    });
    facts.map(|(label, _)| label.as_str())
}

fn facts(manager: &ManagerId, entry: &Entry, which: Which) -> Option<AnyView> {
    let rows: Vec<_> = labels(entry, which)
        .map(|label| view! { <dt>{words::title(label)}</dt><dd>{words::values(manager, entry, label)}</dd> })
        .collect();
    (!rows.is_empty()).then(|| view! { <dl class="facts">{rows}</dl> }.into_any())
}

fn definition(entry: &Entry) -> Option<AnyView> {
    let text = Some(entry.text(VM_CFG)).filter(|text| !text.is_empty())?.to_owned();
    let view = view! {
        <details class="fold" id="vm-cfg">
            <summary>{VM_CFG}</summary>
            <Code text what=VM_CFG/>
        </details>
    };
    Some(view.into_any())
}

fn further(manager: &ManagerId, entry: &Entry) -> Option<AnyView> {
    let kept = facts(manager, entry, Which::Kept)?;
    let view = view! {
        <section>
            <h2>"Further attributes"</h2>
            <p class="note">"As printed by the Manager. Stored, but not used by Holdfast."</p>
            {kept}
        </section>
    };
    Some(view.into_any())
}

fn repeated(manager: &ManagerId, entry: &Entry) -> Option<AnyView> {
    let repeated = facts(manager, entry, Which::Repeated)?;
    let view = view! {
        <details class="fold" id="repeated">
            <summary>"What this object lists"</summary>
            {repeated}
        </details>
    };
    Some(view.into_any())
}

fn naming(manager: &ManagerId, index: &Index, at: At) -> AnyView {
    let mut naming: Vec<(&Entry, &str)> = index
        .naming(at)
        .iter()
        .map(|(other, label)| (&index.entries[*other], label.as_str()))
        .collect();
    if naming.is_empty() {
        return view! { <p class="note">"No other object refers to this one."</p> }.into_any();
    }
    naming.sort_by_cached_key(|(entry, _)| (entry.kind, entry.name.to_lowercase(), entry.id.clone()));
    let caption = match naming.len() {
        all if all <= SHOWN => format::count(all, "reference"),
        all => format!("The first {SHOWN} of {} references", format::thousands(all)),
    };
    let rows: Vec<_> = naming
        .into_iter()
        .take(SHOWN)
        .map(|(entry, label)| naming_row(manager, index, entry, label))
        .collect();
    view! { <Table caption columns=vec!["Name", "Type", "Relation", "ID"]>{rows}</Table> }.into_any()
}

fn naming_row(manager: &ManagerId, index: &Index, entry: &Entry, label: &str) -> AnyView {
    let part_of = index.owner(entry).map(|owner| format!("of {}", owner.name));
    view! {
        <tr>
            <td data-label="Name">
                <a href=link::first_look(manager, entry.kind, &entry.id)>{shown_name(entry)}</a>
                {part_of.map(|words| view! { <span class="under">{words}</span> })}
            </td>
            <td data-label="Type">{entry.kind.words()}</td>
            <td data-label="Relation">{label.to_lowercase()}</td>
            <td data-label="ID"><Id id=entry.id.clone()/></td>
        </tr>
    }
    .into_any()
}

/// The name, or the id of an object without one.
pub fn shown_name(entry: &Entry) -> String {
    if entry.name.is_empty() {
        return entry.id.clone();
    }
    entry.name.clone()
}
