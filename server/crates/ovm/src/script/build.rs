//! What the Manager shows, as attributes of the commands that make it again.

use crate::{
    estate::{Attributes, Vm, attribute, read::constant},
    ovmcli::{Attribute, Command},
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
