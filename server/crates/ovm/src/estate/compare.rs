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

impl NotRestored {
    /// Whether it concerns objects of the type.
    pub(crate) fn is_about(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

enum What {
    /// Only to be told: the comparison does not look at it.
    Told,
    /// The objects themselves: they are found, not made.
    Objects,
    /// Attributes that the model only keeps, but for what is set: tags, and addresses and packet sizes of ports.
    Unmodelled,
    /// Facts whose label has one of these stems.
    Exactly(&'static [&'static str]),
    /// Facts whose label has one of these stems, or begins with it.
    Labels(&'static [&'static str]),
    /// Facts that change by themselves.
    Volatile,
}

/// The classes of things that do not come back.
pub const NOT_RESTORED: [NotRestored; 14] = [
    NotRestored {
        sentence: "All objects get new ids; names and paths that held an old id are made anew.",
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
        what: What::Labels(&[label::VM_CFG, "origin", "kernelversion", "sslvncport", "sslttyport"]),
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
        sentence: "Repositories belong to the new Manager.",
        kinds: &[Kind::Repository],
        what: What::Labels(&["manageruuid"]),
    },
    NotRestored {
        sentence: "Servers, network ports and LUNs are found, not made: what they say of their hardware is theirs.",
        kinds: &[Kind::Server, Kind::Port, Kind::PhysicalDisk],
        what: What::Unmodelled,
    },
    NotRestored {
        sentence: "Sizes of file systems are what storage gives.",
        kinds: &[Kind::FileSystem],
        what: What::Labels(&["size"]),
    },
    NotRestored {
        sentence: "Bonds and VLAN interfaces have the hardware addresses of their ports.",
        kinds: &[Kind::BondPort, Kind::VlanInterface],
        what: What::Labels(&["macaddress"]),
    },
    NotRestored {
        sentence: "Release 3.2 has no command for the IP addresses of bonds and VLAN interfaces that stand already.",
        kinds: &[Kind::BondPort, Kind::VlanInterface],
        what: What::Exactly(&["ipaddress", "netmask", "addresstype"]),
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
    let new_ids = IdsInNames::of(rebuilt);
    let mut original = restorable(entries(original), &old_ids);
    forget_names_with_ids(&old_ids, &mut original);
    let mut rebuilt = restorable(entries(rebuilt), &new_ids);
    let ids = Matching::of(&original, &rebuilt).ids;
    for entry in &mut rebuilt {
        entry.renumber(&ids);
    }
    forget_names_of_the_nameless(&original, &mut rebuilt);
    entry_difference(&original, &rebuilt)
}

/// Without everything that is [`NOT_RESTORED`].
fn restorable(mut entries: Vec<Entry>, ids: &IdsInNames<'_>) -> Vec<Entry> {
    let about = |entry: &Entry| -> Vec<&NotRestored> {
        let kind = entry.kind;
        let about = |rule: &&NotRestored| rule.is_about(kind);
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
            .retain(|label, fact| !ids.occur_in_fact(fact) && !rules.iter().any(|rule| rule.what.covers(label, fact)));
    }
    entries
}

impl What {
    fn covers(&self, label: &str, fact: &Fact) -> bool {
        match self {
            Self::Told | Self::Objects => false,
            Self::Unmodelled => {
                let stem = stem(label);
                !fact.modelled && stem != "tag" && stem != "mtu" && !stem.starts_with("ipaddressconfig")
            }
            Self::Exactly(labels) => labels.contains(&stem(label).as_str()),
            Self::Volatile => fact.volatile,
            Self::Labels(labels) => labels.iter().any(|prefix| stem(label).starts_with(prefix)),
        }
    }
}

/// A name such as `Mapping for disk Id (0004fb....img)` cannot come back: it is forgotten.
fn forget_names_with_ids(ids: &IdsInNames<'_>, original: &mut [Entry]) {
    for entry in original.iter_mut().filter(|entry| ids.occur_in(&entry.name)) {
        entry.name.clear();
    }
}

/// What the original has no name for may have any.
fn forget_names_of_the_nameless(original: &[Entry], rebuilt: &mut [Entry]) {
    let nameless = original.iter().filter(|entry| entry.name.is_empty());
    let nameless: HashSet<(Kind, &str)> = nameless.map(|entry| (entry.kind, entry.id.as_str())).collect();
    for entry in rebuilt {
        if nameless.contains(&(entry.kind, entry.id.as_str())) {
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

    /// A path with an id in it, for example.
    fn occur_in_fact(&self, fact: &Fact) -> bool {
        let texts = fact.values.iter().filter(|value| matches!(value, Value::Text(_)));
        let mut texts = texts.map(Value::show);
        texts.any(|text| self.occur_in(text))
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
    /// Type by type, so that what an object refers to is matched before the object.
    fn of(original: &[Entry], rebuilt: &[Entry]) -> Self {
        let (hints, rebuilt_hints) = (hints(original), hints(rebuilt));
        let mut matching = Self { ids: HashMap::new() };
        for of_kind in original.chunk_by(|left, right| left.kind == right.kind) {
            let kind = of_kind.first().map(|entry| entry.kind);
            let ours = of_kind.iter().map(|entry| Candidate::of(entry, &hints, str::to_owned));
            let theirs = rebuilt.iter().filter(|entry| Some(entry.kind) == kind);
            let theirs = theirs.map(|entry| Candidate::of(entry, &rebuilt_hints, |id| matching.translated(id)));
            let mut groups: BTreeMap<String, (Vec<Candidate>, Vec<Candidate>)> = BTreeMap::new();
            ours.for_each(|one| groups.entry(one.key.clone()).or_default().0.push(one));
            theirs.for_each(|one| groups.entry(one.key.clone()).or_default().1.push(one));
            for (ours, theirs) in groups.into_values() {
                matching.ids.extend(pairs(ours, theirs));
            }
        }
        // An object without original must not pass for one by its id.
        for entry in rebuilt {
            let id = matching.translated(&entry.id);
            matching.ids.insert(entry.id.clone(), id);
        }
        matching
    }

    fn translated(&self, id: &str) -> String {
        self.ids.get(id).cloned().unwrap_or_else(|| format!("new {id}"))
    }
}

/// An object that looks for its counterpart, in terms that both Managers share.
struct Candidate {
    id: String,
    name: String,
    /// Objects with different keys are never the same.
    key: String,
    /// What tells those of one key apart.
    hint: String,
    /// Everything that it says.
    all: String,
}

impl Candidate {
    fn of(entry: &Entry, hints: &HashMap<String, String>, translate: impl Fn(&str) -> String) -> Self {
        Self {
            id: entry.id.clone(),
            name: entry.name.clone(),
            key: key(entry, hints, &translate),
            hint: hints.get(&entry.id).cloned().unwrap_or_default(),
            all: all_of(entry, &translate),
        }
    }
}

/// Pairs of rebuilt and original ids: first those that agree in everything, then in what tells apart, then in the name;
/// the rest in order.
fn pairs(mut ours: Vec<Candidate>, mut theirs: Vec<Candidate>) -> Vec<(String, String)> {
    let agree: [fn(&Candidate, &Candidate) -> bool; 4] = [
        |left, right| left.all == right.all && left.hint == right.hint,
        |left, right| left.hint == right.hint && !left.hint.is_empty(),
        |left, right| left.name == right.name,
        |_, _| true,
    ];
    ours.sort_by(|left, right| (&left.hint, &left.all).cmp(&(&right.hint, &right.all)));
    theirs.sort_by(|left, right| (&left.hint, &left.all).cmp(&(&right.hint, &right.all)));
    let mut pairs = Vec::new();
    for agree in agree {
        ours.retain(|our| {
            let place = theirs.iter().position(|their| agree(our, their));
            let their = place.map(|place| theirs.remove(place));
            pairs.extend(their.iter().map(|their| (their.id.clone(), our.id.clone())));
            their.is_none()
        });
    }
    pairs
}

/// What machines have in their slots and cards, and where disks are mapped, by id: it tells those of one name apart.
/// Machines of one name are told by their MAC addresses.
fn hints(entries: &[Entry]) -> HashMap<String, String> {
    let mut hints: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (part, owner) in parts(entries, Kind::Vnic) {
        hints
            .entry(owner.to_owned())
            .or_default()
            .push(part.text(label::MAC).to_owned());
    }
    let names = entries.iter().filter(|entry| entry.kind == Kind::Vm);
    let names: HashMap<&str, &str> = names.map(|entry| (entry.id.as_str(), entry.name.as_str())).collect();
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    names.values().for_each(|name| *bearers.entry(name).or_default() += 1);
    let cards = hints.clone();
    for (part, owner) in parts(entries, Kind::VmDiskMapping) {
        let slot = part.text(label::SLOT);
        hints.entry(owner.to_owned()).or_default().push(format!("slot {slot}"));
        for value in part.facts.get(label::DISK).iter().flat_map(|fact| &fact.values) {
            let Value::Object { id, .. } = value else { continue };
            let name = names.get(owner).copied().unwrap_or_default();
            let is_ambiguous = bearers.get(name).is_some_and(|bearers| *bearers > 1);
            let macs = cards.get(owner).filter(|_| is_ambiguous);
            let macs = macs.map(|macs| macs.join(" ")).unwrap_or_default();
            hints
                .entry(id.clone())
                .or_default()
                .push(format!("{name} {macs} {slot}"));
        }
    }
    let joined = |(id, mut parts): (String, Vec<String>)| {
        parts.sort();
        (id, parts.join(", "))
    };
    hints.into_iter().map(joined).collect()
}

/// Parts of machines of one type, each with the id of its machine.
fn parts(entries: &[Entry], kind: Kind) -> impl Iterator<Item = (&Entry, &str)> {
    let of_kind = entries.iter().filter(move |entry| entry.kind == kind);
    of_kind.filter_map(|entry| Some((entry, entry.owner.as_deref()?)))
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
        Kind::VlanInterface => named(&["Vlan Id", "port", "bond port"]),
        Kind::FileSystem if entry.facts.contains_key("physical disk") => named(&["physical disk"]),
        Kind::FileSystem => named(&["file server", "Path"]),
        Kind::Vnic => [vec![owner], named(&[label::MAC])].concat(),
        Kind::VmDiskMapping => [vec![owner], named(&[label::SLOT])].concat(),
        Kind::VirtualDisk => {
            let user = hints.get(&entry.id).cloned().unwrap_or_default();
            [named(&[label::REPOSITORY]), vec![user]].concat()
        }
        _ => vec![entry.name.clone()],
    };
    parts.join("\n")
}

/// Everything that an object says, in one text.
fn all_of(entry: &Entry, translate: impl Fn(&str) -> String) -> String {
    let mut text = entry.name.clone();
    for (label, fact) in &entry.facts {
        let mut values: Vec<String> = fact
            .values
            .iter()
            .map(|value| match value {
                Value::Text(value) => value.clone(),
                Value::Object { id, .. } => translate(id),
            })
            .collect();
        values.sort();
        text.push_str(&format!("\n{label} = {}", values.join(", ")));
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
