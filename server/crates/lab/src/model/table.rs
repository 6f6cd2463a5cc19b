//! The objects by id, with what finds them otherwise: by type, by name, and by what refers to them. So a command on an
//! estate of many thousand objects costs no more than one on a small estate.

use super::{Kind, Object};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

type Ids = BTreeSet<String>;

/// All objects. Changed only through [`Table::insert`], [`Table::remove`] and [`Table::update`], which keep the indices.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "BTreeMap<String, Object>")]
pub struct Table {
    objects: BTreeMap<String, Object>,
    kinds: BTreeMap<Kind, Ids>,
    names: BTreeMap<Kind, BTreeMap<String, Ids>>,
    /// Who refers to an id.
    referrers: BTreeMap<String, BTreeMap<Kind, Ids>>,
}

impl From<BTreeMap<String, Object>> for Table {
    fn from(objects: BTreeMap<String, Object>) -> Self {
        let mut table = Self::default();
        for object in objects.into_values() {
            table.insert(object);
        }
        table
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.objects.serialize(serializer)
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.objects == other.objects
    }
}

impl Table {
    /// The object with this id.
    pub fn get(&self, id: &str) -> Option<&Object> {
        self.objects.get(id)
    }

    /// All objects in the order of their ids.
    pub fn values(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// All ids in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.objects.keys()
    }

    /// The objects of a kind in the order of their ids.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.found(self.kinds.get(&kind))
    }

    /// The objects of a kind with this name.
    pub fn named(&self, kind: Kind, name: &str) -> impl Iterator<Item = &Object> {
        self.found(self.names.get(&kind).and_then(|names| names.get(name)))
    }

    /// The objects of a kind that refer to an id.
    pub fn referrers(&self, id: &str, kind: Kind) -> impl Iterator<Item = &Object> {
        self.found(self.referrers.get(id).and_then(|kinds| kinds.get(&kind)))
    }

    /// The ids of all objects that refer to an id.
    pub fn all_referrers(&self, id: &str) -> Vec<String> {
        let kinds = self.referrers.get(id).into_iter().flatten();
        kinds.flat_map(|(_, ids)| ids.iter().cloned()).collect()
    }

    /// Adds an object, or puts it in the place of the one with its id.
    pub fn insert(&mut self, object: Object) {
        self.remove(&object.id);
        let (id, kind) = (object.id.clone(), object.kind());
        for target in object.body.references() {
            let kinds = self.referrers.entry(target.to_owned()).or_default();
            kinds.entry(kind).or_default().insert(id.clone());
        }
        self.kinds.entry(kind).or_default().insert(id.clone());
        let names = self.names.entry(kind).or_default();
        names.entry(object.name.clone()).or_default().insert(id.clone());
        self.objects.insert(id, object);
    }

    /// Takes an object out. What refers to it still does.
    pub fn remove(&mut self, id: &str) -> Option<Object> {
        let object = self.objects.remove(id)?;
        let kind = object.kind();
        for target in object.body.references() {
            if let Some(kinds) = self.referrers.get_mut(target) {
                strike(kinds, &kind, id);
                if kinds.is_empty() {
                    self.referrers.remove(target);
                }
            }
        }
        strike(&mut self.kinds, &kind, id);
        if let Some(names) = self.names.get_mut(&kind) {
            strike(names, &object.name, id);
        }
        Some(object)
    }

    /// Changes an object, unless there is none.
    pub fn update<R>(&mut self, id: &str, change: impl FnOnce(&mut Object) -> R) -> Option<R> {
        let mut object = self.remove(id)?;
        let result = change(&mut object);
        self.insert(object);
        Some(result)
    }

    fn found<'a>(&'a self, ids: Option<&'a Ids>) -> impl Iterator<Item = &'a Object> {
        ids.into_iter().flatten().filter_map(|id| self.objects.get(id))
    }
}

/// Takes an id out of an index entry; an entry without ids goes too.
fn strike<K: Ord + Clone>(index: &mut BTreeMap<K, Ids>, key: &K, id: &str) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Tag};

    fn tag(id: &str, name: &str, members: &[&str]) -> Object {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        Object::new(id, name, Body::Tag(Tag { members }))
    }

    fn ids<'a>(found: impl Iterator<Item = &'a Object>) -> Vec<&'a str> {
        found.map(|object| object.id.as_str()).collect()
    }

    #[test]
    fn the_indices_follow_every_change() {
        let mut table = Table::default();
        table.insert(tag("1", "one", &["x", "y"]));
        table.insert(tag("2", "one", &["x"]));
        assert_eq!(ids(table.named(Kind::Tag, "one")), ["1", "2"]);
        assert_eq!(ids(table.referrers("x", Kind::Tag)), ["1", "2"]);
        table.update("1", |object| {
            object.name = "other".to_owned();
            object.body = Body::Tag(Tag::default());
        });
        assert_eq!(ids(table.named(Kind::Tag, "one")), ["2"]);
        assert_eq!(ids(table.referrers("x", Kind::Tag)), ["2"]);
        assert_eq!(ids(table.referrers("y", Kind::Tag)), [""; 0]);
        table.remove("2");
        assert_eq!(ids(table.of_kind(Kind::Tag)), ["1"]);
        assert_eq!(table.all_referrers("x"), [""; 0]);
        let stored = serde_json::to_string(&table).unwrap();
        let read: Table = serde_json::from_str(&stored).unwrap();
        assert_eq!(ids(read.named(Kind::Tag, "other")), ["1"]);
    }
}
