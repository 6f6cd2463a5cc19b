//! Networks, ports, bonds, VLANs and network cards.

use super::model::{Attr, Form, Kind, Need};
use super::words::{DESCRIBED, NAMED, RENAMED, create, edit, from, inside, may, must, on, on_object, plain, to};
use crate::ovmcli::Version::{V3_2, V3_3, V3_4};

const MTU: Kind = Kind::Number(1500, 64_000, "bytes");
const NETWORK: Kind = Kind::Object(&["Network"]);
const PORT: Kind = Kind::Object(&["Port"]);

/// The roles of a network; none is written as an empty value.
const ROLES: &[Attr] = &[
    may(
        "roles",
        Kind::Words(&[
            "MANAGEMENT",
            "LIVE_MIGRATE",
            "CLUSTER_HEARTBEAT",
            "VIRTUAL_MACHINE",
            "STORAGE",
        ]),
    ),
    may("vlanSegment", Kind::Object(&["VlanSegment"])).until(V3_2),
    // Later releases say it behind `on`.
    may("server", Kind::Object(&["Server"])).until(V3_2),
];

/// The one role of a network that is local to a server.
const LOCAL_ROLES: &[(&str, Kind)] = &[("roles", Kind::Words(&["VIRTUAL_MACHINE"]))];

const BOND_MODE: Kind = Kind::Word(&["ACTIVE_PASSIVE", "LINK_AGGREGATION", "LOAD_BALANCED"]);
const BOND_MODE_3_2: Kind = Kind::Word(&["activeBackup", "linkAggregation", "adaptiveLoadBalancing"]);

/// The address of a bond, as 3.2 writes it.
const BOND_ADDRESS: &[Attr] = &[may("ipAddress", Kind::Text), may("netMask", Kind::Text)];

const ADDRESS_NEEDED: &[Need] = &[
    Need {
        key: "addressType",
        value: Some("staticIp"),
        one_of: &["ipAddress"],
    },
    Need {
        key: "addressType",
        value: Some("staticIp"),
        one_of: &["netMask"],
    },
];

/// What can carry an address.
const ADDRESSED: &[&str] = &["BondPort", "Port", "VlanInterface"];
const ADDRESS: &str = "ipAddressConfig";
const ADDRESS_TYPE: Kind = Kind::Word(&["STATIC", "DYNAMIC"]);
const ADDRESS_VALUES: &[Attr] = &[may("ipAddress", Kind::Text), may("ipNetmask", Kind::Text)];

/// Which of the addresses: the number in `Ip Address Config 1`.
const ADDRESS_INDEX: &[Attr] = &[must("id", Kind::Number(1, 1_000_000, ""))];

const STATIC_NEEDED: &[Need] = &[
    Need {
        key: "ipAddressConfigType",
        value: Some("STATIC"),
        one_of: &["ipAddress"],
    },
    Need {
        key: "ipAddressConfigType",
        value: Some("STATIC"),
        one_of: &["ipNetmask"],
    },
];

/// The chapter.
pub const FORMS: &[Form] = &[
    // On a server the network is local to it.
    create(&["Network"])
        .takes(&[ROLES, NAMED])
        .perhaps_joined(&[on(&["Server"]).limits(LOCAL_ROLES).since(V3_3)]),
    edit(&["Network"]).takes(&[ROLES, RENAMED]),
    on_object("add", &["Port"]).joined(&[to(&["Network", "BondPort", "VlanGroup"])]),
    on_object("remove", &["Port"]).joined(&[from(&["Network", "BondPort", "VlanGroup"])]),
    on_object("add", &["BondPort"]).joined(&[to(&["Network", "VlanGroup"])]),
    on_object("remove", &["BondPort"]).joined(&[from(&["Network", "VlanGroup"])]),
    on_object("add", &["VlanInterface"]).joined(&[to(&["Network"])]),
    on_object("remove", &["VlanInterface"]).joined(&[from(&["Network"])]),
    on_object("add", &["VlanSegment"]).joined(&[to(&["Network"])]),
    on_object("remove", &["VlanSegment"]).joined(&[from(&["Network"])]),
    edit(&["Port"]).takes(&[&[may("mtu", MTU)], RENAMED]).open(),
    create(&["BondPort"])
        .takes(&[
            &[
                must("ethernetPorts", Kind::Objects(&["Port"])),
                must("mode", BOND_MODE),
                must("mtu", MTU),
                may("interfaceName", Kind::Text),
            ],
            NAMED,
        ])
        .joined(&[on(&["Server"])])
        .since(V3_3),
    create(&["BondPort"])
        .takes(&[
            &[
                must("addressType", Kind::Word(&["none", "staticIp", "dynamic"])),
                must("ethernetPort1", PORT),
                must("ethernetPort2", PORT),
                must("mode", BOND_MODE_3_2),
                must("mtu", MTU),
            ],
            BOND_ADDRESS,
            NAMED,
        ])
        .needs(ADDRESS_NEEDED)
        .joined(&[on(&["Server"])])
        .until(V3_2),
    edit(&["BondPort"])
        .takes(&[
            &[
                may("mode", BOND_MODE).since(V3_3),
                may("mode", BOND_MODE_3_2).until(V3_2),
                may("mtu", MTU),
            ],
            RENAMED,
        ])
        .open(),
    create(&["VlanInterface"])
        .takes(&[&[must("vlanId", Kind::Number(2, 4095, "")), may("mtu", MTU)], NAMED])
        .joined(&[on(&["Port", "BondPort"])])
        .since(V3_3),
    edit(&["VlanInterface"]).takes(&[&[may("mtu", MTU)], RENAMED]).open(),
    create(&["VlanGroup"]).takes(&[NAMED]),
    create(&["VlanSegment"])
        .takes(&[&[must("index", Kind::Number(2, 4094, ""))], NAMED])
        .joined(&[on(&["VlanGroup"])]),
    edit(&["VlanGroup", "VlanSegment"]).takes(&[RENAMED]).open(),
    inside("embeddedCreate", ADDRESSED, ADDRESS)
        .takes(&[&[must("ipAddressConfigType", ADDRESS_TYPE)], ADDRESS_VALUES])
        .needs(STATIC_NEEDED)
        .since(V3_3),
    inside("embeddedEdit", ADDRESSED, ADDRESS)
        .takes(&[
            ADDRESS_INDEX,
            &[may("ipAddressConfigType", ADDRESS_TYPE)],
            ADDRESS_VALUES,
        ])
        .since(V3_3),
    inside("embeddedDelete", ADDRESSED, ADDRESS)
        .takes(&[ADDRESS_INDEX])
        .since(V3_3),
    create(&["Vnic"])
        .takes(&[
            &[must("network", NETWORK), may("macAddress", Kind::Mac).since(V3_4)],
            NAMED,
        ])
        .joined(&[on(&["Vm"])])
        .since(V3_3),
    // The name of a card is its MAC address; the card is put into a machine afterwards.
    create(&["Vnic"])
        .takes(&[&[must("name", Kind::Mac), must("network", NETWORK)], DESCRIBED])
        .until(V3_2),
    plain("vnicCreate")
        .takes(&[&[
            may("segment4", Kind::Text),
            may("segment5", Kind::Text),
            may("segment6", Kind::Text),
            must("numberToGenerate", Kind::Number(1, 1_000_000, "")),
        ]])
        .open()
        .brings(&["Vnic"])
        .until(V3_2),
    edit(&["Vnic"])
        .takes(&[&[may("macAddress", Kind::Mac)], RENAMED])
        .since(V3_3),
    edit(&["Vnic"])
        .takes(&[&[may("network", NETWORK)], RENAMED])
        .until(V3_2),
    on_object("add", &["Vnic"]).joined(&[to(&["Network"]), to(&["Vm"]).until(V3_2)]),
    on_object("remove", &["Vnic"]).joined(&[from(&["Network"]), from(&["Vm"]).until(V3_2)]),
];
