//! All objects of one type as a table: searched, sorted and turned by the address, so that any view of it can be linked.

use super::index::{Index, mentions};
use super::object::{kind_of, shown_name};
use super::words;
use super::{above, asked_for};
use crate::components::{Empty, Head, PageHead, SortedTable, page};
use crate::context;
use crate::format;
use crate::link;
use domain::ids::ManagerId;
use leptos::prelude::*;
use ovm::estate::{Entry, Kind};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Rows of a page.
const ROWS: usize = 200;

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
    let asked = Asked::read();
    page(async move {
        let kind = kind_of(&kind)?;
        let (_, _, view) = asked_for(&manager).await?;
        let index = Index::of(&view);
        let rows = asked.rows(&index, kind);
        let list = List {
            columns: columns(&index, kind),
            manager,
            kind,
            index,
            asked,
        };
        let lead = format!(
            "In the estate of {}, as discovered in revision {}.",
            view.manager.name, view.revision
        );
        let found = rows.len();
        let view = view! {
            <PageHead title=kind.heading() lead above=above(&view)/>
            {list.types()}
            {list.form()}
            {list.table(&rows)}
            {list.pages(found)}
        };
        Ok(view.into_any())
    })
}

/// What the address asks for.
#[derive(Clone, Debug, Default)]
struct Asked {
    query: Option<String>,
    sort: Option<String>,
    descending: bool,
    /// From 1.
    page: usize,
}

impl Asked {
    fn read() -> Self {
        Self {
            query: context::query("q"),
            sort: context::query("sort"),
            descending: context::query("order").as_deref() == Some("down"),
            page: context::query("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(1)
                .max(1),
        }
    }

    /// Places of the objects that fit, in order.
    fn rows(&self, index: &Index, kind: Kind) -> Vec<usize> {
        let wanted = self.query.as_ref().map(|query| query.to_lowercase());
        let fits = |entry: &Entry| wanted.as_ref().is_none_or(|wanted| mentions(entry, wanted));
        let entries = index.entries.iter().enumerate();
        let mut keyed: Vec<(String, (String, String), usize)> = entries
            .filter(|(_, entry)| entry.kind == kind && fits(entry))
            .map(|(at, entry)| {
                (
                    self.key(index, entry),
                    (entry.name.to_lowercase(), entry.id.clone()),
                    at,
                )
            })
            .collect();
        keyed.sort_by(|left, right| by_number_or_text(&left.0, &right.0).then_with(|| left.1.cmp(&right.1)));
        if self.descending {
            keyed.reverse();
        }
        keyed.into_iter().map(|(.., at)| at).collect()
    }

    fn key(&self, index: &Index, entry: &Entry) -> String {
        match self.sort.as_deref().unwrap_or(NAME) {
            NAME => entry.name.to_lowercase(),
            MACHINE => index
                .owner(entry)
                .map(|owner| owner.name.to_lowercase())
                .unwrap_or_default(),
            label => entry.text(label).to_lowercase(),
        }
    }

    /// The same table, sorted by a column; a second time the other way round.
    fn sorted_by(&self, label: &str) -> Self {
        let again = self.sort.as_deref().unwrap_or(NAME) == label;
        Self {
            sort: Some(label.to_owned()),
            descending: again && !self.descending,
            page: 1,
            ..self.clone()
        }
    }

    fn address(&self, manager: &ManagerId, kind: Kind) -> String {
        let page = (self.page > 1).then(|| self.page.to_string());
        let order = self.descending.then(|| "down".to_owned());
        [
            ("q", self.query.clone()),
            ("sort", self.sort.clone()),
            ("order", order),
            ("page", page),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(link::objects(manager, kind), |path, (name, value)| {
            link::with_query(&path, name, &value)
        })
    }
}

fn by_number_or_text(left: &str, right: &str) -> Ordering {
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.cmp(right),
    }
}

fn columns(index: &Index, kind: Kind) -> Vec<String> {
    if let Some((_, labels)) = COLUMNS.iter().find(|(own, _)| *own == kind) {
        return labels.iter().map(ToString::to_string).collect();
    }
    let mut counts: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    for (label, fact) in index.of_kind(kind).flat_map(|entry| &entry.facts) {
        let count = counts.entry(label).or_insert((fact.modelled, 0));
        count.1 += 1;
    }
    let dull = |label: &str| matches!(label.to_lowercase().as_str(), "description" | "locked");
    let mut labels: Vec<_> = counts.into_iter().filter(|(label, _)| !dull(label)).collect();
    labels.sort_by_key(|(_, (modelled, count))| (!modelled, usize::MAX - count));
    labels
        .into_iter()
        .take(CHOSEN)
        .map(|(label, _)| label.to_owned())
        .collect()
}

/// A table in the making.
struct List {
    manager: ManagerId,
    kind: Kind,
    index: Index,
    columns: Vec<String>,
    asked: Asked,
}

impl List {
    /// The tables of the other types.
    fn types(&self) -> AnyView {
        let items: Vec<_> = self
            .index
            .counts()
            .into_iter()
            .map(|(kind, count)| {
                let current = (kind == self.kind).then_some("page");
                view! {
                    <li>
                        <a href=link::objects(&self.manager, kind) aria-current=current>
                            {kind.heading()} " " {format::thousands(count)}
                        </a>
                    </li>
                }
            })
            .collect();
        view! { <nav aria-label="Types of objects"><ul class="filter">{items}</ul></nav> }.into_any()
    }

    /// Searching keeps the order; where the heads of columns do not show, the order is chosen here.
    fn form(&self) -> AnyView {
        let current = self.asked.sort.clone().unwrap_or_else(|| NAME.to_owned());
        let options: Vec<_> = std::iter::once(NAME)
            .chain(self.columns.iter().map(String::as_str))
            .map(|label| view! { <option value=label.to_owned() selected=label == current>{words::title(label)}</option> })
            .collect();
        let order = self
            .asked
            .descending
            .then(|| view! { <input type="hidden" name="order" value="down"/> });
        view! {
            <form class="search" method="get" role="search" aria-label="In this table">
                <label for="q">"Find in all that these objects say of themselves"</label>
                <div class="search-row">
                    <input type="search" id="q" name="q" value=self.asked.query.clone().unwrap_or_default() maxlength="200"/>
                    <button type="submit" class="button">"Search"</button>
                </div>
                <div class="sort-choice">
                    <label for="sort">"Sorted by"</label>
                    <select id="sort" name="sort">{options}</select>
                </div>
                {order}
            </form>
        }
        .into_any()
    }

    fn table(&self, rows: &[usize]) -> AnyView {
        if rows.is_empty() {
            let sentence = match &self.asked.query {
                Some(query) => format!("Nothing here has “{query}” in it."),
                None => "The estate has no object of this type.".to_owned(),
            };
            return view! { <Empty><p>{sentence}</p></Empty> }.into_any();
        }
        let first = ROWS * (self.asked.page - 1);
        let shown: Vec<_> = rows
            .iter()
            .skip(first)
            .take(ROWS)
            .map(|at| self.row(&self.index.entries[*at]))
            .collect();
        let all = self.kind.count(rows.len());
        let caption = match shown.len() {
            some if some == rows.len() => all,
            some => format!("{all}, numbers {} to {}", first + 1, first + some),
        };
        let heads = std::iter::once(NAME)
            .chain(self.columns.iter().map(String::as_str))
            .map(|label| self.head(label));
        view! { <SortedTable caption heads=heads.collect()>{shown}</SortedTable> }.into_any()
    }

    fn head(&self, label: &str) -> Head {
        let sorted = self.asked.sort.as_deref().unwrap_or(NAME) == label;
        Head {
            title: words::title(label),
            number: words::is_number(label),
            address: self.asked.sorted_by(label).address(&self.manager, self.kind),
            descending: sorted.then_some(self.asked.descending),
        }
    }

    fn row(&self, entry: &Entry) -> AnyView {
        let cells: Vec<_> = self
            .columns
            .iter()
            .map(|label| {
                let class = if words::is_number(label) { "number" } else { "" };
                view! { <td data-label=words::title(label) class=class>{self.cell(entry, label)}</td> }
            })
            .collect();
        view! {
            <tr>
                <td data-label="Name">
                    <a href=link::first_look(&self.manager, entry.kind, &entry.id)>{shown_name(entry)}</a>
                    <span class="under"><code title=entry.id.clone()>{format::short_id(&entry.id)}</code></span>
                </td>
                {cells}
            </tr>
        }
        .into_any()
    }

    fn cell(&self, entry: &Entry, label: &str) -> AnyView {
        if label != MACHINE {
            return words::values(&self.manager, entry, label);
        }
        let owner = self.index.owner(entry);
        let link = owner.map(|owner| {
            let address = link::first_look(&self.manager, owner.kind, &owner.id);
            view! { <a href=address>{shown_name(owner)}</a> }
        });
        link.into_any()
    }

    fn pages(&self, found: usize) -> Option<AnyView> {
        let turned = |page: usize, words: &'static str| {
            let asked = Asked {
                page,
                ..self.asked.clone()
            };
            view! { <a class="button" href=asked.address(&self.manager, self.kind)>{words}</a> }
        };
        let last = found.div_ceil(ROWS);
        let page = self.asked.page;
        (last > 1).then(|| {
            view! {
                <nav class="ways" aria-label="Pages of the table">
                    {(page > 1).then(|| turned(page - 1, "Previous rows"))}
                    {(page < last).then(|| turned(page + 1, "Next rows"))}
                </nav>
            }
            .into_any()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_by_value_and_texts_by_letters() {
        assert_eq!(by_number_or_text("9", "10"), Ordering::Less);
        assert_eq!(by_number_or_text("b", "a"), Ordering::Greater);
        assert_eq!(by_number_or_text("10", "a"), Ordering::Less);
    }

    #[test]
    fn a_second_click_on_a_column_turns_the_order() {
        let manager = ManagerId::new("m1");
        let once = Asked {
            query: Some("a b".into()),
            page: 3,
            ..Asked::default()
        }
        .sorted_by("size (bytes)");
        assert_eq!(
            once.address(&manager, Kind::VirtualDisk),
            "/estate/m1/objects/VirtualDisk?q=a%20b&sort=size%20%28bytes%29"
        );
        assert!(once.sorted_by("size (bytes)").descending);
        assert!(!once.sorted_by(NAME).descending);
        assert!(Asked::default().sorted_by(NAME).descending);
    }
}
