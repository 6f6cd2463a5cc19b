//! The few words that the tables are written with: `create(...)`, `must(...)`, `on(...)` and the like.

use super::model::{Attr, Form, Instance, Join, Kind, Known, Need};
use crate::ovmcli::Version;

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
            exclusive: &[],
            needs: &[],
            joins: &[],
            join_optional: false,
            brings: &[],
            finds: &[],
            known: Known::ALWAYS,
        }
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

    pub(super) const fn exclusive(mut self, groups: &'static [&'static [&'static str]]) -> Self {
        self.exclusive = groups;
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

    pub(super) const fn finds(mut self, types: &'static [&'static str]) -> Self {
        self.finds = types;
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
            limits: &[],
            known: Known::ALWAYS,
        }
    }

    pub(super) const fn limits(mut self, limits: &'static [(&'static str, Kind)]) -> Self {
        self.limits = limits;
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
