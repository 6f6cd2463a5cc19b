//! Tables. On a narrow screen each row becomes a card: cells carry the name of their column in `data-label`.

use leptos::prelude::*;

/// The head of a column by which a table can be sorted.
pub struct Head {
    /// Name of the column.
    pub title: String,
    /// It holds numbers.
    pub number: bool,
    /// The same table, sorted by it; the other way round when it is already.
    pub address: String,
    /// The table is sorted by it now, downwards or not.
    pub descending: Option<bool>,
}

/// A table whose heads sort it.
#[component]
pub fn SortedTable(
    /// What the rows are.
    #[prop(into)]
    caption: String,
    /// Its columns.
    heads: Vec<Head>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = heads
        .into_iter()
        .map(|head| {
            let (sort, mark) = match head.descending {
                None => (None, ""),
                Some(false) => (Some("ascending"), " ↑"),
                Some(true) => (Some("descending"), " ↓"),
            };
            let class = if head.number { "number" } else { "" };
            view! {
                <th scope="col" class=class aria-sort=sort>
                    <a href=head.address>{head.title} <span aria-hidden="true">{mark}</span></a>
                </th>
            }
        })
        .collect();
    view! { <div class="table sorted">{frame(caption, heads, children)}</div> }
}

/// A table with its caption and the names of its columns.
#[component]
pub fn Table(
    /// What the rows are.
    #[prop(into)]
    caption: String,
    /// Names of the columns; one that ends in `#` holds numbers.
    columns: Vec<&'static str>,
    /// The filter above hides rows of it.
    #[prop(optional)]
    filterable: bool,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = columns
        .into_iter()
        .map(|column| match column.strip_suffix('#') {
            Some(numeric) => view! { <th scope="col" class="number">{numeric}</th> },
            None => view! { <th scope="col" class="">{column}</th> },
        })
        .collect();
    view! {
        <div class="table" data-filterable=filterable.then_some("")>
            {frame(caption, heads, children)}
        </div>
    }
}

fn frame(caption: String, heads: impl IntoView, rows: Children) -> impl IntoView {
    view! {
        <table>
            <caption>{caption}</caption>
            <thead>
                <tr>{heads}</tr>
            </thead>
            <tbody>{rows()}</tbody>
        </table>
    }
}
