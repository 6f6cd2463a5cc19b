//! Tables that are asked for by their address: sorted, filtered, turned page by page, with a choice of columns. All of it
//! is links and forms, so it works without scripts, and any view of a table can be linked.
//!
//! A page describes its columns once ([`Column`]), reads what its address asks for ([`Query`]), leaves out the rows that
//! do not hold the text, and draws the rest with a [`Listing`]. Where a few rows stand on a page about something else,
//! [`plain`] draws them with the same columns.

mod column;
mod controls;
mod query;

pub use column::{Column, Key};
pub use controls::search;
pub use query::Query;
pub(crate) use query::pair;

use query::Sort;

use crate::format;
use leptos::prelude::*;

/// How the rows of a table come to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Supply {
    /// All at once: they are sorted and cut into pages here.
    Whole,
    /// Page by page, in their only order.
    Paged,
}

/// A table that its address asks for.
pub struct Listing<'a, T> {
    query: Query,
    noun: &'static str,
    columns: Vec<Column<'a, T>>,
    supply: Supply,
    /// How the rows are sorted when the address does not say; none for the order in which they come.
    usual: Option<Sort>,
    /// Where the list goes on; none when it ends with the rows at hand.
    older: Option<String>,
}

/// Rows in their order, cut to the page.
struct Shown<T> {
    rows: Vec<T>,
    /// All rows there are.
    total: usize,
    /// From 1; a page behind the last is the last.
    page: usize,
    last: usize,
}

impl<'a, T> Listing<'a, T> {
    /// A table of rows that are all at hand, each a `noun`. The first column is always there.
    pub fn new(query: Query, noun: &'static str, columns: Vec<Column<'a, T>>) -> Self {
        Self {
            query,
            noun,
            columns,
            supply: Supply::Whole,
            usual: None,
            older: None,
        }
    }

    /// The order in which the rows come is the one of this column.
    pub fn usually_by(self, column: &str, descending: bool) -> Self {
        let usual = Some(Sort {
            column: column.to_owned(),
            descending,
        });
        Self { usual, ..self }
    }

    /// The rows are a part of a list that goes on from this place, if it does.
    pub fn going_on_at(self, older: Option<String>) -> Self {
        Self { older, ..self }
    }

    /// The rows come page by page, in their only order; whoever brings them turns the pages.
    pub fn paged_elsewhere(self) -> Self {
        Self {
            supply: Supply::Paged,
            ..self
        }
    }

    /// The table and the way to its other pages. Rows come in the usual order.
    pub fn table(&self, rows: Vec<T>) -> AnyView {
        let shown = self.shown(rows);
        let caption = self.caption(&shown);
        // While one types, only the rows that are there can be looked through.
        let whole = shown.last == 1 && self.supply == Supply::Whole && self.query.text.is_none();
        let columns = self.visible();
        let heads: Vec<_> = columns.iter().map(|column| self.head(column)).collect();
        let table = frame(caption, heads, &columns, &shown.rows, whole);
        view! { {table} {self.pages(&shown)} {self.parts()} }.into_any()
    }

    fn caption(&self, shown: &Shown<T>) -> String {
        let all = format::count(shown.total, self.noun);
        match shown.last {
            1 => all,
            _ => {
                let first = (shown.page - 1) * self.query.rows.number() + 1;
                let end = first + shown.rows.len() - 1;
                format!("{all}, {} to {}", format::thousands(first), format::thousands(end))
            }
        }
    }

    /// The columns that are asked for.
    fn visible(&self) -> Vec<&Column<'a, T>> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(at, column)| *at == 0 || self.is_visible(column))
            .map(|(_, column)| column)
            .collect()
    }

    fn is_visible(&self, column: &Column<'a, T>) -> bool {
        match self.query.columns.is_empty() {
            true => !column.on_demand,
            false => self.query.columns.contains(&column.key),
        }
    }

    /// The column by which rows are sorted now.
    fn sort(&self) -> Option<&Sort> {
        let sortable = |sort: &&Sort| {
            self.columns
                .iter()
                .any(|column| column.by.is_some() && column.key == sort.column)
        };
        self.query.sort.as_ref().filter(sortable).or(self.usual.as_ref())
    }

    fn shown(&self, mut rows: Vec<T>) -> Shown<T> {
        let total = rows.len();
        if self.supply == Supply::Paged {
            return Shown {
                rows,
                total,
                page: 1,
                last: 1,
            };
        }
        if let Some(sort) = self.sort().filter(|sort| Some(*sort) != self.usual.as_ref()) {
            self.order(&mut rows, sort);
        }
        let size = self.query.rows.number();
        let last = total.div_ceil(size).max(1);
        let page = self.query.page.min(last);
        Shown {
            rows: rows.into_iter().skip((page - 1) * size).take(size).collect(),
            total,
            page,
            last,
        }
    }

    /// Equal rows stay in the usual order.
    fn order(&self, rows: &mut Vec<T>, sort: &Sort) {
        let column = self.columns.iter().find(|column| column.key == sort.column);
        let Some(by) = column.and_then(|column| column.by.as_ref()) else {
            return;
        };
        let mut keyed: Vec<(Key, T)> = rows.drain(..).map(|row| (by(&row), row)).collect();
        keyed.sort_by(|(left, _), (right, _)| left.compare(right, sort.descending));
        rows.extend(keyed.into_iter().map(|(_, row)| row));
    }

    /// The head of a column, which sorts by it; a second time the other way round.
    fn head(&self, column: &Column<'a, T>) -> AnyView {
        if column.by.is_none() || self.supply == Supply::Paged {
            return plain_head(column);
        }
        let now = self
            .sort()
            .filter(|sort| sort.column == column.key)
            .map(|sort| sort.descending);
        let address = self.query.sorted(&column.key, now == Some(false)).address();
        let (sorted, mark) = match now {
            None => (None, ""),
            Some(false) => (Some("ascending"), "↑"),
            Some(true) => (Some("descending"), "↓"),
        };
        view! {
            <th scope="col" class=column.class() aria-sort=sorted>
                <a href=address>{column.title.clone()}<span class="order" aria-hidden="true">{mark}</span></a>
            </th>
        }
        .into_any()
    }
}

/// A few rows on a page about something else, with the columns that a listing shows by itself.
pub fn plain<T>(caption: impl Into<String>, columns: Vec<Column<'_, T>>, rows: &[T]) -> AnyView {
    let columns: Vec<_> = columns.iter().filter(|column| !column.on_demand).collect();
    let heads = columns.iter().map(|column| plain_head(column)).collect();
    frame(caption.into(), heads, &columns, rows, false)
}

fn plain_head<T>(column: &Column<'_, T>) -> AnyView {
    view! { <th scope="col" class=column.class()>{column.title.clone()}</th> }.into_any()
}

fn frame<T>(caption: String, heads: Vec<AnyView>, columns: &[&Column<'_, T>], rows: &[T], whole: bool) -> AnyView {
    let rows: Vec<_> = rows.iter().map(|row| drawn(columns, row)).collect();
    view! {
        <div class="table listing" data-filterable=whole.then_some("")>
            <table>
                <caption>{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn drawn<T>(columns: &[&Column<'_, T>], row: &T) -> AnyView {
    let cells: Vec<_> = columns
        .iter()
        .map(|column| {
            view! { <td data-label=column.title.clone() class=column.class()>{(column.cell)(row)}</td> }
        })
        .collect();
    view! { <tr>{cells}</tr> }.into_any()
}

/// The link of a row: pressing the row anywhere follows it.
pub fn row_link(address: String, label: impl IntoView + 'static) -> AnyView {
    view! { <a class="row-link" href=address>{label}</a> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(address: &str) -> Listing<'static, u64> {
        let cell = |row: &u64| row.to_string().into_any();
        let columns = vec![
            Column::new("number", "Number", cell).by(|row| *row).number(),
            Column::new("last", "Last digit", cell).by(|row| row % 10),
            Column::new("word", "Word", cell),
            Column::new("more", "More", cell).on_demand(),
        ];
        Listing::new(Query::of(address, &[]), "number", columns).usually_by("number", false)
    }

    #[test]
    fn rows_are_sorted_and_cut_into_pages() {
        let numbers: Vec<u64> = (0..120).collect();
        let first = listing("/n").shown(numbers.clone());
        assert_eq!((first.rows.len(), first.total, first.page, first.last), (50, 120, 1, 3));
        let behind = listing("/n?page=99").shown(numbers.clone());
        assert_eq!((behind.rows[0], behind.rows.len(), behind.page), (100, 20, 3));
        let down = listing("/n?sort=number&order=down").shown(numbers.clone());
        assert_eq!(down.rows[..2], [119, 118]);
        let equals = listing("/n?sort=last&order=down").shown(numbers.clone());
        assert_eq!(equals.rows[..3], [9, 19, 29], "equal rows stay in the usual order");
        assert_eq!(
            listing("/n?page=2").caption(&listing("/n?page=2").shown(numbers)),
            "120 numbers, 51 to 100"
        );
        let none = listing("/n?page=2").shown(Vec::new());
        assert_eq!((none.total, none.page, none.last), (0, 1, 1));
    }

    #[test]
    fn only_columns_that_sort_are_sorted_by() {
        for nonsense in ["/n?sort=word", "/n?sort=nothing&order=down", "/n"] {
            assert_eq!(
                listing(nonsense).shown((0..9).collect()).rows[..2],
                [0, 1],
                "{nonsense}"
            );
        }
    }

    #[test]
    fn the_first_column_is_always_there() {
        let keys = |address: &str| -> Vec<String> {
            listing(address)
                .visible()
                .iter()
                .map(|column| column.key.clone())
                .collect()
        };
        assert_eq!(keys("/n"), ["number", "last", "word"]);
        assert_eq!(keys("/n?column=more"), ["number", "more"]);
        assert_eq!(keys("/n?column=nothing"), ["number"]);
    }
}
