//! Why something could not be done, as values: what was found, where, with which numbers. Words are made of them at the
//! edge, by [`crate::say`]; what a host, a library or the operating system said stays as it was said, in fields called
//! `reason`, `detail` or `printed`.

mod host;
mod target;

pub use host::{HostFault, Refused, Waited};
pub use target::{Damage, DamageFound, TargetFault};

use crate::ids::PointId;
use crate::plan::{Precondition, RemoteFile, Said, StepTitle};
use crate::subject::Object;
use ovm::ids::{DiskId, MappingId, RepositoryId, ServerId, VmId};
use serde::{Deserialize, Serialize};

/// Why a step was not done, or nobody knows whether it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", content = "of", rename_all = "snake_case")]
pub enum Fault {
    /// A host could not be reached, refused, or did not answer as it should.
    Host(HostFault),
    /// The backup target.
    Target(TargetFault),
    /// The plan cannot be executed as it is: it was not made by the planners of this release.
    Plan(PlanFault),
    /// The VM is not as it has to be.
    Vm {
        /// The VM.
        vm: VmId,
        /// What is so instead.
        found: VmFault,
    },
    /// A file on a server is not as it has to be.
    File {
        /// The file.
        file: RemoteFile,
        /// What is so instead.
        found: FileFault,
    },
    /// What the Manager makes and removes for a run.
    Made {
        /// Its type, as OVMCLI calls it.
        object_type: String,
        /// Its display name.
        name: String,
        /// What is wrong with it.
        found: MadeFault,
    },
    /// Something that the plan relies on no longer holds.
    FactChanged {
        /// The fact, as it was when the plan was made.
        fact: Box<Precondition>,
        /// What is so instead, where it was seen.
        instead: Option<Instead>,
    },
    /// Too little free space in a storage repository.
    FreeSpace {
        /// Bytes that are free.
        free: u64,
        /// Bytes in all.
        size: u64,
        /// Bytes that have to be free.
        needed: u64,
    },
    /// What a command on a server has printed cannot be understood.
    Unreadable {
        /// The command.
        command: String,
        /// What it printed.
        printed: String,
    },
    /// The recovery point cannot be used.
    Point(PointFault),
    /// A stored row that the run needs cannot be read.
    Database {
        /// What the database layer says.
        detail: String,
    },
}

impl From<HostFault> for Fault {
    fn from(fault: HostFault) -> Self {
        Self::Host(fault)
    }
}

impl From<TargetFault> for Fault {
    fn from(fault: TargetFault) -> Self {
        Self::Target(fault)
    }
}

impl From<PlanFault> for Fault {
    fn from(fault: PlanFault) -> Self {
        Self::Plan(fault)
    }
}

impl From<PointFault> for Fault {
    fn from(fault: PointFault) -> Self {
        Self::Point(fault)
    }
}

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanFault {
    /// It is not stored.
    Missing,
    /// A newer release of Holdfast has made it.
    Newer,
    /// It is about something else than a VM.
    NoVm {
        /// What it is about.
        object: Object,
    },
    /// A step needs a value that no step before it has learned.
    NotLearned {
        /// Name of the value.
        name: String,
    },
    /// A server command without a server.
    NoServer,
    /// A lock that may be broken after steps that it does not have.
    NoLook {
        /// Id of the step that is missing.
        step: String,
    },
    /// It does not say where a disk lies.
    DiskUnknown {
        /// The disk.
        disk: DiskId,
    },
    /// It does not say how a disk must be before it is replaced.
    DiskUnguarded {
        /// The disk.
        disk: DiskId,
    },
    /// A path that has to begin at the root does not.
    RelativePath {
        /// The path.
        path: String,
    },
    /// Only a backup stores a definition.
    NoBackup,
    /// Anything else: a value that cannot be written as a command, or read as what it should be.
    Unusable {
        /// What was noticed.
        detail: String,
    },
}

/// How a VM is found that should be otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VmFault {
    /// The Manager does not list it.
    Gone,
    /// It was started since it was stopped. Its files were not touched.
    Started,
    /// It was started while it was copied.
    StartedDuringCopy,
    /// It runs, so its lock is its own.
    OwnsLock,
    /// A server runs it although the Manager calls it stopped.
    RunsUnseen,
    /// Somebody holds its lock.
    Locked,
    /// The lock tool of a server neither takes its lock nor gives it back.
    LockTool {
        /// The server.
        server: ServerId,
        /// What the tool printed.
        printed: String,
    },
    /// It did not come to run, or to be stopped, in time.
    NotSettled {
        /// It was to run.
        running: bool,
        /// Seconds that it was given.
        seconds: u32,
    },
    /// A job of the Manager holds it.
    Busy {
        /// Seconds that the job was given.
        seconds: u64,
    },
    /// It still runs some time after it was asked to stop, and may still stop.
    MayStillStop {
        /// Seconds that it was given.
        seconds: u32,
        /// The run has turned back meanwhile, so that it is started again when it stops.
        turned_back: bool,
        /// Why it cannot be seen, or how it was not asked.
        because: Option<Box<Fault>>,
    },
    /// Its definition on the storage repository cannot be read.
    DamagedDefinition {
        /// Its display name.
        name: String,
        /// What was noticed.
        detail: String,
    },
}

/// How a file on a server is found that should be otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// It is neither here nor where it was to be moved.
    Lost {
        /// Path to which it was to be moved.
        to: String,
    },
    /// It is not what was stored.
    Differs(Difference),
    /// Its size changed while it was read.
    SizeChanged {
        /// Bytes that came.
        got: u64,
        /// Bytes that it should have given.
        expected: u64,
    },
    /// Reading it broke off.
    ReadingBroke(HostFault),
    /// Writing it broke off.
    WritingBroke(HostFault),
    /// The server could not write it.
    NotWritten {
        /// The storage repository is full.
        full: bool,
        /// How the command ended.
        error: HostFault,
    },
}

/// How a written disk differs from the stored one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Another size, in bytes.
    Size {
        /// The file on the server.
        found: u64,
        /// The stored disk.
        stored: u64,
    },
    /// Another SHA-256.
    Hash {
        /// Only of the stretches that hold data.
        of_data: bool,
        /// The file on the server.
        found: String,
        /// The stored disk.
        stored: String,
    },
}

/// What is wrong with something that the Manager was asked to make or to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MadeFault {
    /// The Manager agreed to make it, and does not list it.
    NotListed,
    /// A clone lacks a disk.
    NoDisk {
        /// The slot without one.
        slot: u32,
    },
    /// The VM itself has the name of its clone.
    NameOfSource {
        /// The VM.
        vm: VmId,
    },
    /// It is listed after it was deleted.
    StillThere {
        /// Its id.
        id: String,
    },
    /// Several objects have its name, and nothing tells which of them this run has made.
    Ambiguous {
        /// Their ids.
        ids: Vec<String>,
    },
}

/// What is so in the place of a fact that no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// The disk lies in another storage repository, or in none.
    Repository {
        /// The disk.
        disk: DiskId,
        /// The storage repository that the Manager shows.
        repository: Option<RepositoryId>,
    },
    /// The disk has another size, in bytes.
    Size {
        /// Now.
        bytes: u64,
    },
    /// The disk is mapped to another VM as well.
    MappedTo(OtherUser),
}

/// Whoever else uses a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherUser {
    /// A VM that the Manager names.
    Vm {
        /// Its id.
        id: String,
        /// Its display name; empty where the Manager gives none.
        name: String,
    },
    /// Only the mapping is known.
    Mapping(MappingId),
}

/// Why a recovery point cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointFault {
    /// It is not in the catalogue.
    Missing {
        /// The point.
        point: PointId,
    },
    /// It is published, so that nothing of it was removed.
    Published {
        /// The point.
        point: PointId,
    },
    /// It lies in another snapshot of the backup target than the one that was approved.
    Moved {
        /// The approved one.
        approved: String,
        /// The present one, if there is one in that backup target.
        now: Option<String>,
    },
    /// It is damaged.
    Damaged(Damage),
    /// What was just stored of it cannot be read back.
    NotReadBack(Damage),
    /// Its manifest in the backup target is not the one in the catalogue.
    OtherManifest,
    /// Its manifest cannot be read.
    UnreadableManifest {
        /// What was noticed.
        detail: String,
    },
}

/// What a run could not remove yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The step that has made it, or was to remove it.
    pub title: Said<StepTitle>,
    /// Why it is still there.
    pub fault: StepFault,
}

/// Why a step did not go on, as its journal has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepFault {
    /// Something was wrong.
    Fault(Fault),
    /// A person has cancelled the run meanwhile.
    Cancelled,
}

/// A host that was enrolled with another key since the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherHost {
    /// It is the Manager, not a server.
    pub is_manager: bool,
    /// Its display name.
    pub name: String,
    /// Fingerprint in the plan.
    pub planned: String,
    /// Fingerprint now.
    pub now: String,
}
