//! The script of an estate or a part of it. Each file adds the steps of one area, in the order in which an estate is
//! built up; what is made is known to later steps by a placeholder for its id.

mod addresses;
mod groups;
mod machines;
mod network;
mod one_machine;
mod pools;
mod storage;

use super::safe::{Look, PlainForm, SafeScript, SafeStep, Trait};
use super::scope::{Scope, adopted};
use super::{ScriptError, build::plain_text, cards::Addressing};
use crate::estate::{Attributes, Estate, IdsInNames, Kind, NOT_RESTORED, NotRestored, Object, Vm, attribute, capital};
use crate::ovmcli::{Command, Selector, Version, check_command, in_words_of};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The script that makes everything in the scope again on a Manager that has nothing of it, with the same servers and the
/// same storage. The same estate gives the same script; ids of the estate never occur in it.
///
/// # Errors
/// [`ScriptError`] when the estate does not have the scope, or a name cannot be written into a command.
pub fn safe_script(estate: &Estate, scope: &Scope, version: Version) -> Result<SafeScript, ScriptError> {
    let name = scope
        .name(estate)
        .ok_or_else(|| ScriptError::UnknownScope { scope: scope.clone() })?;
    let machine = match scope {
        Scope::Vm(id) => Some(one_machine::may_be_made(estate, id)?),
        Scope::Estate | Scope::Pool(_) => None,
    };
    let part = scope.part_of(estate);
    let mut builder = Builder::new(estate, &part, machine, version);
    builder.head(name);
    builder.ground();
    if let Some(vm) = machine {
        builder.stands_already();
        builder.notes_of_the_machine(vm);
    }
    builder.tags();
    builder.disks();
    builder.machines();
    builder.groups();
    builder.customizers();
    builder.high_availability();
    let mut script = builder.finish();
    say_in_words_of(&mut script, version);
    note_refusals(&mut script, version);
    script.plain().map_err(|reason| ScriptError::Unwritable {
        name: name.to_owned(),
        reason,
    })?;
    Ok(script)
}

/// Each command, and each look at objects, in the words of the release.
fn say_in_words_of(script: &mut SafeScript, version: Version) {
    let rename = |object_type: &mut String| *object_type = in_words_of(object_type, version).to_owned();
    for step in &mut script.steps {
        step.command = step.command.take().map(|command| command.in_words_of(version));
        if let PlainForm::Instead(other) = &mut step.plain {
            **other = other.clone().in_words_of(version);
        }
        match &mut step.look {
            Look::Never => {}
            Look::Object { object_type, .. } | Look::Says { object_type, .. } => rename(object_type),
            Look::Part {
                owner_type,
                object_type,
                ..
            } => [owner_type, object_type].into_iter().for_each(rename),
        }
    }
}

/// Tells at the top what the release may refuse: a value that its Manager has shown is rather sent than left out.
fn note_refusals(script: &mut SafeScript, version: Version) {
    let shown = script.steps.iter().filter(|step| step.plain != PlainForm::Omitted);
    let sent = shown.filter_map(|step| Some((&step.purpose, step.command.as_ref()?)));
    let refused = sent.flat_map(|(purpose, command)| {
        let findings = check_command(command, version).into_iter();
        findings.map(move |finding| {
            format!(
                "{purpose}: the Manager may refuse this, since {}; expected: {}.",
                finding.message, finding.expected
            )
        })
    });
    let refused: Vec<_> = refused.collect();
    script.notes.extend(refused);
}

/// The script so far, and what it is made from.
pub(super) struct Builder<'a> {
    /// What is rebuilt, and what it stands on.
    estate: &'a Estate,
    /// All that the Manager had.
    whole: &'a Estate,
    /// The one machine, when the script is for one on a Manager that has the rest.
    machine: Option<&'a Vm>,
    version: Version,
    ids: IdsInNames<'a>,
    script: SafeScript,
    /// Working names that become final names at the very end.
    renames: Vec<SafeStep>,
    /// Placeholder of each object that later steps can use.
    bound: HashMap<(Kind, String), String>,
    numbers: HashMap<Kind, usize>,
    /// How often each name is used in the estate.
    uses: HashMap<(Kind, &'a str), usize>,
    taken: HashSet<(Kind, String)>,
}

/// How often each name is used in an estate.
fn uses_of_names(estate: &Estate) -> HashMap<(Kind, &str), usize> {
    let mut uses = HashMap::new();
    let named = estate.vms.iter().map(|one| (Kind::Vm, one.name.as_str()));
    let named = named.chain(estate.disks.iter().map(|one| (Kind::VirtualDisk, one.name.as_str())));
    let named = named.chain(estate.networks.iter().map(|one| (Kind::Network, one.name.as_str())));
    let named = named.chain(estate.pools.iter().map(|one| (Kind::ServerPool, one.name.as_str())));
    let named = named.chain(
        estate
            .repositories
            .iter()
            .map(|one| (Kind::Repository, one.name.as_str())),
    );
    let named = named.chain(estate.objects.iter().map(|one| (one.kind, one.name.as_str())));
    let named = named.chain(
        estate
            .physical_disks
            .iter()
            .map(|one| (Kind::PhysicalDisk, one.name.as_str())),
    );
    for key in named {
        *uses.entry(key).or_default() += 1;
    }
    uses
}

/// Something to be made.
struct New<'n> {
    kind: Kind,
    id: &'n str,
    name: String,
    purpose: String,
    command: Command,
    /// What tells it from others of its name.
    traits: Vec<Trait>,
}

/// Something that is there without being made, or comes with something else, under a name that the Manager gives it.
struct Found<'n> {
    kind: Kind,
    id: &'n str,
    /// Its old name.
    name: &'n str,
    purpose: String,
    look: Look,
    /// What brings it when it is not there.
    command: Option<Command>,
    /// The name that a new Manager shows, or a placeholder when only a person can tell.
    shown_as: String,
}

impl<'a> Builder<'a> {
    fn new(whole: &'a Estate, estate: &'a Estate, machine: Option<&'a Vm>, version: Version) -> Self {
        Self {
            estate,
            whole,
            machine,
            version,
            ids: IdsInNames::of(estate),
            script: SafeScript::default(),
            renames: Vec::new(),
            bound: HashMap::new(),
            numbers: HashMap::new(),
            uses: uses_of_names(if machine.is_some() { whole } else { estate }),
            taken: HashSet::new(),
        }
    }

    fn finish(mut self) -> SafeScript {
        self.script.steps.append(&mut self.renames);
        self.script
    }

    fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.script.notes.contains(&note) {
            self.script.notes.push(note);
        }
    }

    /// What people are to know before anything else.
    fn head(&mut self, name: &str) {
        let (whole, part, machine) = (self.whole, self.estate, self.machine);
        match machine {
            None => self.note(format!("Rebuilds {name} on a Manager that knows nothing of it yet.")),
            Some(vm) => self.note(format!(
                "Rebuilds the empty shell of the virtual machine {name} ({}) on a Manager that has its server pool, \
                 storage repositories, networks, LUNs and tags.",
                vm.id
            )),
        }
        let is_told = |class: &&NotRestored| machine.is_none() || class.is_about(Kind::Vm);
        for class in NOT_RESTORED.iter().filter(is_told) {
            self.note(class.sentence);
        }
        let has_cards = part.vms.iter().any(|vm| !vm.vnics.is_empty());
        if let Some(note) = Addressing::of(self.version).note().filter(|_| has_cards) {
            self.note(note);
        }
        for storage in adopted(whole, part).filter(|_| machine.is_none()) {
            self.note(format!(
                "{} {} was administered by servers of another pool: those of this one take their place. Give it its old \
                 ones when they are back.",
                capital(storage.kind.words()),
                storage.name
            ));
        }
    }

    /// What machines stand on.
    fn ground(&mut self) {
        let notes = self.script.notes.len();
        self.servers();
        self.networks();
        self.file_servers();
        self.storage_arrays();
        self.physical_disks();
        self.exports_of_filers();
        self.pools();
        // The servers format LUNs with the cluster of their pool.
        self.file_systems_on_luns();
        self.repositories();
        self.exports();
        if self.machine.is_some() {
            // It stands already: how it was made is no concern of one machine.
            self.script.notes.truncate(notes);
        }
    }

    /// `${...}` of an object that an earlier step makes or finds.
    fn id_of(&self, kind: Kind, id: &str) -> Option<String> {
        let name = self.bound.get(&(kind, id.to_owned()))?;
        Some(format!("${{{name}}}"))
    }

    /// [`Self::id_of`] for several; those that are not known are left out.
    fn ids_of<'i>(&self, kind: Kind, ids: impl IntoIterator<Item = &'i str>) -> Vec<String> {
        ids.into_iter().filter_map(|id| self.id_of(kind, id)).collect()
    }

    fn step(&mut self, purpose: impl Into<String>, look: Look, command: Command) {
        self.script.steps.push(SafeStep {
            purpose: purpose.into(),
            look,
            command: Some(command),
            bind: None,
            plain: PlainForm::Same,
        });
    }

    /// A command on one object, by placeholder.
    fn on(verb: &str, kind: Kind, placeholder: &str) -> Command {
        Command::on_id(verb, kind.type_name(), placeholder)
    }

    /// Something that is done again without harm.
    fn again(&mut self, purpose: impl Into<String>, verb: &str, kind: Kind, placeholder: &str) {
        self.step(purpose, Look::Never, Self::on(verb, kind, placeholder));
    }

    /// `add A to B`, unless B lists A under the key.
    fn add(&mut self, purpose: impl Into<String>, what: (Kind, &str), to: (Kind, &str), key: &str) {
        let command = Self::on("add", what.0, what.1).target("to", to.0.type_name(), Selector::Id(to.1.to_owned()));
        self.step(purpose, says(to.0, to.1, key, what.1), command);
    }

    /// The plain form leaves out the steps from this one on: on a new Manager their effect is there.
    fn omit_in_plain(&mut self, from: usize) {
        self.omit_in_plain_between(from, self.script.steps.len());
    }

    /// The plain form leaves out these steps, the last one not included.
    fn omit_in_plain_between(&mut self, from: usize, to: usize) {
        let steps = self.script.steps.get_mut(from..to).into_iter().flatten();
        steps.for_each(|step| step.plain = PlainForm::Omitted);
    }

    /// Gives an object that is found, not made, the placeholder for later steps.
    fn find(&mut self, kind: Kind, id: &str, name: &str, purpose: String, look: Look) -> String {
        let placeholder = self.bind(kind, id, name);
        self.script.steps.push(SafeStep {
            purpose,
            look,
            command: None,
            bind: Some(placeholder.clone()),
            plain: PlainForm::Same,
        });
        format!("${{{placeholder}}}")
    }

    /// Finds something and gives it its old name, which the site may have changed.
    fn found(&mut self, found: Found<'_>) -> String {
        let Found { kind, shown_as, .. } = found;
        let is_nameable = !found.name.is_empty() && !self.ids.occur_in(found.name);
        let name = if is_nameable {
            plain_text(found.name)
        } else {
            shown_as.clone()
        };
        let working = match is_nameable {
            true => self.working_name(kind, &name),
            false => name.clone(),
        };
        let placeholder = self.bind(kind, found.id, &working);
        self.script.steps.push(SafeStep {
            purpose: found.purpose,
            look: found.look,
            command: found.command,
            bind: Some(placeholder.clone()),
            plain: PlainForm::Same,
        });
        let id = format!("${{{placeholder}}}");
        if is_nameable {
            let edit = Self::on("edit", kind, &id).with("name", &name);
            self.step(
                format!("Name of the {kind} {name}"),
                says(kind, &id, "Name", &name),
                edit,
            );
            self.say_instead(match shown_as == working {
                true => PlainForm::Omitted,
                false => {
                    let edit = Command::on_name("edit", kind.type_name(), shown_as);
                    PlainForm::Instead(Box::new(edit.with("name", &working)))
                }
            });
            self.rename_last(kind, &id, &working, &name);
        }
        id
    }

    /// How the plain form says the last step.
    fn say_instead(&mut self, plain: PlainForm) {
        self.script
            .steps
            .last_mut()
            .into_iter()
            .for_each(|step| step.plain = plain.clone());
    }

    /// Makes an object under a name that is its own until everything is there.
    fn make(&mut self, new: New<'_>) -> String {
        let working = self.working_name(new.kind, &new.name);
        let mut names = vec![working.clone()];
        if working != new.name {
            names.push(new.name.clone());
        }
        let look = Look::Object {
            object_type: new.kind.type_name().to_owned(),
            names,
            traits: new.traits,
        };
        let command = new.command.with("name", &working);
        let id = self.bound_step(new.kind, new.id, &working, new.purpose, look, command);
        self.rename_last(new.kind, &id, &working, &new.name);
        id
    }

    /// The final name, when the working name is another.
    fn rename_last(&mut self, kind: Kind, id: &str, working: &str, name: &str) {
        if working != name {
            self.renames.push(SafeStep {
                purpose: format!("The final name of the {kind} {name}"),
                look: says(kind, id, "Name", name),
                command: Some(Self::on("edit", kind, id).with("name", name)),
                bind: None,
                plain: PlainForm::Same,
            });
        }
    }

    /// Makes an object that belongs to another one and has no attributes but its description; gives its id.
    fn make_on(&mut self, own: &'a Object, owner: Kind, owner_id: &str, traits: Vec<Trait>) -> String {
        let create = described(Command::of_type("create", own.kind.type_name()), &own.attributes);
        self.make(New {
            kind: own.kind,
            id: &own.id,
            name: own.name.clone(),
            purpose: format!("{} {}", capital(own.kind.words()), own.name),
            command: create.target("on", owner.type_name(), Selector::Id(owner_id.to_owned())),
            traits,
        })
    }

    /// A step whose result later steps can use, for parts that need no name of their own.
    fn bound_step(
        &mut self,
        kind: Kind,
        id: &str,
        name: &str,
        purpose: String,
        look: Look,
        command: Command,
    ) -> String {
        let placeholder = self.bind(kind, id, name);
        self.script.steps.push(SafeStep {
            purpose,
            look,
            command: Some(command),
            bind: Some(placeholder.clone()),
            plain: PlainForm::Same,
        });
        format!("${{{placeholder}}}")
    }

    fn bind(&mut self, kind: Kind, id: &str, name: &str) -> String {
        let number = self.numbers.entry(kind).or_default();
        *number += 1;
        let placeholder = format!("{}_{number}", kind.type_name());
        self.bound.insert((kind, id.to_owned()), placeholder.clone());
        self.script.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// The name, unless it is used twice: then a number keeps its bearers apart for the time being. The old disks of a
    /// machine that is lost may still be there under their names.
    fn working_name(&mut self, kind: Kind, name: &str) -> String {
        let is_used_twice = self.uses.get(&(kind, name)).is_some_and(|uses| *uses > 1);
        let is_used_twice = is_used_twice || self.machine.is_some() && kind == Kind::VirtualDisk;
        let numbered = (1..).map(|number: u32| format!("{name} (rebuilt {number})"));
        let mut candidates = (!is_used_twice).then(|| name.to_owned()).into_iter().chain(numbered);
        let free = candidates.find(|candidate| {
            let is_foreign = candidate != name && self.uses.contains_key(&(kind, candidate.as_str()));
            !is_foreign && !self.taken.contains(&(kind, candidate.clone()))
        });
        let free = free.unwrap_or_else(|| name.to_owned());
        self.taken.insert((kind, free.clone()));
        free
    }

    /// The old name without control characters, or another one when it repeats an old id.
    fn clean_name(&self, name: &str, otherwise: impl FnOnce() -> String) -> String {
        match name.is_empty() || self.ids.occur_in(name) {
            true => otherwise(),
            false => plain_text(name),
        }
    }

    fn unknown(&mut self, what: impl std::fmt::Display, missing: &str) {
        self.note(format!("{what} is left out: {missing} is not known."));
    }
}

/// The object says so itself.
fn says(kind: Kind, id: &str, key: &str, value: impl Into<String>) -> Look {
    Look::Says {
        object_type: kind.type_name().to_owned(),
        id: id.to_owned(),
        says: Trait::new(key, value),
    }
}

/// An object with this name, or any one with these traits.
fn object(kind: Kind, name: Option<&str>, traits: Vec<Trait>) -> Look {
    Look::Object {
        object_type: kind.type_name().to_owned(),
        names: name.map(str::to_owned).into_iter().collect(),
        traits,
    }
}

/// The command with the description, when there is one.
fn described(command: Command, attributes: &Attributes) -> Command {
    match attribute(attributes, "Description") {
        Some(description) => command.with("description", plain_text(description)),
        None => command,
    }
}

/// Objects by name, and by id where names repeat: the order of a script does not depend on ids.
fn by_name<'o, T>(objects: impl IntoIterator<Item = &'o T>, key: impl Fn(&'o T) -> (&'o str, &'o str)) -> Vec<&'o T> {
    let sorted: BTreeMap<_, _> = objects.into_iter().map(|object| (key(object), object)).collect();
    sorted.into_values().collect()
}

#[cfg(test)]
mod tests;
