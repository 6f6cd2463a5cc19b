//! Virtual and physical disks, their mappings, CD images, and what is imported and exported.

use super::model::{Attr, Form, Kind};
use super::words::{NAMED, RENAMED, create, edit, may, must, on, on_object};
use crate::ovmcli::Version::{V3_2, V3_3, V3_4};

const SIZE: Kind = Kind::Number(1, 1_000_000, "GiB");
const SLOT: Kind = Kind::Number(0, 1_000_000, "");
const REPOSITORY: Kind = Kind::Object(&["Repository"]);
const EMPTY_CDROM: &str = "EMPTY_CDROM";

/// What a clone of a disk needs. The name of the new disk cannot be given.
const fn clone_to(target: Kind) -> [Attr; 2] {
    let kinds = Kind::Word(&["SPARSE_COPY", "NON_SPARSE_COPY", "THIN_CLONE"]);
    [must("target", target), must("cloneType", kinds)]
}

const TO_REPOSITORY: &[Attr] = &clone_to(REPOSITORY);
const TO_DISK: &[Attr] = &clone_to(Kind::Object(&["PhysicalDisk"]));
const TO_ARRAY: &[Attr] = &clone_to(Kind::Object(&["StorageArray"]));
const FRIENDLY: &[Attr] = &[may("userFriendlyName", Kind::Text)];

/// Where an import comes from. The Manager has a server fetch it; 3.2 lets one choose which.
const URL: &[Attr] = &[
    must("url", Kind::Text),
    may("proxy", Kind::Text),
    may("server", Kind::Object(&["Server"])).until(V3_2),
];

/// The chapter.
pub const FORMS: &[Form] = &[
    create(&["VmDiskMapping"])
        .takes(&[
            &[
                must("slot", SLOT),
                may("physicalDisk", Kind::Object(&["PhysicalDisk"])),
                may("virtualDisk", Kind::Object(&["VirtualDisk"])),
                may("virtualCd", Kind::ObjectOr(&["VirtualCdrom"], EMPTY_CDROM)),
            ],
            NAMED,
        ])
        .one_of(&[&["physicalDisk", "virtualDisk", "virtualCd"]])
        .joined(&[on(&["Vm"])])
        .since(V3_3),
    // One key for all kinds of disks; left out, the drive is an empty CD drive.
    create(&["VmDiskMapping"])
        .takes(&[
            &[
                must("slot", SLOT),
                may(
                    "storageDevice",
                    Kind::ObjectOr(&["PhysicalDisk", "VirtualDisk", "VirtualCdrom"], EMPTY_CDROM),
                ),
            ],
            NAMED,
        ])
        .joined(&[on(&["Vm"])])
        .until(V3_2),
    // Only the CD of a drive can be changed; for another disk the mapping is made again.
    edit(&["VmDiskMapping"]).takes(&[
        &[may("virtualCd", Kind::ObjectOr(&["VirtualCdrom"], EMPTY_CDROM)).since(V3_4)],
        RENAMED,
    ]),
    create(&["VirtualDisk"])
        .takes(&[
            &[
                must("size", SIZE),
                must("sparse", Kind::YesNo),
                must("shareable", Kind::YesNo),
            ],
            NAMED,
        ])
        .joined(&[on(&["Repository"])]),
    edit(&["VirtualDisk"]).takes(&[&[may("size", SIZE).until(V3_2), may("shareable", Kind::YesNo)], RENAMED]),
    edit(&["VirtualCdrom"]).takes(&[RENAMED]),
    edit(&["PhysicalDisk"]).takes(&[&[may("shareable", Kind::YesNo)], FRIENDLY, RENAMED]),
    on_object("resize", &["VirtualDisk", "PhysicalDisk"])
        .takes(&[&[must("size", SIZE), may("sparse", Kind::YesNo)]])
        .since(V3_3),
    on_object("clone", &["VirtualDisk"])
        .takes(&[&[
            must("target", Kind::Object(&["Repository", "PhysicalDisk", "SanServer"])),
            must("cloneType", Kind::Word(&["Sparse", "nonSparse"])),
        ]])
        .brings(&["VirtualDisk", "PhysicalDisk"])
        .until(V3_2),
    on_object("cloneVdToRepo", &["VirtualDisk"])
        .takes(&[TO_REPOSITORY])
        .brings(&["VirtualDisk"])
        .since(V3_3),
    on_object("cloneVdToPd", &["VirtualDisk"]).takes(&[TO_DISK]).since(V3_3),
    on_object("cloneVdToStorageArray", &["VirtualDisk"])
        .takes(&[TO_ARRAY, FRIENDLY])
        .brings(&["PhysicalDisk"])
        .since(V3_3),
    on_object("clonePdToRepo", &["PhysicalDisk"])
        .takes(&[TO_REPOSITORY, FRIENDLY])
        .brings(&["VirtualDisk"])
        .since(V3_3),
    on_object("clonePdToPd", &["PhysicalDisk"])
        .takes(&[TO_DISK, FRIENDLY])
        .since(V3_3),
    on_object("clonePdToStorageArray", &["PhysicalDisk"])
        .takes(&[TO_ARRAY, FRIENDLY])
        .brings(&["PhysicalDisk"])
        .since(V3_3),
    on_object("cloneCdToRepo", &["VirtualCdrom"])
        .takes(&[TO_REPOSITORY])
        .brings(&["VirtualCdrom"])
        .since(V3_3),
    on_object("importVirtualDisk", &["Repository"])
        .takes(&[URL])
        .brings(&["VirtualDisk"]),
    on_object("importVirtualCdrom", &["Repository"])
        .takes(&[URL])
        .brings(&["VirtualCdrom"]),
    on_object("importTemplate", &["Repository"])
        .takes(&[URL])
        .brings(&["Vm", "VirtualDisk"]),
    on_object("importAssembly", &["Repository"])
        .takes(&[URL])
        .brings(&["Assembly"]),
    on_object("importVirtualAppliance", &["Repository"])
        .takes(&[URL])
        .open()
        .brings(&["VirtualAppliance"])
        .since(V3_4),
    // The machines must be stopped.
    on_object("exportVirtualAppliance", &["Repository"])
        .takes(&[&[must("name", Kind::Text), must("vms", Kind::Objects(&["Vm"]))]])
        .brings(&["VirtualAppliance"])
        .since(V3_4),
    on_object("createVmFromAssembly", &["AssemblyVm"])
        .open()
        .brings(&["Vm", "VirtualDisk"])
        .since(V3_3),
    on_object(
        "createVmFromVirtualAppliance",
        &["VirtualAppliance", "VirtualApplianceVm"],
    )
    .open()
    .brings(&["Vm", "VirtualDisk"])
    .since(V3_4),
];
