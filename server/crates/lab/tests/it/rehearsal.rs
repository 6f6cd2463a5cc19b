//! A Manager alone: what a rebuild script finds, makes, and is refused.

use crate::harness::Ssh;
use lab::rehearsal::{self, RehearsalManager};
use lab::{Dialect, Hardware, HardwarePort, HardwareServer, Lun, Mode, NfsExport, NfsHost, StoredRepository, Switches};
use ovm::ovmcli::{Answer, Status, parse_answers};

const GIB: u64 = 1 << 30;

/// Two servers with three cards, an NFS host with two exports, three Fibre Channel LUNs and one on iSCSI.
fn hardware() -> Hardware {
    let server = |number: u8| HardwareServer {
        ip: format!("192.168.56.1{number}"),
        name: format!("ovs{number}"),
        ports: (0..3)
            .map(|card| HardwarePort {
                interface: format!("eth{card}"),
                mac: format!("3C:A8:2A:00:0{number}:0{card}"),
            })
            .collect(),
        ..HardwareServer::default()
    };
    let lun = |wwid: &str, array: Option<&str>| Lun {
        wwid: wwid.to_owned(),
        size: 100 * GIB,
        array: array.map(str::to_owned),
        holds: None,
    };
    let kept = StoredRepository {
        id: "0004fb0000030000aaaaaaaaaaaaaaaa".to_owned(),
        name: "kept".to_owned(),
        disks: vec![("0004fb0000120000aaaaaaaaaaaaaaaa.img".to_owned(), 10 * GIB)],
    };
    let export = |path: &str, holds| NfsExport {
        path: path.to_owned(),
        size: 500 * GIB,
        holds,
    };
    Hardware {
        servers: vec![server(1), server(2)],
        nfs: vec![NfsHost {
            host: "filer".to_owned(),
            exports: vec![export("/export/new", None), export("/export/kept", Some(kept))],
        }],
        luns: vec![
            lun("36001", None),
            lun("36002", None),
            lun("36003", None),
            lun("36004", Some("array")),
        ],
        ..Hardware::default()
    }
}

struct Test(RehearsalManager);

impl Test {
    async fn start() -> Self {
        Self(rehearsal::start(hardware(), Dialect::V34).await.unwrap())
    }

    async fn answer(&self, line: &str) -> Answer {
        parse_answers(self.0.execute(line).await.as_bytes()).remove(0)
    }

    async fn ok(&self, line: &str) -> Answer {
        let answer = self.answer(line).await;
        assert_eq!(answer.status, Status::Success, "{line}: {}", answer.raw);
        answer
    }

    /// Carries out the lines of a script.
    async fn script(&self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.ok(line).await;
        }
    }

    async fn refused(&self, line: &str, word: &str) {
        let answer = self.answer(line).await;
        assert_eq!(answer.status, Status::Failure, "{line}: {}", answer.raw);
        let message = answer.error.unwrap().message;
        assert!(message.contains(word), "{line}: {message}");
    }

    async fn names(&self, kind: &str) -> Vec<String> {
        let mut names: Vec<_> = self
            .ok(&format!("list {kind}"))
            .await
            .items
            .into_iter()
            .map(|it| it.name)
            .collect();
        names.sort();
        names
    }

    /// Values of `show` whose key begins so.
    async fn shown(&self, object: &str, key: &str) -> Vec<String> {
        let answer = self.ok(&format!("show {object}")).await;
        let found = answer.properties.into_iter().filter(|it| it.key.starts_with(key));
        found.map(|it| it.value).collect()
    }
}

const DISCOVER: &str = "
    discoverServer ipAddress=192.168.56.11 password=secret takeOwnership=Yes
    discoverServer ipAddress=192.168.56.12 password=secret takeOwnership=Yes";

const POOL: &str = "
    create ServerPool name=pool clusterEnable=Yes physicalDisk='LUN (1)' virtualIP=192.168.56.10
    add Server name=ovs1 to ServerPool name=pool
    add Server name=ovs2 to ServerPool name=pool";

const REPOSITORY: &str = "
    create FileSystem name=fs physicalDisk='LUN (2)' on FileServer name='Local FS ovs1'
    create Repository name=repo on FileSystem name=fs
    add ServerPool name=pool to Repository name=repo
    refresh Repository name=repo";

#[tokio::test]
async fn discovery_finds_the_hardware_and_nothing_else() {
    let test = Test::start().await;
    assert_eq!(test.names("Server").await, [""; 0]);
    assert_eq!(
        test.names("StorageArray").await.len(),
        2,
        "the unmanaged ones are there from the start"
    );
    test.refused("create ServerPool name=pool clusterEnable=No", "discovered")
        .await;
    test.refused(
        "discoverServer ipAddress=192.168.56.99 password=x takeOwnership=Yes",
        "8899",
    )
    .await;
    test.script(DISCOVER).await;
    test.refused(
        "discoverServer ipAddress=192.168.56.11 password=x takeOwnership=Yes",
        "known",
    )
    .await;
    assert_eq!(test.names("PhysicalDisk").await, ["LUN (1)", "LUN (2)", "LUN (3)"]);
    assert_eq!(test.shown("PhysicalDisk name='LUN (2)'", "Page83").await, ["36002"]);
    let ports = test.names("Port").await;
    assert_eq!((ports.len(), ports[0].as_str()), (6, "eth0 on ovs1"));
    assert_eq!(
        test.shown("Port name='eth1 on ovs1'", "Mac Address").await,
        ["3c:a8:2a:00:01:01"]
    );
    assert_eq!(test.names("BondPort").await, ["bond0 on ovs1", "bond0 on ovs2"]);
    assert_eq!(test.names("FileServer").await, ["Local FS ovs1", "Local FS ovs2"]);
    assert_eq!(test.names("Network").await, ["192.168.56.0"]);
    assert_eq!(test.shown("Network id=c0a83800", "Bond Port").await.len(), 2);
    test.0.stop().await;
}

#[tokio::test]
async fn networks_bonds_and_vlans_follow_their_rules() {
    let test = Test::start().await;
    test.script(DISCOVER).await;
    test.refused(
        "create BondPort name=b ethernetPorts='eth1 on ovs1' mode=ACTIVE_PASSIVE mtu=1500 on Server name=ovs1",
        "two ports",
    )
    .await;
    test.refused(
        "create BondPort name=b ethernetPorts='eth1 on ovs1,eth2 on ovs2' mode=ACTIVE_PASSIVE mtu=1500 on Server name=ovs1",
        "another server",
    )
    .await;
    test.script(
        "create BondPort name='bond1 on ovs1' ethernetPorts='eth1 on ovs1,eth2 on ovs1' mode=LOAD_BALANCED mtu=9000 on Server name=ovs1
         create VlanInterface name=v120 vlanId=120 mtu=9000 on BondPort name='bond1 on ovs1'
         create Network name=lan roles=VIRTUAL_MACHINE,STORAGE
         add VlanInterface name=v120 to Network name=lan
         embeddedCreate VlanInterface name=v120 ipAddressConfig ipAddressConfigType=STATIC ipAddress=10.1.0.5 ipNetmask=255.255.255.0
         embeddedEdit VlanInterface name=v120 ipAddressConfig id=1 ipAddress=10.1.0.6",
    )
    .await;
    assert_eq!(
        test.shown("BondPort name='bond1 on ovs1'", "Mode").await,
        ["Load Balanced"]
    );
    assert_eq!(
        test.shown("VlanInterface name=v120", "Ip Address Config 1 - Address")
            .await[1],
        "10.1.0.6"
    );
    assert_eq!(
        test.shown("Network name=lan", "Role").await,
        ["Virtual_Machine", "Storage"]
    );
    test.refused(
        "create VlanInterface name=w vlanId=120 on BondPort name='bond1 on ovs1'",
        "already",
    )
    .await;
    test.refused(
        "create VlanInterface name=w vlanId=5 on Port name='eth1 on ovs1'",
        "bond",
    )
    .await;
    test.refused("add Port name='eth1 on ovs1' to Network name=lan", "bond")
        .await;
    test.refused("delete Network name=lan", "in use").await;
    test.refused(
        "create Network name=here roles=STORAGE on Server name=ovs1",
        "VIRTUAL_MACHINE",
    )
    .await;
    test.refused(
        "remove BondPort name='bond0 on ovs1' from Network id=c0a83800",
        "management",
    )
    .await;
    test.script(
        "remove VlanInterface name=v120 from Network name=lan
         delete Network name=lan
         delete VlanInterface name=v120
         delete BondPort name='bond1 on ovs1'
         add Port name='eth1 on ovs1' to BondPort name='bond0 on ovs1'",
    )
    .await;
    assert_eq!(test.shown("BondPort name='bond0 on ovs1'", "Port").await.len(), 2);
    test.0.stop().await;
}

#[tokio::test]
async fn storage_has_an_order() {
    let test = Test::start().await;
    test.script(DISCOVER).await;
    test.refused(
        "create FileServer name=f plugin=Nonsense accessHost=filer adminServers=ovs1",
        "plug-in",
    )
    .await;
    test.script(
        "create FileServer name=filer plugin='Oracle Generic Network File System' accessHost=filer adminServers=ovs1,ovs2 uniformedExports=Yes",
    )
    .await;
    test.refused("refresh FileServer name=filer", "refresh server").await;
    test.script("addRefreshServer FileServer name=filer server=ovs1\n refresh FileServer name=filer")
        .await;
    assert_eq!(
        test.names("FileSystem").await,
        ["nfs on filer:/export/kept", "nfs on filer:/export/new"]
    );
    test.refused(
        "create Repository name=nfs on FileSystem name='nfs on filer://export//new'",
        "refreshed",
    )
    .await;
    test.ok("refreshAll").await;
    test.refused(
        "create Repository name=nfs on FileSystem name='nfs on filer://export//new'",
        "refreshed",
    )
    .await;
    test.script(
        "refresh FileSystem name='nfs on filer://export//new'
         create Repository name=nfs on FileSystem name='nfs on filer://export//new'",
    )
    .await;
    test.refused("refresh Repository name=nfs", "presented").await;
    test.script("add Server name=ovs1 to Repository name=nfs\n refresh Repository name=nfs")
        .await;
    test.refused(
        "create RepositoryExport name=e clientHostName=c repository=nfs on Server name=ovs1",
        "physical",
    )
    .await;
    test.refused("delete FileServer name=filer", "in use").await;

    test.refused(
        "create FileSystem name=fs physicalDisk='LUN (1)' on FileServer name=filer",
        "local",
    )
    .await;
    test.refused(
        "create FileSystem name=fs physicalDisk='LUN (2)' on FileServer name='Local FS ovs1'",
        "no clustered server pool",
    )
    .await;
    test.script(POOL).await;
    test.refused(
        "create FileSystem name=fs physicalDisk='LUN (1)' on FileServer name='Local FS ovs1'",
        "in use",
    )
    .await;
    test.script(REPOSITORY).await;
    test.script("create RepositoryExport name=e clientHostName=c repository=repo on Server name=ovs1")
        .await;
    test.refused("remove Server name=ovs1 from Repository name=repo", "exports")
        .await;
    test.refused("delete Repository name=repo", "in use").await;
    test.refused("delete ServerPool name=pool", "in use").await;

    test.script(
        "create StorageArray name=iscsi plugin='Oracle Generic SCSI Plugin' storageType=ISCSI accessHost=array
         addAdminServer StorageArray name=iscsi server=ovs1",
    )
    .await;
    test.refused("create AccessGroup name=g on StorageArray name=iscsi", "access groups")
        .await;
    test.refused("refresh StorageArray name=iscsi", "initiator").await;
    let initiator = test.names("StorageInitiator").await.remove(0);
    test.script(&format!(
        "add StorageInitiator id={initiator} to AccessGroup name='Default access group @ iscsi'
         validate StorageArray name=iscsi
         refresh StorageArray name=iscsi"
    ))
    .await;
    assert_eq!(test.shown("PhysicalDisk name='LUN (4)'", "San Server").await, ["iscsi"]);
    test.0.stop().await;
}

#[tokio::test]
async fn a_repository_of_an_earlier_manager_must_be_taken_over() {
    let test = Test::start().await;
    test.script(DISCOVER).await;
    test.script(
        "create FileServer name=filer plugin='Oracle Generic Network File System' accessHost=filer adminServers=ovs1 refreshServers=ovs1
         refresh FileServer name=filer
         refresh FileSystem name='nfs on filer://export//kept'",
    )
    .await;
    assert_eq!(test.names("Repository").await, ["kept"]);
    test.refused("add Server name=ovs1 to Repository name=kept", "another Manager")
        .await;
    test.refused(
        "create Repository name=over on FileSystem name='nfs on filer://export//kept'",
        "holds",
    )
    .await;
    test.script(
        "takeOwnership Repository name=kept
         add Server name=ovs1 to Repository name=kept
         refresh Repository name=kept",
    )
    .await;
    assert_eq!(
        test.names("VirtualDisk").await,
        ["0004fb0000120000aaaaaaaaaaaaaaaa.img"]
    );
    test.0.stop().await;
}

/// Discovery leaves a server to the Manager that owns it, without a word.
#[tokio::test]
async fn a_server_of_another_manager_must_be_taken() {
    for can_be_taken in [true, false] {
        let mut hardware = hardware();
        hardware.servers[0].owner = "0004fb0000010000aaaaaaaaaaaaaaaa".to_owned();
        let mut switches = rehearsal::quick(Switches::of(Dialect::V34));
        switches.foreign_servers_can_be_taken = can_be_taken;
        let started = rehearsal::start_with(hardware, switches, Mode::Immediate, 0).await;
        let test = Test(started.unwrap());
        test.script(DISCOVER).await;
        test.ok("create ServerPool name=pool clusterEnable=No").await;
        test.refused("add Server name=ovs1 to ServerPool name=pool", "ownership")
            .await;
        test.ok("add Server name=ovs2 to ServerPool name=pool").await;
        // The own server is taken once more without harm.
        test.ok("takeOwnership Server name=ovs2 password=x").await;
        let take = "takeOwnership Server name=ovs1 password=x";
        match can_be_taken {
            true => {
                test.script(&format!("{take}\n add Server name=ovs1 to ServerPool name=pool"))
                    .await
            }
            false => test.refused(take, "release").await,
        }
        test.0.stop().await;
    }
}

#[tokio::test]
async fn machines_need_their_surroundings() {
    let test = Test::start().await;
    test.script(DISCOVER).await;
    test.script(POOL).await;
    test.script(
        "create FileSystem name=fs physicalDisk='LUN (2)' on FileServer name='Local FS ovs1'
         create Repository name=repo on FileSystem name=fs",
    )
    .await;
    let create = "create Vm name=vm domainType=XEN_HVM repository=repo highAvailability=Yes on ServerPool name=pool";
    test.refused(create, "presented").await;
    test.script("add ServerPool name=pool to Repository name=repo\n create Network name=lan roles=STORAGE")
        .await;
    test.ok(create).await;
    test.refused("create Vnic name=n network=lan on Vm name=vm", "VIRTUAL_MACHINE")
        .await;
    test.script(
        "edit Network name=lan roles=VIRTUAL_MACHINE
         create Vnic name=n network=lan macAddress=00:21:f6:00:00:07 on Vm name=vm
         create VirtualDisk name=d size=10 sparse=Yes shareable=No on Repository name=repo
         create VmDiskMapping name=m slot=0 virtualDisk=d on Vm name=vm
         resize VirtualDisk name=d size=20
         create AntiAffinityGroup name=apart on ServerPool name=pool
         add Vm name=vm to AntiAffinityGroup name=apart
         create Tag name=t
         add Tag name=t to Vm name=vm
         create VmCloneCustomizer name=c on Vm name=vm
         create VmCloneStorageMapping name=s cloneType=THIN_CLONE vmDiskMapping=m repository=repo on VmCloneCustomizer name=c
         create VmCloneNetworkMapping name=k network=lan vnic=n on VmCloneCustomizer name=c
         clone Vm name=vm destType=Vm destName=copy serverPool=pool cloneCustomizer=c
         start Vm name=vm",
    )
    .await;
    test.refused("resize VirtualDisk name=d size=5", "larger").await;
    assert_eq!(test.shown("VirtualDisk name=d", "Max").await, ["20.0"]);
    assert_eq!(test.shown("Vm name=copy", "VmDiskMapping").await.len(), 1);
    assert_eq!(test.shown("ServerPool name=pool", "Anti Affinity Group").await.len(), 1);
    let cfg = test.ok("getVmCfgFileContent Vm name=vm").await.text.join("\n");
    assert!(cfg.contains("mac=00:21:f6:00:00:07"), "{cfg}");
    test.refused("delete Repository name=repo", "in use").await;
    test.refused("delete Network name=lan", "in use").await;
    test.script("kill Vm name=vm\n delete Vm name=vm").await;
    assert_eq!(test.names("VmCloneStorageMapping").await, [""; 0]);
    assert_eq!(test.shown("AntiAffinityGroup name=apart", "Vm").await, [""; 0]);
    test.0.stop().await;
}

#[tokio::test]
async fn it_speaks_over_ssh() {
    let test = Test::start().await;
    let described = test.0.description().clone();
    let ssh = Ssh::password(described.port, &described.user, &described.password)
        .await
        .unwrap();
    assert_eq!(ssh.fingerprint, described.host_key_fingerprint);
    let ran = ssh
        .run(
            "discoverServer ipAddress=192.168.56.11 password=x takeOwnership=Yes;list Server",
            &[],
        )
        .await;
    let answers = parse_answers(&ran.stdout);
    assert_eq!(answers[1].items[0].name, "ovs1");
    test.0.stop().await;
}
