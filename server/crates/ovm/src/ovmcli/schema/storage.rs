//! Storage: repositories and their exports, file servers and systems, arrays, access groups; servers and pools.

use super::model::{Attr, Form, Kind, Need};
use super::vm::KEYMAP;
use super::words::{NAMED, NUMBER, RENAMED, create, edit, from, may, must, on, on_object, plain, to};
use crate::ovmcli::Version::{V3_2, V3_3, V3_4};

const SERVER: Kind = Kind::Object(&["Server"]);
const SERVERS: Kind = Kind::Objects(&["Server"]);
const DISK: Kind = Kind::Object(&["PhysicalDisk"]);
const FILE_SYSTEM: Kind = Kind::Object(&["FileSystem"]);

/// How an array is reached.
const ARRAY_ACCESS: &[Attr] = &[
    may("storageName", Kind::Text),
    may("accessHost", Kind::Text),
    may("accessPort", NUMBER),
    may("accessUsername", Kind::Text),
    may("accessPassword", Kind::Text),
    may("useChap", Kind::YesNo),
    may("adminHost", Kind::Text),
    may("adminUserName", Kind::Text),
    may("adminPassword", Kind::Text),
    may("pluginPrivateData", Kind::Text),
    may("lipScan", Kind::YesNo).since(V3_4),
];

/// Another host of an array.
const ACCESS_HOST: &[Attr] = &[
    must("accessHost", Kind::Text),
    may("accessPort", NUMBER),
    may("accessUsername", Kind::Text),
    may("accessPassword", Kind::Text),
];

/// How 3.2 reaches an array, all of it optional.
const ACCESS: &[Attr] = &[
    may("accessHost", Kind::Text),
    may("accessPort", NUMBER),
    may("accessUsername", Kind::Text),
    may("accessPassword", Kind::Text),
];

/// How 3.2 reaches the administration of storage that has its own plug-in.
const ADMIN_HOST: &[Attr] = &[
    may("adminHost", Kind::Text),
    may("adminUserName", Kind::Text),
    may("adminPassword", Kind::Text),
];

/// What a new pool and a changed one have in common.
const POOL: &[Attr] = &[
    may("keymapName", KEYMAP),
    may("migrateUsingSsl", Kind::YesNo),
    may("startPolicy", Kind::Word(&["BEST_SERVER", "CURRENT_SERVER"])).until(V3_3),
    may(
        "startPolicy",
        Kind::Word(&["BEST_SERVER", "BALANCE_SERVER", "CURRENT_SERVER"]),
    )
    .since(V3_4),
    may("policyMode", Kind::Word(&["OFF", "DRS", "DPM"])).since(V3_3),
    may("policyCpuEnable", Kind::YesNo).since(V3_3),
    may("policyPeriod", NUMBER).since(V3_3),
    may("policyCpuThreshold", NUMBER).since(V3_3),
    may("virtualIP", Kind::Text),
];

/// What a server can be put into.
const SERVER_HOMES: &[&str] = &[
    "ServerPool",
    "Repository",
    "AccessGroup",
    "CpuCompatibilityGroup",
    "NfsAccessGroup",
];

/// Which groups give access to storage.
const ACCESS_GROUPS: &[&str] = &["AccessGroup", "NfsAccessGroup"];

/// What takes servers for administration.
const ADMINISTERED: &[&str] = &["FileServer", "StorageArray", "SanServer"];

/// What 3.2 gives admin servers by `add Server`.
const ADMINISTERED_BY_ADDING: &[&str] = &["FileServer", "SanServer"];

/// The chapter.
pub const FORMS: &[Form] = &[
    create(&["Repository"])
        .takes(&[&[may("sharePath", Kind::Text)], NAMED])
        .joined(&[on(&["FileSystem"])])
        .since(V3_3),
    create(&["Repository"])
        .takes(&[
            &[
                may("fileSystem", FILE_SYSTEM),
                may("serverPool", Kind::Object(&["ServerPool"])),
                may("physicalDisk", DISK),
                may("sharePath", Kind::Text),
            ],
            NAMED,
        ])
        .one_of(&[&["fileSystem", "physicalDisk"]])
        .needs(&[Need {
            key: "physicalDisk",
            value: None,
            one_of: &["serverPool"],
        }])
        .until(V3_2),
    edit(&["Repository"]).takes(&[RENAMED]).open(),
    create(&["RepositoryExport"])
        .takes(&[
            &[
                must("clientHostName", Kind::Text),
                must("repository", Kind::Object(&["Repository"])),
                may("options", Kind::Text).or("the options of the NFS server"),
            ],
            NAMED,
        ])
        .joined(&[on(&["Server"])]),
    edit(&["RepositoryExport"]).takes(&[&[may("options", Kind::Text)], RENAMED]),
    create(&["FileSystem"])
        .takes(&[&[must("physicalDisk", DISK)], NAMED])
        .joined(&[on(&["FileServer"])])
        .since(V3_3),
    edit(&["FileSystem"]).takes(&[RENAMED]).open(),
    create(&["FileServer"])
        .takes(&[
            &[
                must("plugin", Kind::Object(&["FileServerPlugin"])),
                must("accessHost", Kind::Text),
                must("adminServers", SERVERS),
                may("refreshServers", SERVERS),
                may("uniformedExports", Kind::YesNo),
            ],
            NAMED,
        ])
        .since(V3_3),
    // Its servers are added afterwards.
    create(&["FileServer"])
        .takes(&[
            &[
                must("plugin", Kind::Text),
                must("accessHost", Kind::Text),
                may("uniformedExports", Kind::YesNo),
            ],
            ADMIN_HOST,
            NAMED,
        ])
        .until(V3_2),
    edit(&["FileServer"])
        .takes(&[
            &[may("accessHost", Kind::Text), may("uniformedExports", Kind::YesNo)],
            RENAMED,
        ])
        .open(),
    create(&["StorageArray"]).takes(&[
        &[
            must("plugin", Kind::Object(&["StorageArrayPlugin"])),
            must(
                "storageType",
                Kind::Word(&["FIBRECHANNEL", "ISCSI", "LOCAL", "UNKNOWN"]),
            ),
        ],
        ARRAY_ACCESS,
        NAMED,
    ]),
    edit(&["StorageArray"]).takes(&[ARRAY_ACCESS, RENAMED]).open(),
    create(&["SanServer"]).takes(&[
        &[
            must("plugin", Kind::Text),
            must(
                "storageType",
                Kind::Word(&["FibreChannelStorageArray", "iSCSIStorageArray"]),
            ),
            may("useChap", Kind::YesNo),
        ],
        ACCESS,
        ADMIN_HOST,
        NAMED,
    ]),
    edit(&["SanServer"]).takes(&[ACCESS, ADMIN_HOST, RENAMED]).open(),
    on_object("validate", ADMINISTERED),
    on_object("addAccessHost", &["StorageArray", "SanServer", "FileServer"])
        .takes(&[ACCESS_HOST])
        .open(),
    on_object("removeAccessHost", &["StorageArray", "SanServer", "FileServer"])
        .takes(&[&[must("accessHost", Kind::Text)]])
        .open(),
    // In 3.2 `add Server` makes a server an admin server, and refresh servers have another name.
    on_object("addAdminServer", ADMINISTERED)
        .takes(&[&[must("server", SERVER)]])
        .since(V3_3),
    on_object("removeAdminServer", ADMINISTERED)
        .takes(&[&[must("server", SERVER)]])
        .since(V3_3),
    on_object("addRefreshServer", &["FileServer"])
        .takes(&[&[must("server", SERVER)]])
        .since(V3_3),
    on_object("removeRefreshServer", &["FileServer"])
        .takes(&[&[must("server", SERVER)]])
        .since(V3_3),
    on_object("addNfsRefreshServer", &["FileServer"])
        .takes(&[&[must("server", SERVER)]])
        .until(V3_2),
    on_object("removeNfsRefreshServer", &["FileServer"])
        .takes(&[&[must("server", SERVER)]])
        .until(V3_2),
    create(&["AccessGroup"])
        .takes(&[NAMED])
        .joined(&[on(&["FileServer", "StorageArray", "SanServer"])]),
    create(&["NfsAccessGroup"])
        .takes(&[NAMED])
        .open()
        .perhaps_joined(&[on(&["FileServer"])]),
    edit(ACCESS_GROUPS).takes(&[RENAMED]).open(),
    on_object("add", &["FileSystem", "PhysicalDisk", "StorageInitiator"]).joined(&[to(ACCESS_GROUPS)]),
    on_object("remove", &["FileSystem", "PhysicalDisk", "StorageInitiator"]).joined(&[from(ACCESS_GROUPS)]),
    // Servers and pools.
    plain("discoverServer")
        .takes(&[&[
            must("ipAddress", Kind::Text),
            may("port", Kind::Number(1, 65_535, "")).or("8899").until(V3_2),
            may("username", Kind::Text).or("oracle").until(V3_2),
            must("password", Kind::Text),
            must("takeOwnership", Kind::YesNo),
        ]])
        .brings(&["Server"]),
    edit(&["Server"])
        .takes(&[&[may("maintenanceMode", Kind::YesNo)], RENAMED])
        .open(),
    create(&["ServerPool"])
        .takes(&[
            &[
                may("clusterEnable", Kind::YesNo).or("No"),
                may("clusterTimeout", Kind::Number(30, 300, "seconds")).since(V3_3),
                may("fileSystem", FILE_SYSTEM),
                may("physicalDisk", DISK),
            ],
            POOL,
            NAMED,
        ])
        .exclusive(&[&["fileSystem", "physicalDisk"]])
        .needs(&[Need {
            key: "clusterEnable",
            value: Some("Yes"),
            one_of: &["fileSystem", "physicalDisk"],
        }]),
    edit(&["ServerPool"]).takes(&[POOL, RENAMED]).open(),
    on_object("add", &["Server"]).joined(&[to(SERVER_HOMES), to(ADMINISTERED_BY_ADDING).until(V3_2)]),
    on_object("remove", &["Server"]).joined(&[from(SERVER_HOMES), from(ADMINISTERED_BY_ADDING).until(V3_2)]),
    on_object("add", &["ServerPool"]).joined(&[to(&["Repository", "AccessGroup"])]),
    on_object("remove", &["ServerPool"]).joined(&[from(&["Repository", "AccessGroup"])]),
    on_object("addPolicyServer", &["ServerPool"]).takes(&[&[must("server", SERVER)]]),
    on_object("removePolicyServer", &["ServerPool"]).takes(&[&[must("server", SERVER)]]),
    create(&[
        "CpuCompatibilityGroup",
        "ServerController",
        "ServerPoolNetworkPolicy",
        "ServerUpdateGroup",
        "ServerUpdateRepository",
    ])
    .open()
    .perhaps_joined(&[on(&["Server", "ServerPool", "ServerUpdateGroup"])]),
    edit(&[
        "CpuCompatibilityGroup",
        "ServerController",
        "ServerPoolNetworkPolicy",
        "ServerUpdateGroup",
        "ServerUpdateRepository",
    ])
    .open(),
];
