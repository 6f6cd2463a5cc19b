//! What the address of a page asks of its table: text, order, page, rows of a page, columns. Pure: from an address, to
//! addresses.

use crate::link;
use domain::list::Cursor;
use percent_encoding::percent_decode_str;

/// Names in the address.
pub(crate) const TEXT: &str = "q";
pub(crate) const SORT: &str = "sort";
pub(crate) const ORDER: &str = "order";
const PAGE: &str = "page";
pub(crate) const ROWS: &str = "rows";
pub(crate) const COLUMN: &str = "column";
const BEFORE: &str = "before";

/// The value of [`ORDER`] for the largest first.
pub(crate) const DOWN: &str = "down";

/// Longest text that is looked for, in characters.
pub(crate) const LONGEST_TEXT: usize = 200;

/// How a table is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Key of the column.
    pub column: String,
    /// The largest first.
    pub descending: bool,
}

/// How many rows a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// What is quick to read.
    #[default]
    Fifty,
    /// More.
    Hundred,
    /// Still quick to load.
    TwoHundredFifty,
}

impl Rows {
    /// The choices.
    pub const ALL: [Self; 3] = [Self::Fifty, Self::Hundred, Self::TwoHundredFifty];

    /// The number.
    pub fn number(self) -> usize {
        match self {
            Self::Fifty => 50,
            Self::Hundred => 100,
            Self::TwoHundredFifty => 250,
        }
    }
}

/// What the address of a page asks of its table. Whatever cannot be understood is as if it were not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    path: String,
    /// What the address says beside the table, and keeps saying.
    kept: Vec<(String, String)>,
    /// Rows hold this text; not empty.
    pub text: Option<String>,
    /// None for the order that the page has by itself.
    pub sort: Option<Sort>,
    /// From 1.
    pub page: usize,
    /// Rows of a page.
    pub rows: Rows,
    /// Only rows behind this place in a list that is read in parts; none for the newest.
    pub before: Option<String>,
    /// Keys of the columns; empty for those that the page shows by itself.
    pub columns: Vec<String>,
}

impl Query {
    /// Reads an address, path and query; values called as in `kept` stay in all addresses made from it.
    pub fn of(address: &str, kept: &[&str]) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs: Vec<(String, String)> = query.split('&').filter_map(pair).collect();
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(own, _)| own == name)
                .map(|(_, value)| value.as_str())
        };
        let number = |name: &str| value(name).and_then(|value| value.parse::<usize>().ok());
        Self {
            path: path.to_owned(),
            kept: pairs
                .iter()
                .filter(|(name, _)| kept.contains(&name.as_str()))
                .cloned()
                .collect(),
            text: value(TEXT).map(|text| text.chars().take(LONGEST_TEXT).collect()),
            sort: value(SORT).map(|column| Sort {
                column: column.to_owned(),
                descending: value(ORDER) == Some(DOWN),
            }),
            page: number(PAGE).unwrap_or(1).max(1),
            rows: Rows::ALL
                .into_iter()
                .find(|rows| number(ROWS) == Some(rows.number()))
                .unwrap_or_default(),
            before: value(BEFORE).map(str::to_owned),
            columns: pairs
                .iter()
                .filter(|(name, _)| name == COLUMN)
                .map(|(_, key)| key.clone())
                .collect(),
        }
    }

    /// The text in lower case.
    pub fn wanted(&self) -> Option<String> {
        self.text.as_ref().map(|text| text.to_lowercase())
    }

    /// The place in a list behind which the rows stand.
    pub fn cursor(&self) -> Option<Cursor> {
        self.before.as_ref().and_then(|before| before.parse().ok())
    }

    /// A value that is kept.
    pub fn kept(&self, name: &str) -> Option<&str> {
        let mut kept = self.kept.iter();
        kept.find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The same table in another order, from its first page.
    pub fn sorted(&self, column: &str, descending: bool) -> Self {
        Self {
            sort: Some(Sort {
                column: column.to_owned(),
                descending,
            }),
            page: 1,
            ..self.clone()
        }
    }

    /// Another page of the same table.
    pub fn turned_to(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The first page of another part of the list; of the newest without a place.
    pub fn part(&self, before: Option<String>) -> Self {
        Self {
            before,
            page: 1,
            ..self.clone()
        }
    }

    /// The same table, whatever its rows hold.
    pub fn of_all(&self) -> Self {
        Self {
            text: None,
            ..self.part(None)
        }
    }

    /// The same table with another value kept, or without one.
    pub fn keeping(&self, name: &str, value: Option<&str>) -> Self {
        let mut query = self.part(None);
        query.kept.retain(|(own, _)| own != name);
        query
            .kept
            .extend(value.map(|value| (name.to_owned(), value.to_owned())));
        query
    }

    /// The address; what goes without saying is not in it.
    pub fn address(&self) -> String {
        let pairs = self.pairs();
        pairs.iter().fold(self.path.clone(), |path, (name, value)| {
            link::with_query(&path, name, value)
        })
    }

    /// What a form has to send along when its own fields have these names. Page and part are never sent along: another
    /// text or order begins at the first.
    pub fn beside(&self, fields: &[&str]) -> Vec<(String, String)> {
        let mut pairs = self.part(None).pairs();
        pairs.retain(|(name, _)| !fields.contains(&name.as_str()));
        pairs
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let sort = self.sort.as_ref();
        let order = sort.filter(|sort| sort.descending);
        let named = [
            (TEXT, self.text.clone()),
            (SORT, sort.map(|sort| sort.column.clone())),
            (ORDER, order.map(|_| DOWN.to_owned())),
            (
                ROWS,
                (self.rows != Rows::default()).then(|| self.rows.number().to_string()),
            ),
            (BEFORE, self.before.clone()),
            (PAGE, (self.page > 1).then(|| self.page.to_string())),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let columns = self.columns.iter().map(|key| (COLUMN.to_owned(), key.clone()));
        self.kept.iter().cloned().chain(named).chain(columns).collect()
    }
}

/// A value of a query, decoded; none when it is empty.
pub(crate) fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let decoded = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .trim()
            .to_owned()
    };
    let value = decoded(value);
    (!value.is_empty()).then(|| (decoded(name), value))
}

/// Which pages are offered of so many, around the one that is shown; `None` for a gap.
pub fn offered(page: usize, last: usize) -> Vec<Option<usize>> {
    let near = |other: &usize| *other == 1 || *other == last || other.abs_diff(page) <= 1;
    let mut offered = Vec::new();
    let mut before = 0;
    for other in (1..=last).filter(near) {
        match other - before {
            1 => {}
            2 => offered.push(Some(other - 1)),
            _ => offered.push(None),
        }
        offered.push(Some(other));
        before = other;
    }
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_understood_and_written_again() {
        let address = "/runs?state=failed&q=db%2001&sort=took&order=down&rows=100&page=3&column=run&column=took";
        let query = Query::of(address, &["state"]);
        assert_eq!(query.address(), address);
        assert_eq!(query.text.as_deref(), Some("db 01"));
        assert_eq!((query.rows, query.page), (Rows::Hundred, 3));
        assert_eq!(query.columns, ["run", "took"]);
        assert_eq!(query.kept("state"), Some("failed"));
        assert_eq!(Query::of("/estate/a%2Fb?q=a+b%2Bc", &[]).text.as_deref(), Some("a b+c"));
    }

    #[test]
    fn what_cannot_be_understood_is_as_if_it_were_not_there() {
        let nonsense = "/estate?q=++&sort=&order=down&rows=7&page=0&page=9&notice=call+me&%FF=1&&=&x";
        let query = Query::of(nonsense, &["state"]);
        assert_eq!(query, Query::of("/estate", &[]));
        assert_eq!(query.address(), "/estate");
        assert_eq!(Query::of("/estate?page=-1", &[]).page, 1);
        assert_eq!(
            Query::of(&format!("/estate?q={}", "ä".repeat(500)), &[])
                .text
                .unwrap()
                .chars()
                .count(),
            200
        );
    }

    #[test]
    fn another_order_or_text_begins_at_the_first_page() {
        let query = Query::of("/estate?q=db&page=4&rows=250", &[]);
        assert_eq!(
            query.sorted("a b", true).address(),
            "/estate?q=db&sort=a%20b&order=down&rows=250"
        );
        assert_eq!(query.of_all().address(), "/estate?rows=250");
        assert_eq!(query.turned_to(5).address(), "/estate?q=db&rows=250&page=5");
        let kept = query.keeping("policy", Some("none"));
        assert_eq!(kept.address(), "/estate?policy=none&q=db&rows=250");
        assert_eq!(kept.keeping("policy", None).address(), "/estate?q=db&rows=250");
    }

    #[test]
    fn a_part_is_kept_in_another_order_and_left_by_another_question() {
        let query = Query::of("/runs?state=failed&q=db&before=17-r9&page=2", &["state"]);
        assert_eq!(query.before.as_deref(), Some("17-r9"));
        assert_eq!(
            query.turned_to(3).address(),
            "/runs?state=failed&q=db&before=17-r9&page=3"
        );
        assert_eq!(
            query.sorted("took", false).address(),
            "/runs?state=failed&q=db&sort=took&before=17-r9"
        );
        assert_eq!(
            query.part(Some("9-r1".into())).address(),
            "/runs?state=failed&q=db&before=9-r1"
        );
        assert_eq!(query.part(None).address(), "/runs?state=failed&q=db");
        assert_eq!(query.of_all().address(), "/runs?state=failed");
        assert_eq!(query.keeping("state", None).address(), "/runs?q=db");
        assert_eq!(query.beside(&[TEXT]), [("state".to_owned(), "failed".to_owned())]);
    }

    #[test]
    fn a_form_sends_along_what_its_fields_do_not_say() {
        let query = Query::of(
            "/runs?state=failed&q=db&sort=took&order=down&page=2&column=run",
            &["state"],
        );
        let sent = query.beside(&[TEXT]);
        let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["state", "sort", "order", "column"]);
        assert_eq!(query.beside(&[SORT, ORDER, ROWS, COLUMN]).len(), 2);
    }

    #[test]
    fn the_pages_around_this_one_are_offered_and_both_ends() {
        let told = |page, last| {
            let words = offered(page, last)
                .into_iter()
                .map(|page| page.map_or("…".into(), |page| page.to_string()));
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(1, 1), "1");
        assert_eq!(told(1, 40), "1 2 … 40");
        assert_eq!(told(3, 5), "1 2 3 4 5");
        assert_eq!(told(20, 40), "1 … 19 20 21 … 40");
        assert_eq!(told(4, 40), "1 2 3 4 5 … 40");
        assert_eq!(told(40, 40), "1 … 39 40");
    }
}
