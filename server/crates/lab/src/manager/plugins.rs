//! The storage plug-ins that a Manager brings along, and what every Manager has from the start.

use super::reply::CliError;
use crate::model::{AccessGroup, Body, Estate, StorageArray, VolumeGroup};
use crate::switches::Dialect;

type Plugin = (&'static str, &'static str);

/// Drives the local file server of a server.
pub(crate) const LOCAL_FS: Plugin = ("oracle.ocfs2.OCFS2.OCFS2Plugin (0.1.0-54)", "Oracle OCFS2 File system");
/// Drives any NFS host.
pub(crate) const GENERIC_NFS: Plugin = (
    "oracle.generic.NFSPlugin.GenericNFSPlugin (1.1.0)",
    "Oracle Generic Network File System",
);
/// Drives any storage array.
pub(crate) const GENERIC_SCSI: Plugin = (
    "oracle.generic.SCSIPlugin.GenericPlugin (1.1.0)",
    "Oracle Generic SCSI Plugin",
);
/// Drives the arrays of one vendor, access groups included.
const ZFS: Plugin = (
    "oracle.s7k.SCSIPlugin.SCSIPlugin (1.2.8-76)",
    "Oracle ZFS Storage Appliance iSCSI/FC",
);

/// The storage arrays that stand for LUNs of no known array.
pub(crate) const UNMANAGED: [(&str, &str, &str); 2] = [
    (
        "Unmanaged FibreChannel Storage Array",
        "FIBRECHANNEL",
        "0004fb0000080000000000000000f1bc",
    ),
    (
        "Unmanaged iSCSI Storage Array",
        "ISCSI",
        "0004fb0000080000000000000000f1c5",
    ),
];

/// An estate that holds what a new Manager knows: itself, its plug-ins and the unmanaged arrays.
pub(crate) fn new_manager(dialect: Dialect, seed: u64) -> Estate {
    let mut estate = Estate::new(dialect, seed);
    estate.add("ovmm", Body::Manager);
    for (id, name) in [LOCAL_FS, GENERIC_NFS] {
        estate.add_as(id.to_owned(), name, Body::FileServerPlugin);
    }
    for (id, name) in [GENERIC_SCSI, ZFS] {
        estate.add_as(id.to_owned(), name, Body::StorageArrayPlugin);
    }
    for (name, storage_type, id) in UNMANAGED {
        let array = StorageArray {
            plugin: GENERIC_SCSI.0.to_owned(),
            storage_type: storage_type.to_owned(),
            access_hosts: Vec::new(),
            access_port: None,
            access_username: String::new(),
            use_chap: false,
            admin_servers: Vec::new(),
            unmanaged: true,
        };
        estate.add_as(id.to_owned(), name, Body::StorageArray(array));
        add_parts(&mut estate, id);
    }
    estate
}

/// The volume group that every array has, and the access group that the plug-in for any array brings along.
pub(crate) fn add_parts(estate: &mut Estate, array: &str) {
    let name = estate.name_of(array).to_owned();
    let group = VolumeGroup {
        array: array.to_owned(),
    };
    estate.add_as(
        format!("Generic_SAN_Volume_Group @ {name} @ {array}"),
        "Generic_SAN_Volume_Group",
        Body::VolumeGroup(group),
    );
    if is_generic(estate, array) {
        let group = AccessGroup {
            owner: array.to_owned(),
            members: Vec::new(),
        };
        estate.add(&format!("Default access group @ {name}"), Body::AccessGroup(group));
    }
}

/// Whether the plug-in of an array, or of a file server, is one for any vendor.
pub(crate) fn is_generic(estate: &Estate, owner: &str) -> bool {
    let plugin = match estate.objects.get(owner).map(|object| &object.body) {
        Some(Body::StorageArray(array)) => &array.plugin,
        Some(Body::FileServer(server)) => &server.plugin,
        _ => return false,
    };
    [LOCAL_FS, GENERIC_NFS, GENERIC_SCSI].iter().any(|(id, _)| id == plugin)
}

/// What `plugin=` could not name.
pub(crate) fn unknown(plugin: &str) -> CliError {
    CliError::coded("OVMAPI_8001E", &format!("There is no storage plug-in {plugin}."))
}
