//! What changed, in the words that people see.

use super::*;
use crate::estate::{DiskMapping, Link, MappedStorage, Network, Object, PhysicalDisk, Repository, Vm, Vnic, read};
use crate::ids::{DiskId, FileSystemId, MappingId, NetworkId, PhysicalDiskId, RepositoryId, ServerId, VnicId};
use crate::ovmcli::{Item, parse_answers};

fn vm(id: &str, name: &str) -> Vm {
    let text =
        "Command: show\nStatus: Success\nTime: 1\nData:\n  Status = Stopped\n  Memory (MB) = 1024\n  Processors = 1\n";
    let item = Item {
        id: id.into(),
        name: name.into(),
    };
    let answer = parse_answers(text.as_bytes()).remove(0);
    read::vm(&item, &answer).unwrap().vm
}

fn vnic(mac: &str) -> Vnic {
    Vnic {
        id: VnicId::new(mac),
        name: mac.into(),
        mac: Some(mac.into()),
        network: Some(NetworkId::new("net")),
        other: Vec::new(),
    }
}

fn lun(id: &str, name: &str, wwid: &str) -> PhysicalDisk {
    PhysicalDisk {
        id: PhysicalDiskId::new(id),
        name: name.into(),
        wwid: Some(wwid.into()),
        size_bytes: None,
        shareable: false,
        other: Vec::new(),
    }
}

fn mapping(id: &str, slot: u32, storage: MappedStorage) -> DiskMapping {
    DiskMapping {
        id: MappingId::new(id),
        name: id.into(),
        slot,
        storage,
        other: Vec::new(),
    }
}

fn on_lun(id: &str) -> MappedStorage {
    MappedStorage::PhysicalDisk {
        id: PhysicalDiskId::new(id),
    }
}

fn estate() -> Estate {
    let mut web = vm("v1", "web01");
    web.vnics = vec![vnic("00:21:f6:00:00:01")];
    let mut db = vm("v2", "db01");
    db.mappings = vec![mapping("m1", 2, on_lun("l1"))];
    Estate {
        networks: vec![Network {
            id: NetworkId::new("net"),
            name: "prod".into(),
            roles: vec!["VIRTUAL_MACHINE".into()],
            other: Vec::new(),
        }],
        repositories: vec![Repository {
            id: RepositoryId::new("r1"),
            name: "gold".into(),
            file_system: Some(FileSystemId::new("f1")),
            file_system_name: None,
            file_server: None,
            kind: crate::estate::RepositoryKind::Ocfs2,
            free_bytes: Some(10),
            presented_to: vec![ServerId::new("s1")],
            other: vec![("VirtualDisk 1".into(), "d1.img  [root]".into())],
        }],
        physical_disks: vec![lun("l1", "LUN a", "3600a"), lun("l2", "LUN b", "3600b")],
        objects: vec![Object {
            kind: Kind::BondPort,
            id: "b1".into(),
            name: "bond0".into(),
            links: vec![Link {
                role: "Port".into(),
                kind: Kind::Port,
                id: "p1".into(),
                name: "eth0".into(),
            }],
            attributes: vec![("Mode".into(), "Active Passive".into())],
        }],
        vms: vec![web, db],
        ..Estate::default()
    }
}

fn sentences(change: impl FnOnce(&mut Estate)) -> Vec<String> {
    let old = estate();
    let mut new = estate();
    change(&mut new);
    difference(&old, &new)
        .into_iter()
        .map(|change| change.sentence)
        .collect()
}

#[test]
fn equal_estates_have_no_difference() {
    assert_eq!(sentences(|_| ()), Vec::<String>::new());
}

#[test]
fn machines_come_go_and_change() {
    assert_eq!(
        sentences(|new| new.vms[0].memory_mb = 2048),
        ["Memory (MB) of VM web01 changed from 1024 to 2048."]
    );
    assert_eq!(
        sentences(|new| new.vms[0].vnics.push(vnic("00:21:f6:00:00:02"))),
        ["VM web01 gained vNIC 00:21:f6:00:00:02 on network prod."]
    );
    assert_eq!(
        sentences(|new| new.vms[0].vnics.clear()),
        ["VM web01 lost vNIC 00:21:f6:00:00:01 on network prod."]
    );
    assert_eq!(
        sentences(|new| new.vms[0].name = "web02".into()),
        ["VM web01 was renamed to web02."]
    );
    // What belongs to the machine goes with it and is not told again.
    assert_eq!(sentences(|new| drop(new.vms.remove(1))), ["VM db01 was removed."]);
    assert_eq!(
        sentences(|new| new.vms[0].tags.push("gold".into())),
        ["VM web01 gained tag gold."]
    );
    assert_eq!(sentences(|new| new.vms[0].vm_cfg = Some("memory = 1".into())).len(), 1);
}

#[test]
fn a_replaced_disk_is_one_sentence_even_when_the_mapping_is_new() {
    let replaced = sentences(|new| new.vms[1].mappings = vec![mapping("m9", 2, on_lun("l2"))]);
    assert_eq!(
        replaced,
        ["The disk in slot 2 of VM db01 was replaced: LUN b instead of LUN a."]
    );
    let image = MappedStorage::VirtualDisk {
        id: DiskId::new("d1.img"),
    };
    let added = sentences(|new| new.vms[1].mappings.push(mapping("m2", 3, image)));
    assert_eq!(added, ["VM db01 gained disk d1.img in slot 3."]);
}

#[test]
fn storage_and_networks_change() {
    assert_eq!(
        sentences(|new| new.physical_disks[0].wwid = Some("3600c".into())),
        ["WWID of LUN LUN a changed from 3600a to 3600c."]
    );
    assert_eq!(
        sentences(|new| new.repositories[0].presented_to.clear()),
        ["Storage repository gold lost presentation to s1."]
    );
    assert_eq!(
        sentences(|new| new.objects[0].attributes[0].1 = "Link Aggregation".into()),
        ["Mode of bond bond0 changed from Active Passive to Link Aggregation."]
    );
    assert_eq!(
        sentences(|new| new.objects[0].links.clear()),
        ["Bond bond0 lost port eth0."]
    );
}

#[test]
fn what_the_other_end_tells_is_not_told_twice() {
    let told = sentences(|new| {
        new.repositories[0]
            .other
            .push(("VirtualDisk 2".into(), "d2.img  [data]".into()))
    });
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn what_changes_by_itself_is_marked() {
    let old = estate();
    let mut new = estate();
    new.repositories[0].free_bytes = Some(5);
    new.vms[0].state = crate::estate::VmState::Running;
    new.vms[0].server = Some(ServerId::new("s1"));
    let changes = difference(&old, &new);
    assert_eq!(changes.len(), 3);
    assert!(changes.iter().all(|change| change.volatile), "{changes:?}");
    new.vms[1].processors = 2;
    let settings = difference(&old, &new).into_iter().filter(|change| !change.volatile);
    assert_eq!(settings.count(), 1);
}

#[test]
fn what_could_not_be_read_was_not_removed() {
    let old = estate();
    let mut new = estate();
    new.vms.remove(0);
    new.problems.push(Problem {
        object_type: "Vm".into(),
        id: "v1".into(),
        name: "web01".into(),
        reason: "the answer was cut off".into(),
    });
    let changes = difference(&old, &new);
    assert_eq!(
        (changes[0].nature, changes[0].sentence.as_str()),
        (
            Nature::Unreadable,
            "VM web01 could not be read: the answer was cut off."
        )
    );
    assert_eq!(difference(&new, &old)[0].sentence, "VM web01 can be read again.");
}
