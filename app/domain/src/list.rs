//! Lists from new to old: recovery points, runs, requests. A list is read in parts; a [`Cursor`] says where one part has
//! ended and the next goes on, whatever was added at the new end meanwhile.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Rows of a part at most.
pub const LIST_LIMIT: usize = 500;

/// A place in a list. Its text stands in addresses: `1766000000000-7q2k`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Time of the last row before it.
    pub at: Timestamp,
    /// Id of that row, which decides between rows of one time.
    pub id: String,
}

/// The text is not that of a [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a position in a list")]
pub struct NoCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.0, self.id)
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (at, id) = text.split_once('-').ok_or(NoCursor)?;
        Ok(Self {
            at: Timestamp(at.parse().map_err(|_| NoCursor)?),
            id: id.to_owned(),
        })
    }
}

/// What stands in a list from new to old.
pub trait Listed {
    /// The place behind it.
    fn cursor(&self) -> Cursor;
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<T> {
    /// Rows, newest first, at most [`LIST_LIMIT`].
    pub rows: Vec<T>,
    /// Where the list goes on; none when it ends here.
    pub older: Option<Cursor>,
}

impl<T: Listed> Part<T> {
    /// The part that these rows begin. More than [`LIST_LIMIT`] show that the list goes on.
    pub fn beginning(mut rows: Vec<T>) -> Self {
        let goes_on = rows.len() > LIST_LIMIT;
        rows.truncate(LIST_LIMIT);
        let older = rows.last().filter(|_| goes_on).map(Listed::cursor);
        Self { rows, older }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(usize);

    impl Listed for Row {
        fn cursor(&self) -> Cursor {
            Cursor {
                at: Timestamp(1000),
                id: format!("row-{}", self.0),
            }
        }
    }

    #[test]
    fn a_cursor_stands_in_addresses_and_is_read_again() {
        let cursor = Row(7).cursor();
        assert_eq!(cursor.to_string(), "1000-row-7");
        assert_eq!("1000-row-7".parse(), Ok(cursor));
        for nonsense in ["", "1000", "-7", "later-7", "99999999999999999999-7"] {
            assert_eq!(nonsense.parse::<Cursor>(), Err(NoCursor), "{nonsense}");
        }
    }

    #[test]
    fn only_a_list_that_goes_on_says_where() {
        let whole = Part::beginning((0..LIST_LIMIT).map(Row).collect());
        assert_eq!((whole.rows.len(), whole.older), (LIST_LIMIT, None));
        let part = Part::beginning((0..LIST_LIMIT + 1).map(Row).collect());
        assert_eq!(part.rows.len(), LIST_LIMIT);
        assert_eq!(part.older, Some(Row(LIST_LIMIT - 1).cursor()));
    }
}
