//! `server/docs/switches.md` tells of every switch with its values, and of every fault.

use lab::{Fault, Switches};
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../../docs/switches.md");

/// The row of a table whose first cell begins with this word.
fn row(word: &str) -> &'static str {
    let begins = format!("| `{word}`");
    let mut rows = DOCUMENT.lines().filter(|line| line.starts_with(&begins));
    let row = rows.next().unwrap_or_else(|| panic!("{word} is not in the document"));
    assert_eq!(rows.next(), None, "{word} is in the document twice");
    row
}

/// What stands first in the rows of all tables.
fn words() -> BTreeSet<&'static str> {
    let begin = |line: &'static str| line.strip_prefix("| `")?.split('`').next();
    DOCUMENT.lines().filter_map(begin).collect()
}

fn switches() -> BTreeSet<String> {
    let value = serde_json::to_value(Switches::default()).unwrap();
    value.as_object().unwrap().keys().cloned().collect()
}

/// The kinds of faults, as the reader of JSON lists them when it meets one that it does not know.
fn faults() -> BTreeSet<String> {
    let unknown = serde_json::from_str::<Fault>(r#"{"kind":""}"#).unwrap_err().to_string();
    let (_, known) = unknown.split_once("expected one of").unwrap();
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_switch_and_every_fault_has_a_row() {
    let (switches, faults) = (switches(), faults());
    assert!(switches.len() > 40 && faults.len() > 15, "{switches:?} {faults:?}");
    for word in switches.iter().chain(&faults) {
        row(word);
    }
    let strangers: Vec<_> = words()
        .into_iter()
        .filter(|word| !switches.contains(*word) && !faults.contains(*word))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?} are neither switches nor faults");
}

#[test]
fn every_other_value_of_a_switch_is_in_its_row() {
    for (name, _) in Switches::single_variations() {
        let (switch, value) = name.split_once('=').unwrap();
        assert!(row(switch).contains(&format!("`{value}`")), "{name}");
    }
}
