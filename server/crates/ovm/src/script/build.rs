//! Puts a rebuild script together: disks, machine, cards, mappings, tags, and high availability last, so that nothing
//! starts a machine that is not complete.

use super::cards::Addressing;
use super::{RebuildScript, ScriptError, ScriptLine};
use crate::{
    estate::{Attributes, Estate, Pool, Repository, Vm, VmState, Vnic, attribute, read::constant},
    ids::NetworkId,
    ovmcli::{Attribute, Command, Selector},
};

/// An attribute of a command, the label under which the Manager shows it, and whether its value is an enumeration.
pub(super) type Labelled = (&'static str, &'static str, bool);

/// Attributes of a machine that the model keeps under the Manager's label.
pub(super) const LABELLED: [Labelled; 7] = [
    ("cpuPriority", "Priority", false),
    ("cpuUtilizationCap", "Processor Cap", false),
    ("mouseType", "Mouse Type", true),
    ("keymapName", "Keymap", false),
    ("startPolicy", "Start Policy", true),
    ("hugePagesEnabled", "Huge Pages Enabled", false),
    ("networkInstallPath", "Network Install Path", false),
];

/// The script without the final check that every command can be written.
pub(super) fn build(estate: &Estate, vm: &Vm) -> Result<RebuildScript, ScriptError> {
    let mut builder = Builder {
        estate,
        vm,
        addressing: Addressing::of(estate.release().version),
        script: RebuildScript::default(),
    };
    builder.general_notes();
    let create = builder.create_vm()?;
    builder.disks();
    builder.push(
        format!(
            "The machine {}, without high availability until it is complete",
            vm.name
        ),
        create,
    );
    builder.cards();
    for mapping in &vm.mappings {
        builder.mapping(mapping);
    }
    builder.tags();
    if vm.high_availability {
        let edit = Command::on_name("edit", "Vm", &vm.name).with("highAvailability", "Yes");
        builder.push("High availability, now that the machine is complete".to_owned(), edit);
    }
    Ok(builder.script)
}

/// `create Vm` with everything that is known of a machine but its name and its pool. Without high availability: nothing
/// shall start it before it is complete.
pub(super) fn create_vm(vm: &Vm, repository: &str) -> Command {
    let mut command = Command::of_type("create", "Vm")
        .with("memory", vm.memory_mb.to_string())
        .with("memoryLimit", vm.max_memory_mb.to_string())
        .with("cpuCount", vm.processors.to_string())
        .with("cpuCountLimit", vm.max_processors.to_string());
    command.attributes.extend(labelled(&LABELLED, &vm.other));
    let known = [
        ("osType", vm.operating_system.clone()),
        ("domainType", vm.domain_type.clone()),
        ("bootOrder", vm.boot_order.join(",")),
        ("description", plain_text(&vm.description)),
    ];
    for (key, value) in known.into_iter().filter(|(_, value)| !value.is_empty()) {
        command = command.with(key, value);
    }
    command.with("highAvailability", "No").with("repository", repository)
}

/// The script so far, and what it is made from.
pub(super) struct Builder<'a> {
    pub(super) estate: &'a Estate,
    pub(super) vm: &'a Vm,
    addressing: Addressing,
    pub(super) script: RebuildScript,
}

impl<'a> Builder<'a> {
    pub(super) fn push(&mut self, purpose: String, command: Command) {
        self.script.commands.push(ScriptLine { purpose, command });
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.script.notes.push(note.into());
    }

    pub(super) fn on_vm(&self, command: Command) -> Command {
        command.target("on", "Vm", Selector::Name(self.vm.name.clone()))
    }

    fn general_notes(&mut self) {
        let vm = self.vm;
        self.note(format!(
            "Rebuilds the empty shell of the virtual machine {} ({}).",
            vm.name, vm.id
        ));
        self.note("All objects get new ids. Disks are made empty: restore their contents before the first start.");
        self.note("Sizes are as the Manager rounds them; compare them with the manifest of the recovery point.");
        self.note("The Manager writes a new vm.cfg: values that were set in the file by hand are not restored.");
        if let Some(note) = self.addressing.note().filter(|_| !vm.vnics.is_empty()) {
            self.note(note);
        }
        let namesakes = self
            .estate
            .vms
            .iter()
            .filter(|other| other.name == vm.name && other.id != vm.id)
            .count();
        if namesakes > 0 {
            self.note(format!(
                "The name {} is not unique: {namesakes} more have it. On a Manager that has one of them, rename first, \
                 since the commands below address the new machine by name.",
                vm.name
            ));
        }
        if vm.state == VmState::Template {
            self.note("The original is a template. Make one of the rebuilt machine by `clone Vm` to a template.");
        }
    }

    /// `create Vm` with everything that is known.
    fn create_vm(&mut self) -> Result<Command, ScriptError> {
        let vm = self.vm;
        let name = || vm.name.clone();
        let repository = vm.repository.as_ref().and_then(|id| self.estate.repository(id));
        let repository = repository.ok_or_else(|| ScriptError::NoRepository { name: name() })?;
        let pool = self
            .pool(repository)
            .ok_or_else(|| ScriptError::NoPool { name: name() })?;
        if vm.description.chars().any(char::is_control) {
            self.note("Line ends in the description become blanks.");
        }
        self.note_repository(repository);
        Ok(create_vm(vm, &repository.name).with("name", &vm.name).target(
            "on",
            "ServerPool",
            Selector::Name(pool.name.clone()),
        ))
    }

    /// The pool of the machine, else of its server, else of a server that has its repository.
    fn pool(&mut self, repository: &Repository) -> Option<&'a Pool> {
        let estate = self.estate;
        if let Some(pool) = self.vm.pool.as_ref().and_then(|id| estate.pool(id)) {
            return Some(pool);
        }
        let servers = self.vm.server.iter().chain(&repository.presented_to);
        let pool = servers
            .filter_map(|id| estate.server(id)?.pool.as_ref())
            .find_map(|id| estate.pool(id))?;
        self.note(format!(
            "The machine is in no server pool; {} is taken, whose servers see its repository.",
            pool.name
        ));
        Some(pool)
    }

    /// The old name, unless it repeats an id or is used twice.
    pub(super) fn fresh_name(&self, name: &str, id: &str, unique: bool, part: &str) -> String {
        let stem = id.split('.').next().unwrap_or(id);
        if unique && !name.is_empty() && !name.contains(stem) {
            name.to_owned()
        } else {
            format!("{} {part}", self.vm.name)
        }
    }

    fn cards(&mut self) {
        for (number, vnic) in self.vm.vnics.iter().enumerate() {
            self.card(number, vnic);
        }
    }

    fn card(&mut self, number: usize, vnic: &Vnic) {
        let Some(network) = vnic.network.as_ref().and_then(|id| self.network_name(id)) else {
            self.note(format!(
                "Network card {number} ({}): its network is not known; it is left out.",
                vnic.name
            ));
            return;
        };
        let name = self.fresh_name(&vnic.name, vnic.id.as_str(), true, &format!("card {number}"));
        let purpose = format!("Network card {number} in {network}");
        let create = Command::of_type("create", "Vnic").with("network", &network);
        match (&vnic.mac, self.addressing) {
            (Some(mac), Addressing::AtOnce) => {
                let create = create.with("macAddress", mac).with("name", name);
                self.push(purpose, self.on_vm(create));
            }
            (Some(mac), Addressing::Afterwards) => {
                self.push(purpose, self.on_vm(create.with("name", &name)));
                let edit = Command::on_name("edit", "Vnic", name).with("macAddress", mac);
                self.push(format!("The old MAC address of network card {number}"), edit);
            }
            (Some(mac), Addressing::AsName) => {
                self.push(purpose, create.with("name", mac));
                let machine = Selector::Name(self.vm.name.clone());
                let add = Command::on_name("add", "Vnic", mac).target("to", "Vm", machine);
                self.push(format!("Network card {number} in the machine"), add);
            }
            (None, Addressing::AsName) => self.note(format!(
                "Network card {number}: its MAC address is not known; it is left out. `vnicCreate` makes cards."
            )),
            (None, _) => {
                self.note(format!(
                    "Network card {number}: its MAC address is not known; it gets a new one."
                ));
                self.push(purpose, self.on_vm(create.with("name", name)));
            }
        }
    }

    fn network_name(&self, id: &NetworkId) -> Option<String> {
        self.estate.network(id).map(|network| network.name.clone())
    }

    fn tags(&mut self) {
        if !self.vm.tags.is_empty() {
            self.note("`create Tag` fails harmlessly for a tag that exists.");
        }
        for tag in &self.vm.tags {
            self.push(
                format!("Tag {tag}"),
                Command::of_type("create", "Tag").with("name", tag),
            );
            let add = Command::on_name("add", "Tag", tag).target("to", "Vm", Selector::Name(self.vm.name.clone()));
            self.push(format!("Tag {tag} on the machine"), add);
        }
    }
}

/// The attributes of a command among those that the Manager showed.
pub(super) fn labelled(table: &[Labelled], shown: &Attributes) -> Vec<Attribute> {
    let attribute = |(key, label, is_constant): &Labelled| {
        let value = attribute(shown, label)?;
        let value = if *is_constant {
            constant(value)
        } else {
            value.to_owned()
        };
        (!value.is_empty()).then(|| Attribute {
            key: (*key).to_owned(),
            value,
        })
    };
    table.iter().filter_map(attribute).collect()
}

/// A text without line ends and other control characters, which a command cannot carry.
pub(super) fn plain_text(text: &str) -> String {
    text.replace(char::is_control, " ")
}
