//! Virtual machines and what belongs to them.

use serde::{Deserialize, Serialize};

/// Power state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VmStatus {
    /// Has a domain on a server.
    Running,
    /// Has none.
    Stopped,
    /// Its domain was saved.
    Suspended,
    /// A template never runs.
    Template,
}

/// Kind of virtualisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DomainType {
    /// Paravirtual.
    XenPvm,
    /// Hardware virtual.
    XenHvm,
    /// Hardware virtual with paravirtual drivers.
    XenHvmPvDrivers,
}

impl DomainType {
    /// Reads the constant of `domainType=`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "XEN_PVM" => Some(Self::XenPvm),
            "XEN_HVM" => Some(Self::XenHvm),
            "XEN_HVM_PV_DRIVERS" => Some(Self::XenHvmPvDrivers),
            _ => None,
        }
    }

    /// Words of `show Vm`; all but `Xen PVM` are guessed.
    pub fn words(self) -> &'static str {
        match self {
            Self::XenPvm => "Xen PVM",
            Self::XenHvm => "Xen HVM",
            Self::XenHvmPvDrivers => "Xen HVM PV Drivers",
        }
    }

    /// The constant of `domainType=`.
    pub fn constant(self) -> &'static str {
        match self {
            Self::XenPvm => "XEN_PVM",
            Self::XenHvm => "XEN_HVM",
            Self::XenHvmPvDrivers => "XEN_HVM_PV_DRIVERS",
        }
    }

    /// Value of `OVM_domain_type` in `vm.cfg`.
    pub fn cfg(self) -> &'static str {
        match self {
            Self::XenPvm => "xen_pvm",
            Self::XenHvm => "xen_hvm",
            Self::XenHvmPvDrivers => "xen_hvm_pv_drivers",
        }
    }
}

/// A virtual machine or template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vm {
    /// Power state.
    pub status: VmStatus,
    /// Pool, when assigned.
    pub pool: Option<String>,
    /// Server, when assigned.
    pub server: Option<String>,
    /// Repository of its `vm.cfg`.
    pub repository: String,
    /// Memory in MB.
    pub memory: u64,
    /// Most memory in MB.
    pub max_memory: u64,
    /// Virtual processors.
    pub cpus: u32,
    /// Most virtual processors.
    pub max_cpus: u32,
    /// Scheduling priority, 1 to 100.
    pub priority: u32,
    /// Processor cap in per cent.
    pub cap: u32,
    /// Restarted by the cluster.
    pub high_availability: bool,
    /// Operating system as free text.
    pub os_type: String,
    /// Mouse as a constant.
    pub mouse: String,
    /// Kind of virtualisation.
    pub domain_type: DomainType,
    /// Keymap.
    pub keymap: String,
    /// Start policy as a constant.
    pub start_policy: String,
    /// Boot order as constants.
    pub boot_order: Vec<String>,
    /// Huge pages.
    pub huge_pages: bool,
    /// Network install path of a paravirtual guest.
    pub network_install_path: String,
    /// Where it was imported from.
    pub origin: String,
}

/// What a mapping points to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappedDisk {
    /// A disk file.
    Virtual(String),
    /// A LUN.
    Physical(String),
    /// A CD drive with a disc.
    Cdrom(String),
    /// A CD drive without.
    EmptyCdrom,
}

impl MappedDisk {
    /// Id of the disk, unless the drive is empty.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Virtual(id) | Self::Physical(id) | Self::Cdrom(id) => Some(id),
            Self::EmptyCdrom => None,
        }
    }
}

/// A disk in a slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmDiskMapping {
    /// The virtual machine.
    pub vm: String,
    /// Slot, 0 is the first disk.
    pub slot: u32,
    /// The disk.
    pub disk: MappedDisk,
}

/// A virtual network card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vnic {
    /// The virtual machine, when attached.
    pub vm: Option<String>,
    /// Hardware address.
    pub mac: String,
    /// Network, when plugged in.
    pub network: Option<String>,
    /// Place among the cards of the machine.
    pub order: u64,
}

/// The plan of a clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmCloneCustomizer {
    /// The virtual machine that it belongs to.
    pub vm: String,
}

/// How a disk is cloned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CloneType {
    /// Reflink.
    ThinClone,
    /// Copy that leaves holes.
    SparseCopy,
    /// Copy without holes.
    NonSparseCopy,
}

impl CloneType {
    /// Reads the constant.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "THIN_CLONE" => Some(Self::ThinClone),
            "SPARSE_COPY" => Some(Self::SparseCopy),
            "NON_SPARSE_COPY" => Some(Self::NonSparseCopy),
            _ => None,
        }
    }

    /// The constant of `cloneType=`.
    pub fn constant(self) -> &'static str {
        match self {
            Self::ThinClone => "THIN_CLONE",
            Self::SparseCopy => "SPARSE_COPY",
            Self::NonSparseCopy => "NON_SPARSE_COPY",
        }
    }
}

/// One disk in the plan of a clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorageMapping {
    /// The customizer.
    pub customizer: String,
    /// The disk mapping of the source.
    pub mapping: String,
    /// How.
    pub clone_type: CloneType,
    /// Where the new disk lies: a repository, a LUN or a storage array.
    pub target: String,
}

/// One network card in the plan of a clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkMapping {
    /// The customizer.
    pub customizer: String,
    /// The card of the source.
    pub vnic: String,
    /// Network of the card of the clone.
    pub network: String,
}
