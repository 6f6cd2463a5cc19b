//! The script of one machine with everything, and of machines with little.

use super::*;
use crate::{
    estate::{
        DiskMapping, Kind, MappedStorage, Network, Object, PhysicalDisk, Pool, Repository, RepositoryKind,
        VirtualCdrom, VirtualDisk, Vm, VmState, Vnic,
    },
    ids::*,
};
use proptest::prelude::*;

const GIB: u64 = 1 << 30;

fn repository(id: &str, name: &str) -> Repository {
    Repository {
        id: RepositoryId::new(id),
        name: name.into(),
        file_system: None,
        file_system_name: None,
        file_server: None,
        kind: RepositoryKind::Ocfs2,
        free_bytes: None,
        presented_to: Vec::new(),
        other: Vec::new(),
    }
}

fn disk(id: &str, name: &str, repository: &str, size_bytes: u64) -> VirtualDisk {
    VirtualDisk {
        id: DiskId::new(id),
        name: name.into(),
        repository: Some(RepositoryId::new(repository)),
        size_bytes: Some(size_bytes),
        used_bytes: None,
        shareable: false,
        other: Vec::new(),
    }
}

fn mapping(slot: u32, name: &str, storage: MappedStorage) -> DiskMapping {
    DiskMapping {
        id: MappingId::new(format!("0004fb000013{slot}")),
        name: name.into(),
        slot,
        storage,
        other: Vec::new(),
    }
}

fn virtual_disk(id: &str) -> MappedStorage {
    MappedStorage::VirtualDisk { id: DiskId::new(id) }
}

fn machine() -> Vm {
    let lun = MappedStorage::PhysicalDisk {
        id: PhysicalDiskId::new("0004fb000018a"),
    };
    let image = MappedStorage::Cdrom {
        id: CdromId::new("0004fb000015a.iso"),
    };
    let other = [
        ("Priority", "50"),
        ("Mouse Type", "OS Default"),
        ("Keymap", "en-us"),
        ("Origin", "ftp://x"),
    ];
    Vm {
        id: VmId::new("0004fb000006a"),
        name: "web 1".into(),
        state: VmState::Running,
        pool: Some(PoolId::new("0004fb000002a")),
        server: None,
        repository: Some(RepositoryId::new("0004fb000003a")),
        memory_mb: 2048,
        max_memory_mb: 4096,
        processors: 2,
        max_processors: 4,
        high_availability: true,
        domain_type: "XEN_PVM".into(),
        operating_system: "Oracle Linux 7".into(),
        boot_order: vec!["CDROM".into(), "DISK".into()],
        description: "line one\nline two".into(),
        mappings: vec![
            mapping(
                0,
                "Mapping for disk Id (0004fb000012a.img)",
                virtual_disk("0004fb000012a.img"),
            ),
            mapping(1, "data", virtual_disk("0004fb000012b.img")),
            mapping(2, "lun", lun),
            mapping(3, "dvd", image),
            mapping(4, "empty", MappedStorage::EmptyCdrom),
        ],
        vnics: vec![Vnic {
            id: VnicId::new("0004fb000007a"),
            name: "0004fb000007a".into(),
            mac: Some("00:21:f6:00:00:01".into()),
            network: Some(NetworkId::new("c0a80a00")),
            other: Vec::new(),
        }],
        tags: vec!["gold".into()],
        vm_cfg: None,
        other: other.map(|(key, value)| (key.into(), value.into())).to_vec(),
    }
}

fn estate(vms: Vec<Vm>) -> Estate {
    Estate {
        pools: vec![Pool {
            id: PoolId::new("0004fb000002a"),
            name: "pool".into(),
            servers: Vec::new(),
            master: None,
            other: Vec::new(),
        }],
        repositories: vec![repository("0004fb000003a", "one"), repository("0004fb000003b", "two")],
        networks: vec![Network {
            id: NetworkId::new("c0a80a00"),
            name: "front".into(),
            roles: Vec::new(),
            other: Vec::new(),
        }],
        disks: vec![
            disk("0004fb000012a.img", "root", "0004fb000003a", 10 * GIB + 1),
            disk("0004fb000012b.img", "0004fb000012b.img", "0004fb000003b", 20 * GIB),
        ],
        cdroms: vec![VirtualCdrom {
            id: CdromId::new("0004fb000015a.iso"),
            name: "install.iso".into(),
            repository: None,
            other: Vec::new(),
        }],
        physical_disks: vec![PhysicalDisk {
            id: PhysicalDiskId::new("0004fb000018a"),
            name: "SAN (1)".into(),
            wwid: Some("36001aa".into()),
            size_bytes: None,
            shareable: true,
            other: Vec::new(),
        }],
        vms,
        ..Estate::default()
    }
}

const EXPECTED: &str = r#"create Tag name=gold
create VirtualDisk size=11 sparse=Yes shareable=No description="of the system" name="root (rebuilt 1)" on Repository name=one
create VirtualDisk size=20 sparse=Yes shareable=No name="web 1 disk 1 (rebuilt 1)" on Repository name=two
create Vm memory=2048 memoryLimit=4096 cpuCount=2 cpuCountLimit=4 cpuPriority=50 mouseType=OS_DEFAULT keymapName=en-us osType="Oracle Linux 7" domainType=XEN_PVM bootOrder=CDROM,DISK description="line one line two" highAvailability=No repository=one name="web 1" on ServerPool name=pool
create Vnic network=front macAddress=00:21:f6:00:00:01 name="web 1 card 0" on Vm name="web 1"
create VmDiskMapping slot=0 virtualDisk="root (rebuilt 1)" name="web 1 slot 0" on Vm name="web 1"
create VmDiskMapping slot=1 virtualDisk="web 1 disk 1 (rebuilt 1)" name=data on Vm name="web 1"
create VmDiskMapping slot=2 physicalDisk="SAN (1)" name=lun on Vm name="web 1"
create VmDiskMapping slot=3 virtualCd=install.iso name=dvd on Vm name="web 1"
create VmDiskMapping slot=4 virtualCd=EMPTY_CDROM name=empty on Vm name="web 1"
add Tag name=gold to Vm name="web 1"
edit Vm name="web 1" highAvailability=Yes
edit VirtualDisk name="root (rebuilt 1)" name=root
edit VirtualDisk name="web 1 disk 1 (rebuilt 1)" name="web 1 disk 1"
"#;

fn script(estate: &Estate) -> Result<RebuildScript, ScriptError> {
    rebuild_script(estate, &VmId::new("0004fb000006a"))
}

fn says(script: &RebuildScript, words: &str) -> bool {
    script.notes.iter().any(|note| note.contains(words))
}

#[test]
fn everything_of_a_machine_by_name() {
    let mut estate = estate(vec![machine()]);
    estate.disks[0].other = vec![("Description".into(), "of the system".into())];
    let script = script(&estate).unwrap();
    assert_eq!(script.render_for_cli().unwrap(), EXPECTED);
    assert!(says(&script, "36001aa") && says(&script, "install.iso must be there") && says(&script, "Line ends"));
    assert!(!says(&script, "not unique"));
}

#[test]
fn the_form_for_people_holds_the_same_commands() {
    let mut vm = machine();
    vm.tags = vec!["a".into()];
    vm.boot_order.clear();
    let script = script(&estate(vec![vm])).unwrap();
    let people = script.render_for_people().unwrap();
    let commands: String = people
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(commands, script.render_for_cli().unwrap());
    for line in commands.lines() {
        assert!(Command::parse(line).is_ok(), "{line}");
    }
}

#[test]
fn ambiguous_names_shared_disks_and_templates_are_noted() {
    let mut namesake = machine();
    namesake.id = VmId::new("0004fb000006b");
    let mut original = machine();
    original.state = VmState::Template;
    let mut estate = estate(vec![original, namesake]);
    estate.repositories[1].name = "one".into();
    let script = script(&estate).unwrap();
    for words in [
        "web 1 is not unique",
        "shared with web 1",
        "repository name one is not unique",
        "template",
    ] {
        assert!(says(&script, words), "{words}: {:?}", script.notes);
    }
}

#[test]
fn what_is_not_known_is_left_out_and_noted() {
    let mut estate = estate(vec![machine()]);
    estate.disks[0].size_bytes = None;
    estate.disks.truncate(1);
    estate.cdroms.clear();
    estate.physical_disks.clear();
    estate.networks.clear();
    let script = script(&estate).unwrap();
    let text = script.render_for_cli().unwrap();
    assert_eq!(text.matches("VmDiskMapping").count(), 1, "{text}");
    assert!(!text.contains("VirtualDisk") && !text.contains("Vnic"));
    assert_eq!(script.notes.iter().filter(|note| note.contains("left out")).count(), 6);
}

/// What the Manager has is not made again; where a name does not tell, a person does.
#[test]
fn what_stands_is_named_and_not_made() {
    let mut namesake = machine();
    namesake.id = VmId::new("0004fb000006b");
    let mut estate = estate(vec![machine(), namesake]);
    estate
        .disks
        .push(disk("0004fb000012c.img", "root (rebuilt 1)", "0004fb000003a", GIB));
    let mut twin = estate.physical_disks[0].clone();
    (twin.id, twin.wwid) = (PhysicalDiskId::new("0004fb000018b"), Some("36001bb".into()));
    estate.physical_disks.push(twin);
    estate.objects.push(Object {
        kind: Kind::Tag,
        id: "0004fb0000310".into(),
        name: "gold".into(),
        links: Vec::new(),
        attributes: Vec::new(),
    });
    let text = script(&estate).unwrap().render_for_cli().unwrap();
    assert!(
        !text.contains("create Tag") && text.contains("add Tag name=gold"),
        "{text}"
    );
    for words in [
        "name=\"root (rebuilt 2)\" on Repository",
        "physicalDisk=\"${ID_OF_LUN_36001aa}\"",
        "name=\"web 1 (rebuilt 1)\" on ServerPool name=pool",
        "edit Vm name=\"web 1 (rebuilt 1)\" name=\"web 1\"",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn no_script_without_pool_repository_or_a_sound_name() {
    let mut vm = machine();
    vm.pool = None;
    assert_eq!(
        script(&estate(vec![vm.clone()])),
        Err(ScriptError::NoPool { name: "web 1".into() })
    );
    vm.repository = None;
    assert_eq!(
        script(&estate(vec![vm])),
        Err(ScriptError::NoRepository { name: "web 1".into() })
    );
    let mut vm = machine();
    vm.name = "a\nb".into();
    assert!(matches!(script(&estate(vec![vm])), Err(ScriptError::Unwritable { .. })));
    assert!(matches!(
        script(&estate(Vec::new())),
        Err(ScriptError::UnknownVm { .. })
    ));
}

proptest! {
    #[test]
    fn any_name_gives_readable_commands_or_an_error(name in "[^\\p{Cc}]{1,12}|.{0,6}", tag in any::<String>(), text in any::<String>()) {
        let mut vm = machine();
        (vm.name, vm.description) = (name.clone(), text);
        vm.tags = vec![tag.clone()];
        match script(&estate(vec![vm])) {
            Ok(script) => {
                prop_assert!(!script.render_for_cli().unwrap().contains("0004fb"), "an old id is used");
                for (line, text) in script.commands.iter().zip(script.render_for_cli().unwrap().lines()) {
                    prop_assert_eq!(&Command::parse(text).unwrap(), &line.command);
                }
            }
            Err(error) => prop_assert!(name.chars().chain(tag.chars()).any(char::is_control), "{error}"),
        }
    }
}
