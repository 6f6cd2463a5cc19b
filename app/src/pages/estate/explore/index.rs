//! The objects of an estate and how they refer to each other, both ways.

use domain::services::EstateView;
use ovm::estate::{Entry, Kind, Value, described};
use std::collections::HashMap;

/// Place of an object in an [`Index`].
pub type At = usize;

/// All objects of an estate.
pub struct Index {
    /// The objects, in the order of their types.
    pub entries: Vec<Entry>,
    places: HashMap<(Kind, String), At>,
    /// For each object those that it names.
    named: Vec<Vec<At>>,
    /// For each object those that name it, with the label under which they do.
    naming: Vec<Vec<(At, String)>>,
}

impl Index {
    /// The objects of an estate.
    pub fn of(view: &EstateView) -> Self {
        let entries = described(&view.estate);
        let key = |entry: &Entry| (entry.kind, entry.id.clone());
        let places: HashMap<_, _> = entries.iter().enumerate().map(|(at, entry)| (key(entry), at)).collect();
        let mut index = Self {
            named: vec![Vec::new(); entries.len()],
            naming: vec![Vec::new(); entries.len()],
            entries,
            places,
        };
        index.connect();
        index
    }

    fn connect(&mut self) {
        for (at, entry) in self.entries.iter().enumerate() {
            let owner = entry.owner.iter().map(|id| (Kind::Vm, id, "part of"));
            let facts = entry.facts.iter().flat_map(|(label, fact)| {
                fact.values.iter().filter_map(move |value| match value {
                    Value::Object {
                        kind: Some(kind), id, ..
                    } => Some((*kind, id, label.as_str())),
                    _ => None,
                })
            });
            for (kind, id, label) in owner.chain(facts) {
                if let Some(&other) = self.places.get(&(kind, id.clone())) {
                    self.named[at].push(other);
                    self.naming[other].push((at, label.to_owned()));
                }
            }
        }
    }

    /// The object of this type with this id.
    pub fn find(&self, kind: Kind, id: &str) -> Option<At> {
        self.places.get(&(kind, id.to_owned())).copied()
    }

    /// The machine that it is part of.
    pub fn owner(&self, entry: &Entry) -> Option<&Entry> {
        let at = self.find(Kind::Vm, entry.owner.as_deref()?)?;
        self.entries.get(at)
    }

    /// The objects that name it, with the label under which they do.
    pub fn naming(&self, at: At) -> &[(At, String)] {
        &self.naming[at]
    }

    /// The first object of this type that it names or that names it.
    pub fn neighbour(&self, at: At, kind: Kind) -> Option<At> {
        let named = self.named[at].iter().copied();
        let naming = self.naming[at].iter().map(|(other, _)| *other);
        named.chain(naming).find(|other| self.entries[*other].kind == kind)
    }

    /// The objects of a type.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    /// How many objects there are of each type that there is any of.
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        let count = |kind| (kind, self.of_kind(kind).count());
        Kind::ALL
            .into_iter()
            .map(count)
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

/// Where an object holds the text, which is in lower case: its name, its id, or the label of what it says of itself.
pub fn found<'a>(entry: &'a Entry, wanted: &str) -> Option<(&'a str, &'a str)> {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    if holds(&entry.name) {
        return Some(("name", &entry.name));
    }
    if holds(&entry.id) {
        return Some(("id", &entry.id));
    }
    let facts = entry.facts.iter().filter(|(_, fact)| !fact.told_elsewhere);
    facts.into_iter().find_map(|(label, fact)| {
        let value = fact.values.iter().find(|value| match value {
            Value::Text(text) => holds(text),
            Value::Object { id, name, .. } => holds(id) || holds(name),
        })?;
        Some((label.as_str(), value.show()))
    })
}
