//! Which attributes each command takes and which of them it must have. What is not here is refused, so that the lab
//! accepts no command that a real Manager does not know.

use super::reply::CliError;
use ovm::ovmcli::Command;

/// A form of a command.
struct Form {
    verb: &'static str,
    /// Types after the verb; empty for commands without.
    types: &'static [&'static str],
    mandatory: &'static [&'static str],
    optional: &'static [&'static str],
    /// Types after the preposition.
    targets: &'static [&'static str],
}

const fn form(verb: &'static str, types: &'static [&'static str]) -> Form {
    Form {
        verb,
        types,
        mandatory: &[],
        optional: &[],
        targets: &[],
    }
}

const VM_ATTRIBUTES: &[&str] = &[
    "name",
    "description",
    "memory",
    "memoryLimit",
    "cpuCount",
    "cpuCountLimit",
    "cpuPriority",
    "cpuUtilizationCap",
    "highAvailability",
    "hugePagesEnabled",
    "osType",
    "mouseType",
    "domainType",
    "keymapName",
    "bootOrder",
    "networkInstallPath",
    "server",
    "startPolicy",
    "repository",
];

const FORMS: &[Form] = &[
    Form {
        mandatory: &["name", "domainType", "repository"],
        optional: VM_ATTRIBUTES,
        targets: &["ServerPool"],
        ..form("create", &["Vm"])
    },
    Form {
        mandatory: &["name", "size", "sparse", "shareable"],
        optional: &["description"],
        targets: &["Repository"],
        ..form("create", &["VirtualDisk"])
    },
    Form {
        mandatory: &["name", "slot"],
        optional: &["physicalDisk", "virtualDisk", "virtualCd", "description"],
        targets: &["Vm"],
        ..form("create", &["VmDiskMapping"])
    },
    Form {
        mandatory: &["name", "network"],
        optional: &["macAddress", "description"],
        targets: &["Vm"],
        ..form("create", &["Vnic"])
    },
    Form {
        mandatory: &["name"],
        optional: &["description"],
        ..form("create", &["Tag"])
    },
    Form {
        mandatory: &["name"],
        optional: &["description"],
        targets: &["Vm"],
        ..form("create", &["VmCloneCustomizer"])
    },
    Form {
        mandatory: &["name", "cloneType", "vmDiskMapping"],
        optional: &["physicalDisk", "repository", "storageArray", "description"],
        targets: &["VmCloneCustomizer"],
        ..form("create", &["VmCloneStorageMapping"])
    },
    Form {
        optional: VM_ATTRIBUTES,
        ..form("edit", &["Vm"])
    },
    Form {
        optional: &["name", "description", "shareable"],
        ..form("edit", &["VirtualDisk", "PhysicalDisk"])
    },
    Form {
        optional: &["name", "description", "virtualCd"],
        ..form("edit", &["VmDiskMapping"])
    },
    Form {
        optional: &["name", "description", "macAddress"],
        ..form("edit", &["Vnic"])
    },
    Form {
        optional: &["name", "description"],
        ..form(
            "edit",
            &[
                "Tag",
                "VmCloneCustomizer",
                "VmCloneStorageMapping",
                "Repository",
                "Server",
                "ServerPool",
                "VirtualCdrom",
            ],
        )
    },
    form(
        "delete",
        &[
            "Vm",
            "VirtualDisk",
            "VirtualCdrom",
            "VmDiskMapping",
            "Vnic",
            "Tag",
            "VmCloneCustomizer",
            "VmCloneStorageMapping",
        ],
    ),
    Form {
        targets: &["Vm", "Server", "ServerPool"],
        ..form("add", &["Tag"])
    },
    Form {
        targets: &["Network"],
        ..form("add", &["Vnic"])
    },
    Form {
        targets: &["Repository"],
        ..form("add", &["Server"])
    },
    Form {
        targets: &["Server", "ServerPool"],
        ..form("add", &["Vm"])
    },
    Form {
        targets: &["Vm", "Server", "ServerPool"],
        ..form("remove", &["Tag"])
    },
    Form {
        targets: &["Repository"],
        ..form("remove", &["Server"])
    },
    form("start", &["Vm"]),
    form("stop", &["Vm"]),
    form("kill", &["Vm"]),
    form("restart", &["Vm"]),
    form("suspend", &["Vm"]),
    form("resume", &["Vm"]),
    Form {
        optional: &["destServer"],
        ..form("migrate", &["Vm"])
    },
    Form {
        mandatory: &["destType", "destName", "serverPool"],
        optional: &["cloneCustomizer", "targetRepository"],
        ..form("clone", &["Vm"])
    },
    Form {
        mandatory: &["target", "cloneType"],
        ..form("cloneVdToRepo", &["VirtualDisk"])
    },
    form(
        "refresh",
        &["Repository", "FileSystem", "FileServer", "PhysicalDisk", "Server"],
    ),
    form("refreshStorageLayer", &["Server"]),
    form("refreshAll", &[]),
    form("abort", &["Job"]),
];

/// Refuses what the Manager would refuse before it makes a job.
pub(super) fn check(command: &Command) -> Result<(), CliError> {
    let mut verb_known = false;
    let form = FORMS.iter().find(|form| {
        let verb = command.is(form.verb);
        verb_known |= verb;
        verb && match &command.object_type {
            Some(object_type) => holds(form.types, object_type),
            None => form.types.is_empty(),
        }
    });
    let form = form.ok_or_else(|| {
        let what = command.object_type.as_deref().unwrap_or("no object type");
        match verb_known {
            true => CliError::syntax(&format!("{} does not take {what}", command.verb)),
            false => CliError::syntax(&format!("{} is not a command", command.verb)),
        }
    })?;
    let takes = |key: &str| holds(form.mandatory, key) || holds(form.optional, key);
    if let Some(unknown) = command.attributes.iter().find(|attribute| !takes(&attribute.key)) {
        return Err(CliError::syntax(&format!(
            "{} is not an attribute of this command",
            unknown.key
        )));
    }
    if let Some(missing) = form.mandatory.iter().find(|key| command.attribute(key).is_none()) {
        return Err(CliError::syntax(&format!("the attribute {missing} is missing")));
    }
    if command.is("edit") && command.attributes.is_empty() {
        return Err(CliError::syntax("edit needs an attribute"));
    }
    match &command.target {
        None if form.targets.is_empty() => Ok(()),
        Some(target) if holds(form.targets, &target.object_type) => Ok(()),
        None => Err(CliError::syntax("the object after on, to or from is missing")),
        Some(target) => Err(CliError::syntax(&format!("{} cannot stand there", target.object_type))),
    }
}

fn holds(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(line: &str) -> Result<(), String> {
        check(&Command::parse(line).unwrap()).map_err(|error| error.text().to_owned())
    }

    #[test]
    fn only_documented_forms_pass() {
        assert_eq!(
            verdict("CREATE virtualdisk name=a size=1 sparse=Yes shareable=No on repository name=r"),
            Ok(())
        );
        assert_eq!(verdict("edit VirtualDisk name=Old name='New'"), Ok(()));
        assert_eq!(verdict("refreshAll"), Ok(()));
        for (line, word) in [
            (
                "create VirtualDisk name=a size=1 sparse=Yes on Repository name=r",
                "shareable",
            ),
            ("create Tag name=a colour=red", "colour"),
            ("start Repository name=r", "Repository"),
            ("explode Vm name=r", "explode"),
            ("create Vm name=a domainType=XEN_PVM repository=r", "missing"),
            ("edit Vm name=a", "attribute"),
        ] {
            let error = verdict(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }
}
