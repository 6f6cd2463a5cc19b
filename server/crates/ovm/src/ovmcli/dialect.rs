//! Says a command in the words of a release. Commands are put together in the words of 3.3 and 3.4, which are the same
//! where both know something; 3.2 says some of it otherwise. What it cannot say at all stays as it is, and the checker
//! finds it.

use super::{
    Attribute, Command, Selector, Version, form_of,
    schema::{Kind, holds},
};

/// Object types with another name in 3.2.
const TYPES: [(&str, &str); 1] = [("StorageArray", "SanServer")];

/// Constants with another spelling in 3.2, by key.
const CONSTANTS: [(&str, &str, &str); 7] = [
    ("mode", "ACTIVE_PASSIVE", "activeBackup"),
    ("mode", "ACTIVE_BACKUP", "activeBackup"),
    ("mode", "LINK_AGGREGATION", "linkAggregation"),
    ("mode", "LOAD_BALANCED", "adaptiveLoadBalancing"),
    ("mode", "ADAPTIVE_LOAD_BALANCING", "adaptiveLoadBalancing"),
    ("storageType", "FIBRECHANNEL", "FibreChannelStorageArray"),
    ("storageType", "ISCSI", "iSCSIStorageArray"),
];

/// What is mapped into a slot; 3.2 has one key for all of it.
const MAPPED: [&str; 3] = ["virtualDisk", "physicalDisk", "virtualCd"];

/// An object type as a release calls it.
pub fn in_words_of(object_type: &str, version: Version) -> &str {
    let mut types = TYPES.iter().filter(|_| version == Version::V3_2);
    let other = types.find(|(name, _)| name.eq_ignore_ascii_case(object_type));
    other.map_or(object_type, |(_, other)| other)
}

impl Command {
    /// The same command in the words of a release. A command that is in its words already stays as it is.
    #[must_use]
    pub fn in_words_of(self, version: Version) -> Self {
        match version {
            Version::V3_2 => in_words_of_3_2(self),
            Version::V3_3 | Version::V3_4 => self,
        }
    }
}

fn in_words_of_3_2(mut command: Command) -> Command {
    let rename = |object_type: &mut String| *object_type = in_words_of(object_type, Version::V3_2).to_owned();
    command.object_type.iter_mut().for_each(rename);
    command
        .target
        .iter_mut()
        .for_each(|target| rename(&mut target.object_type));
    for Attribute { key, value } in &mut command.attributes {
        let mut constants = CONSTANTS.iter();
        if let Some((_, _, other)) =
            constants.find(|(of, constant, _)| key.eq_ignore_ascii_case(of) && value == constant)
        {
            (*other).clone_into(value);
        }
    }
    let made = command.object_type.as_deref().filter(|_| command.is("create"));
    let command = match made {
        Some("Network") => joined_as_attribute(command, "Server", "server"),
        Some("Repository") => joined_as_attribute(command, "FileSystem", "fileSystem"),
        Some("BondPort") => bond(command),
        Some("VmDiskMapping") => mapping(command),
        _ => administered(command),
    };
    lower_case(command)
}

/// `on FileSystem id=x` becomes `fileSystem=x`.
fn joined_as_attribute(mut command: Command, object_type: &str, key: &str) -> Command {
    let is_joined = |target: &super::Target| target.object_type.eq_ignore_ascii_case(object_type);
    match command.target.take() {
        Some(target) if is_joined(&target) => command.with(key, target.selector.value()),
        other => Command {
            target: other,
            ..command
        },
    }
}

/// A bond is made of two ports, without an address; further ports are added to it. It gets the next free name.
fn bond(mut command: Command) -> Command {
    let Some(ports) = command.attribute("ethernetPorts").map(str::to_owned) else {
        return command;
    };
    command
        .attributes
        .retain(|attribute| !holds(&["ethernetPorts", "interfaceName"], &attribute.key));
    let ports = ["ethernetPort1", "ethernetPort2"].into_iter().zip(ports.split(','));
    let ports = ports.map(|(key, port)| (key, port.trim()));
    let keys = [("addressType", "none")].into_iter().chain(ports);
    let first = keys.map(|(key, value)| Attribute {
        key: key.to_owned(),
        value: value.to_owned(),
    });
    command.attributes.splice(0..0, first);
    command
}

/// `virtualDisk=x` becomes `storageDevice=x`; an empty drive has none.
fn mapping(mut command: Command) -> Command {
    command
        .attributes
        .retain(|attribute| attribute.value != "EMPTY_CDROM" || !holds(&MAPPED, &attribute.key));
    for attribute in command.attributes.iter_mut().filter(|it| holds(&MAPPED, &it.key)) {
        "storageDevice".clone_into(&mut attribute.key);
    }
    command
}

/// Servers that administer storage are added to it; those that look for exports have a command of their own.
fn administered(command: Command) -> Command {
    let (Some(of), Some(whose)) = (&command.object_type, &command.selector) else {
        return command;
    };
    let server = command.attribute("server");
    match (command.verb.as_str(), server) {
        ("addAdminServer", Some(server)) => {
            Command::on_id("add", "Server", server).target("to", of, Selector::clone(whose))
        }
        ("removeAdminServer", Some(server)) => {
            Command::on_id("remove", "Server", server).target("from", of, Selector::clone(whose))
        }
        ("addRefreshServer", _) => Command {
            verb: "addNfsRefreshServer".to_owned(),
            ..command
        },
        ("removeRefreshServer", _) => Command {
            verb: "removeNfsRefreshServer".to_owned(),
            ..command
        },
        _ => command,
    }
}

/// `yes` and `no`, as the manual of 3.2 writes them.
fn lower_case(mut command: Command) -> Command {
    let Some(form) = form_of(&command, Version::V3_2) else {
        return command;
    };
    for Attribute { key, value } in &mut command.attributes {
        let mut known = form
            .attributes_named(key)
            .filter(|attr| attr.known.is_in(Version::V3_2));
        if known.any(|attr| attr.kind == Kind::YesNo) {
            value.make_ascii_lowercase();
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ovmcli::{check_command, render};

    fn in_3_2(line: &str) -> String {
        let command = Command::parse(line).unwrap().in_words_of(Version::V3_2);
        assert_eq!(check_command(&command, Version::V3_2), [], "{line}");
        assert_eq!(
            command.clone().in_words_of(Version::V3_2),
            command,
            "said twice it is the same"
        );
        render(&command).unwrap()
    }

    #[test]
    fn the_oldest_release_says_it_otherwise() {
        for (modern, old) in [
            (
                "create VmDiskMapping slot=0 virtualDisk=d.img name=m on Vm id=v",
                "create VmDiskMapping slot=0 storageDevice=d.img name=m on Vm id=v",
            ),
            (
                "create VmDiskMapping slot=1 virtualCd=EMPTY_CDROM name=m on Vm id=v",
                "create VmDiskMapping slot=1 name=m on Vm id=v",
            ),
            (
                "create Repository name=r on FileSystem id=f",
                "create Repository name=r fileSystem=f",
            ),
            (
                "create Network roles=VIRTUAL_MACHINE name=n on Server id=s",
                "create Network roles=VIRTUAL_MACHINE name=n server=s",
            ),
            (
                "create BondPort ethernetPorts=a,b,c mode=ACTIVE_PASSIVE mtu=9000 interfaceName=bond1 name=n on Server id=s",
                "create BondPort addressType=none ethernetPort1=a ethernetPort2=b mode=activeBackup mtu=9000 name=n on Server id=s",
            ),
            (
                "edit BondPort id=b mode=LINK_AGGREGATION",
                "edit BondPort id=b mode=linkAggregation",
            ),
            (
                "edit BondPort id=b mode=LOAD_BALANCED",
                "edit BondPort id=b mode=adaptiveLoadBalancing",
            ),
            (
                "create StorageArray plugin=p storageType=ISCSI accessHost=h useChap=No name=a",
                "create SanServer plugin=p storageType=iSCSIStorageArray accessHost=h useChap=no name=a",
            ),
            (
                "addAdminServer StorageArray id=a server=s",
                "add Server id=s to SanServer id=a",
            ),
            (
                "addRefreshServer FileServer id=f server=s",
                "addNfsRefreshServer FileServer id=f server=s",
            ),
            ("edit Vm id=v highAvailability=Yes", "edit Vm id=v highAvailability=yes"),
            (
                "edit Vm id=v name=Yes keymapName=No",
                "edit Vm id=v name=Yes keymapName=No",
            ),
            ("start Vm id=v", "start Vm id=v"),
        ] {
            assert_eq!(in_3_2(modern), old);
            let command = Command::parse(modern).unwrap();
            for version in [Version::V3_3, Version::V3_4] {
                assert_eq!(command.clone().in_words_of(version), command);
            }
        }
    }
}
