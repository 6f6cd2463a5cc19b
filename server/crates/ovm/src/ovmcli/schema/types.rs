//! The object types, and the releases that know them.

use super::model::Known;
use crate::ovmcli::Version::{V3_2, V3_3, V3_4};

/// A kind of object that the Manager keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectType {
    /// As the manual spells it; the Manager ignores the case.
    pub name: &'static str,
    /// Releases that know it.
    pub known: Known,
}

const fn always(name: &'static str) -> ObjectType {
    let known = Known::ALWAYS;
    ObjectType { name, known }
}

const fn since_3_3(name: &'static str) -> ObjectType {
    let mut found = always(name);
    found.known.since = V3_3;
    found
}

const fn since_3_4(name: &'static str) -> ObjectType {
    let mut found = always(name);
    found.known.since = V3_4;
    found
}

const fn only_3_2(name: &'static str) -> ObjectType {
    let mut found = always(name);
    found.known.until = V3_2;
    found
}

/// All of them, in alphabetical order.
pub const OBJECT_TYPES: &[ObjectType] = &[
    always("AccessGroup"),
    since_3_3("AntiAffinityGroup"),
    always("Assembly"),
    since_3_3("AssemblyVirtualDisk"),
    since_3_3("AssemblyVm"),
    always("BondPort"),
    since_3_3("ControlDomain"),
    since_3_3("Cpu"),
    since_3_3("CpuCompatibilityGroup"),
    always("FileServer"),
    since_3_3("FileServerPlugin"),
    always("FileSystem"),
    always("Job"),
    since_3_3("Manager"),
    always("Network"),
    only_3_2("NfsAccessGroup"),
    since_3_3("PeriodicTask"),
    always("PhysicalDisk"),
    always("Port"),
    always("Repository"),
    since_3_3("RepositoryExport"),
    only_3_2("SanServer"),
    always("Server"),
    since_3_3("ServerController"),
    always("ServerPool"),
    since_3_3("ServerPoolNetworkPolicy"),
    since_3_3("ServerUpdateGroup"),
    since_3_3("ServerUpdateRepository"),
    since_3_3("StorageArray"),
    since_3_3("StorageArrayPlugin"),
    always("StorageInitiator"),
    always("Tag"),
    since_3_4("VirtualAppliance"),
    since_3_4("VirtualApplianceVirtualDisk"),
    since_3_4("VirtualApplianceVm"),
    always("VirtualCdrom"),
    always("VirtualDisk"),
    only_3_2("VlanGroup"),
    always("VlanInterface"),
    only_3_2("VlanSegment"),
    always("Vm"),
    since_3_3("VmCloneCustomizer"),
    since_3_3("VmCloneNetworkMapping"),
    since_3_3("VmCloneStorageMapping"),
    always("VmDiskMapping"),
    always("Vnic"),
    always("VolumeGroup"),
];

/// The names of all types, for the commands that take any.
pub const TYPE_NAMES: &[&str] = &names();

const fn names() -> [&'static str; OBJECT_TYPES.len()] {
    let mut names = [""; OBJECT_TYPES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = OBJECT_TYPES[at].name;
        at += 1;
    }
    names
}

/// The type of this name, in any case.
pub fn object_type(name: &str) -> Option<&'static ObjectType> {
    OBJECT_TYPES.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}
