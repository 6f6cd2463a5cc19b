//! The disaster recovery handbook as data: what stands in the document with which somebody rebuilds machines in front of
//! an empty data centre, without Holdfast. Assembled by the engine, set by `app`, packed by the server.

use crate::enrolment::ManagerView;
use crate::plan::{Gap, Step};
use crate::point::RecoveryPoint;
use crate::target::Locations;
use crate::time::Timestamp;
use ovm::estate::{Estate, Vm};
use ovm::script::Scope;
use serde::{Deserialize, Serialize};

/// One edition of the handbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handbook {
    /// What it is about, for example `the whole estate` or `the server pool prod`.
    pub subject: String,
    /// The Manager of the estate.
    pub manager: ManagerView,
    /// Estate revision it was made from.
    pub revision: i64,
    /// When that revision was discovered.
    pub taken_at: Timestamp,
    /// When this edition was made.
    pub made_at: Timestamp,
    /// Login name of the one who made it.
    pub made_by: String,
    /// Sequence number and hash of the newest audit row: who holds this edition can show later that the audit trail up to
    /// there was not rewritten.
    pub audit: Option<(i64, String)>,
    /// What the handbook is about, with everything that it stands on.
    pub estate: Estate,
    /// Where the backup targets lie.
    pub targets: Locations,
    /// The machines, in the order of recovery.
    pub chapters: Vec<Chapter>,
    /// What to do when everything, or the Manager, is lost.
    pub procedures: Vec<Procedure>,
    /// Rebuild scripts that lie beside the document.
    pub scripts: Vec<Sheet>,
}

/// What the handbook says of one machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// The machine.
    pub vm: Vm,
    /// Its protection policy, if it has one.
    pub policy: Option<String>,
    /// When its oldest usable recovery point was taken.
    pub protected_since: Option<Timestamp>,
    /// Number of usable recovery points.
    pub points: u64,
    /// Its newest usable recovery point.
    pub newest: Option<RecoveryPoint>,
    /// What no backup of it contains.
    pub not_contained: Vec<Gap>,
    /// File name of its rebuild script in the package; none when it cannot have one, with the reason.
    pub script: Result<String, String>,
    /// What to do when the machine is lost.
    pub procedure: Procedure,
}

/// What a person does in one disaster: steps of the same language as those of plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// What it is for.
    pub disaster: Disaster,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// What is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disaster {
    /// A VM: its definition, its disks, or both.
    Vm {
        /// Its name.
        name: String,
    },
    /// The Manager; servers, storage and VMs are not.
    Manager,
    /// Everything but the backup target and the handbook.
    Everything,
}

/// A rebuild script in the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What it rebuilds.
    pub scope: Scope,
    /// File name in the package, below `scripts/`, without its ending.
    pub file: String,
    /// Name of what it rebuilds.
    pub title: String,
    /// With comments, for people.
    pub for_people: String,
    /// Commands alone, ready to be sent.
    pub for_cli: String,
    /// When its newest rehearsal ran, and the differences that it found; none: never rehearsed in this form.
    pub rehearsed: Option<(Timestamp, Vec<String>)>,
}

impl Chapter {
    /// Where the machine stands in the order of recovery: those that a cluster restarts first, then those that ran, then
    /// the others, templates last; by name in each group.
    pub fn rank(vm: &Vm) -> (u8, &str, &str) {
        use ovm::estate::VmState;
        let group = match &vm.state {
            VmState::Template => 3,
            _ if vm.high_availability => 0,
            VmState::Running => 1,
            _ => 2,
        };
        (group, &vm.name, vm.id.as_str())
    }
}

/// An id as a file name on any system. Ids are opaque, and one must not lead out of the package.
pub fn file_name(id: &str) -> String {
    let plain = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => character,
        _ => '_',
    };
    id.chars().map(plain).collect()
}
