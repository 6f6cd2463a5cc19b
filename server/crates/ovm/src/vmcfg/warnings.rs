//! What a person should look at in a file that can be read.

use super::{DiskEntry, DiskKind, Value, VifEntry, strings};
use std::collections::{HashMap, HashSet};

/// Sentences with the number of the entry that each is about.
pub(super) fn of(entries: &[(String, Value)]) -> Vec<(usize, String)> {
    let mut warnings = Vec::new();
    let last: HashMap<_, _> = entries.iter().enumerate().map(|(at, (key, _))| (key, at)).collect();
    let mut seen = HashSet::new();
    for (at, (key, value)) in entries.iter().enumerate() {
        let counts = last.get(key) == Some(&at);
        let again = !seen.insert(key);
        let mut warn = |sentence: String| warnings.push((at, sentence));
        if again {
            warn(format!("`{key}` is set more than once; the last value counts."));
        }
        match key.as_str() {
            "disk" if counts => {
                incomplete(
                    value,
                    "`disk` is not a list of strings; its disks are incomplete.",
                    &mut warn,
                );
                strings(value).for_each(|element| disk(element, &mut warn));
            }
            "vif" if counts => {
                incomplete(
                    value,
                    "`vif` is not a list of strings; its network cards are incomplete.",
                    &mut warn,
                );
                strings(value).for_each(|element| vif(element, &mut warn));
            }
            _ => {}
        }
    }
    warnings
}

fn incomplete(value: &Value, sentence: &str, warn: &mut impl FnMut(String)) {
    let all_text = |list: &[Value]| list.iter().all(|element| element.as_text().is_some());
    if !value.as_list().is_some_and(all_text) {
        warn(sentence.to_owned());
    }
}

fn disk(element: &str, warn: &mut impl FnMut(String)) {
    match DiskEntry::parse(element).map(|disk| disk.kind) {
        None => warn(format!("The disk `{element}` cannot be understood.")),
        Some(DiskKind::Other(kind)) => warn(format!("The disk `{element}` is of the unknown kind `{kind}`.")),
        Some(DiskKind::File | DiskKind::Physical) => {}
    }
}

fn vif(element: &str, warn: &mut impl FnMut(String)) {
    let vif = VifEntry::parse(element);
    if vif.bridge.is_none() {
        let card = vif.mac.as_deref().unwrap_or("without a MAC address");
        warn(format!("The network card {card} names no bridge."));
    }
}
