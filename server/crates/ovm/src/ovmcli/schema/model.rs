//! What the tables are made of, and the few words that they are written with: [`create`], [`on_object`], [`must`],
//! [`may`] and the like.

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
    /// Attributes that others ask for.
    pub needs: &'static [Need],
    /// The second object; one of the joins must fit.
    pub joins: &'static [Join],
    /// The second object may be left out.
    pub join_optional: bool,
    /// Types of which the command makes objects under names that it does not give.
    pub brings: &'static [&'static str],
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
    /// Releases that know it.
    pub known: Known,
}

impl Form {
    const fn new(verb: &'static str, types: &'static [&'static str], instance: Instance) -> Self {
        Self {
            verb,
            types,
            instance,
            embedded: None,
            attributes: &[],
            open: false,
            changes: false,
            one_of: &[],
            needs: &[],
            joins: &[],
            join_optional: false,
            brings: &[],
            known: Known::ALWAYS,
        }
    }

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

    pub(super) const fn takes(mut self, attributes: &'static [&'static [Attr]]) -> Self {
        self.attributes = attributes;
        self
    }

    pub(super) const fn open(mut self) -> Self {
        self.open = true;
        self
    }

    pub(super) const fn one_of(mut self, groups: &'static [&'static [&'static str]]) -> Self {
        self.one_of = groups;
        self
    }

    pub(super) const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    pub(super) const fn joined(mut self, joins: &'static [Join]) -> Self {
        self.joins = joins;
        self
    }

    pub(super) const fn perhaps_joined(mut self, joins: &'static [Join]) -> Self {
        self.join_optional = true;
        self.joined(joins)
    }

    pub(super) const fn brings(mut self, types: &'static [&'static str]) -> Self {
        self.brings = types;
        self
    }

    pub(super) const fn since(mut self, version: Version) -> Self {
        self.known.since = version;
        self
    }

    pub(super) const fn until(mut self, version: Version) -> Self {
        self.known.until = version;
        self
    }
}

/// `create Type ...`.
pub(super) const fn create(types: &'static [&'static str]) -> Form {
    Form::new("create", types, Instance::No)
}

/// `edit Type id=... ...`; something must change.
pub(super) const fn edit(types: &'static [&'static str]) -> Form {
    let mut form = on_object("edit", types);
    form.changes = true;
    form
}

/// `verb Type id=... ...`.
pub(super) const fn on_object(verb: &'static str, types: &'static [&'static str]) -> Form {
    Form::new(verb, types, Instance::Required)
}

/// `verb Type`.
pub(super) const fn on_type(verb: &'static str, types: &'static [&'static str]) -> Form {
    Form::new(verb, types, Instance::No)
}

/// `verb ...`, without an object.
pub(super) const fn plain(verb: &'static str) -> Form {
    Form::new(verb, &[], Instance::No)
}

/// `set ...`, without an object; something must be set.
pub(super) const fn setting(verb: &'static str) -> Form {
    let mut form = plain(verb);
    form.changes = true;
    form
}

/// `verb Type id=... embedded ...`.
pub(super) const fn inside(verb: &'static str, types: &'static [&'static str], embedded: &'static str) -> Form {
    let mut form = on_object(verb, types);
    form.embedded = Some(embedded);
    form
}

impl Attr {
    const fn new(key: &'static str, kind: Kind, mandatory: bool) -> Self {
        Self {
            key,
            kind,
            mandatory,
            default: None,
            known: Known::ALWAYS,
        }
    }

    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(super) const fn since(mut self, version: Version) -> Self {
        self.known.since = version;
        self
    }

    pub(super) const fn until(mut self, version: Version) -> Self {
        self.known.until = version;
        self
    }
}

/// A mandatory attribute.
pub(super) const fn must(key: &'static str, kind: Kind) -> Attr {
    Attr::new(key, kind, true)
}

/// An attribute that may be left out.
pub(super) const fn may(key: &'static str, kind: Kind) -> Attr {
    Attr::new(key, kind, false)
}

impl Join {
    const fn new(preposition: &'static str, types: &'static [&'static str]) -> Self {
        Self {
            preposition,
            types,
            known: Known::ALWAYS,
        }
    }

    pub(super) const fn until(mut self, version: Version) -> Self {
        self.known.until = version;
        self
    }
}

/// `on Type id=...`.
pub(super) const fn on(types: &'static [&'static str]) -> Join {
    Join::new("on", types)
}

/// `to Type id=...`.
pub(super) const fn to(types: &'static [&'static str]) -> Join {
    Join::new("to", types)
}

/// `from Type id=...`.
pub(super) const fn from(types: &'static [&'static str]) -> Join {
    Join::new("from", types)
}

/// A description: the Manager takes 4,000 characters.
const DESCRIPTION: Attr = may("description", Kind::Short(4000));

/// What every new object has.
pub(super) const NAMED: &[Attr] = &[must("name", Kind::Text), DESCRIPTION];

/// What has a name of its own form.
pub(super) const DESCRIBED: &[Attr] = &[DESCRIPTION];

/// What of it can be changed.
pub(super) const RENAMED: &[Attr] = &[may("name", Kind::Text), DESCRIPTION];

/// A whole number without known bounds.
pub(super) const NUMBER: Kind = Kind::Number(0, u32::MAX as u64, "");
