//! The difference between two discoveries of an estate, as sentences that say what it means.

use super::facts::{Entry, Fact, Value, entries, label};
use super::{Estate, Kind, Problem, kind::capital};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else of itself.
    Changed,
    /// It could not be read this time; whether it changed is not known.
    Unreadable,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What became of the object.
    pub nature: Nature,
    /// The estate changes so by itself while it works: free space, running state, the server that a VM runs on.
    pub volatile: bool,
    /// Type of the object.
    pub kind: Kind,
    /// Its id, in the newer estate when it is there.
    pub id: String,
    /// Its name, likewise.
    pub name: String,
    /// What it means, as a sentence.
    pub sentence: String,
}

/// What changed from the first estate to the second, in the order of types and names. Equal estates give nothing.
pub fn difference(old: &Estate, new: &Estate) -> Vec<Change> {
    let mut changes = entry_difference(&entries(old), &entries(new));
    for change in &mut changes {
        match change.nature {
            Nature::Removed => note_unreadable(change, &new.problems),
            Nature::Added if reason(change, &old.problems).is_some() => {
                change.nature = Nature::Changed;
                change.sentence = format!("{} {} can be read again.", capital(change.kind.words()), change.name);
            }
            _ => {}
        }
    }
    changes
}

fn note_unreadable(change: &mut Change, problems: &[Problem]) {
    if let Some(reason) = reason(change, problems) {
        let (kind, name) = (capital(change.kind.words()), &change.name);
        change.sentence = format!("{kind} {name} could not be read: {reason}.");
        change.nature = Nature::Unreadable;
    }
}

fn reason<'a>(change: &Change, problems: &'a [Problem]) -> Option<&'a str> {
    let is_it = |problem: &&Problem| problem.id == change.id && problem.object_type == change.kind.type_name();
    problems.iter().find(is_it).map(|problem| problem.reason.as_str())
}

/// [`difference`] of estates in uniform form.
pub(super) fn entry_difference(old: &[Entry], new: &[Entry]) -> Vec<Change> {
    let (before, after) = (Side::of(old), Side::of(new));
    let mut changes = Vec::new();
    for (key, entry) in &before.by_key {
        match after.by_key.get(key) {
            Some(now) => compare(&mut changes, (&before, entry), (&after, now)),
            None if owner_is_in(&after, entry) => changes.push(gone(&before, entry)),
            None => {}
        }
    }
    let added = after
        .by_key
        .iter()
        .filter(|(key, entry)| !before.by_key.contains_key(*key) && owner_is_in(&before, entry));
    changes.extend(added.map(|(_, entry)| come(&after, entry)));
    changes.sort_by(|left, right| (left.kind, &left.name, &left.id).cmp(&(right.kind, &right.name, &right.id)));
    changes
}

/// What comes or goes with its machine is not told on its own.
fn owner_is_in(side: &Side<'_>, entry: &Entry) -> bool {
    entry
        .owner
        .as_ref()
        .is_none_or(|owner| side.owners.contains_key(owner.as_str()))
}

/// One estate, for looking up.
struct Side<'a> {
    by_key: BTreeMap<(Kind, String), &'a Entry>,
    /// Machines by id.
    owners: HashMap<&'a str, &'a Entry>,
}

impl<'a> Side<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let machines = entries.iter().filter(|entry| entry.kind == Kind::Vm);
        Self {
            by_key: entries
                .iter()
                .map(|entry| ((entry.kind, identity(entry)), entry))
                .collect(),
            owners: machines.map(|entry| (entry.id.as_str(), entry)).collect(),
        }
    }

    /// `VM web01`, `vNIC 00:21:f6:00:00:01 of VM web01`, `slot 2 of VM db01`.
    fn title(&self, entry: &Entry) -> String {
        let own = match entry.kind {
            Kind::VmDiskMapping => format!("slot {}", entry.text(label::SLOT)),
            Kind::Vnic if !entry.text(label::MAC).is_empty() => format!("vNIC {}", entry.text(label::MAC)),
            kind => format!("{kind} {}", entry.name),
        };
        match self.owner(entry) {
            Some(owner) => format!("{own} of {owner}"),
            None => own,
        }
    }

    fn owner(&self, entry: &Entry) -> Option<String> {
        let owner = self.owners.get(entry.owner.as_deref()?)?;
        Some(format!("{} {}", owner.kind, owner.name))
    }
}

/// What makes two entries the same object: the id; for a mapping its slot, since a replaced disk is a new mapping.
fn identity(entry: &Entry) -> String {
    match (entry.kind, &entry.owner) {
        (Kind::VmDiskMapping, Some(owner)) => format!("{owner} {}", entry.text(label::SLOT)),
        _ => entry.id.clone(),
    }
}

fn come(side: &Side<'_>, entry: &Entry) -> Change {
    let sentence = match side.owner(entry) {
        Some(owner) => format!("{owner} gained {}.", part(entry)),
        None => format!("{} was added.", capital(&side.title(entry))),
    };
    change(entry, Nature::Added, false, sentence)
}

fn gone(side: &Side<'_>, entry: &Entry) -> Change {
    let sentence = match side.owner(entry) {
        Some(owner) => format!("{owner} lost {}.", part(entry)),
        None => format!("{} was removed.", capital(&side.title(entry))),
    };
    change(entry, Nature::Removed, false, sentence)
}

/// A part of a machine with what matters about it.
fn part(entry: &Entry) -> String {
    match entry.kind {
        Kind::Vnic => {
            let mac = Some(entry.text(label::MAC))
                .filter(|mac| !mac.is_empty())
                .unwrap_or(&entry.name);
            match entry.text(label::NETWORK) {
                "" => format!("vNIC {mac}"),
                network => format!("vNIC {mac} on network {network}"),
            }
        }
        _ => format!("disk {} in slot {}", entry.text(label::DISK), entry.text(label::SLOT)),
    }
}

fn compare(changes: &mut Vec<Change>, (before, old): (&Side<'_>, &Entry), (after, new): (&Side<'_>, &Entry)) {
    let title = after.title(new);
    // The new mapping of a replaced disk has a name of its own, of course.
    if old.name != new.name && old.id == new.id {
        let sentence = format!("{} was renamed to {}.", capital(&before.title(old)), new.name);
        changes.push(change(new, Nature::Changed, false, sentence));
    }
    let missing = |fact: &Fact| Fact {
        values: Vec::new(),
        ..fact.clone()
    };
    for (label, was) in &old.facts {
        let absent = missing(was);
        let is = new.facts.get(label).unwrap_or(&absent);
        changes.extend(
            sentences(&title, label, was, is).map(|(volatile, text)| change(new, Nature::Changed, volatile, text)),
        );
    }
    for (label, is) in new.facts.iter().filter(|(label, _)| !old.facts.contains_key(*label)) {
        let absent = missing(is);
        changes.extend(
            sentences(&title, label, &absent, is).map(|(volatile, text)| change(new, Nature::Changed, volatile, text)),
        );
    }
}

/// What a fact that differs means, and whether it is volatile.
fn sentences<'a>(
    title: &'a str,
    label: &'a str,
    was: &Fact,
    is: &Fact,
) -> impl Iterator<Item = (bool, String)> + use<'a> {
    let without = |values: &[Value], others: &[Value]| -> Vec<String> {
        let left = values
            .iter()
            .filter(|value| !others.iter().any(|other| other.means(value)));
        left.map(|value| value.show().to_owned()).collect()
    };
    let (lost, gained) = (without(&was.values, &is.values), without(&is.values, &was.values));
    let volatile = was.volatile || is.volatile;
    let texts = match (lost.as_slice(), gained.as_slice()) {
        ([], []) => Vec::new(),
        ([_, ..], [_, ..]) if label == label::VM_CFG => vec![format!("vm.cfg of {title} changed.")],
        ([lost], [gained]) if label == label::DISK => {
            vec![format!("The disk in {title} was replaced: {gained} instead of {lost}.")]
        }
        ([lost], [gained]) => vec![format!(
            "{} of {title} changed from {lost} to {gained}.",
            capital(label)
        )],
        _ => {
            let gained = gained
                .iter()
                .map(|value| format!("{} gained {label} {value}.", capital(title)));
            let lost = lost
                .iter()
                .map(|value| format!("{} lost {label} {value}.", capital(title)));
            gained.chain(lost).collect()
        }
    };
    texts.into_iter().map(move |text| (volatile, text))
}

fn change(entry: &Entry, nature: Nature, volatile: bool, sentence: String) -> Change {
    Change {
        nature,
        volatile,
        kind: entry.kind,
        id: entry.id.clone(),
        name: entry.name.clone(),
        sentence,
    }
}

#[cfg(test)]
mod tests;
