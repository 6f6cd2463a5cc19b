//! Managers of older releases: what they print, what they take, and what they refuse.

use crate::harness::TestLab;
use lab::rehearsal::{self, RehearsalManager};
use lab::{
    Dialect, Hardware, HardwarePort, HardwareServer, HostKeyKind, Lab, LabOptions, Lun, NfsExport, NfsHost, Switches,
};
use ovm::ovmcli::{Answer, Status, parse_answers};

const GIB: u64 = 1 << 30;

/// A server with three cards, an NFS host with one export, two LUNs.
fn hardware() -> Hardware {
    let lun = |wwid: &str| Lun {
        wwid: wwid.to_owned(),
        size: 100 * GIB,
        ..Lun::default()
    };
    let port = |number: u8| HardwarePort {
        interface: format!("eth{number}"),
        mac: format!("3c:a8:2a:00:01:0{number}"),
    };
    Hardware {
        servers: vec![HardwareServer {
            ip: "192.168.56.11".to_owned(),
            name: "ovs1".to_owned(),
            ports: (0..3).map(port).collect(),
            ..HardwareServer::default()
        }],
        nfs: vec![NfsHost {
            host: "filer".to_owned(),
            exports: vec![NfsExport {
                path: "/export/new".to_owned(),
                size: 500 * GIB,
                holds: None,
            }],
        }],
        luns: vec![lun("36001"), lun("36002")],
        ..Hardware::default()
    }
}

struct Test(RehearsalManager);

impl Test {
    async fn start(dialect: Dialect) -> Self {
        Self(rehearsal::start(hardware(), dialect).await.unwrap())
    }

    async fn answer(&self, line: &str) -> Answer {
        parse_answers(self.0.execute(line).await.as_bytes()).remove(0)
    }

    async fn script(&self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let answer = self.answer(line).await;
            assert_eq!(answer.status, Status::Success, "{line}: {}", answer.raw);
        }
    }

    async fn refused(&self, line: &str, word: &str) {
        let answer = self.answer(line).await;
        assert_eq!(answer.status, Status::Failure, "{line}: {}", answer.raw);
        let message = answer.error.unwrap().message;
        assert!(message.contains(word), "{line}: {message}");
    }

    async fn names(&self, kind: &str) -> Vec<String> {
        let items = self.answer(&format!("list {kind}")).await.items;
        let mut names: Vec<_> = items.into_iter().map(|item| item.name).collect();
        names.sort();
        names
    }

    /// Keys and values of an object.
    async fn shown(&self, object: &str) -> Vec<(String, String)> {
        let answer = self.answer(&format!("show {object}")).await;
        assert_eq!(answer.status, Status::Success, "{object}: {}", answer.raw);
        let properties = answer.properties.into_iter();
        properties.map(|property| (property.key, property.value)).collect()
    }

    async fn value(&self, object: &str, key: &str) -> String {
        let shown = self.shown(object).await;
        let found = shown.into_iter().find(|(known, _)| known == key);
        found.unwrap_or_else(|| panic!("{object} has no {key}")).1
    }
}

const POOL: &str = "
    discoverServer ipAddress=192.168.56.11 port=8899 username=oracle password=secret takeOwnership=yes
    create ServerPool name=pool clusterEnable=yes physicalDisk='LUN (1)' virtualIP=192.168.56.10
    add Server name=ovs1 to ServerPool name=pool
    create Repository name=san serverPool=pool physicalDisk='LUN (2)'
    add Server name=ovs1 to Repository name=san";

#[tokio::test]
async fn release_3_2_has_commands_of_its_own() {
    let test = Test::start(Dialect::V32).await;
    assert_eq!(test.0.execute("showversion").await, "3.2.8.736\n");
    test.script(POOL).await;
    assert_eq!(test.names("FileSystem").await, ["fs_LUN (1)", "fs_LUN (2)"]);
    test.script(
        "create FileServer name=filer plugin='Oracle Generic Network File System' accessHost=filer uniformedExports=yes
         add Server name=ovs1 to FileServer name=filer
         addNfsRefreshServer FileServer name=filer server=ovs1
         refresh FileServer name=filer
         refresh FileSystem name='nfs on filer://export//new'
         create Repository name=nfs fileSystem='nfs on filer://export//new'
         create BondPort addressType=none ethernetPort1='eth1 on ovs1' ethernetPort2='eth2 on ovs1' mode=activeBackup mtu=9000 name='bond1 on ovs1' on Server name=ovs1
         create VlanGroup name=vlans
         create VlanSegment index=120 name=lan on VlanGroup name=vlans
         add BondPort name='bond1 on ovs1' to VlanGroup name=vlans
         create Network name=lan roles=VIRTUAL_MACHINE vlanSegment=lan
         create VirtualDisk name=d size=10 sparse=yes shareable=no on Repository name=san
         create Vm name=vm domainType=XEN_PVM repository=san highAvailability=yes on ServerPool name=pool
         create Vnic name=00:21:f6:00:00:18 network=lan
         add Vnic name=00:21:f6:00:00:18 to Vm name=vm
         create VmDiskMapping slot=0 storageDevice=d name=m on Vm name=vm
         create VmDiskMapping slot=1 name=cd on Vm name=vm
         edit VirtualDisk name=d size=20
         clone VirtualDisk name=d target=san cloneType=Sparse",
    )
    .await;
    assert_eq!(
        test.value("BondPort name='bond1 on ovs1'", "Mode").await,
        "Active Backup"
    );
    // The Manager has made the interface of the VLAN, and lets it carry the network.
    assert_eq!(test.names("VlanInterface").await, ["bond1.120 on ovs1"]);
    let interface = test.shown("VlanInterface name='bond1.120 on ovs1'").await;
    assert!(
        interface
            .iter()
            .any(|(key, value)| key == "Network" && value.ends_with("[lan]")),
        "{interface:?}"
    );
    assert!(test.value("Network name=lan", "Vlan Segment").await.ends_with("[lan]"));
    let disk = test.value("VmDiskMapping name=m", "Virtual Disk Id").await;
    assert!(disk.ends_with(".img  [d]"), "{disk}");
    assert_eq!(
        test.value("VmDiskMapping name=cd", "Virtual Disk Id").await,
        "EMPTY_CDROM"
    );
    assert_eq!(test.value("VirtualDisk name=d", "Max (GiB)").await, "20.0");
    assert_eq!(test.names("VirtualDisk").await, ["d", "d (1)"]);
    let card = test.shown("Vnic name=00:21:f6:00:00:18").await;
    assert!(
        card.contains(&("Mac Address".to_owned(), "00:21:f6:00:00:18".to_owned())),
        "{card:?}"
    );
    assert!(card.iter().any(|(key, _)| key == "Vm Id"), "{card:?}");
    let mapping = test.value("Vm name=vm", "VmDiskMapping 1").await;
    assert!(!mapping.contains('['), "{mapping}");
    assert_eq!(test.names("SanServer").await.len(), 2);
    test.refused("delete VlanGroup name=vlans", "in use").await;
    test.refused("remove Vnic name=00:21:f6:00:00:18 from Vm name=other", "Vm")
        .await;
    test.script("remove Vnic name=00:21:f6:00:00:18 from Vm name=vm\n delete Vnic name=00:21:f6:00:00:18\n delete Network name=lan")
        .await;
    test.0.stop().await;
}

#[tokio::test]
async fn release_3_2_refuses_what_came_later() {
    let test = Test::start(Dialect::V32).await;
    test.script(POOL).await;
    test.script("create Vm name=vm domainType=XEN_PVM repository=san on ServerPool name=pool\n start Vm name=vm")
        .await;
    for (line, word) in [
        ("list StorageArray", "known in 3.3 and 3.4"),
        ("list RepositoryExport", "3.2 does not know"),
        ("getVmCfgFileContent Vm name=vm", "3.2 does not know"),
        ("create VmCloneCustomizer name=c on Vm name=vm", "3.2 does not know"),
        (
            "create FileSystem name=f physicalDisk='LUN (2)' on FileServer name='Local FS ovs1'",
            "3.2 does not know",
        ),
        ("create Vnic name=card network=lan", "name=card"),
        ("set CommandMode=Asynchronous", "known in 3.3 and 3.4"),
        ("edit Vm name=vm highAvailability=Yes", "Yes"),
        (
            "clone Vm name=vm destType=VmTemplate destName=t serverPool=pool",
            "running",
        ),
    ] {
        test.refused(line, word).await;
    }
    test.script("stop Vm name=vm\n clone Vm name=vm destType=VmTemplate destName=t serverPool=pool")
        .await;
    let created = test.0.execute("create Tag name=t").await;
    assert!(!created.contains("JobId"), "{created}");
    test.0.stop().await;
}

#[tokio::test]
async fn release_3_3_lies_between() {
    let test = Test::start(Dialect::V33).await;
    test.script(
        "discoverServer ipAddress=192.168.56.11 password=secret takeOwnership=Yes
         create ServerPool name=pool clusterEnable=Yes physicalDisk='LUN (1)'
         add Server name=ovs1 to ServerPool name=pool
         create FileSystem name=fs physicalDisk='LUN (2)' on FileServer name='Local FS ovs1'
         create Repository name=san on FileSystem name=fs
         add Server name=ovs1 to Repository name=san
         create Network name=lan roles=VIRTUAL_MACHINE
         create Vm name=vm domainType=XEN_PVM repository=san on ServerPool name=pool",
    )
    .await;
    test.refused(
        "create Vnic name=c network=lan macAddress=00:21:f6:00:00:18 on Vm name=vm",
        "macAddress",
    )
    .await;
    test.script(
        "create Vnic name=c network=lan on Vm name=vm
         edit Vnic name=c macAddress=00:21:f6:00:00:18",
    )
    .await;
    assert_eq!(test.value("Vnic name=c", "Mac Address").await, "00:21:f6:00:00:18");
    test.refused(
        "edit ServerPool name=pool startPolicy=BALANCE_SERVER",
        "3.3 does not know",
    )
    .await;
    test.refused("set AlphabetizeAttributes=Yes", "3.4").await;
    let lun = test.shown("PhysicalDisk name='LUN (2)'").await;
    let mut keys: Vec<_> = lun.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let eight = [
        "Id",
        "Name",
        "Page83 ID",
        "San Server",
        "Shareable",
        "Size (GiB)",
        "Thin Provision",
        "VolumeGroup",
    ];
    assert_eq!(keys, eight, "exactly as a Manager of 2017 printed them");
    let created = test.0.execute("create Tag name=t").await;
    assert!(!created.contains("JobId"), "{created}");
    test.0.stop().await;
}

#[tokio::test]
async fn servers_are_of_the_release_and_a_stored_estate_keeps_its_own() {
    let of = |dialect| Switches {
        manager_host_key: HostKeyKind::Ed25519,
        ..Switches::of(dialect)
    };
    let test = TestLab::with(|options| options.switches = of(Dialect::V32)).await;
    let release = test.shell("cat /etc/ovs-release").await;
    assert_eq!(release, "Oracle VM server release 3.2.8\n");
    assert_eq!(test.ok("list VlanSegment").await.items.len(), 1);
    assert_eq!(test.ok("list VlanInterface").await.items.len(), 2);
    let TestLab { lab, dir } = test;
    lab.stop().await;
    drop(lab);
    let options = LabOptions {
        switches: of(Dialect::V34),
        ..crate::harness::options(&dir)
    };
    let error = Lab::start(options).await.err().unwrap().to_string();
    assert!(error.contains("3.2.8.736"), "{error}");
}
