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

/// Where an object itself holds the text, which is in lower case: its name, its id, or the label of what it says of itself.
/// The text of a `vm.cfg` repeats what the attributes say.
pub fn found<'a>(entry: &'a Entry, wanted: &str) -> Option<(&'a str, &'a str)> {
    let facts = entry.facts.iter().filter(|(label, _)| *label != VM_CFG);
    let texts = facts.flat_map(|(label, fact)| fact.values.iter().map(move |value| (label, value)));
    let texts = texts.filter_map(|(label, value)| match value {
        Value::Text(text) => Some((label.as_str(), text.as_str())),
        Value::Object { .. } => None,
    });
    [("name", entry.name.as_str()), ("id", entry.id.as_str())]
        .into_iter()
        .chain(texts)
        .find(|(_, text)| text.to_lowercase().contains(wanted))
}

/// Whether an object holds the text, or names an object whose name or id does.
pub fn mentions(entry: &Entry, wanted: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    let mut values = entry.facts.values().flat_map(|fact| &fact.values);
    found(entry, wanted).is_some()
        || values.any(|value| matches!(value, Value::Object { id, name, .. } if holds(id) || holds(name)))
}

/// The label under which the text of a `vm.cfg` stands.
pub const VM_CFG: &str = "vm.cfg";

#[cfg(test)]
mod tests {
    use super::*;
    use ovm::estate::Fact;

    #[test]
    fn an_object_is_found_by_its_own_words_and_mentions_its_neighbours() {
        let fact = |value| Fact {
            volatile: false,
            modelled: true,
            told_elsewhere: false,
            values: vec![value],
        };
        let neighbour = Value::Object {
            kind: Some(Kind::Repository),
            id: "r1".into(),
            name: "Gold".into(),
        };
        let entry = Entry {
            kind: Kind::PhysicalDisk,
            id: "l1".into(),
            name: "LUN a".into(),
            owner: None,
            facts: [
                ("WWID".to_owned(), fact(Value::Text("3600A".into()))),
                ("storage repository".to_owned(), fact(neighbour)),
                (VM_CFG.to_owned(), fact(Value::Text("memory".into()))),
            ]
            .into(),
        };
        assert_eq!(found(&entry, "3600a"), Some(("WWID", "3600A")));
        assert_eq!(found(&entry, "lun"), Some(("name", "LUN a")));
        assert_eq!((found(&entry, "gold"), mentions(&entry, "gold")), (None, true));
        assert!(!mentions(&entry, "memory"));
    }
}
