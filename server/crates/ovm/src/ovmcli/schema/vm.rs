//! Virtual machines, their clones and messages, and the groups and tags that they belong to.

use super::model::{Attr, Form, Kind};
use super::words::{NAMED, NUMBER, RENAMED, create, edit, from, may, must, on, on_object, to};
use crate::ovmcli::Version::{V3_3, V3_4};

const MEMORY: Kind = Kind::Number(32, 2_000_000, "MB");
const PROCESSORS: Kind = Kind::Number(1, 128, "");
const REPOSITORY: Kind = Kind::Object(&["Repository"]);
const MAPPING: Kind = Kind::Object(&["VmDiskMapping"]);
const DOMAIN_TYPE: Kind = Kind::Word(&["XEN_HVM", "XEN_HVM_PV_DRIVERS", "XEN_PVM", "LDOMS_PVM", "UNKNOWN"]);
const CLONE_TYPE: Kind = Kind::Word(&["SPARSE_COPY", "NON_SPARSE_COPY", "THIN_CLONE"]);

/// Keyboards of the console. `No` is Norwegian.
pub(super) const KEYMAP: Kind = Kind::Word(&[
    "en-us", "ar", "da", "de", "de-ch", "en-gb", "es", "et", "fi", "fo", "fr", "fr-be", "fr-ca", "fr-ch", "hr", "hu",
    "is", "it", "ja", "lt", "lv", "mk", "nl", "nl-be", "No", "pl", "pt", "pt-br", "ru", "sl", "sv", "th", "tr",
]);

/// What a new machine and a changed one have in common.
const MACHINE: &[Attr] = &[
    may("memory", MEMORY),
    may("memoryLimit", MEMORY),
    may("cpuCount", PROCESSORS),
    may("cpuCountLimit", PROCESSORS),
    may("cpuPriority", NUMBER),
    may("cpuUtilizationCap", NUMBER),
    may("highAvailability", Kind::YesNo),
    may("hugePagesEnabled", Kind::YesNo),
    may("osType", Kind::Text),
    may(
        "mouseType",
        Kind::Word(&["OS_DEFAULT", "PS2_MOUSE", "USB_MOUSE", "USB_TABLET"]),
    ),
    may("keymapName", KEYMAP),
    may("bootOrder", Kind::Words(&["PXE", "DISK", "CDROM"])),
    may("networkInstallPath", Kind::Text),
    may("server", Kind::Object(&["Server"])),
    may(
        "startPolicy",
        Kind::Word(&["BEST_SERVER", "CURRENT_SERVER", "USE_POOL_POLICY"]),
    )
    .until(V3_3),
    // The policy of pools that 3.4 brought; whether machines take it is not documented.
    may(
        "startPolicy",
        Kind::Word(&["BEST_SERVER", "CURRENT_SERVER", "USE_POOL_POLICY", "BALANCE_SERVER"]),
    )
    .since(V3_4),
];

/// Where the clone of a disk goes.
const CLONE_TARGETS: &[Attr] = &[
    may("physicalDisk", Kind::Object(&["PhysicalDisk"])),
    may("repository", REPOSITORY),
    may("storageArray", Kind::Object(&["StorageArray"])),
];

const CLONE_TARGET: &[&[&str]] = &[&["physicalDisk", "repository", "storageArray"]];

/// What a machine can be put into.
const VM_HOMES: &[&str] = &["Server", "ServerPool", "AntiAffinityGroup"];

/// What can carry a tag.
const TAGGED: &[&str] = &["Server", "ServerPool", "Vm"];

/// The chapter.
pub const FORMS: &[Form] = &[
    create(&["Vm"])
        .takes(&[
            &[must("domainType", DOMAIN_TYPE), must("repository", REPOSITORY)],
            MACHINE,
            NAMED,
        ])
        .joined(&[on(&["ServerPool"])]),
    edit(&["Vm"]).takes(&[
        &[may("domainType", DOMAIN_TYPE), may("repository", REPOSITORY)],
        MACHINE,
        RENAMED,
    ]),
    on_object("add", &["Vm"]).joined(&[to(VM_HOMES)]),
    on_object("remove", &["Vm"]).joined(&[from(VM_HOMES)]),
    // Without a destination the machine becomes unassigned.
    on_object("migrate", &["Vm"]).takes(&[&[may("destServer", Kind::Object(&["Server"]))]]),
    on_object("clone", &["Vm"]).takes(&[&[
        must("destType", Kind::Word(&["Vm", "VmTemplate"])),
        must("destName", Kind::Text),
        must("serverPool", Kind::Object(&["ServerPool"])),
        may("cloneCustomizer", Kind::Object(&["VmCloneCustomizer"])).since(V3_3),
        may("targetRepository", REPOSITORY).since(V3_4),
    ]]),
    on_object("moveVmToRepository", &["Vm"])
        .takes(&[&[
            must("cloneCustomizer", Kind::Object(&["VmCloneCustomizer"])),
            must("targetRepository", REPOSITORY),
        ]])
        .since(V3_3),
    create(&["VmCloneCustomizer"]).takes(&[NAMED]).joined(&[on(&["Vm"])]),
    edit(&["VmCloneCustomizer"]).takes(&[RENAMED]),
    create(&["VmCloneStorageMapping"])
        .takes(&[
            &[must("cloneType", CLONE_TYPE), must("vmDiskMapping", MAPPING)],
            CLONE_TARGETS,
            NAMED,
        ])
        .one_of(CLONE_TARGET)
        .joined(&[on(&["VmCloneCustomizer"])]),
    edit(&["VmCloneStorageMapping"])
        .takes(&[
            &[may("cloneType", CLONE_TYPE), may("vmDiskMapping", MAPPING)],
            CLONE_TARGETS,
            RENAMED,
        ])
        .exclusive(CLONE_TARGET),
    create(&["VmCloneNetworkMapping"])
        .takes(&[
            &[
                must("network", Kind::Object(&["Network"])),
                must("vnic", Kind::Object(&["Vnic"])),
            ],
            NAMED,
        ])
        .joined(&[on(&["VmCloneCustomizer"])]),
    edit(&["VmCloneNetworkMapping"]).takes(&[
        &[
            may("network", Kind::Object(&["Network"])),
            may("vnic", Kind::Object(&["Vnic"])),
        ],
        RENAMED,
    ]),
    on_object("getVmCfgFileContent", &["Vm"]).since(V3_3),
    on_object("sendVmMessage", &["Vm"]).takes(&[&[
        must("key", Kind::Text),
        must("message", Kind::Text),
        must("log", Kind::YesNo),
    ]]),
    on_object("getVmSentMessages", &["Vm"]),
    on_object("getVmReceivedMessages", &["Vm"]),
    on_object("clearVmAllSentMessages", &["Vm"]),
    on_object("clearVmAllRcvdMessages", &["Vm"]),
    create(&["AntiAffinityGroup"])
        .takes(&[NAMED])
        .joined(&[on(&["ServerPool"])]),
    edit(&["AntiAffinityGroup"]).takes(&[RENAMED]),
    create(&["Tag"]).takes(&[NAMED]),
    edit(&["Tag"]).takes(&[RENAMED]),
    on_object("add", &["Tag"]).joined(&[to(TAGGED)]),
    on_object("remove", &["Tag"]).joined(&[from(TAGGED)]),
];
