//! What `holdfast inspect vmcfg` prints: a file as a value for programs, as much of it as can be read.

use super::{DiskEntry, DiskKind, Value, VmCfg, parse, strings, value::last_of_each, warnings};
use serde::{Serialize, Serializer};
use thiserror::Error;

/// A `vm.cfg` and what is odd about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Keys with their values, in the order of the file.
    #[serde(serialize_with = "in_order")]
    pub keys: Vec<(String, Value)>,
    /// The elements of `disk` that are files or LUNs.
    pub disks: Vec<Disk>,
    /// The elements of `vif`.
    pub vifs: Vec<Vif>,
    /// Sentences, each with its line: what could not be read, and what a person should look at.
    pub warnings: Vec<String>,
}

/// A disk or CD drive; see [`DiskEntry`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// `file` or `phy`.
    pub kind: &'static str,
    /// Path on the server; empty for an empty drive.
    pub path: String,
    /// Device in the guest.
    pub device: String,
    /// A CD drive.
    pub cdrom: bool,
    /// `w`, `r` or `w!`.
    pub mode: String,
}

/// A network card, with its values as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Vif {
    /// MAC address.
    pub mac: Option<String>,
    /// Bridge on the server.
    pub bridge: Option<String>,
    /// `netfront` or `ioemu`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Model of an emulated card.
    pub model: Option<String>,
}

/// Nothing in the text is a line of a `vm.cfg`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("this is no vm.cfg: no line has the form `key = value`")]
pub struct NotVmCfg;

/// Reads a file that may be damaged. Bytes that are not UTF-8 are replaced.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, NotVmCfg> {
    let found = parse::salvage(&String::from_utf8_lossy(bytes));
    if found.entries.is_empty() {
        return Err(NotVmCfg);
    }
    let mut sentences = found.warnings;
    for (entry, sentence) in warnings::of(&found.entries) {
        sentences.push((found.lines[entry], sentence));
    }
    sentences.sort_by_key(|(line, _)| *line);
    let cfg = VmCfg { entries: found.entries };
    let list = |key| cfg.get(key).map(strings).into_iter().flatten();
    Ok(Inspection {
        disks: list("disk").filter_map(Disk::read).collect(),
        vifs: list("vif").map(Vif::read).collect(),
        warnings: sentences
            .into_iter()
            .map(|(line, sentence)| format!("Line {line}: {sentence}"))
            .collect(),
        keys: cfg.entries,
    })
}

impl Disk {
    fn read(element: &str) -> Option<Self> {
        let disk = DiskEntry::parse(element)?;
        let kind = match disk.kind {
            DiskKind::File => "file",
            DiskKind::Physical => "phy",
            DiskKind::Other(_) => return None,
        };
        Some(Self {
            kind,
            path: disk.path,
            device: disk.device,
            cdrom: disk.cdrom,
            mode: disk.mode,
        })
    }
}

impl Vif {
    fn read(element: &str) -> Self {
        let mut vif = Self::default();
        for (key, value) in element.split(',').filter_map(|part| part.trim().split_once('=')) {
            let field = match key.trim() {
                "mac" => &mut vif.mac,
                "bridge" => &mut vif.bridge,
                "type" => &mut vif.kind,
                "model" => &mut vif.model,
                _ => continue,
            };
            *field = Some(value.trim().to_owned());
        }
        vif
    }
}

/// The entries as one object; of a repeated key the last value counts, as in Python.
fn in_order<S: Serializer>(entries: &[(String, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    let pairs = entries.iter().map(|(key, value)| (key.clone(), value));
    serializer.collect_map(last_of_each(pairs))
}
