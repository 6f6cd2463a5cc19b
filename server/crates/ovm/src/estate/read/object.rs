//! Objects that are read alike: a table says under which keys a type names other objects, everything else is an
//! attribute.

use super::{ReadError, bag::Bag};
use crate::{
    estate::{
        Kind, Link, Object,
        object::{split_reference, stem},
    },
    ovmcli::{Answer, Item},
};

/// The types to `list` and `show` one by one, with the keys that name other objects. Not every version knows all.
pub const ALIKE: [(Kind, &[(&str, Kind)]); 18] = [
    (Kind::Manager, &[]),
    (
        Kind::Port,
        &[
            ("Server", Kind::Server),
            ("Network", Kind::Network),
            ("Bond Port", Kind::BondPort),
        ],
    ),
    (
        Kind::BondPort,
        &[
            ("Server", Kind::Server),
            ("Network", Kind::Network),
            ("Port", Kind::Port),
            ("Ethernet Port", Kind::Port),
        ],
    ),
    (
        Kind::VlanInterface,
        &[
            ("Server", Kind::Server),
            ("Network", Kind::Network),
            ("Port", Kind::Port),
            ("Bond Port", Kind::BondPort),
            ("Vlan Segment", Kind::VlanSegment),
        ],
    ),
    (
        Kind::VlanGroup,
        &[
            ("Port", Kind::Port),
            ("Bond Port", Kind::BondPort),
            ("Vlan Segment", Kind::VlanSegment),
        ],
    ),
    (
        Kind::VlanSegment,
        &[
            ("Vlan Group", Kind::VlanGroup),
            ("Vlan Interface", Kind::VlanInterface),
            ("Network", Kind::Network),
        ],
    ),
    (
        Kind::FileServer,
        &[
            ("Admin Server", Kind::Server),
            ("Refresh Server", Kind::Server),
            ("File System", Kind::FileSystem),
        ],
    ),
    (
        Kind::StorageArray,
        &[
            ("Admin Server", Kind::Server),
            ("Volume Group", Kind::VolumeGroup),
            ("Access Group", Kind::AccessGroup),
        ],
    ),
    (
        Kind::NfsAccessGroup,
        &[
            ("File Server", Kind::FileServer),
            ("Server", Kind::Server),
            ("File System", Kind::FileSystem),
        ],
    ),
    (
        Kind::AccessGroup,
        &[
            ("Storage Array", Kind::StorageArray),
            ("San Server", Kind::StorageArray),
            ("File Server", Kind::FileServer),
            ("Server", Kind::Server),
            ("Physical Disk", Kind::PhysicalDisk),
            ("File System", Kind::FileSystem),
        ],
    ),
    (
        Kind::VolumeGroup,
        &[
            ("Storage Array", Kind::StorageArray),
            ("San Server", Kind::StorageArray),
            ("Physical Disk", Kind::PhysicalDisk),
        ],
    ),
    (
        Kind::FileSystem,
        &[
            ("File Server", Kind::FileServer),
            ("Physical Disk", Kind::PhysicalDisk),
            ("Repository", Kind::Repository),
        ],
    ),
    (
        Kind::RepositoryExport,
        &[("Repository", Kind::Repository), ("Server", Kind::Server)],
    ),
    (Kind::Tag, &[]),
    (
        Kind::AntiAffinityGroup,
        &[("Server Pool", Kind::ServerPool), ("Vm", Kind::Vm)],
    ),
    (
        Kind::VmCloneCustomizer,
        &[
            ("Vm", Kind::Vm),
            ("VmCloneStorageMapping", Kind::VmCloneStorageMapping),
            ("VmCloneNetworkMapping", Kind::VmCloneNetworkMapping),
        ],
    ),
    (
        Kind::VmCloneStorageMapping,
        &[
            ("VmCloneCustomizer", Kind::VmCloneCustomizer),
            ("VmDiskMapping", Kind::VmDiskMapping),
            ("Repository", Kind::Repository),
            ("Physical Disk", Kind::PhysicalDisk),
            ("Storage Array", Kind::StorageArray),
        ],
    ),
    (
        Kind::VmCloneNetworkMapping,
        &[
            ("VmCloneCustomizer", Kind::VmCloneCustomizer),
            ("Vnic", Kind::Vnic),
            ("Network", Kind::Network),
        ],
    ),
];

/// An object of one of the types in [`ALIKE`] from its `show`.
///
/// # Errors
/// [`ReadError`] when the answer does not show it.
pub fn object(kind: Kind, item: &Item, answer: &Answer) -> Result<Object, ReadError> {
    let bag = Bag::new(kind.type_name(), item, answer)?;
    let name = bag.name.clone();
    let keys = ALIKE
        .iter()
        .find(|(own, _)| *own == kind)
        .map_or(&[][..], |(_, keys)| keys);
    let mut numbered = Vec::new();
    let mut attributes = Vec::new();
    for (key, value) in bag.rest() {
        match keys.iter().find(|(role, _)| stem(role) == stem(&key)) {
            Some((role, kind)) if !value.is_empty() => numbered.push((number(&key), link(role, *kind, &value))),
            Some(_) => {}
            None => attributes.push((key, value)),
        }
    }
    numbered.sort_by(|(left, a), (right, b)| (&a.role, left).cmp(&(&b.role, right)));
    Ok(Object {
        kind,
        id: item.id.clone(),
        name,
        links: numbered.into_iter().map(|(_, link)| link).collect(),
        attributes,
    })
}

fn link(role: &str, kind: Kind, value: &str) -> Link {
    let (id, name) = split_reference(value);
    Link {
        role: role.to_owned(),
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

/// The number behind a key; 0 when there is none. The order of keys in an answer is not reliable.
fn number(key: &str) -> u32 {
    key.rsplit_once(' ')
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(0)
}
