//! Command lines as people and scripts write them.

use super::*;
use crate::ovmcli::split_commands;

fn pairs(command: &Command) -> Vec<(&str, &str)> {
    command
        .attributes
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.as_str()))
        .collect()
}

#[test]
fn create_has_attributes_and_a_target_but_no_selector() {
    let line = "OVM> create VmDiskMapping slot=0 virtualDisk=web name=\"Boot Disk\" on Vm name='web 1'";
    let command = Command::parse(line).unwrap();
    assert_eq!(command.selector, None);
    assert_eq!(
        pairs(&command),
        [("slot", "0"), ("virtualDisk", "web"), ("name", "Boot Disk")]
    );
    let target = command.target.unwrap();
    assert_eq!((target.preposition.as_str(), target.object_type.as_str()), ("on", "Vm"));
    assert_eq!(target.selector, Selector::Name("web 1".into()));
}

#[test]
fn first_name_selects_and_later_ones_are_attributes() {
    let command = Command::parse("edit VirtualDisk id=12ab.img name='a new name'").unwrap();
    assert_eq!(command.selector, Some(Selector::Id("12ab.img".into())));
    assert_eq!(pairs(&command), [("name", "a new name")]);
    let command = Command::parse("exportVirtualAppliance Repository name=r name=n vms=a,b").unwrap();
    assert_eq!(command.selector, Some(Selector::Name("r".into())));
    assert_eq!(pairs(&command), [("name", "n"), ("vms", "a,b")]);
}

#[test]
fn commands_without_a_type() {
    let command = Command::parse("discoverServer ipAddress=10.0.0.7 takeOwnership=Yes\t\r\n").unwrap();
    assert_eq!(
        (command.object_type.as_deref(), command.attribute("IPADDRESS")),
        (None, Some("10.0.0.7"))
    );
    assert_eq!(Command::parse("showversion").unwrap(), Command::new("showversion"));
    assert!(Command::parse("SET outputMode=Xml").unwrap().is("set"));
}

#[test]
fn add_and_remove_name_two_objects() {
    let command = Command::parse("add server id=00:01 to serverpool name='p'").unwrap();
    assert!(command.acts_on("Server"));
    assert_eq!(command.target.unwrap().object_type, "serverpool");
    assert!(Command::parse("remove Server id=1 from Repository").is_err());
    assert!(Command::parse("remove Server id=1 from Repository id=2 x=y").is_err());
}

#[test]
fn slash_escapes_inside_quotes_only() {
    let value = |line: &str| Command::parse(line).unwrap().attribute("d").unwrap().to_owned();
    assert_eq!(value("edit Vm id=1 d=\"HR/'s // \""), "HR's / ");
    assert_eq!(value("edit Vm id=1 d=nfs:/mnt/vol"), "nfs:/mnt/vol");
    assert_eq!(value("edit Vm id=1 d=''"), "");
    assert_eq!(value("edit Vm id=1 d="), "");
    assert_eq!(value("edit Vm id=1 d=a d=b"), "b", "the last one counts");
}

#[test]
fn errors_name_the_column() {
    let column = |line: &str| Command::parse(line).unwrap_err().column;
    assert_eq!(column("show Vm name=\"abc"), 14);
    assert_eq!(column("OVM> show Vm =x"), 14);
    assert_eq!(column("show Vm id=1 oops"), 14);
    assert_eq!(column("id=1"), 1);
    assert_eq!(column("show Vm name='a'b"), 17);
    assert_eq!(column("show Vm name=a\u{7}"), 15);
    assert!(Command::parse("  ").is_err());
}

#[test]
fn semicolons_separate_outside_quotes() {
    let line = "show Vm name=\"a;/\";b\";; list Vm ;";
    assert_eq!(split_commands(line), ["show Vm name=\"a;/\";b\"", "list Vm"]);
    assert!(split_commands(" ; ").is_empty());
}
