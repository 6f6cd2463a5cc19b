//! The table is consistent with itself.

use super::*;
use crate::ovmcli::Version;
use std::collections::{BTreeMap, BTreeSet};

fn words_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Object(types) | Kind::ObjectOr(types, _) | Kind::Objects(types) => types,
        _ => &[],
    }
}

#[test]
fn in_each_release_a_verb_and_type_have_one_form() {
    for version in Version::ALL {
        let mut seen = BTreeSet::new();
        for form in forms().filter(|form| form.known.is_in(version)) {
            for object_type in if form.types.is_empty() { &[""] } else { form.types } {
                let known = object_type.is_empty() || self::object_type(object_type).unwrap().known.is_in(version);
                let new = seen.insert((form.verb.to_lowercase(), *object_type));
                assert!(!known || new, "{version}: {} {object_type} has two forms", form.verb);
            }
        }
    }
}

#[test]
fn every_type_that_a_form_names_exists() {
    for form in forms() {
        let of_joins = form.joins.iter().flat_map(|join| join.types);
        let of_attributes = form.all_attributes().flat_map(|attr| words_of(attr.kind));
        for name in form
            .types
            .iter()
            .chain(form.brings)
            .chain(form.finds)
            .chain(of_joins)
            .chain(of_attributes)
        {
            assert_eq!(object_type(name).map(|known| known.name), Some(*name), "{}", form.verb);
        }
    }
}

#[test]
fn in_each_release_a_key_stands_once_and_groups_name_keys() {
    for form in forms() {
        for version in Version::ALL {
            let mut seen = BTreeMap::new();
            for attr in form.all_attributes().filter(|attr| attr.known.is_in(version)) {
                *seen.entry(attr.key.to_lowercase()).or_insert(0) += 1;
            }
            assert!(
                seen.values().all(|times| *times == 1),
                "{} {:?}: {seen:?}",
                form.verb,
                form.types
            );
        }
        let groups = form.one_of.iter().chain(form.exclusive).copied().flatten();
        let needs = form.needs.iter().flat_map(|need| need.one_of.iter().chain([&need.key]));
        for key in groups.chain(needs) {
            assert_eq!(form.attributes_named(key).count(), 1, "{} {key}", form.verb);
        }
    }
}

#[test]
fn types_are_sorted_and_releases_in_order() {
    assert!(OBJECT_TYPES.is_sorted_by_key(|known| known.name.to_lowercase()));
    let spans = forms()
        .map(|form| form.known)
        .chain(forms().flat_map(Form::all_attributes).map(|attr| attr.known));
    assert!(spans.into_iter().all(|known| known.since <= known.until));
    assert_eq!(Known::ALWAYS.to_string(), "3.2, 3.3 and 3.4");
}
