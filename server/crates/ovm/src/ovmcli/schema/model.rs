//! What the tables are made of.

use super::holds;
use crate::ovmcli::Version::{self, V3_2, V3_4};
use std::fmt;

/// The releases that know something, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The first.
    pub since: Version,
    /// The last.
    pub until: Version,
}

impl Known {
    /// Known in all releases.
    pub const ALWAYS: Self = Self {
        since: V3_2,
        until: V3_4,
    };

    /// Whether this release knows it.
    pub fn is_in(self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }
}

/// `3.2`, `3.3 and 3.4` and so on, for sentences.
impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Version::ALL
            .into_iter()
            .filter(|version| self.is_in(*version))
            .map(Version::as_str)
            .collect();
        match names.split_last() {
            Some((last, [])) => f.write_str(last),
            Some((last, rest)) => write!(f, "{} and {last}", rest.join(", ")),
            None => Ok(()),
        }
    }
}

/// Whether a command addresses one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// It makes one, is about the whole type, or about nothing.
    No,
    /// `id=` or `name=` must follow the type.
    Required,
}

/// One form of a command.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// First word.
    pub verb: &'static str,
    /// Object types that may follow; empty for a command without.
    pub types: &'static [&'static str],
    /// Whether an object of the type is addressed.
    pub instance: Instance,
    /// What stands inside the object, for `embeddedCreate` and its kin.
    pub embedded: Option<&'static str>,
    /// Attributes, in groups that several forms share.
    pub attributes: &'static [&'static [Attr]],
    /// Further attributes may exist: no page of the manual could be had.
    pub open: bool,
    /// At least one attribute must be given.
    pub changes: bool,
    /// Of each group exactly one attribute must be given.
    pub one_of: &'static [&'static [&'static str]],
    /// Of each group at most one attribute may be given.
    pub exclusive: &'static [&'static [&'static str]],
    /// Attributes that others ask for.
    pub needs: &'static [Need],
    /// The second object; one of the joins must fit.
    pub joins: &'static [Join],
    /// The second object may be left out.
    pub join_optional: bool,
    /// Types of which the command makes objects under names that it does not give.
    pub brings: &'static [&'static str],
    /// The same, but only where the object that it acts on was there before the script: a new one is empty.
    pub finds: &'static [&'static str],
    /// Releases that know the form.
    pub known: Known,
}

/// `key=value` of a form.
#[derive(Clone, Copy, Debug)]
pub struct Attr {
    /// As the manual spells it; the Manager ignores the case.
    pub key: &'static str,
    /// What may stand behind `=`.
    pub kind: Kind,
    /// The command is refused without.
    pub mandatory: bool,
    /// What the Manager takes when it is left out.
    pub default: Option<&'static str>,
    /// Releases that know it. A key may stand twice, with other values for other releases.
    pub known: Known,
}

/// What may stand behind `=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// Anything of at most so many characters.
    Short(usize),
    /// A whole number from the first to the second, and its unit for sentences.
    Number(u64, u64, &'static str),
    /// `Yes` or `No`.
    YesNo,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words, separated by commas; may be empty.
    Words(&'static [&'static str]),
    /// Six octets in hexadecimal digits, separated by colons.
    Mac,
    /// Id or name of an object of one of these types.
    Object(&'static [&'static str]),
    /// The same, or this word.
    ObjectOr(&'static [&'static str], &'static str),
    /// Ids or names, separated by commas.
    Objects(&'static [&'static str]),
}

/// When `key` is given with this value, one of the attributes must be given too.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// The attribute that asks.
    pub key: &'static str,
    /// With this value; without one, with any.
    pub value: Option<&'static str>,
    /// For one of these.
    pub one_of: &'static [&'static str],
}

/// `on`, `to` or `from` and the types that may follow it.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    /// The word.
    pub preposition: &'static str,
    /// Object types.
    pub types: &'static [&'static str],
    /// Attributes that take less beside such an object, by key.
    pub limits: &'static [(&'static str, Kind)],
    /// Releases that know it.
    pub known: Known,
}

impl Form {
    /// Whether the type may follow the verb, in any case.
    pub fn takes_type(&self, object_type: &str) -> bool {
        holds(self.types, object_type)
    }

    /// All attributes with this key, in any release.
    pub fn attributes_named<'a>(&self, key: &'a str) -> impl Iterator<Item = &'static Attr> + use<'a> {
        self.all_attributes()
            .filter(move |attr| attr.key.eq_ignore_ascii_case(key))
    }

    /// All attributes, in any release.
    pub fn all_attributes(&self) -> impl Iterator<Item = &'static Attr> + use<> {
        self.attributes.iter().copied().flatten()
    }
}
