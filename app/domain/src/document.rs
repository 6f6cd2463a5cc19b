//! What people take away: rebuild scripts with their rehearsals, and plans.

use crate::time::Timestamp;
use ovm::estate::Change;
use ovm::script::Scope;
use serde::{Deserialize, Serialize};

/// A rebuild script of the newest revision of an estate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptView {
    /// What it rebuilds.
    pub scope: Scope,
    /// Name of that.
    pub name: String,
    /// Revision of the estate that it is made from.
    pub revision: i64,
    /// When that was discovered.
    pub taken_at: Timestamp,
    /// What the script does not bring back or relies on, each as a sentence.
    pub notes: Vec<String>,
    /// The commands with notes and purposes as `#` lines.
    pub for_people: String,
    /// The commands alone.
    pub for_cli: String,
    /// SHA-256 over both forms, the plain one and the one that is safe to repeat, in hex.
    pub hash: String,
    /// The newest rehearsal, perhaps of an older form of the script: compare the hashes.
    pub rehearsal: Option<Rehearsal>,
}

/// A form in which a rebuild script is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptForm {
    /// The commands alone, for the command line.
    Cli,
    /// With notes and purposes as `#` lines, for people.
    People,
}

impl ScriptForm {
    /// All forms.
    pub const ALL: [Self; 2] = [Self::Cli, Self::People];

    /// File name of the download.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Cli => "rebuild.ovmcli",
            Self::People => "rebuild.txt",
        }
    }

    /// The form with this [`ScriptForm::file_name`].
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.file_name() == name)
    }
}

/// A form in which a plan is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanForm {
    /// All of it, for print and for those who follow it by hand.
    Text,
    /// What the Manager is asked to do, with everything else as `#` lines.
    Script,
}

impl PlanForm {
    /// All forms.
    pub const ALL: [Self; 2] = [Self::Text, Self::Script];

    /// File name of the download.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Text => "plan.txt",
            Self::Script => "plan.ovmcli",
        }
    }

    /// The form with this [`PlanForm::file_name`].
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.file_name() == name)
    }
}

/// A rebuild script was run on an empty Manager, and what it made was compared with the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// What was rebuilt.
    pub scope: Scope,
    /// Revision of the estate that the script was made from.
    pub revision: i64,
    /// When it was held.
    pub at: Timestamp,
    /// Hash of the script.
    pub script_hash: String,
    /// What came of it.
    pub outcome: RehearsalOutcome,
}

/// What came of a rehearsal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalOutcome {
    /// Steps of the script.
    pub steps: u64,
    /// Steps that made or changed something.
    pub made: u64,
    /// Commands that were refused, each as a sentence.
    pub failures: Vec<String>,
    /// What differs from the original beyond ids and what no script restores.
    pub differences: Vec<Change>,
    /// How long it took, the comparison included.
    pub milliseconds: u64,
}

impl RehearsalOutcome {
    /// The script made the estate again.
    pub fn is_equal(&self) -> bool {
        self.failures.is_empty() && self.differences.is_empty()
    }
}
