//! The script of a small estate that has something of everything.

use super::*;
use crate::estate::{Link, Vm, read};
use crate::ids::{PoolId, VmId};
use crate::ovmcli::{Answer, Item, parse_answers};
use crate::ovmcli::{CheckOptions, check_script};
use crate::script::{SafeStep, rebuild_script};

fn shown(id: &str, name: &str, data: &str) -> (Item, Answer) {
    let lines: String = data.lines().map(|line| format!("  {}\n", line.trim())).collect();
    let text = format!("Command: show\nStatus: Success\nTime: 1\nData:\n{lines}");
    let item = Item {
        id: id.into(),
        name: name.into(),
    };
    (item, parse_answers(text.as_bytes()).remove(0))
}

fn machine(id: &str, name: &str, mac: &str, disk: &str, slots: &str) -> Vm {
    let data = "Status = Stopped\nMemory (MB) = 1024\nProcessors = 1\nDomain Type = Xen PVM\nHigh Availability = Yes
        Server Pool = 0004fb0000020000aa  [pool]\nRepository = 0004fb0000030000aa  [gold]\nTag 1 = t  [prod]";
    let (item, answer) = shown(id, name, data);
    let head = read::vm(&item, &answer).unwrap();
    let (card, answer) = shown(
        &format!("{id}07"),
        mac,
        &format!("Mac Address = {mac}\nNetwork = n1  [front]"),
    );
    let vnic = read::vnic(&card, &answer).unwrap();
    let (slot, answer) = shown(
        &format!("{id}13"),
        &format!("Mapping for disk Id ({disk})"),
        &format!("Slot = 0\n{slots} = {disk}  [x]"),
    );
    let mapping = read::disk_mapping(&slot, &answer).unwrap();
    let mut vm = read::assemble(head, vec![mapping], vec![vnic]);
    vm.id = VmId::new(id);
    vm
}

fn estate() -> Estate {
    let mut estate = Estate {
        version: "3.4.6".into(),
        vms: vec![
            machine(
                "0004fb000006000001",
                "web",
                "00:21:f6:00:00:01",
                "0004fb000012000001.img",
                "Virtual Disk",
            ),
            machine(
                "0004fb000006000002",
                "web",
                "00:21:f6:00:00:02",
                "0004fb000018000001",
                "Physical Disk",
            ),
        ],
        ..Estate::default()
    };
    let (item, answer) = shown(
        "00:aa",
        "ovs1",
        "Ip Address = 10.0.0.1\nServer Pool = 0004fb0000020000aa  [pool]",
    );
    estate.servers.push(read::server(&item, &answer).unwrap());
    let data = "Server 1 = 00:aa  [ovs1]\nCluster Enable = Yes\nPool FileSystem = 0004fb0000050000bb  [x]\nVirtual Ip Address = 10.0.0.9";
    let (item, answer) = shown("0004fb0000020000aa", "pool", data);
    estate.pools.push(read::pool(&item, &answer).unwrap());
    let data = "File System = 0004fb0000050000aa  [x]\nPresented Server 1 = 00:aa  [ovs1]\nDescription = all of it";
    let (item, answer) = shown("0004fb0000030000aa", "gold", data);
    estate.repositories.push(read::repository(&item, &answer).unwrap());
    let (item, answer) = shown(
        "n1",
        "front",
        "Role 1 = Virtual_Machine\nPort 1 = 0004fb0000200000aa  [eth1 on ovs1]",
    );
    estate.networks.push(read::network(&item, &answer).unwrap());
    let data = "Max (GiB) = 12.0\nShareable = No\nRepository Id = 0004fb0000030000aa  [gold]";
    let (item, answer) = shown("0004fb000012000001.img", "0004fb000012000001.img", data);
    estate.disks.push(read::virtual_disk(&item, &answer).unwrap());
    for (id, wwid) in [("0004fb000018000001", "3600a"), ("0004fb000018000002", "3600b")] {
        let (item, answer) = shown(id, "LUN (1)", &format!("Page83 ID = {wwid}\nShareable = Yes"));
        estate.physical_disks.push(read::physical_disk(&item, &answer).unwrap());
    }
    for (kind, id, name, data) in [
        (
            Kind::Port,
            "0004fb0000200000aa",
            "eth1 on ovs1",
            "Interface Name = eth1\nServer = 00:aa  [ovs1]",
        ),
        (
            Kind::FileServer,
            "0004fb0000090000aa",
            "Local FS ovs1",
            "Admin Server 1 = 00:aa  [ovs1]",
        ),
        (
            Kind::FileServer,
            "0004fb0000090000bb",
            "filer",
            "Access Host = 10.0.0.7\nFileServer Plugin = p (1.0)  [Generic NFS]\nAdmin Server 1 = 00:aa  [ovs1]\nRefresh Server 1 = 00:aa",
        ),
        (
            Kind::FileSystem,
            "0004fb0000050000aa",
            "on lun",
            "File Server = 0004fb0000090000aa  [Local FS ovs1]\nPhysical Disk = 0004fb000018000002  [LUN (1)]",
        ),
        (
            Kind::FileSystem,
            "0004fb0000050000bb",
            "nfs:/pool",
            "File Server = 0004fb0000090000bb  [filer]\nPath = /pool",
        ),
        (
            Kind::AntiAffinityGroup,
            "0004fb0000240000aa",
            "apart",
            "Server Pool = 0004fb0000020000aa  [pool]\nVm 1 = 0004fb000006000001  [web]\nVm 2 = 0004fb000006000002  [web]",
        ),
    ] {
        let (item, answer) = shown(id, name, data);
        estate.objects.push(read::object(kind, &item, &answer).unwrap());
    }
    estate.sort();
    estate
}

fn script(scope: &Scope) -> SafeScript {
    safe_script(&estate(), scope, Version::V3_4).unwrap()
}

/// `${...}` in everything that a step sends or looks at.
fn placeholders(step: &SafeStep) -> Vec<String> {
    let text = serde_json::to_string(&(&step.command, &step.look)).unwrap();
    let parts = text.split("${").skip(1);
    parts.map(|part| part.split('}').next().unwrap().to_owned()).collect()
}

#[test]
fn every_step_needs_only_what_steps_before_it_have_bound() {
    let script = script(&Scope::Estate);
    let mut bound = HashSet::new();
    for step in &script.steps {
        for name in placeholders(step) {
            assert!(
                bound.contains(&name) || name.starts_with("PASSWORD_OF_"),
                "{name} in {step:?}"
            );
        }
        bound.extend(step.bind.clone());
    }
    assert!(bound.len() > 12, "{bound:?}");
}

#[test]
fn no_old_id_is_in_the_script_and_its_order_does_not_depend_on_ids() {
    let script = script(&Scope::Estate);
    let text = serde_json::to_string(&script).unwrap() + &script.plain().unwrap().render_for_people().unwrap();
    assert!(!text.contains("0004fb"), "{text}");
    let other_ids = serde_json::to_string(&estate()).unwrap();
    let other_ids = other_ids
        .replace("0004fb0000120000", "0004fb00001299")
        .replace("00:aa", "99:aa");
    let mut other: Estate = serde_json::from_str(&other_ids.replace("0004fb00000500", "0004fb0000059900")).unwrap();
    other.sort();
    assert_eq!(safe_script(&other, &Scope::Estate, Version::V3_4).unwrap(), script);
}

#[test]
fn the_plain_form_addresses_everything_by_name_and_renames_last() {
    let script = script(&Scope::Estate);
    let text = script.plain().unwrap().render_for_cli().unwrap();
    let line = |words: &str| {
        let found = text.lines().position(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("{words} is not in\n{text}"))
    };
    let order = [
        "discoverServer ipAddress=10.0.0.1 password=\"${PASSWORD_OF_SERVER_ovs1}\"",
        "takeOwnership Server name=ovs1 password=\"${PASSWORD_OF_SERVER_ovs1}\"",
        "create Network roles=VIRTUAL_MACHINE name=front",
        "add Port name=\"eth1 on ovs1\" to Network name=front",
        "create FileServer plugin=\"Generic NFS\" accessHost=10.0.0.7 adminServers=ovs1 refreshServers=ovs1 name=filer",
        "edit PhysicalDisk name=\"${NAME_OF_LUN_3600a}\" name=\"LUN (1) (rebuilt 1)\"",
        "create ServerPool clusterEnable=Yes virtualIP=10.0.0.9 fileSystem=nfs:/pool name=pool",
        "add Server name=ovs1 to ServerPool name=pool",
        "create FileSystem physicalDisk=\"LUN (1) (rebuilt 2)\" name=\"on lun\" on FileServer name=\"Local FS ovs1\"",
        "create Repository description=\"all of it\" name=gold on FileSystem name=\"on lun\"",
        "add Server name=ovs1 to Repository name=gold",
        "create Tag name=prod",
        "create VirtualDisk size=12 sparse=Yes shareable=No name=\"web disk 0\" on Repository name=gold",
        "name=\"web (rebuilt 1)\" on ServerPool name=pool",
        "create Vnic network=front macAddress=00:21:f6:00:00:01 name=00:21:f6:00:00:01 on Vm name=\"web (rebuilt 1)\"",
        "create VmDiskMapping slot=0 virtualDisk=\"web disk 0\" name=\"web slot 0\" on Vm name=\"web (rebuilt 1)\"",
        "add Tag name=prod to Vm name=\"web (rebuilt 1)\"",
        "create VmDiskMapping slot=0 physicalDisk=\"LUN (1) (rebuilt 1)\" name=\"web slot 0\" on Vm name=\"web (rebuilt 2)\"",
        "create AntiAffinityGroup name=apart on ServerPool name=pool",
        "edit Vm name=\"web (rebuilt 2)\" highAvailability=Yes",
        "edit Vm name=\"web (rebuilt 1)\" name=web",
    ];
    let places: Vec<_> = order.iter().map(|words| line(words)).collect();
    assert!(places.is_sorted(), "{places:?}\n{text}");
}

#[test]
fn a_pool_and_a_machine_bring_what_they_stand_on() {
    let whole = script(&Scope::Estate).steps.len();
    let pool = script(&Scope::Pool(PoolId::new("0004fb0000020000aa")));
    assert_eq!(pool.steps.len(), whole, "the estate is one pool");
    let vm = VmId::new("0004fb000006000002");
    let one = script(&Scope::Vm(vm.clone()));
    let text = one.plain().unwrap().render_for_cli().unwrap();
    assert!(
        text.contains("create Vm ") && text.contains("on ServerPool name=pool"),
        "{text}"
    );
    for rest in ["create VirtualDisk", "discoverServer", "create Repository"] {
        assert!(
            !text.contains(rest),
            "a machine's own script takes the rest for granted: {text}"
        );
    }
    assert!(one.steps.len() > 20, "what it stands on is made where it is not");
    let own = rebuild_script(&estate(), &vm).unwrap();
    assert_eq!(own, one.plain().unwrap(), "what is rehearsed is what is shown");
    let unknown = Scope::Pool(PoolId::new("none"));
    let refused = safe_script(&estate(), &unknown, Version::V3_4);
    assert!(matches!(refused, Err(ScriptError::UnknownScope { .. })), "{refused:?}");
}

/// The site has names of its own for what a new Manager finds under other ones.
#[test]
fn what_is_found_gets_its_old_name_back() {
    let mut estate = estate();
    estate.servers[0].name = "the first".into();
    estate.servers[0].other.push(("Host Name".into(), "ovs1".into()));
    for (old, new) in [("eth1 on ovs1", "for guests"), ("nfs:/pool", "pool data")] {
        let object = estate.objects.iter_mut().find(|object| object.name == old);
        object.unwrap().name = new.into();
    }
    let (item, answer) = shown("0a000000", "office", "Role 1 = Management");
    estate.networks.push(read::network(&item, &answer).unwrap());
    let script = safe_script(&estate, &Scope::Estate, Version::V3_4).unwrap();
    let text = script.plain().unwrap().render_for_cli().unwrap();
    for line in [
        "edit Server name=ovs1 name=\"the first\"",
        "edit Port name=\"eth1 on ovs1\" name=\"for guests\"",
        "edit Network name=10.0.0.0 name=office",
        "edit FileSystem name=\"${NAME_OF_FILE_SYSTEM_10_0_0_7_pool}\" name=\"pool data\"",
        "add Server name=\"the first\" to ServerPool name=pool",
        "fileSystem=\"pool data\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let usual = self::script(&Scope::Estate).plain().unwrap().render_for_cli().unwrap();
    assert!(
        !usual.contains("edit Server") && !usual.contains("edit FileSystem"),
        "{usual}"
    );
}

/// A pool file system on a LUN comes with its pool; addresses come back, but for those of the management network.
#[test]
fn a_pool_makes_its_own_file_system_and_interfaces_get_their_addresses() {
    let mut estate = estate();
    let own = estate
        .objects
        .iter_mut()
        .find(|object| object.name == "nfs:/pool")
        .unwrap();
    (own.name, own.attributes) = ("pool fs".into(), Vec::new());
    own.links = vec![Link {
        role: "Physical Disk".into(),
        kind: Kind::PhysicalDisk,
        id: "0004fb000018000001".into(),
        name: String::new(),
    }];
    let port = estate
        .objects
        .iter_mut()
        .find(|object| object.name == "eth1 on ovs1")
        .unwrap();
    for (word, value) in [
        ("Config Type", " Static"),
        ("Address", "10.9.0.1"),
        ("Netmask", "255.255.0.0"),
    ] {
        port.attributes
            .push((format!("Ip Address Config 1 - {word}"), value.into()));
    }
    port.attributes.push(("MTU".into(), "9000".into()));
    let script = safe_script(&estate, &Scope::Estate, Version::V3_4).unwrap();
    let text = script.plain().unwrap().render_for_cli().unwrap();
    for line in [
        "edit Port name=\"eth1 on ovs1\" mtu=9000",
        "embeddedCreate Port name=\"eth1 on ovs1\" ipAddressConfig ipAddressConfigType=STATIC ipAddress=10.9.0.1 \
         ipNetmask=255.255.0.0",
        "create ServerPool clusterEnable=Yes virtualIP=10.0.0.9 physicalDisk=\"LUN (1) (rebuilt 1)\" name=pool",
        "edit FileSystem name=\"${NAME_OF_FILE_SYSTEM_ON_LUN_3600a}\" name=\"pool fs\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(text.matches("create FileSystem").count(), 1, "{text}");
    estate.networks[0].roles = vec!["MANAGEMENT".into()];
    let script = safe_script(&estate, &Scope::Estate, Version::V3_4).unwrap();
    let text = script.plain().unwrap().render_for_cli().unwrap();
    assert!(!text.contains("embeddedCreate"), "{text}");
}

#[test]
fn scopes_have_words() {
    for scope in [
        Scope::Estate,
        Scope::Pool(PoolId::new("p-1")),
        Scope::Vm(VmId::new("0004fb")),
    ] {
        assert_eq!(Scope::from_key(&scope.key()), Some(scope));
    }
    assert_eq!(Scope::from_key("disk-1"), None);
}

/// The commands about network cards in the plain form for a release, and whether a note tells of its way.
fn cards(version: Version, says: &str) -> (Vec<String>, bool) {
    let script = safe_script(&estate(), &Scope::Estate, version).unwrap();
    let text = script.plain().unwrap().render_for_cli().unwrap();
    let about_cards = text.lines().filter(|line| line.contains("Vnic")).map(str::to_owned);
    (
        about_cards.collect(),
        script.notes.iter().any(|note| note.contains(says)),
    )
}

#[test]
fn every_release_has_its_way_to_keep_a_mac_address() {
    let (newest, is_told) = cards(Version::V3_4, "MAC address");
    assert_eq!(newest.len(), 2);
    assert!(
        newest[0].contains("macAddress=00:21:f6:00:00:01") && !is_told,
        "{newest:?}"
    );
    let (edited, is_told) = cards(Version::V3_3, "`edit Vnic` sets the old one");
    assert!(is_told && !edited[0].contains("macAddress"), "{edited:?}");
    assert_eq!(
        edited[1],
        "edit Vnic name=00:21:f6:00:00:01 macAddress=00:21:f6:00:00:01"
    );
    let (named, is_told) = cards(Version::V3_2, "the name of a network card is its MAC address");
    assert!(is_told);
    assert_eq!(named[0], "create Vnic network=front name=00:21:f6:00:00:01");
    assert!(
        named[1].starts_with("add Vnic name=00:21:f6:00:00:01 to Vm name="),
        "{named:?}"
    );
}

#[test]
fn the_oldest_release_gets_its_own_words() {
    let script = safe_script(&estate(), &Scope::Estate, Version::V3_2).unwrap();
    let text = script.plain().unwrap().render_for_cli().unwrap();
    for line in [
        "create Repository sharePath",
        "on FileSystem",
        "StorageArray",
        "virtualDisk=",
        "=Yes",
    ] {
        assert!(!text.contains(line), "{line}: {text}");
    }
    assert!(text.contains(" serverPool=pool physicalDisk="), "{text}");
    assert!(text.contains("addNfsRefreshServer FileServer name=filer"), "{text}");
    assert!(text.contains("storageDevice="), "{text}");
    // What the release has no command for is told at the top.
    let groups = script.notes.iter().find(|note| note.contains("AntiAffinityGroup"));
    assert!(
        groups.is_some_and(|note| note.contains("3.2 does not know")),
        "{:#?}",
        script.notes
    );
}

#[test]
fn the_checker_finds_nothing_in_the_plain_form() {
    let text = script(&Scope::Estate).plain().unwrap().render_for_cli().unwrap();
    for complete in [false, true] {
        let options = CheckOptions {
            version: None,
            complete,
        };
        assert_eq!(check_script(&text, options).findings, [], "{text}");
    }
}

#[test]
fn a_comparison_ignores_ids_and_nothing_else() {
    let text = serde_json::to_string(&estate()).unwrap();
    let with_other_ids = || -> Estate {
        let text = text.replace("0004fb", "0004fc").replace("\"n1\"", "\"n2\"");
        let mut other: Estate = serde_json::from_str(&text).unwrap();
        other.sort();
        other
    };
    let differences = |other: &Estate| -> Vec<String> {
        let changes = crate::estate::compare(&estate(), other);
        changes.into_iter().map(|change| change.sentence).collect()
    };
    assert_eq!(differences(&with_other_ids()), Vec::<String>::new());
    let mut smaller = with_other_ids();
    smaller.vms[0].memory_mb = 512;
    smaller.vms[1].vnics.clear();
    smaller.repositories[0].presented_to.clear();
    assert_eq!(
        differences(&smaller),
        [
            "Storage repository gold lost presentation to ovs1.",
            "Memory (MB) of VM web changed from 1024 to 512.",
            "VM web lost vNIC 00:21:f6:00:00:02 on network front.",
        ]
    );
    let mut running = with_other_ids();
    running.vms[0].state = crate::estate::VmState::Running;
    assert_eq!(
        differences(&running),
        Vec::<String>::new(),
        "what changes by itself does not count"
    );
}

#[test]
fn every_file_system_is_refreshed_by_itself_as_a_refresh_of_all_passes_over_new_ones() {
    let script = script(&Scope::Estate);
    let text = script.plain().unwrap().render_for_cli().unwrap();
    assert!(!text.contains("refreshAll"), "{text}");
    for name in ["name=\"on lun\"", "name=nfs:/pool"] {
        assert!(text.contains(&format!("refresh FileSystem {name}")), "{name}: {text}");
    }
}
