//! The elements of the lists `disk` and `vif`.

use crate::ids::RepositoryId;
use std::fmt;

/// Where the repositories lie on the servers.
const REPOSITORIES: &str = "/OVS/Repositories/";

/// What backs a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskKind {
    /// `file:`, a file in a repository.
    File,
    /// `phy:`, a LUN.
    Physical,
    /// Anything else, as written.
    Other(String),
}

/// An element of `disk`: `kind:path,device[:cdrom],mode`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskEntry {
    /// File or LUN.
    pub kind: DiskKind,
    /// Path on the server; empty for an empty drive.
    pub path: String,
    /// Device in the guest, for example `xvda`.
    pub device: String,
    /// A CD drive.
    pub cdrom: bool,
    /// `w`, `r`, or `w!` for a disk shared by several machines.
    pub mode: String,
}

impl DiskEntry {
    /// Reads an element: the kind up to the first colon, then mode and device from the right, since paths hold commas.
    pub(super) fn parse(element: &str) -> Option<Self> {
        let (kind, rest) = element.trim().split_once(':')?;
        let mut parts = rest.rsplitn(3, ',');
        let (mode, device, path) = (parts.next()?.trim(), parts.next()?.trim(), parts.next()?.trim());
        let (device, cdrom) = device
            .strip_suffix(":cdrom")
            .map_or((device, false), |device| (device, true));
        let kind = match kind {
            "file" => DiskKind::File,
            "phy" => DiskKind::Physical,
            other => DiskKind::Other(other.to_owned()),
        };
        (!device.is_empty()).then(|| Self {
            kind,
            // Some tools write `file:///path`.
            path: path
                .strip_prefix("//")
                .filter(|path| path.starts_with('/'))
                .unwrap_or(path)
                .to_owned(),
            device: device.to_owned(),
            cdrom,
            mode: mode.to_owned(),
        })
    }

    /// The repository that holds the file, and the path inside it, for example `VirtualDisks/....img`.
    pub fn in_repository(&self) -> Option<(RepositoryId, &str)> {
        let (repository, path) = self.path.strip_prefix(REPOSITORIES)?.split_once('/')?;
        Some((RepositoryId::new(repository), path))
    }

    /// The multipath WWID of a LUN.
    pub fn wwid(&self) -> Option<&str> {
        self.path
            .strip_prefix("/dev/mapper/")
            .filter(|_| self.kind == DiskKind::Physical)
    }
}

impl fmt::Display for DiskEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            DiskKind::File => "file",
            DiskKind::Physical => "phy",
            DiskKind::Other(kind) => kind,
        };
        let cdrom = if self.cdrom { ":cdrom" } else { "" };
        write!(f, "{kind}:{},{}{cdrom},{}", self.path, self.device, self.mode)
    }
}

/// An element of `vif`: `key=value` pairs separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VifEntry {
    /// MAC address in lower case.
    pub mac: Option<String>,
    /// Bridge on the server; equals the id of the network.
    pub bridge: Option<String>,
    /// `netfront` or `ioemu`.
    pub kind: Option<String>,
    /// Model of an emulated card.
    pub model: Option<String>,
    /// Everything else, as written.
    pub other: Vec<String>,
}

impl VifEntry {
    pub(super) fn parse(element: &str) -> Self {
        let mut vif = Self::default();
        for part in element.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("mac", mac)) => vif.mac = Some(mac.to_ascii_lowercase()),
                Some(("bridge", bridge)) => vif.bridge = Some(bridge.to_owned()),
                Some(("type", kind)) => vif.kind = Some(kind.to_owned()),
                Some(("model", model)) => vif.model = Some(model.to_owned()),
                _ => vif.other.push(part.to_owned()),
            }
        }
        vif
    }
}

impl fmt::Display for VifEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = [
            ("type", &self.kind),
            ("mac", &self.mac),
            ("bridge", &self.bridge),
            ("model", &self.model),
        ];
        let pairs = known
            .into_iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?)));
        let parts: Vec<String> = pairs.chain(self.other.iter().cloned()).collect();
        f.write_str(&parts.join(","))
    }
}
