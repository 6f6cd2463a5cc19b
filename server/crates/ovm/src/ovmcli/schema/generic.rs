//! Commands that most types share: list, show, delete, refresh, and the power of servers and machines.

use super::model::{Form, Kind};
use super::types::TYPE_NAMES;
use super::words::{may, must, on_object, on_type, plain};

/// What can be deleted. Templates are machines.
const DELETABLE: &[&str] = &[
    "AccessGroup",
    "AntiAffinityGroup",
    "Assembly",
    "BondPort",
    "CpuCompatibilityGroup",
    "FileServer",
    "FileSystem",
    "Network",
    "NfsAccessGroup",
    "PhysicalDisk",
    "Repository",
    "RepositoryExport",
    "SanServer",
    "Server",
    "ServerController",
    "ServerPool",
    "ServerPoolNetworkPolicy",
    "ServerUpdateGroup",
    "ServerUpdateRepository",
    "StorageArray",
    "Tag",
    "VirtualAppliance",
    "VirtualCdrom",
    "VirtualDisk",
    "VlanGroup",
    "VlanInterface",
    "VlanSegment",
    "Vm",
    "VmCloneCustomizer",
    "VmCloneNetworkMapping",
    "VmCloneStorageMapping",
    "VmDiskMapping",
    "Vnic",
];

/// What a repository keeps, and a refresh of it brings to light.
const KEPT: &[&str] = &["Assembly", "VirtualAppliance", "VirtualCdrom", "VirtualDisk", "Vm"];

/// The chapter.
pub const FORMS: &[Form] = &[
    on_type("list", TYPE_NAMES),
    on_object("show", TYPE_NAMES),
    on_object("delete", DELETABLE),
    // File systems appear under names of their own when their server is asked.
    on_object("refresh", &["FileServer"]).brings(&["FileSystem"]),
    on_object(
        "refresh",
        &[
            "AccessGroup",
            "Assembly",
            "FileSystem",
            "NfsAccessGroup",
            "PhysicalDisk",
            "SanServer",
            "Server",
            "StorageArray",
        ],
    ),
    on_object("refresh", &["Repository"]).finds(KEPT),
    on_object("refreshStorageLayer", &["Server"]),
    plain("refreshAll").brings(&["FileSystem"]),
    on_object("start", &["Server", "Vm"]),
    on_object("stop", &["Server", "Vm"]),
    on_object("kill", &["Server", "Vm"]),
    on_object("restart", &["Server", "Vm"]),
    on_object("suspend", &["Vm"]),
    on_object("resume", &["Vm"]),
    // The way back after the loss of a Manager; a clustered repository needs its pool.
    on_object("takeOwnership", &["Repository"])
        .takes(&[&[may("serverPool", Kind::Object(&["ServerPool"]))]])
        .brings(&["Repository"])
        .finds(KEPT),
    on_object("takeOwnership", &["Server"]).takes(&[&[must("password", Kind::Text)]]),
];
