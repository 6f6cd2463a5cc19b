//! The columns of a table: for each what it shows, how it is sorted by, and whether it stands there by itself.

use domain::time::Timestamp;
use leptos::prelude::AnyView;
use std::cmp::Ordering;

/// By what rows are sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// By size.
    Number(i128),
    /// By letters, in any case.
    Text(String),
    /// There is nothing; stands last in any order.
    Nothing,
}

impl Key {
    /// A text that may well be a number.
    pub fn read(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| text.into(), Self::Number)
    }

    /// The order of two rows.
    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => self.cmp(other),
            _ if descending => other.cmp(self),
            _ => self.cmp(other),
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        match text.trim() {
            "" => Self::Nothing,
            text => Self::Text(text.to_lowercase()),
        }
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl From<$number> for Key {
            fn from(number: $number) -> Self {
                Self::Number(i128::from(number))
            }
        })*
    };
}

numbers!(i64 u32 u64);

impl From<usize> for Key {
    fn from(number: usize) -> Self {
        Self::Number(i128::try_from(number).unwrap_or(i128::MAX))
    }
}

impl From<Timestamp> for Key {
    fn from(at: Timestamp) -> Self {
        at.0.into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Key {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

type Cell<'a, T> = Box<dyn Fn(&T) -> AnyView + 'a>;
type ByKey<'a, T> = Box<dyn Fn(&T) -> Key + 'a>;

/// A column of a table of `T`.
pub struct Column<'a, T> {
    /// Its name in addresses.
    pub(super) key: String,
    /// Its name on the page.
    pub(super) title: String,
    /// Holds numbers: they stand on the right.
    pub(super) number: bool,
    /// Holds sentences: it may be narrower than they are long.
    pub(super) prose: bool,
    /// Is there only when somebody asks for it.
    pub(super) on_demand: bool,
    pub(super) cell: Cell<'a, T>,
    /// None for a column by which nobody sorts.
    pub(super) by: Option<ByKey<'a, T>>,
}

impl<'a, T> Column<'a, T> {
    /// A column and what its cells hold.
    pub fn new(key: impl Into<String>, title: impl Into<String>, cell: impl Fn(&T) -> AnyView + 'a) -> Self {
        Self {
            key: key.into(),
            title: title.into(),
            number: false,
            prose: false,
            on_demand: false,
            cell: Box::new(cell),
            by: None,
        }
    }

    /// Rows can be sorted by it.
    pub fn by<K: Into<Key>>(self, key: impl Fn(&T) -> K + 'a) -> Self {
        Self {
            by: Some(Box::new(move |row| key(row).into())),
            ..self
        }
    }

    /// It holds numbers.
    pub fn number(self) -> Self {
        Self { number: true, ..self }
    }

    /// It holds sentences.
    pub fn prose(self) -> Self {
        Self { prose: true, ..self }
    }

    /// It stands there only when somebody asks for it.
    pub fn on_demand(self) -> Self {
        Self {
            on_demand: true,
            ..self
        }
    }

    /// The class of its cells.
    pub(super) fn class(&self) -> Option<&'static str> {
        match (self.number, self.prose) {
            (true, _) => Some("number"),
            (_, true) => Some("prose"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_by_value_texts_by_letters_and_nothing_comes_last() {
        let mut keys: Vec<Key> = ["9", "b", "10", "1a", "", "A"].map(Key::read).to_vec();
        keys.sort_by(|left, right| left.compare(right, false));
        let up = ["9", "10", "1a", "a", "b", ""].map(Key::read);
        assert_eq!(keys, up);
        keys.sort_by(|left, right| left.compare(right, true));
        let down = ["b", "a", "1a", "10", "9", ""].map(Key::read);
        assert_eq!(keys, down);
    }

    #[test]
    fn what_is_missing_is_nothing() {
        assert_eq!(Key::from(None::<u64>), Key::Nothing);
        assert_eq!(Key::from(Some(3_u64)), Key::Number(3));
        assert_eq!(Key::from("  "), Key::Nothing);
    }
}
