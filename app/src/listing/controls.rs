//! What stands around a table: the search, the choice of order and columns, the way to its other pages.

use super::query::{COLUMN, DOWN, LONGEST_TEXT, ORDER, ROWS, Rows, SORT, TEXT, offered};
use super::{Listing, Query, Shown, Supply};
use crate::format;
use leptos::prelude::*;

impl<T> Listing<'_, T> {
    /// The search and the choice of order and columns, each a form.
    pub fn controls(&self, label: &'static str) -> AnyView {
        // A page that shows only a part already cannot show the rest while one types.
        let live = self.query.text.is_none() && self.supply == Supply::Whole;
        view! { <div class="table-tools">{search(&self.query, label, live)} {self.choice()}</div> }.into_any()
    }

    fn choice(&self) -> AnyView {
        let (title, order) = match self.supply {
            Supply::Whole => ("Order and columns", Some(self.order_choice())),
            Supply::Paged => ("Columns", None),
        };
        view! {
            <details class="choice">
                <summary class="button">{title}</summary>
                <form method="get" aria-label=title>
                    {hidden(self.query.beside(&[SORT, ORDER, ROWS, COLUMN]))}
                    {order}
                    {self.column_choice()}
                    <button type="submit" class="button primary">"Show"</button>
                </form>
            </details>
        }
        .into_any()
    }

    fn order_choice(&self) -> AnyView {
        let now = self.sort();
        let columns = self.columns.iter().filter(|column| column.by.is_some()).map(|column| {
            let selected = now.is_some_and(|sort| sort.column == column.key);
            view! { <option value=column.key.clone() selected=selected>{column.title.clone()}</option> }
        });
        let columns: Vec<_> = columns.collect();
        let down = now.is_some_and(|sort| sort.descending);
        let rows = Rows::ALL.map(|rows| {
            let selected = rows == self.query.rows;
            view! { <option value=rows.number().to_string() selected=selected>{rows.number()}</option> }
        });
        view! {
            <div class="field">
                <label for="sort">"Sorted by"</label>
                <select id="sort" name=SORT>{columns}</select>
            </div>
            <div class="field">
                <label for="order">"Order"</label>
                <select id="order" name=ORDER>
                    <option value="up" selected=!down>"A to Z, smallest first"</option>
                    <option value=DOWN selected=down>"Z to A, largest first"</option>
                </select>
            </div>
            <div class="field">
                <label for="rows">"Rows per page"</label>
                <select id="rows" name=ROWS>{rows.to_vec()}</select>
            </div>
        }
        .into_any()
    }

    fn column_choice(&self) -> AnyView {
        // Says that columns are chosen, even when it is no other.
        let first = self.columns.first().map(|column| column.key.clone());
        let boxes = self.columns.iter().skip(1).enumerate().map(|(at, column)| {
            let id = format!("column-{at}");
            let ticked = self.is_visible(column);
            view! {
                <div class="field check">
                    <input id=id.clone() name=COLUMN type="checkbox" value=column.key.clone() checked=ticked/>
                    <label for=id>{column.title.clone()}</label>
                </div>
            }
        });
        let boxes: Vec<_> = boxes.collect();
        view! {
            <fieldset class="columns">
                <legend>"Columns"</legend>
                <input type="hidden" name=COLUMN value=first/>
                {boxes}
            </fieldset>
        }
        .into_any()
    }

    /// The way to the other pages; nothing when there are none.
    pub(super) fn pages(&self, shown: &Shown<T>) -> Option<AnyView> {
        let (page, last) = (shown.page, shown.last);
        let address = |page: usize| self.query.turned_to(page).address();
        let numbers = offered(page, last).into_iter().map(|other| match other {
            None => view! { <li aria-hidden="true">"…"</li> }.into_any(),
            Some(other) => {
                let (current, words) = ((other == page).then_some("page"), format::thousands(other));
                let label = format!("Page {words}");
                view! { <li><a href=address(other) aria-current=current aria-label=label>{words}</a></li> }.into_any()
            }
        });
        let before = (page > 1).then(|| view! { <li><a href=address(page - 1) rel="prev">"Previous"</a></li> });
        let behind = (page < last).then(|| view! { <li><a href=address(page + 1) rel="next">"Next"</a></li> });
        (last > 1).then(|| {
            view! {
                <nav class="pages" aria-label="Pages of the table">
                    <ul>{before} {numbers.collect::<Vec<_>>()} {behind}</ul>
                </nav>
            }
            .into_any()
        })
    }

    /// The way to the newer and older parts of a list that is read in parts; nothing when it is here as a whole.
    pub(super) fn parts(&self) -> Option<AnyView> {
        let link = |before: Option<String>, rel: Option<&'static str>, title: &'static str| {
            view! { <li><a href=self.query.part(before).address() rel=rel>{title}</a></li> }
        };
        let is_newest = self.query.before.is_none();
        let newest = (!is_newest).then(|| link(None, None, "Newest"));
        let older = self.older.clone().map(|older| link(Some(older), Some("next"), "Older"));
        (newest.is_some() || older.is_some()).then(|| {
            let which = if is_newest { "newest" } else { "older" };
            view! {
                <nav class="pages parts" aria-label="Parts of the list">
                    <p class="note">"These are the "{which}" of a longer list, read in parts. A search looks through all of it."</p>
                    <ul>{newest} {older}</ul>
                </nav>
            }
            .into_any()
        })
    }
}

/// A search field that asks the same page for what holds a text; `live` where rows are also hidden while one types.
pub fn search(query: &Query, label: &'static str, live: bool) -> AnyView {
    let text = query.text.clone();
    let all = text
        .is_some()
        .then(|| view! { <a class="button" href=query.of_all().address()>"Show all"</a> });
    view! {
        <form class="search" method="get" role="search" aria-label="In this table">
            {hidden(query.beside(&[TEXT]))}
            <label for="q">{label}</label>
            <div class="search-row">
                <input
                    type="search" id="q" name=TEXT value=text.unwrap_or_default() data-filter=live.then_some("")
                    maxlength=LONGEST_TEXT.to_string()
                />
                <button type="submit" class="button">"Search"</button>
                {all}
            </div>
        </form>
    }
    .into_any()
}

fn hidden(pairs: Vec<(String, String)>) -> Vec<AnyView> {
    let field = |(name, value): (String, String)| view! { <input type="hidden" name=name value=value/> }.into_any();
    pairs.into_iter().map(field).collect()
}
