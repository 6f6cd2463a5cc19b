//! Compares a rebuilt estate with the original: equal up to ids, and up to what no script can restore.

use super::diff::{Change, entry_difference};
use super::facts::{Entry, Fact, Value, entries, label};
use super::{Estate, Kind, object::stem};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Something that no script restores. All of them are listed here, and at the top of every script.
pub struct NotRestored {
    /// For people.
    pub sentence: &'static str,
    /// Types that it is about; none means all.
    kinds: &'static [Kind],
    what: What,
}

enum What {
    /// Only to be told: the comparison does not look at it.
    Told,
    /// The objects themselves: they are found, not made.
    Objects,
    /// Attributes that the model only keeps.
    Unmodelled,
    /// Facts whose label has one of these stems, or begins with it.
    Labels(&'static [&'static str]),
    /// Facts that change by themselves.
    Volatile,
}

/// The classes of things that do not come back.
pub const NOT_RESTORED: [NotRestored; 11] = [
    NotRestored {
        sentence: "All objects get new ids; names that held an old id are made anew.",
        kinds: &[],
        what: What::Told,
    },
    NotRestored {
        sentence: "Passwords and other secrets are not in the script: fill in each ${...} when you send it.",
        kinds: &[],
        what: What::Told,
    },
    NotRestored {
        sentence: "Disks are made empty; contents of disks, LUNs and CD images come from backups.",
        kinds: &[],
        what: What::Told,
    },
    NotRestored {
        sentence: "What changes by itself is not restored: running state, free space, the server that a machine runs on.",
        kinds: &[],
        what: What::Volatile,
    },
    NotRestored {
        sentence: "The Manager writes each vm.cfg anew: values that were set in the file by hand are not restored.",
        kinds: &[Kind::Vm],
        what: What::Labels(&[
            label::VM_CFG,
            "origin",
            "mountedpath",
            "kernelversion",
            "sslvncport",
            "sslttyport",
        ]),
    },
    NotRestored {
        sentence: "A template comes back as a stopped machine; make a template of it by `clone Vm`.",
        kinds: &[Kind::Vm],
        what: What::Labels(&[label::TEMPLATE]),
    },
    NotRestored {
        sentence: "CD images are files: put them back into their repositories first. Drives come back with their image only.",
        kinds: &[Kind::VirtualCdrom],
        what: What::Objects,
    },
    NotRestored {
        sentence: "The Manager's own settings and the volume groups of storage arrays are not restored.",
        kinds: &[Kind::Manager, Kind::VolumeGroup],
        what: What::Objects,
    },
    NotRestored {
        sentence: "Servers, network ports and LUNs are found, not made: what they say of their hardware is theirs.",
        kinds: &[Kind::Server, Kind::Port, Kind::PhysicalDisk],
        what: What::Unmodelled,
    },
    NotRestored {
        sentence: "Addresses of ports, bonds and VLAN interfaces are not set; sizes of file systems are what storage gives.",
        kinds: &[Kind::BondPort, Kind::VlanInterface, Kind::FileSystem],
        what: What::Labels(&["ipaddress", "size", "macaddress"]),
    },
    NotRestored {
        sentence: "Which server of a pool is its master is settled by the pool.",
        kinds: &[Kind::ServerPool],
        what: What::Labels(&["master"]),
    },
];

/// What differs between the original and the rebuilt estate; nothing when they are equal up to ids and
/// [`NOT_RESTORED`]. Ids in the answer are those of the original where there is one.
pub fn compare(original: &Estate, rebuilt: &Estate) -> Vec<Change> {
    let old_ids = IdsInNames::of(original);
    let mut original = restorable(entries(original));
    let mut rebuilt = restorable(entries(rebuilt));
    let ids = Matching::of(&original, &rebuilt).ids;
    for entry in &mut rebuilt {
        entry.renumber(&ids);
    }
    forget_names_with_ids(&old_ids, &mut original, &mut rebuilt);
    entry_difference(&original, &rebuilt)
}

/// Without everything that is [`NOT_RESTORED`].
fn restorable(mut entries: Vec<Entry>) -> Vec<Entry> {
    let about = |entry: &Entry| -> Vec<&NotRestored> {
        let kind = entry.kind;
        let about = |rule: &&NotRestored| rule.kinds.is_empty() || rule.kinds.contains(&kind);
        NOT_RESTORED.iter().filter(about).collect()
    };
    let is_found = |entry: &Entry| about(entry).iter().any(|rule| matches!(rule.what, What::Objects));
    let found: HashSet<String> = entries
        .iter()
        .filter(|entry| is_found(entry))
        .map(|entry| entry.id.clone())
        .collect();
    // A drive with an image in it is there only when the image is.
    let holds_found = |entry: &Entry| {
        let disk = entry.facts.get(label::DISK).and_then(|fact| fact.values.first());
        matches!(disk, Some(Value::Object { id, .. }) if found.contains(id))
    };
    entries.retain(|entry| !is_found(entry) && !holds_found(entry));
    for entry in &mut entries {
        let rules = about(entry);
        entry
            .facts
            .retain(|label, fact| !rules.iter().any(|rule| rule.what.covers(label, fact)));
    }
    entries
}

impl What {
    fn covers(&self, label: &str, fact: &Fact) -> bool {
        match self {
            Self::Told | Self::Objects => false,
            Self::Unmodelled => !fact.modelled,
            Self::Volatile => fact.volatile,
            Self::Labels(labels) => labels.iter().any(|prefix| stem(label).starts_with(prefix)),
        }
    }
}

/// A name such as `Mapping for disk Id (0004fb....img)` cannot come back.
fn forget_names_with_ids(ids: &IdsInNames<'_>, original: &mut [Entry], rebuilt: &mut [Entry]) {
    let mut forgotten = HashSet::new();
    for entry in original.iter_mut().filter(|entry| ids.occur_in(&entry.name)) {
        entry.name.clear();
        forgotten.insert((entry.kind, entry.id.clone()));
    }
    for entry in rebuilt {
        if forgotten.contains(&(entry.kind, entry.id.clone())) {
            entry.name.clear();
        }
    }
}

/// Tells whether a name repeats the id of an object: no new Manager can give it such a name in earnest.
pub(crate) struct IdsInNames<'a>(HashSet<&'a str>);

impl<'a> IdsInNames<'a> {
    pub(crate) fn of(estate: &'a Estate) -> Self {
        let vms = estate.vms.iter();
        let parts = vms.flat_map(|vm| {
            let mappings = vm.mappings.iter().map(|mapping| mapping.id.as_str());
            let vnics = vm.vnics.iter().map(|vnic| vnic.id.as_str());
            mappings.chain(vnics).chain([vm.id.as_str()])
        });
        let ids = parts
            .chain(estate.disks.iter().map(|one| one.id.as_str()))
            .chain(estate.cdroms.iter().map(|one| one.id.as_str()))
            .chain(estate.physical_disks.iter().map(|one| one.id.as_str()))
            .chain(estate.repositories.iter().map(|one| one.id.as_str()))
            .chain(estate.pools.iter().map(|one| one.id.as_str()))
            .chain(estate.objects.iter().map(|one| one.id.as_str()));
        Self(
            ids.map(|id| id.split('.').next().unwrap_or(id))
                .filter(|id| is_id(id))
                .collect(),
        )
    }

    pub(crate) fn occur_in(&self, name: &str) -> bool {
        let mut words = name.split(|character: char| !character.is_ascii_alphanumeric());
        words.any(|word| self.0.contains(word))
    }
}

/// The usual form of an id, without a suffix such as `.img`: hexadecimal digits. Other ids are words or addresses, which
/// may well stand in a name.
fn is_id(id: &str) -> bool {
    id.len() >= 10 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Which rebuilt object is which original.
struct Matching {
    /// From rebuilt to original.
    ids: HashMap<String, String>,
}

impl Matching {
    /// Type by type, so that what an object refers to is matched before the object. Objects of the same key are told
    /// apart by all that they say.
    fn of(original: &[Entry], rebuilt: &[Entry]) -> Self {
        let (hints, rebuilt_hints) = (hints(original), hints(rebuilt));
        let mut matching = Self { ids: HashMap::new() };
        for of_kind in original.chunk_by(|left, right| left.kind == right.kind) {
            let kind = of_kind.first().map(|entry| entry.kind);
            let theirs = rebuilt.iter().filter(|entry| Some(entry.kind) == kind);
            let mut groups: BTreeMap<String, (Vec<&Entry>, Vec<&Entry>)> = BTreeMap::new();
            for entry in of_kind {
                let key = key(entry, &hints, |id| id.to_owned());
                groups.entry(key).or_default().0.push(entry);
            }
            for entry in theirs {
                let key = key(entry, &rebuilt_hints, |id| matching.translated(id));
                groups.entry(key).or_default().1.push(entry);
            }
            for (mut ours, mut theirs) in groups.into_values() {
                let hint = |hints: &HashMap<String, String>, entry: &Entry| hints.get(&entry.id).cloned();
                ours.sort_by_cached_key(|entry| (all_of(entry, |id| id.to_owned()), hint(&hints, entry)));
                theirs.sort_by_cached_key(|entry| {
                    (all_of(entry, |id| matching.translated(id)), hint(&rebuilt_hints, entry))
                });
                let pairs = theirs.iter().zip(&ours);
                let pairs: Vec<_> = pairs.map(|(their, our)| (their.id.clone(), our.id.clone())).collect();
                matching.ids.extend(pairs);
            }
        }
        // An object without original must not pass for one by its id.
        for entry in rebuilt {
            if !matching.ids.contains_key(&entry.id) {
                matching.ids.insert(entry.id.clone(), format!("new {}", entry.id));
            }
        }
        matching
    }

    fn translated(&self, id: &str) -> String {
        self.ids.get(id).cloned().unwrap_or_else(|| format!("new {id}"))
    }
}

/// What machines and disks have in their slots and cards, by id: it tells those of one name apart.
fn hints(entries: &[Entry]) -> HashMap<String, String> {
    let machines = entries.iter().filter(|entry| entry.kind == Kind::Vm);
    let names: HashMap<&str, &str> = machines.map(|entry| (entry.id.as_str(), entry.name.as_str())).collect();
    let mut hints: HashMap<String, Vec<String>> = HashMap::new();
    for entry in entries {
        let Some(owner) = &entry.owner else { continue };
        let part = format!("{}{}", entry.text(label::MAC), entry.text(label::SLOT));
        hints.entry(owner.clone()).or_default().push(part);
        for value in entry.facts.get(label::DISK).iter().flat_map(|fact| &fact.values) {
            if let Value::Object { id, .. } = value {
                let user = names.get(owner.as_str()).copied().unwrap_or_default();
                hints
                    .entry(id.clone())
                    .or_default()
                    .push(format!("{user} {}", entry.text(label::SLOT)));
            }
        }
    }
    let joined = |(id, mut parts): (String, Vec<String>)| {
        parts.sort();
        (id, parts.join(", "))
    };
    hints.into_iter().map(joined).collect()
}

/// What makes two objects of different Managers the same one.
fn key(entry: &Entry, hints: &HashMap<String, String>, translate: impl Fn(&str) -> String) -> String {
    let named = |labels: &[&str]| -> Vec<String> {
        let values = labels.iter().filter_map(|label| entry.facts.get(*label));
        let values = values.flat_map(|fact| &fact.values);
        values
            .map(|value| match value {
                Value::Text(text) => text.clone(),
                Value::Object { id, .. } => translate(id),
            })
            .collect()
    };
    let owner = entry.owner.as_deref().map(&translate).unwrap_or_default();
    let parts = match entry.kind {
        Kind::Server => named(&[label::ADDRESS]),
        Kind::PhysicalDisk => named(&[label::WWID]),
        Kind::Port => vec![entry.name.clone()],
        Kind::VlanInterface => named(&["Vlan Id", "port", "bond port"]),
        Kind::FileSystem => [named(&["file server", "physical disk", "Path"]), vec![String::new()]].concat(),
        Kind::Vnic => [vec![owner], named(&[label::MAC])].concat(),
        Kind::VmDiskMapping => [vec![owner], named(&[label::SLOT])].concat(),
        Kind::VirtualDisk => {
            let user = hints.get(&entry.id).unwrap_or(&entry.name);
            [named(&[label::REPOSITORY]), vec![user.clone()]].concat()
        }
        _ => vec![entry.name.clone()],
    };
    parts.join("\n")
}

/// Everything that an object says, for ordering those of one key.
fn all_of(entry: &Entry, translate: impl Fn(&str) -> String) -> String {
    let mut text = entry.name.clone();
    for (label, fact) in &entry.facts {
        text.push_str(&format!("\n{label}"));
        for value in &fact.values {
            match value {
                Value::Text(value) => text.push_str(&format!(" {value}")),
                Value::Object { id, .. } => text.push_str(&format!(" {}", translate(id))),
            }
        }
    }
    text
}

impl Entry {
    fn renumber(&mut self, ids: &HashMap<String, String>) {
        let renumber = |id: &mut String| {
            if let Some(new) = ids.get(id) {
                id.clone_from(new);
            }
        };
        renumber(&mut self.id);
        self.owner.iter_mut().for_each(renumber);
        for value in self.facts.values_mut().flat_map(|fact| &mut fact.values) {
            if let Value::Object { id, .. } = value {
                renumber(id);
            }
        }
    }
}
