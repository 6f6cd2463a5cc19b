//! What a running script knows of the Manager: each type is listed once and each object shown once, until a command may
//! have changed it.

use crate::estate::{Reach, ReachError};
use ovm::estate::Kind;
use ovm::ovmcli::answer::Answer;
use ovm::ovmcli::{Command, Selector};
use ovm::script::Trait;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Commands that can bring any number of objects of any type.
const DISCOVERS: [&str; 4] = ["discoverServer", "refresh", "refreshAll", "refreshStorageLayer"];

pub(super) struct Known<'a> {
    reach: &'a Reach,
    /// Ids and names by type.
    listed: HashMap<String, Inventory>,
    /// Answers by type and id.
    shown: HashMap<(String, String), Answer>,
    /// Objects that a step has taken: no other one may take them for its own.
    taken: HashSet<(String, String)>,
    /// Objects that were made just now: they have no parts yet but those of this run.
    fresh: HashSet<String>,
}

/// The objects of a type.
#[derive(Default)]
struct Inventory {
    by_id: BTreeMap<String, String>,
    by_name: HashMap<String, Vec<String>>,
}

impl Inventory {
    fn add(&mut self, id: &str, name: &str) {
        if self.by_id.insert(id.to_owned(), name.to_owned()).is_none() {
            self.by_name.entry(name.to_owned()).or_default().push(id.to_owned());
        }
    }
}

impl<'a> Known<'a> {
    pub(super) fn new(reach: &'a Reach) -> Self {
        Self {
            reach,
            listed: HashMap::new(),
            shown: HashMap::new(),
            taken: HashSet::new(),
            fresh: HashSet::new(),
        }
    }

    /// The first object with one of the names (any, when there is none) and all traits that nobody has taken; it is
    /// taken from now on.
    pub(super) async fn find(
        &mut self,
        object_type: &str,
        names: &[String],
        traits: &[Trait],
    ) -> Result<Option<String>, ReachError> {
        let inventory = self.inventory(object_type).await?;
        let candidates: Vec<String> = match names {
            [] => inventory.by_id.keys().cloned().collect(),
            names => names
                .iter()
                .filter_map(|name| inventory.by_name.get(name))
                .flatten()
                .cloned()
                .collect(),
        };
        for id in candidates {
            let key = (object_type.to_owned(), id);
            if !self.taken.contains(&key) && self.has_all(object_type, &key.1, traits).await? {
                self.taken.insert(key.clone());
                return Ok(Some(key.1));
            }
        }
        Ok(None)
    }

    async fn has_all(&mut self, object_type: &str, id: &str, traits: &[Trait]) -> Result<bool, ReachError> {
        for one in traits {
            let has = match &one.of_part {
                None => one.is_told_by(self.shown(object_type, id).await?),
                Some(part) => self.part(object_type, id, part, one).await?.is_some(),
            };
            if !has {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The part of an object that has the trait.
    pub(super) async fn part(
        &mut self,
        owner_type: &str,
        owner: &str,
        object_type: &str,
        part: &Trait,
    ) -> Result<Option<String>, ReachError> {
        if self.fresh.contains(owner) {
            return Ok(None);
        }
        let parts = self.shown(owner_type, owner).await?.indexed(object_type);
        let parts: Vec<_> = parts.into_iter().filter_map(|property| property.target()).collect();
        for found in parts {
            if part.is_told_by(self.shown(object_type, &found.id).await?) {
                return Ok(Some(found.id));
            }
        }
        Ok(None)
    }

    /// What `show` says of an object.
    pub(super) async fn shown(&mut self, object_type: &str, id: &str) -> Result<&Answer, ReachError> {
        match self.shown.entry((object_type.to_owned(), id.to_owned())) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let answer = self.reach.ask(&Command::on_id("show", object_type, id)).await?;
                Ok(unknown.insert(answer))
            }
        }
    }

    async fn inventory(&mut self, object_type: &str) -> Result<&Inventory, ReachError> {
        match self.listed.entry(object_type.to_owned()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let answer = self.reach.ask(&Command::of_type("list", object_type)).await?;
                let mut inventory = Inventory::default();
                for item in &answer.items {
                    inventory.add(&item.id, &item.name);
                }
                Ok(unknown.insert(inventory))
            }
        }
    }

    /// Forgets what the command may have changed: every object that it names, and lists that it may have made longer.
    pub(super) fn forget(&mut self, command: &Command) {
        if DISCOVERS.iter().any(|verb| command.is(verb)) {
            self.listed.clear();
            self.shown.clear();
            return;
        }
        if command.is("create") && command.attribute("physicalDisk").is_some() {
            // The file system on a LUN is made along with the pool that lies on it; in 3.2 with a repository, too.
            self.listed.remove(Kind::FileSystem.type_name());
        }
        let mut named: HashSet<&str> = HashSet::new();
        named.extend(command.selector.as_ref().map(Selector::value));
        named.extend(command.target.as_ref().map(|target| target.selector.value()));
        named.extend(
            command
                .attributes
                .iter()
                .flat_map(|attribute| attribute.value.split(',')),
        );
        self.shown.retain(|(_, id), _| !named.contains(id.as_str()));
        let renames = !command.is("create") && command.attribute("name").is_some();
        if let Some(object_type) = command.object_type.as_ref().filter(|_| renames) {
            self.listed.remove(object_type);
        }
    }

    /// Takes in what a command has made.
    pub(super) fn learn(&mut self, command: &Command, id: &str) {
        let (Some(object_type), Some(name)) = (&command.object_type, command.attribute("name")) else {
            return;
        };
        if let Some(inventory) = self.listed.get_mut(object_type) {
            inventory.add(id, name);
        }
        self.taken.insert((object_type.clone(), id.to_owned()));
        self.fresh.insert(id.to_owned());
    }
}
