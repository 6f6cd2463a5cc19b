//! The estate as a tree of native folds. What stands below what is one table.

use super::index::{At, Index};
use super::object::shown_name;
use super::words;
use crate::format;
use crate::link;
use domain::ids::ManagerId;
use leptos::prelude::*;
use ovm::estate::Kind;
use std::collections::BTreeMap;

/// Branches of one object that the tree shows; the rest is in the table.
const SHOWN: usize = 50;

/// A type, and the types below which it stands, the nearest first. An object that refers to none of them stands at the
/// root. A type that is only named as one of those above has no place of its own: its objects stand behind all others,
/// and only those that have something below them.
type Place = (Kind, &'static [Kind]);

/// The trees, each with the types in it.
const TREES: [(&str, &[Place]); 3] = [
    (
        "Pools and servers",
        &[
            (Kind::ServerPool, &[]),
            (Kind::Server, &[Kind::ServerPool]),
            (Kind::Vm, &[Kind::Server, Kind::ServerPool]),
            (Kind::AntiAffinityGroup, &[Kind::ServerPool]),
        ],
    ),
    (
        "Storage",
        &[
            (Kind::FileServer, &[]),
            (Kind::FileSystem, &[Kind::FileServer]),
            (Kind::Repository, &[Kind::FileSystem]),
            (Kind::VirtualDisk, &[Kind::Repository]),
            (Kind::VirtualCdrom, &[Kind::Repository]),
            (Kind::RepositoryExport, &[Kind::Repository]),
            (Kind::StorageArray, &[]),
            (Kind::VolumeGroup, &[Kind::StorageArray]),
            (Kind::PhysicalDisk, &[Kind::VolumeGroup, Kind::StorageArray]),
            (Kind::AccessGroup, &[Kind::StorageArray, Kind::FileServer]),
            (Kind::NfsAccessGroup, &[Kind::FileServer]),
        ],
    ),
    (
        "Networks",
        &[
            (Kind::Network, &[]),
            (Kind::BondPort, &[Kind::Network, Kind::Server]),
            (Kind::VlanGroup, &[]),
            (Kind::VlanSegment, &[Kind::VlanGroup]),
            (Kind::VlanInterface, &[Kind::Network, Kind::Server]),
            (Kind::Port, &[Kind::BondPort, Kind::Network, Kind::Server]),
        ],
    ),
];

/// The trees of an estate.
pub fn trees(manager: &ManagerId, index: &Index) -> AnyView {
    let trees: Vec<_> = TREES
        .into_iter()
        .map(|(title, kinds)| {
            let tree = Tree::of(manager, index, kinds);
            view! {
                <section class="tree-part">
                    <h3>{title}</h3>
                    <ul class="tree">{tree.branches(&tree.roots, None)}</ul>
                </section>
            }
        })
        .collect();
    view! { <div class="trees">{trees}</div> }.into_any()
}

/// One tree, objects by what they stand below.
struct Tree<'a> {
    manager: &'a ManagerId,
    index: &'a Index,
    roots: Vec<At>,
    below: BTreeMap<At, Vec<At>>,
}

impl<'a> Tree<'a> {
    fn of(manager: &'a ManagerId, index: &'a Index, kinds: &[Place]) -> Self {
        let (mut roots, mut below) = (Vec::new(), BTreeMap::<At, Vec<At>>::new());
        for (at, entry) in index.entries.iter().enumerate() {
            let Some((_, parents)) = kinds.iter().find(|(kind, _)| *kind == entry.kind) else {
                continue;
            };
            let parent = parents.iter().find_map(|kind| index.neighbour(at, *kind));
            match parent {
                Some(parent) => below.entry(parent).or_default().push(at),
                None => roots.push(at),
            }
        }
        let place = |kind| kinds.iter().position(|(own, _)| *own == kind);
        let only_above = |at: &&At| place(index.entries[**at].kind).is_none();
        roots.extend(below.keys().filter(only_above));
        let order = |kind| place(kind).unwrap_or(kinds.len());
        let key = |at: &At| {
            let entry = &index.entries[*at];
            (order(entry.kind), entry.name.to_lowercase(), entry.id.clone())
        };
        roots.sort_by_cached_key(key);
        for branches in below.values_mut() {
            branches.sort_by_cached_key(key);
        }
        Self {
            manager,
            index,
            roots,
            below,
        }
    }

    fn branches(&self, all: &[At], parent: Option<At>) -> Vec<AnyView> {
        let mut views: Vec<AnyView> = all.iter().take(SHOWN).map(|at| self.branch(*at)).collect();
        if let Some(first_left) = all.get(SHOWN) {
            views.push(self.rest(all.len() - SHOWN, *first_left, parent));
        }
        views
    }

    fn branch(&self, at: At) -> AnyView {
        let entry = &self.index.entries[at];
        let address = link::first_look(self.manager, entry.kind, &entry.id);
        let state = match entry.text("status") {
            "" => None,
            text => Some(words::state(entry.kind, text)),
        };
        let label = view! {
            <a href=address title=entry.id.clone()>{shown_name(entry)}</a>
            <span class="note">{entry.kind.words()}</span>
            {state}
        };
        let below = self.below.get(&at).map(|below| {
            let open = matches!(entry.kind, Kind::ServerPool | Kind::FileServer | Kind::FileSystem);
            // The link stands outside: what opens a fold holds nothing else that can be pressed.
            view! {
                <details open=open>
                    <summary>{self.kinds(below)}</summary>
                    <ul>{self.branches(below, Some(at))}</ul>
                </details>
            }
        });
        view! { <li>{label} {below}</li> }.into_any()
    }

    /// `2 servers, 14 VMs`.
    fn kinds(&self, below: &[At]) -> String {
        let mut counts: Vec<(Kind, usize)> = Vec::new();
        for at in below {
            let kind = self.index.entries[*at].kind;
            match counts.iter_mut().find(|(own, _)| *own == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
        }
        let words = counts.into_iter().map(|(kind, count)| kind.count(count));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Where the branches are that are too many.
    fn rest(&self, count: usize, first_left: At, parent: Option<At>) -> AnyView {
        let kind = self.index.entries[first_left].kind;
        let table = link::objects(self.manager, kind);
        let table = match parent {
            Some(parent) => link::with_query(&table, "q", &self.index.entries[parent].id),
            None => table,
        };
        let words = format!("{} more in the table", format::thousands(count));
        view! { <li><a href=table>{words}</a></li> }.into_any()
    }
}
