//! The self-description of a recovery point, in the two shapes in which it lies in backup targets and in the database.
//!
//! What was read in the first shape is written in the first shape, so that a manifest stays what it was when it was made.

use super::{Consistency, PointDisk};
use crate::ids::{ManagerId, PointId, RunId};
use crate::plan::{Gap, Said};
use crate::policy::BackupMethod;
use crate::subject::Subject;
use crate::time::Timestamp;
use ovm::estate::Vm;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The self-description that lies beside the data in the backup target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Manifest {
    /// Shape in which it is written: [`Manifest::FORMAT`], or 1 when it was made by an early version of Holdfast.
    pub format: u32,
    /// The point.
    pub point: PointId,
    /// The run that made it.
    pub run: RunId,
    /// What it is a point of.
    pub subject: Subject,
    /// Display name of the Manager.
    pub manager_name: String,
    /// When the snapshot was taken.
    pub taken_at: Timestamp,
    /// Name of the protection policy.
    pub policy: String,
    /// Hash of the plan that ran.
    pub plan_hash: String,
    /// What it holds.
    pub content: Content,
    /// What it does not contain.
    pub not_contained: Vec<Said<Gap>>,
}

/// What a recovery point holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A virtual machine: its definition and its disks.
    Vm(VmContent),
}

/// What a recovery point holds of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmContent {
    /// The machine as the Manager described it, with disks and network cards.
    pub vm: Vm,
    /// How the disks were taken.
    pub method: BackupMethod,
    /// How far they belong together.
    pub consistency: Consistency,
    /// The disks.
    pub disks: Vec<PointDisk>,
}

impl Manifest {
    /// The shape in which new manifests are written.
    pub const FORMAT: u32 = 2;

    /// What it holds of its machine.
    pub fn machine(&self) -> &VmContent {
        let Content::Vm(machine) = &self.content;
        machine
    }

    /// The disks that it holds.
    pub fn disks(&self) -> &[PointDisk] {
        &self.machine().disks
    }
}

/// A manifest as JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, while a manifest is read or written"
)]
enum Written {
    // What `remote` has derived for the manifest: its fields as they are.
    Present(#[serde(with = "Manifest")] Manifest),
    First(Box<First>),
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self.format {
            1 => Written::First(Box::new(self.clone().into())),
            _ => Written::Present(self.clone()),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::First(first) if first.format == 1 => Ok((*first).into()),
            Written::Present(manifest) if manifest.format == Self::FORMAT => Ok(manifest),
            Written::First(_) | Written::Present(_) => Err(de::Error::custom(
                "The manifest has a format that this release does not know. Use a newer release of Holdfast.",
            )),
        }
    }
}

/// The shape of the versions that knew no other subjects than virtual machines.
#[derive(Clone, Serialize, Deserialize)]
struct First {
    format: u32,
    point: PointId,
    run: RunId,
    manager: ManagerId,
    manager_name: String,
    vm: Vm,
    taken_at: Timestamp,
    method: BackupMethod,
    consistency: Consistency,
    policy: String,
    plan_hash: String,
    disks: Vec<PointDisk>,
    not_contained: Vec<Said<Gap>>,
}

impl From<Manifest> for First {
    fn from(manifest: Manifest) -> Self {
        let Content::Vm(machine) = manifest.content;
        Self {
            format: manifest.format,
            point: manifest.point,
            run: manifest.run,
            manager: manifest.subject.manager,
            manager_name: manifest.manager_name,
            vm: machine.vm,
            taken_at: manifest.taken_at,
            method: machine.method,
            consistency: machine.consistency,
            policy: manifest.policy,
            plan_hash: manifest.plan_hash,
            disks: machine.disks,
            not_contained: manifest.not_contained,
        }
    }
}

impl From<First> for Manifest {
    fn from(first: First) -> Self {
        Self {
            format: first.format,
            point: first.point,
            run: first.run,
            subject: Subject::vm(&first.manager, &first.vm.id, &first.vm.name),
            manager_name: first.manager_name,
            taken_at: first.taken_at,
            policy: first.policy,
            plan_hash: first.plan_hash,
            content: Content::Vm(VmContent {
                vm: first.vm,
                method: first.method,
                consistency: first.consistency,
                disks: first.disks,
            }),
            not_contained: first.not_contained,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest as the first release wrote it into the backup target and the database.
    const FIRST: &str = include_str!("manifest_first.json");

    #[test]
    fn a_manifest_of_the_first_release_is_read_and_written_byte_for_byte() {
        let read: Manifest = serde_json::from_str(FIRST.trim_end()).unwrap();
        assert_eq!(read.subject.object.key(), "vm-0004fb0000060000aa");
        assert_eq!(
            (read.subject.name.as_str(), read.machine().vm.memory_mb),
            ("erp-app01", 4096)
        );
        assert_eq!(read.disks().len(), 1);
        assert_eq!(serde_json::to_string_pretty(&read).unwrap(), FIRST.trim_end());
        let compact = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&compact).unwrap(), read);
    }

    #[test]
    fn a_new_manifest_says_what_it_is_of_and_what_it_holds() {
        let old: Manifest = serde_json::from_str(FIRST).unwrap();
        let new = Manifest {
            format: Manifest::FORMAT,
            ..old
        };
        let json = serde_json::to_value(&new).unwrap();
        assert_eq!(json["subject"]["object"], "vm-0004fb0000060000aa");
        assert_eq!(json["content"]["kind"], "vm");
        assert_eq!(json.get("vm"), None);
        assert_eq!(serde_json::from_value::<Manifest>(json).unwrap(), new);
    }

    #[test]
    fn a_manifest_of_a_later_release_is_refused() {
        let old: Manifest = serde_json::from_str(FIRST).unwrap();
        let json = serde_json::to_string(&Manifest { format: 3, ..old }).unwrap();
        let refused = serde_json::from_str::<Manifest>(&json).unwrap_err().to_string();
        assert!(refused.contains("newer release"), "{refused}");
    }
}
