//! Answers in the spellings of the versions.

use super::*;
use crate::{
    estate::{Kind, MappedStorage, Repository, RepositoryKind, VmState},
    ids::{CdromId, DiskId, FileServerId, PhysicalDiskId},
    ovmcli::{Answer, Item, parse_answers},
};
use proptest::prelude::*;

const VM: &str = "  Status = Running
  Memory (MB) = 2048
  Max. Memory (MB) = 4096
  Processors = 2
  Priority = 50
  High Availability = Yes
  Operating System = Oracle Linux 7
  Domain Type = Xen HVM, PV Drivers
  Boot Order = CDROM, Disk
  Server = 00:aa  [ovs1]
  Server Pool = p1  [pool one]
  Repository = r1  [repo [a]]
  Vnic 2 = n2  [00:21:f6:00:00:02]
  Vnic 1 = n1  [00:21:f6:00:00:01]
  VmDiskMapping 1 = m1  [Mapping for disk Id (d1.img)]
  VmDiskMapping 2 = m2
  Tag 1 = t1  [gold]
  Locked = false
  Name = web 1
  Id = v1  [web 1]
";

fn answer(data: &str) -> Answer {
    let text =
        format!("OVM> show\nCommand: show\nStatus: Success\nTime: 2021-01-01 00:00:00,0 CET\nData:\n{data}OVM> ");
    parse_answers(text.as_bytes()).remove(0)
}

fn item(id: &str) -> Item {
    Item {
        id: id.to_owned(),
        name: "as listed".to_owned(),
    }
}

#[test]
fn a_machine_in_any_order_of_keys() {
    let head = vm(&item("v1"), &answer(VM)).unwrap();
    let mut lines: Vec<_> = VM.lines().collect();
    lines.sort_unstable();
    let sorted = vm(&item("v1"), &answer(&format!("{}\n", lines.join("\n")))).unwrap();
    assert_eq!(
        (&head.mapping_refs, &head.vnic_refs),
        (&sorted.mapping_refs, &sorted.vnic_refs)
    );
    assert_eq!(
        head.vnic_refs.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        ["n1", "n2"]
    );
    assert_eq!(head.mapping_refs.len(), 2);
    let vm = head.vm;
    assert_eq!((vm.name.as_str(), &vm.state), ("web 1", &VmState::Running));
    assert_eq!(
        (vm.memory_mb, vm.max_memory_mb, vm.processors, vm.max_processors),
        (2048, 4096, 2, 2)
    );
    assert_eq!(
        (vm.domain_type.as_str(), vm.high_availability),
        ("XEN_HVM_PV_DRIVERS", true)
    );
    assert_eq!(
        (vm.boot_order, vm.tags),
        (vec!["CDROM".to_owned(), "DISK".into()], vec!["gold".to_owned()])
    );
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(vm.other, [pair("Priority", "50"), pair("Locked", "false")]);
}

#[test]
fn what_is_not_a_machine_is_an_error() {
    let other = vm(&item("v2"), &answer(VM)).unwrap_err();
    assert!(
        matches!(other, ReadError::OtherObject { ref shown, .. } if shown == "v1"),
        "{other}"
    );
    let missing = vm(&item("v1"), &answer("  Status = Stopped\n")).unwrap_err();
    assert!(matches!(missing, ReadError::Missing { .. }));
    let invalid = vm(&item("v1"), &answer("  Memory (MB) = lots\n")).unwrap_err();
    assert!(matches!(invalid, ReadError::Invalid { .. }));
    let failure = parse_answers(b"Command: x\nStatus: Failure\nTime: 1\nError Msg: gone\n").remove(0);
    assert_eq!(
        vm(&item("v1"), &failure).unwrap_err().to_string(),
        "the Manager did not show Vm v1: gone"
    );
}

#[test]
fn mappings_of_all_versions() {
    let storage =
        |line: &str| disk_mapping(&item("m"), &answer(&format!("  Slot = 3\n{line}\n"))).map(|found| found.storage);
    let disk = MappedStorage::VirtualDisk {
        id: DiskId::new("d.img"),
    };
    let lun = MappedStorage::PhysicalDisk {
        id: PhysicalDiskId::new("18aa"),
    };
    let image = MappedStorage::Cdrom {
        id: CdromId::new("c.iso"),
    };
    assert_eq!(storage("  Virtual Disk = d.img  [root]"), Ok(disk.clone()));
    assert_eq!(storage("  Virtual Disk Id = d.img  [root]"), Ok(disk));
    assert_eq!(storage("  Physical Disk = 18aa  [lun]"), Ok(lun.clone()));
    assert_eq!(storage("  Virtual Disk Id = 18aa  [lun]"), Ok(lun));
    assert_eq!(storage("  Virtual Cd Rom = c.iso  [dvd]"), Ok(image.clone()));
    assert_eq!(storage("  Virtual Disk Id = c.iso  [dvd]"), Ok(image));
    assert_eq!(
        storage("  Virtual Disk Id = EMPTY_CDROM"),
        Ok(MappedStorage::EmptyCdrom)
    );
    assert_eq!(storage("  Virtual Cd = "), Ok(MappedStorage::EmptyCdrom));
    assert!(storage("  Virtual Disk = ").is_err());
    assert!(
        disk_mapping(&item("m"), &answer("  Virtual Disk = d.img\n")).is_err(),
        "a slot is needed"
    );
}

#[test]
fn cards_of_all_versions() {
    let named = vnic(
        &item("n1"),
        &answer("  Name = 00:21:F6:00:00:0A\n  Network = net  [front]\n"),
    )
    .unwrap();
    assert_eq!(named.mac.as_deref(), Some("00:21:f6:00:00:0a"));
    let own = vnic(
        &item("n2"),
        &answer("  Mac Address = 00:21:F6:00:00:0B\n  Name = eth0\n"),
    )
    .unwrap();
    assert_eq!((own.mac.as_deref(), own.network), (Some("00:21:f6:00:00:0b"), None));
    let head = vm(&item("v1"), &answer(VM)).unwrap();
    let mapping = |id: &str, slot| {
        let data = format!("  Slot = {slot}\n  Virtual Disk = {id}.img\n");
        disk_mapping(&item(id), &answer(&data)).unwrap()
    };
    let cards = vec![
        vnic(&item("n2"), &answer("")).unwrap(),
        vnic(&item("n1"), &answer("")).unwrap(),
    ];
    let vm = assemble(head, vec![mapping("m1", 2), mapping("m2", 0)], cards);
    assert_eq!(
        vm.mappings.iter().map(|mapping| mapping.slot).collect::<Vec<_>>(),
        [0, 2]
    );
    assert_eq!(
        vm.vnics.iter().map(|vnic| vnic.id.as_str()).collect::<Vec<_>>(),
        ["n1", "n2"]
    );
}

#[test]
fn disks_and_their_sizes() {
    let data = "  Name = root\n  Id = d.img\n  Max (GiB) = 12.5\n  Used (GiB) = 0.0\n  Shareable = Yes\n  Repository Id = r1  [repo]\n";
    let disk = virtual_disk(&item("d.img"), &answer(data)).unwrap();
    assert_eq!((disk.size_bytes, disk.used_bytes), (Some(13_421_772_800), Some(0)));
    assert_eq!((disk.shareable, disk.repository.unwrap().as_str()), (true, "r1"));
    assert!(virtual_disk(&item("d.img"), &answer("  Max (GiB) = -1\n")).is_err());
    assert!(virtual_disk(&item("d.img"), &answer("  Max (GiB) = NaN\n")).is_err());
    let lun = physical_disk(
        &item("18"),
        &answer("  Size (GiB) = 1.0\n  Page83 ID = 36001aa\n  San Server = x\n"),
    )
    .unwrap();
    assert_eq!((lun.wwid.as_deref(), lun.other.len()), (Some("36001aa"), 1));
    assert_eq!(cdrom(&item("c.iso"), &answer("")).unwrap().name, "as listed");
}

#[test]
fn kind_of_a_repository() {
    let read = |file_system: &str| -> Repository {
        repository(
            &item("r"),
            &answer(&format!(
                "  File System = f1  [{file_system}]\n  Presented Server 1 = 00:aa  [s]\n"
            )),
        )
        .unwrap()
    };
    assert_eq!(read("nfs on 10.0.0.1:/x").kind, RepositoryKind::Nfs);
    let plain = read("data");
    assert_eq!((plain.kind, plain.presented_to.len()), (RepositoryKind::Unknown, 1));
    let shown = |kind, data| object(kind, &item("x"), &answer(data)).unwrap();
    let on_lun = shown(
        Kind::FileSystem,
        "  File Server 1 = s1  [x]\n  Physical Disk 1 = 18  [lun]\n",
    );
    let settled = settle_kind(plain.clone(), Some(&on_lun), None);
    assert_eq!(
        (settled.kind, settled.file_server),
        (RepositoryKind::Ocfs2, Some(FileServerId::new("s1")))
    );
    let local = shown(Kind::FileSystem, "  FileServer = s1  [Local FS ovs1]\n");
    assert_eq!(
        settle_kind(plain.clone(), Some(&local), None).kind,
        RepositoryKind::Ocfs2
    );
    let plugin = "  File Server Plugin = oracle.Generic (1.0)  [Oracle Generic Network File System]\n";
    let network = shown(Kind::FileServer, plugin);
    let remote = shown(Kind::FileSystem, "  File Server = s2  [filer]\n");
    assert_eq!(
        settle_kind(plain.clone(), Some(&remote), Some(&network)).kind,
        RepositoryKind::Nfs
    );
    assert_eq!(settle_kind(plain, Some(&remote), None).kind, RepositoryKind::Unknown);
}

#[test]
fn pools_servers_networks() {
    let found = pool(
        &item("p"),
        &answer("  Server 1 = 00:aa  [a]\n  Server 2 = 00:bb  [b]\n  Master Server = 00:bb  [b]\n"),
    )
    .unwrap();
    assert_eq!((found.servers.len(), found.master.unwrap().as_str()), (2, "00:bb"));
    let found = server(
        &item("00:aa"),
        &answer("  Status = Running\n  Memory (MB) = 65536\n  Server Pool = p  [x]\n"),
    )
    .unwrap();
    assert_eq!((found.memory_mb, found.pool.unwrap().as_str()), (Some(65_536), "p"));
    let found = network(
        &item("c0a80a00"),
        &answer("  Role 1 = Virtual_Machine\n  Role 2 = Live Migrate\n"),
    )
    .unwrap();
    assert_eq!(found.roles, ["VIRTUAL_MACHINE", "LIVE_MIGRATE"]);
}

#[test]
fn what_only_the_oldest_release_has_and_how_it_calls_arrays() {
    let data = "  Index = 120\n  Vlan Group = g1  [interconnects]\n  Vlan Interface 1 = i1  [bond1.120 on ovs1]\n  Name = lan\n";
    let segment = object(Kind::VlanSegment, &item("s1"), &answer(data)).unwrap();
    assert_eq!(segment.link(Kind::VlanGroup), Some("g1"));
    assert_eq!(segment.link(Kind::VlanInterface), Some("i1"));
    assert_eq!(segment.attribute("Index"), Some("120"));
    for key in ["San Server", "Storage Array"] {
        let data = format!("  {key} = a1  [array]\n  Name = group\n");
        for kind in [Kind::VolumeGroup, Kind::AccessGroup] {
            let group = object(kind, &item("x"), &answer(&data)).unwrap();
            assert_eq!(group.link(Kind::StorageArray), Some("a1"), "{key} of {kind}");
        }
    }
}

#[test]
fn objects_name_others_in_the_order_of_their_numbers() {
    let data =
        "  Name = bond0\n  Id = b1  [bond0]\n  Mode = Active Passive\n  Port 10 = p10  [eth10]\n  BondPort 1 = b9
  Port 2 = p2\n  Server Id = 00:aa  [ovs1 [a]]\n  Ip Address Config 1 - Address = 10.0.0.1\n  New In 3.5 = yes\n";
    let bond = object(Kind::BondPort, &item("b1"), &answer(data)).unwrap();
    assert_eq!(bond.name, "bond0");
    assert_eq!(bond.links(Kind::Port).collect::<Vec<_>>(), ["p2", "p10"]);
    assert_eq!(bond.link(Kind::Server), Some("00:aa"));
    assert_eq!(bond.attribute("mode"), Some("Active Passive"));
    assert_eq!(bond.attribute("New in 3.5"), Some("yes"), "unknown keys are kept");
    let keys: Vec<_> = bond.attributes.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        ["Mode", "BondPort 1", "Ip Address Config 1 - Address", "New In 3.5"]
    );
    assert!(
        object(Kind::BondPort, &item("b2"), &answer(data)).is_err(),
        "another bond"
    );
}

proptest! {
    #[test]
    fn damaged_answers_never_panic(at in 0_usize..700, with in "[ =\\[\\]a-zA-Z0-9.\n-]{0,5}") {
        let mut characters: Vec<char> = VM.chars().collect();
        let at = at.min(characters.len());
        characters.splice(at..(at + 3).min(characters.len()), with.chars());
        let damaged = answer(&characters.into_iter().collect::<String>());
        let read = [
            vm(&item("v1"), &damaged).err(),
            disk_mapping(&item("v1"), &damaged).err(),
            virtual_disk(&item("v1"), &damaged).err(),
            repository(&item("v1"), &damaged).err(),
            server(&item("v1"), &damaged).err(),
        ];
        for error in read.into_iter().flatten() {
            prop_assert!(error.to_string().contains("v1"));
        }
    }
}
