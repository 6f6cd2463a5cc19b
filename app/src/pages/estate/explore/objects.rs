//! All objects of one type as a table, with a column for everything that any of them says of itself.

use super::index::{Index, VM_CFG, mentions};
use super::object::{kind_of, shown_name};
use super::words;
use super::{above, asked_for};
use crate::components::{Empty, PageHead, page};
use crate::context;
use crate::format;
use crate::link;
use crate::listing::{Column, Key, Listing, Query, row_link};
use domain::ids::ManagerId;
use leptos::prelude::*;
use ovm::estate::{Entry, Kind};
use std::collections::BTreeMap;

/// Columns beside the name for types whose choice matters; the others show what most of their objects say.
const COLUMNS: [(Kind, &[&str]); 10] = [
    (
        Kind::Server,
        &["status", "address", "version", "memory (MB)", "processors"],
    ),
    (Kind::Network, &["role"]),
    (Kind::PhysicalDisk, &["size (bytes)", "WWID", "shareable"]),
    (Kind::ServerPool, &["master", "server"]),
    (Kind::Repository, &["free (bytes)", "file system", "presentation to"]),
    (
        Kind::VirtualDisk,
        &["storage repository", "size (bytes)", "used (bytes)", "shareable"],
    ),
    (Kind::VirtualCdrom, &["storage repository"]),
    (
        Kind::Vm,
        &[
            "status",
            "server pool",
            "server it runs on",
            "memory (MB)",
            "processors",
            "operating system",
        ],
    ),
    (Kind::Vnic, &[MACHINE, "MAC address", "network"]),
    (Kind::VmDiskMapping, &[MACHINE, "slot", "disk"]),
];

/// Columns chosen by what most objects say.
const CHOSEN: usize = 4;

const NAME: &str = "name";
const MACHINE: &str = "machine";

/// The table of a type.
#[component]
pub fn ObjectsPage() -> impl IntoView {
    let manager = ManagerId::new(context::param("manager"));
    let kind = context::param("type");
    let query = Query::of(&context::requested(), &[]);
    page(async move {
        let kind = kind_of(&kind)?;
        let (_, _, view) = asked_for(&manager).await?;
        let index = Index::of(&view);
        let lead = format!(
            "In the estate of {}, as discovered in revision {}.",
            view.manager.name, view.revision
        );
        let view = view! {
            <PageHead title=kind.heading() lead above=above(&view)/>
            {types(&manager, &index, kind)}
            {table(&manager, &index, kind, &query)}
        };
        Ok(view.into_any())
    })
}

/// The tables of the other types.
fn types(manager: &ManagerId, index: &Index, shown: Kind) -> AnyView {
    let items: Vec<_> = index
        .counts()
        .into_iter()
        .map(|(kind, count)| {
            let current = (kind == shown).then_some("page");
            view! {
                <li>
                    <a href=link::objects(manager, kind) aria-current=current>
                        {kind.heading()} " " {format::thousands(count)}
                    </a>
                </li>
            }
        })
        .collect();
    view! { <nav aria-label="Object types"><ul class="filter">{items}</ul></nav> }.into_any()
}

fn table(manager: &ManagerId, index: &Index, kind: Kind, query: &Query) -> AnyView {
    let wanted = query.wanted();
    let fits = |entry: &&Entry| wanted.as_ref().is_none_or(|wanted| mentions(entry, wanted));
    let mut rows: Vec<&Entry> = index.of_kind(kind).filter(fits).collect();
    rows.sort_by_cached_key(|entry| (entry.name.to_lowercase(), &entry.id));
    let listing = Listing::new(query.clone(), kind.words(), columns(manager, index, kind)).usually_by(NAME, false);
    let content = if rows.is_empty() {
        let sentence = match &query.text {
            Some(text) => format!("Nothing here matches “{text}”."),
            None => "The estate has no objects of this type.".to_owned(),
        };
        view! { <Empty><p>{sentence}</p></Empty> }.into_any()
    } else {
        listing.table(rows)
    };
    view! { {listing.controls("Search all attributes")} {content} }.into_any()
}

/// The name, then what most people want to see, then all the rest on demand.
fn columns<'a>(manager: &'a ManagerId, index: &'a Index, kind: Kind) -> Vec<Column<'a, &'a Entry>> {
    let name = Column::new(NAME, "Name", move |entry: &&Entry| {
        let link = row_link(link::first_look(manager, entry.kind, &entry.id), shown_name(entry));
        view! { {link} <span class="under"><code title=entry.id.clone()>{format::short_id(&entry.id)}</code></span> }
            .into_any()
    })
    .by(|entry| entry.name.as_str());
    let usual = usual(index, kind);
    let others = labels(index, kind)
        .into_iter()
        .filter(|label| !usual.iter().any(|usual| usual == label));
    let others: Vec<_> = others
        .map(|label| column(manager, index, label.to_owned()).on_demand())
        .collect();
    let usual = usual.iter().map(|label| column(manager, index, label.clone()));
    [name].into_iter().chain(usual).chain(others).collect()
}

/// What objects say under a label.
fn column<'a>(manager: &'a ManagerId, index: &'a Index, label: String) -> Column<'a, &'a Entry> {
    let owner = |entry: &&'a Entry| index.owner(entry);
    if label == MACHINE {
        let cell = move |entry: &&'a Entry| {
            let link = |owner: &Entry| {
                let address = link::first_look(manager, owner.kind, &owner.id);
                view! { <a href=address>{shown_name(owner)}</a> }
            };
            owner(entry).map(link).into_any()
        };
        return Column::new(MACHINE, "VM", cell).by(move |entry| owner(entry).map(|owner| owner.name.as_str()));
    }
    let (title, is_number) = (words::title(&label), words::is_number(&label));
    let (of_cell, of_key) = (label.clone(), label.clone());
    let column = Column::new(label, title, move |entry: &&Entry| {
        words::values(manager, entry, &of_cell)
    })
    .by(move |entry| Key::read(entry.text(&of_key)));
    if is_number { column.number() } else { column }
}

/// The labels that stand in the table by themselves.
fn usual(index: &Index, kind: Kind) -> Vec<String> {
    if let Some((_, labels)) = COLUMNS.iter().find(|(own, _)| *own == kind) {
        return labels.iter().map(ToString::to_string).collect();
    }
    let dull = |label: &str| matches!(label.to_lowercase().as_str(), "description" | "locked");
    let all = labels(index, kind).into_iter().filter(|label| !dull(label));
    all.take(CHOSEN).map(str::to_owned).collect()
}

/// All labels of a type: those that the model knows first, those that most objects have before the others.
fn labels(index: &Index, kind: Kind) -> Vec<&str> {
    let mut counts: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    let facts = index.of_kind(kind).flat_map(|entry| &entry.facts);
    for (label, fact) in facts.filter(|(label, _)| *label != VM_CFG) {
        let count = counts.entry(label).or_insert((fact.modelled, 0));
        count.1 += 1;
    }
    let mut labels: Vec<_> = counts.into_iter().collect();
    labels.sort_by_key(|(_, (modelled, count))| (!modelled, usize::MAX - count));
    labels.into_iter().map(|(label, _)| label).collect()
}
