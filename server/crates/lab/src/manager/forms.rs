//! The commands that change something: which types they take, which attributes with which values, which of them they
//! must have, and which object may follow. What is not here is refused.

use Value::{Int, Many, One, Text, YesNo};

/// What an attribute takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// Any text, names and ids of objects included.
    Text,
    /// `Yes` or `No`.
    YesNo,
    /// A whole number from the first to the second.
    Int(u64, u64),
    /// One of the constants.
    One(&'static [&'static str]),
    /// Some of the constants, separated by commas; none clears.
    Many(&'static [&'static str]),
}

/// Name and type of an attribute.
pub(super) type Attr = (&'static str, Value);

/// Whether a command takes `name=` and `description=`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Named {
    No,
    May,
    Must,
}

/// A form of a command.
pub(super) struct Form {
    pub verb: &'static str,
    /// Types after the verb; empty for commands without.
    pub types: &'static [&'static str],
    pub named: Named,
    pub mandatory: &'static [&'static str],
    pub attributes: &'static [Attr],
    /// Types after the preposition.
    pub targets: &'static [&'static str],
    /// The command does without the object after the preposition too.
    pub target_optional: bool,
}

const fn act(verb: &'static str, types: &'static [&'static str], attributes: &'static [Attr]) -> Form {
    Form {
        verb,
        types,
        named: Named::No,
        mandatory: &[],
        attributes,
        targets: &[],
        target_optional: false,
    }
}

const fn create(kind: &'static [&'static str], attributes: &'static [Attr], targets: &'static [&'static str]) -> Form {
    Form {
        named: Named::Must,
        targets,
        ..act("create", kind, attributes)
    }
}

const fn edit(types: &'static [&'static str], attributes: &'static [Attr]) -> Form {
    Form {
        named: Named::May,
        ..act("edit", types, attributes)
    }
}

const fn link(verb: &'static str, types: &'static [&'static str], targets: &'static [&'static str]) -> Form {
    Form {
        targets,
        ..act(verb, types, &[])
    }
}

impl Form {
    const fn must(self, mandatory: &'static [&'static str]) -> Self {
        Self { mandatory, ..self }
    }

    const fn or_alone(self) -> Self {
        Self {
            target_optional: true,
            ..self
        }
    }

    /// What the attribute takes, when the command has it.
    pub fn value(&self, key: &str) -> Option<Value> {
        let named = self.named != Named::No
            && ["name", "description"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(key));
        if named {
            return Some(Text);
        }
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| *value)
    }
}

const ROLES: Value = Many(&[
    "MANAGEMENT",
    "LIVE_MIGRATE",
    "CLUSTER_HEARTBEAT",
    "VIRTUAL_MACHINE",
    "STORAGE",
]);
const MTU: Attr = ("mtu", Int(1500, 64_000));
const CLONE_TYPE: Attr = ("cloneType", One(&["SPARSE_COPY", "NON_SPARSE_COPY", "THIN_CLONE"]));
const GIB: Attr = ("size", Int(1, 1_000_000));

const VM: &[Attr] = &[
    ("memory", Int(32, 2_000_000)),
    ("memoryLimit", Int(32, 2_000_000)),
    ("cpuCount", Int(1, 128)),
    ("cpuCountLimit", Int(1, 128)),
    ("cpuPriority", Int(1, 100)),
    ("cpuUtilizationCap", Int(1, 100)),
    ("highAvailability", YesNo),
    ("hugePagesEnabled", YesNo),
    ("osType", Text),
    (
        "mouseType",
        One(&["OS_DEFAULT", "PS2_MOUSE", "USB_MOUSE", "USB_TABLET"]),
    ),
    ("domainType", One(&["XEN_PVM", "XEN_HVM", "XEN_HVM_PV_DRIVERS"])),
    ("keymapName", One(KEYMAPS)),
    ("bootOrder", Many(&["PXE", "DISK", "CDROM"])),
    ("networkInstallPath", Text),
    ("server", Text),
    (
        "startPolicy",
        One(&["BEST_SERVER", "CURRENT_SERVER", "USE_POOL_POLICY"]),
    ),
    ("repository", Text),
];

const KEYMAPS: &[&str] = &[
    "en-us", "ar", "da", "de", "de-ch", "en-gb", "es", "et", "fi", "fo", "fr", "fr-be", "fr-ca", "fr-ch", "hr", "hu",
    "is", "it", "ja", "lt", "lv", "mk", "nl", "nl-be", "No", "pl", "pt", "pt-br", "ru", "sl", "sv", "th", "tr",
];

const POOL: &[Attr] = &[
    ("clusterEnable", YesNo),
    ("clusterTimeout", Int(30, 300)),
    ("fileSystem", Text),
    ("physicalDisk", Text),
    ("keymapName", One(KEYMAPS)),
    ("migrateUsingSsl", YesNo),
    ("startPolicy", One(&["BEST_SERVER", "BALANCE_SERVER", "CURRENT_SERVER"])),
    ("policyMode", One(&["OFF", "DRS", "DPM"])),
    ("policyCpuEnable", YesNo),
    ("policyPeriod", Int(2, 60)),
    ("policyCpuThreshold", Int(0, 99)),
    ("virtualIP", Text),
];

const ARRAY: &[Attr] = &[
    ("plugin", Text),
    ("storageType", One(&["FIBRECHANNEL", "ISCSI", "LOCAL", "UNKNOWN"])),
    ("storageName", Text),
    ("accessHost", Text),
    ("accessPort", Int(1, 65_535)),
    ("accessUsername", Text),
    ("accessPassword", Text),
    ("useChap", YesNo),
    ("adminHost", Text),
    ("adminUserName", Text),
    ("adminPassword", Text),
    ("pluginPrivateData", Text),
    ("lipScan", YesNo),
];

const FILE_SERVER: &[Attr] = &[
    ("plugin", Text),
    ("accessHost", Text),
    ("adminServers", Text),
    ("refreshServers", Text),
    ("uniformedExports", YesNo),
];

const STORAGE_MAPPING: &[Attr] = &[
    CLONE_TYPE,
    ("vmDiskMapping", Text),
    ("physicalDisk", Text),
    ("repository", Text),
    ("storageArray", Text),
];

const IP_CONFIG: &[Attr] = &[
    ("id", Int(1, 64)),
    ("ipAddressConfigType", One(&["STATIC", "DYNAMIC"])),
    ("ipAddress", Text),
    ("ipNetmask", Text),
];

const INTERFACES: &[&str] = &["Port", "BondPort", "VlanInterface"];

pub(super) const FORMS: &[Form] = &[
    // Machines and disks.
    create(&["Vm"], VM, &["ServerPool"]).must(&["domainType", "repository"]),
    create(
        &["VirtualDisk"],
        &[GIB, ("sparse", YesNo), ("shareable", YesNo)],
        &["Repository"],
    )
    .must(&["size", "sparse", "shareable"]),
    create(
        &["VmDiskMapping"],
        &[
            ("slot", Int(0, 1_000_000)),
            ("physicalDisk", Text),
            ("virtualDisk", Text),
            ("virtualCd", Text),
        ],
        &["Vm"],
    )
    .must(&["slot"]),
    create(&["Vnic"], &[("network", Text), ("macAddress", Text)], &["Vm"]).must(&["network"]),
    create(&["VmCloneCustomizer"], &[], &["Vm"]),
    create(&["VmCloneStorageMapping"], STORAGE_MAPPING, &["VmCloneCustomizer"]).must(&["cloneType", "vmDiskMapping"]),
    create(
        &["VmCloneNetworkMapping"],
        &[("network", Text), ("vnic", Text)],
        &["VmCloneCustomizer"],
    )
    .must(&["network", "vnic"]),
    create(&["AntiAffinityGroup"], &[], &["ServerPool"]),
    create(&["Tag"], &[], &[]),
    edit(&["Vm"], VM),
    edit(&["VirtualDisk", "PhysicalDisk"], &[("shareable", YesNo)]),
    edit(&["VmDiskMapping"], &[("virtualCd", Text)]),
    edit(&["Vnic"], &[("macAddress", Text)]),
    edit(&["VmCloneStorageMapping"], STORAGE_MAPPING),
    edit(&["VmCloneNetworkMapping"], &[("network", Text), ("vnic", Text)]),
    edit(
        &[
            "Tag",
            "VmCloneCustomizer",
            "AntiAffinityGroup",
            "Repository",
            "VirtualCdrom",
            "FileSystem",
            "AccessGroup",
            "Port",
        ],
        &[],
    ),
    act("resize", &["VirtualDisk", "PhysicalDisk"], &[GIB, ("sparse", YesNo)]).must(&["size"]),
    // Networks.
    create(&["Network"], &[("roles", ROLES)], &["Server"]).or_alone(),
    create(
        &["BondPort"],
        &[
            ("ethernetPorts", Text),
            ("mode", One(&["ACTIVE_PASSIVE", "LINK_AGGREGATION", "LOAD_BALANCED"])),
            MTU,
            ("interfaceName", Text),
        ],
        &["Server"],
    )
    .must(&["ethernetPorts", "mode", "mtu"]),
    create(
        &["VlanInterface"],
        &[("vlanId", Int(2, 4095)), MTU],
        &["Port", "BondPort"],
    )
    .must(&["vlanId"]),
    edit(&["Network"], &[("roles", ROLES)]),
    edit(
        &["BondPort"],
        &[
            ("mode", One(&["ACTIVE_PASSIVE", "LINK_AGGREGATION", "LOAD_BALANCED"])),
            MTU,
        ],
    ),
    edit(&["VlanInterface"], &[MTU]),
    act("embeddedCreate", INTERFACES, IP_CONFIG).must(&["ipAddressConfigType"]),
    act("embeddedEdit", INTERFACES, IP_CONFIG).must(&["id"]),
    act("embeddedDelete", INTERFACES, IP_CONFIG).must(&["id"]),
    act(
        "setVnicMacAddrRange",
        &[],
        &[("oui", Text), ("start", Text), ("end", Text)],
    ),
    // Servers and pools.
    act(
        "discoverServer",
        &[],
        &[("ipAddress", Text), ("password", Text), ("takeOwnership", YesNo)],
    )
    .must(&["ipAddress", "password", "takeOwnership"]),
    create(&["ServerPool"], POOL, &[]).must(&["clusterEnable"]),
    edit(&["ServerPool"], POOL),
    edit(&["Server"], &[("maintenanceMode", YesNo)]),
    act(
        "takeOwnership",
        &["Repository", "Server"],
        &[("serverpool", Text), ("password", Text)],
    ),
    // Storage.
    create(&["FileServer"], FILE_SERVER, &[]).must(&["plugin", "accessHost", "adminServers"]),
    create(&["FileSystem"], &[("physicalDisk", Text)], &["FileServer"]).must(&["physicalDisk"]),
    create(&["Repository"], &[("sharePath", Text)], &["FileSystem"]),
    create(
        &["RepositoryExport"],
        &[("clientHostName", Text), ("repository", Text), ("options", Text)],
        &["Server"],
    )
    .must(&["clientHostName", "repository"]),
    create(&["StorageArray"], ARRAY, &[]).must(&["plugin", "storageType"]),
    create(&["AccessGroup"], &[], &["FileServer", "StorageArray"]),
    edit(&["FileServer"], &[("accessHost", Text), ("uniformedExports", YesNo)]),
    edit(&["StorageArray"], ARRAY),
    edit(&["RepositoryExport"], &[("options", Text)]),
    act("addAdminServer", &["FileServer", "StorageArray"], &[("server", Text)]).must(&["server"]),
    act(
        "removeAdminServer",
        &["FileServer", "StorageArray"],
        &[("server", Text)],
    )
    .must(&["server"]),
    act("addRefreshServer", &["FileServer"], &[("server", Text)]).must(&["server"]),
    act("removeRefreshServer", &["FileServer"], &[("server", Text)]).must(&["server"]),
    act(
        "addAccessHost",
        &["StorageArray"],
        &[("accessHost", Text), ("accessPort", Int(1, 65_535))],
    )
    .must(&["accessHost"]),
    act("removeAccessHost", &["StorageArray"], &[("accessHost", Text)]).must(&["accessHost"]),
    act("validate", &["StorageArray"], &[]),
    act(
        "refresh",
        &[
            "AccessGroup",
            "Repository",
            "FileSystem",
            "FileServer",
            "PhysicalDisk",
            "Server",
            "StorageArray",
        ],
        &[],
    ),
    act("refreshStorageLayer", &["Server"], &[]),
    act("refreshAll", &[], &[]),
    // Memberships.
    link("add", &["Tag"], &["Vm", "Server", "ServerPool"]),
    link("add", &["Vnic", "Port", "BondPort", "VlanInterface"], &["Network"]),
    link("add", &["Port"], &["BondPort"]),
    link("add", &["Server"], &["Repository", "ServerPool", "AccessGroup"]),
    link("add", &["ServerPool"], &["Repository", "AccessGroup"]),
    link("add", &["Vm"], &["Server", "ServerPool", "AntiAffinityGroup"]),
    link(
        "add",
        &["FileSystem", "PhysicalDisk", "StorageInitiator"],
        &["AccessGroup"],
    ),
    link("remove", &["Tag"], &["Vm", "Server", "ServerPool"]),
    link("remove", &["Vnic", "Port", "BondPort", "VlanInterface"], &["Network"]),
    link("remove", &["Port"], &["BondPort"]),
    link("remove", &["Server"], &["Repository", "ServerPool", "AccessGroup"]),
    link("remove", &["ServerPool"], &["Repository", "AccessGroup"]),
    link("remove", &["Vm"], &["Server", "ServerPool", "AntiAffinityGroup"]),
    link(
        "remove",
        &["FileSystem", "PhysicalDisk", "StorageInitiator"],
        &["AccessGroup"],
    ),
    act(
        "delete",
        &[
            "AccessGroup",
            "AntiAffinityGroup",
            "BondPort",
            "FileServer",
            "FileSystem",
            "Network",
            "PhysicalDisk",
            "Repository",
            "RepositoryExport",
            "Server",
            "ServerPool",
            "StorageArray",
            "Tag",
            "VirtualCdrom",
            "VirtualDisk",
            "VlanInterface",
            "Vm",
            "VmCloneCustomizer",
            "VmCloneNetworkMapping",
            "VmCloneStorageMapping",
            "VmDiskMapping",
            "Vnic",
            "VolumeGroup",
        ],
        &[],
    ),
    // Life.
    act("start", &["Vm"], &[]),
    act("stop", &["Vm"], &[]),
    act("kill", &["Vm"], &[]),
    act("restart", &["Vm"], &[]),
    act("suspend", &["Vm"], &[]),
    act("resume", &["Vm"], &[]),
    act("migrate", &["Vm"], &[("destServer", Text)]),
    act(
        "clone",
        &["Vm"],
        &[
            ("destType", One(&["Vm", "VmTemplate"])),
            ("destName", Text),
            ("serverPool", Text),
            ("cloneCustomizer", Text),
            ("targetRepository", Text),
        ],
    )
    .must(&["destType", "destName", "serverPool"]),
    act("cloneVdToRepo", &["VirtualDisk"], &[("target", Text), CLONE_TYPE]).must(&["target", "cloneType"]),
    act(
        "moveVmToRepository",
        &["Vm"],
        &[("cloneCustomizer", Text), ("targetRepository", Text)],
    )
    .must(&["cloneCustomizer", "targetRepository"]),
    act("abort", &["Job"], &[]),
];
