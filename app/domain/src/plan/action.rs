//! What a step does, how its effect is recognised, what must be true afterwards. Everything a step holds is typed; the
//! texts that people see are rendered from it in the crate `plan`.

use super::Question;
use crate::ids::{PointId, TargetId};
use ovm::ids::{DiskId, ServerId, VmId};
use ovm::ovmcli::Command;
use ovm::shell::Shell;
use serde::{Deserialize, Serialize};

/// Where a step runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The Manager's command line.
    Manager,
    /// A shell on an Oracle VM Server.
    Server(ServerId),
    /// Holdfast itself, reading from or writing to servers.
    Holdfast,
    /// A person.
    Person,
}

/// A file on a server. The path may hold `${...}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoteFile {
    /// Server through which it is reached.
    pub server: ServerId,
    /// Absolute path there.
    pub path: String,
}

/// A file of a recovery point in a backup target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoredFile {
    /// The backup target.
    #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
    pub target: TargetId,
    /// Snapshot in it.
    pub snapshot: String,
    /// Path in the snapshot.
    pub file: String,
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Reads the machine again (`show` of it, its mappings, its cards, its `vm.cfg`) and compares with the preconditions.
    ReadDefinition {
        /// The machine.
        vm: VmId,
        /// Its `vm.cfg` in its repository, where the Manager does not print it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vm_cfg: Option<RemoteFile>,
    },
    /// One OVMCLI command that changes something.
    Ovmcli {
        /// The command; values may hold `${...}`.
        command: Command,
    },
    /// One command line on a server.
    Shell {
        /// The commands; words may hold `${...}`.
        shell: Shell,
    },
    /// Asks the machine to stop and waits. When it still runs after the patience, an administrator has to look, because it
    /// may stop later; or the step goes on when `lenient` (a kill step follows).
    StopVm {
        /// The machine.
        vm: VmId,
        /// Seconds to wait.
        patience_secs: u32,
        /// Go on when it still runs.
        lenient: bool,
    },
    /// Takes the machine's cluster lock.
    LockVm {
        /// The machine.
        vm: VmId,
        /// Steps that have looked on every server of the pool whether the machine runs there. A lock that somebody holds
        /// is released first once they have been taken again, and never without them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        break_after: Vec<String>,
    },
    /// Gives the machine's cluster lock back; not holding it is fine.
    UnlockVm {
        /// The machine.
        vm: VmId,
    },
    /// Removes a clone that this run made, if it is there: its mappings, its virtual disks, itself.
    RemoveClone {
        /// Name of the clone; carries the run's tag.
        name: String,
    },
    /// Removes an object that this run made, found by its name, if it is there.
    RemoveNamed {
        /// OVMCLI type.
        object_type: String,
        /// Name; carries the run's tag.
        name: String,
    },
    /// Finds the files of a clone's disks, paired with the source by slot.
    FindCloneDisks {
        /// Id of the clone, usually `${clone}`.
        clone: String,
        /// Slots that must be found, in the order of the binds.
        slots: Vec<u32>,
    },
    /// Copies a disk from a server into a backup target, holes skipped, hashed on the way.
    CopyDisk {
        /// The backup target.
        #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
        target: TargetId,
        /// The image.
        source: RemoteFile,
        /// Slot of the machine.
        slot: u32,
        /// The disk it is a copy of.
        disk: DiskId,
        /// File name in the backup target.
        file: String,
    },
    /// Puts `vm.cfg`, rebuild script and manifest beside the disks and closes the snapshot in the backup target.
    StoreDefinition {
        /// The backup target.
        #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
        target: TargetId,
    },
    /// Reads every stored disk back and compares its hash.
    ReadBack {
        /// The backup target.
        #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
        target: TargetId,
    },
    /// Makes the recovery point visible, with the copy in this backup target.
    Publish {
        /// The backup target.
        #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
        target: TargetId,
    },
    /// Forgets what this run has put into the backup target without publishing it.
    DiscardStored {
        /// The backup target.
        #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
        target: TargetId,
    },
    /// Makes sure that the recovery point is readable: snapshot there, manifest equal, files and sizes as recorded.
    CheckPoint {
        /// The point.
        point: PointId,
        /// The backup target with the copy that is restored.
        #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
        target: TargetId,
        /// Its snapshot in there.
        snapshot: String,
    },
    /// Writes a disk of a recovery point to a server, sparse, flushed.
    WriteDisk {
        /// Where to.
        target: RemoteFile,
        /// Where from.
        from: StoredFile,
        /// Size of the image in bytes.
        size_bytes: u64,
        /// Its SHA-256 in hex.
        sha256: String,
    },
    /// Lets time pass.
    Wait {
        /// Seconds.
        secs: u32,
    },
    /// Asks a person.
    Ask {
        /// What.
        question: Question,
    },
}

/// What must be true after an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "that", rename_all = "snake_case")]
pub enum Check {
    /// The output of `df -P` shows at least this much free, in bytes and in percent.
    FreeSpace {
        /// Bytes that must be free.
        at_least_bytes: u64,
        /// Percent of the size that must be free.
        at_least_percent: u8,
    },
    /// The output of `xm list` does not show the machine.
    NotListed {
        /// The machine.
        vm: VmId,
    },
    /// The Manager shows the machine in this state.
    VmRunning {
        /// The machine.
        vm: VmId,
        /// Whether it runs.
        running: bool,
    },
    /// The Manager shows the machine stopped, at once: nobody has started it while its disks were read.
    NotRunning {
        /// The machine.
        vm: VmId,
    },
    /// The file on the server has this hash.
    Sha256 {
        /// The file.
        file: RemoteFile,
        /// Hex.
        sha256: String,
    },
    /// All these files exist on the server.
    FilesExist {
        /// The files.
        files: Vec<RemoteFile>,
    },
}

/// Read-only question: is the effect already there?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Probe {
    /// An object of this type with this name is in the list.
    ObjectNamed {
        /// OVMCLI type.
        object_type: String,
        /// Name.
        name: String,
    },
    /// No object of this type with this name is in the list.
    NoObjectNamed {
        /// OVMCLI type.
        object_type: String,
        /// Name.
        name: String,
    },
    /// The Manager shows the machine running, or not.
    VmRunning {
        /// The machine.
        vm: VmId,
        /// Whether it runs.
        running: bool,
    },
    /// The Manager shows high availability on, or off.
    HighAvailability {
        /// The machine.
        vm: VmId,
        /// Whether it is on.
        on: bool,
    },
    /// The path exists on the server.
    PathExists {
        /// The path.
        file: RemoteFile,
    },
    /// The path does not exist on the server.
    PathAbsent {
        /// The path.
        file: RemoteFile,
    },
    /// `from` is gone and `to` is there: the move has happened.
    Moved {
        /// Old place.
        from: RemoteFile,
        /// New place, on the same server.
        to: String,
    },
    /// The file is there and has this hash.
    HasSha256 {
        /// The file.
        file: RemoteFile,
        /// Hex.
        sha256: String,
    },
}

/// A value that a step learns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Bind {
    /// Id of the object that the command made: from its answer, or else found by name.
    NewObject {
        /// Name of the placeholder.
        name: String,
        /// OVMCLI type.
        object_type: String,
        /// Name of the object.
        object_name: String,
    },
    /// Path of the clone's disk in this slot.
    CloneDiskPath {
        /// Name of the placeholder.
        name: String,
        /// Slot.
        slot: u32,
    },
    /// What a person has observed.
    Observed {
        /// Name of the placeholder.
        name: String,
    },
}

impl Bind {
    /// Name of the placeholder.
    pub fn name(&self) -> &str {
        match self {
            Self::NewObject { name, .. } | Self::CloneDiskPath { name, .. } | Self::Observed { name } => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans were stored before there were several backup targets. They name none, mean the first, and keep their hash.
    #[test]
    fn an_action_that_names_no_backup_target_means_the_first_and_is_written_as_before() {
        let before = [
            r#"{"do":"copy_disk","source":{"server":"s","path":"/x"},"slot":0,"disk":"d.img","file":"disk-0.img"}"#,
            r#"{"do":"store_definition"}"#,
            r#"{"do":"read_back"}"#,
            r#"{"do":"publish"}"#,
            r#"{"do":"discard_stored"}"#,
            r#"{"do":"check_point","point":"p","snapshot":"abc"}"#,
            r#"{"do":"write_disk","target":{"server":"s","path":"/x"},"from":{"snapshot":"abc","file":"disk-0.img"},"size_bytes":1,"sha256":"ff"}"#,
        ];
        for written in before {
            let action: Action = serde_json::from_str(written).unwrap();
            assert_eq!(serde_json::to_string(&action).unwrap(), written);
        }
        let check: Action = serde_json::from_str(before[5]).unwrap();
        let first = TargetId::first();
        assert!(matches!(check, Action::CheckPoint { target, .. } if target == first));
        let second = Action::ReadBack {
            target: TargetId::new("dc2"),
        };
        let written = serde_json::to_string(&second).unwrap();
        assert_eq!(written, r#"{"do":"read_back","target":"dc2"}"#);
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), second);
    }
}
