//! Protection policies: how a machine is backed up and what its restore demands.

use crate::error::ServiceError;
use crate::ids::{PolicyId, TeamId};
use serde::{Deserialize, Serialize};

/// How the disks are taken. The first two need OCFS2 repositories, where files can share blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupMethod {
    /// Thin clone of the running machine by the Manager, copied, removed.
    ManagerClone,
    /// `reflink` of all disks back to back on a server, copied, removed. Smaller skew, no Manager objects.
    Reflink,
    /// Stop, copy, start. The only way on NFS repositories.
    StopCopyStart,
}

impl BackupMethod {
    /// All methods.
    pub const ALL: [Self; 3] = [Self::ManagerClone, Self::Reflink, Self::StopCopyStart];

    /// The name a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::ManagerClone => "Thin clone through the Manager",
            Self::Reflink => "Reflink on a server",
            Self::StopCopyStart => "Stop, copy, start",
        }
    }

    /// The name in forms and the data base.
    pub fn key(self) -> &'static str {
        match self {
            Self::ManagerClone => "manager_clone",
            Self::Reflink => "reflink",
            Self::StopCopyStart => "stop_copy_start",
        }
    }

    /// The method with this [`BackupMethod::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.key() == key)
    }
}

/// What a restore over the machine needs before it may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreGate {
    /// Approval by this many people, none of whom asked for it.
    Approval {
        /// Number of approvers, 1 to 5.
        approvers: u8,
    },
    /// No approval: for machines that are not production.
    Free,
}

/// The rules themselves, without identity. Built only by [`PolicyRules::new`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRules {
    /// Display name, unique.
    pub name: String,
    /// How the disks are taken. On a repository that cannot do it, [`BackupMethod::StopCopyStart`] takes its place, and the plan says so.
    pub method: BackupMethod,
    /// Seconds that a machine gets to shut down by itself.
    pub patience_secs: u32,
    /// Whether a machine that does not shut down in time is switched off (`kill`).
    pub may_kill: bool,
    /// A backup starts only when each repository has at least this much free space, in percent of its size.
    pub free_space_floor_percent: u8,
    /// What a restore needs.
    pub restore_gate: RestoreGate,
    /// Hours in which a restore must be committed; after that it is rolled back.
    pub commit_within_hours: u32,
}

impl PolicyRules {
    /// Checks every rule.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with the first field that cannot be accepted.
    pub fn checked(self) -> Result<Self, ServiceError> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(ServiceError::invalid(
                "name",
                "The name needs 1 to 60 visible characters.",
            ));
        }
        within("patience_secs", self.patience_secs, 10, 3600, "seconds")?;
        within(
            "free_space_floor_percent",
            self.free_space_floor_percent.into(),
            1,
            90,
            "percent",
        )?;
        within("commit_within_hours", self.commit_within_hours, 1, 720, "hours")?;
        if let RestoreGate::Approval { approvers } = self.restore_gate {
            within("approvers", approvers.into(), 1, 5, "people")?;
        }
        Ok(Self { name, ..self })
    }
}

fn within(field: &str, value: u32, low: u32, high: u32, unit: &str) -> Result<(), ServiceError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ServiceError::invalid(
            field,
            format!("Give {low} to {high} {unit}; {value} is outside."),
        ))
    }
}

/// A protection policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Id.
    pub id: PolicyId,
    /// Team that owns it; none means everybody's.
    pub team: Option<TeamId>,
    /// The rules.
    pub rules: PolicyRules,
}
