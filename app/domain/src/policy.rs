//! Protection policies: how a machine is backed up and what its restore demands.

use crate::error::{FormFlaw, PolicyFlaw, ServiceError, Unit};
use crate::ids::{PolicyId, TargetId, TeamId};
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

    /// The name in forms and the database.
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

impl RestoreGate {
    /// What a restore of something under this policy needs. Under none it is what most need: nobody has said that it is
    /// not production.
    pub fn under(policy: Option<&Policy>) -> Self {
        policy.map_or_else(|| PolicyRules::usual().restore_gate, |policy| policy.rules.restore_gate)
    }

    /// How many people have to approve a restore.
    pub fn approvals(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Approval { approvers } => approvers,
        }
    }

    /// Whether fewer people have to approve a restore than under the other.
    pub fn is_looser_than(self, other: Self) -> bool {
        self.approvals() < other.approvals()
    }

    /// What a restore needs, in the words that follow "A restore".
    pub fn in_words(self) -> String {
        match self {
            Self::Free => "needs no approval".into(),
            Self::Approval { approvers: 1 } => "needs four-eyes approval by one person".into(),
            Self::Approval { approvers } => format!("needs four-eyes approval by {approvers} people"),
        }
    }

    /// Whether a request may wait in vain when so many people can approve it: one of them may be the one who asks.
    pub fn is_short_of(self, eligible: usize) -> bool {
        match self {
            Self::Free => false,
            Self::Approval { approvers } => eligible <= usize::from(approvers),
        }
    }
}

/// The rules themselves, without identity. Those of a stored policy have passed [`PolicyRules::checked`].
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
    /// The backup target that backups go to, and that restores read from if they can.
    #[serde(default = "TargetId::first", skip_serializing_if = "TargetId::is_first")]
    pub target: TargetId,
}

impl PolicyRules {
    /// What is right for most machines; the name is left to give.
    pub fn usual() -> Self {
        Self {
            name: String::new(),
            method: BackupMethod::ManagerClone,
            patience_secs: 300,
            may_kill: false,
            free_space_floor_percent: 10,
            restore_gate: RestoreGate::Approval { approvers: 1 },
            commit_within_hours: 24,
            target: TargetId::first(),
        }
    }

    /// Checks every rule.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with the first field that cannot be accepted.
    pub fn checked(self) -> Result<Self, ServiceError> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(ServiceError::invalid("name", FormFlaw::Title));
        }
        within("patience_secs", self.patience_secs, 10, 3600, Unit::Seconds)?;
        within(
            "free_space_floor_percent",
            self.free_space_floor_percent.into(),
            1,
            90,
            Unit::Percent,
        )?;
        within("commit_within_hours", self.commit_within_hours, 1, 720, Unit::Hours)?;
        if let RestoreGate::Approval { approvers } = self.restore_gate {
            within("approvers", approvers.into(), 1, 5, Unit::People)?;
        }
        Ok(Self { name, ..self })
    }
}

fn within(field: &str, value: u32, low: u32, high: u32, unit: Unit) -> Result<(), ServiceError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ServiceError::invalid(
            field,
            PolicyFlaw::OutOfRange { value, low, high, unit },
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

impl Policy {
    /// Whether machines of this team may be under it: it is everybody's, or of the same team. Whoever owns a policy
    /// decides on the machines under it, so they must be machines that he sees.
    pub fn takes(&self, team: Option<&TeamId>) -> bool {
        self.team.is_none() || self.team.as_ref() == team
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_short_of_people_when_one_who_asks_would_be_missed() {
        let two = RestoreGate::Approval { approvers: 2 };
        assert_eq!([1, 2, 3].map(|people| two.is_short_of(people)), [true, true, false]);
        assert!(!RestoreGate::Free.is_short_of(0));
    }

    #[test]
    fn a_gate_is_told_in_words_that_fit_its_number() {
        let of = |approvers| RestoreGate::Approval { approvers }.in_words();
        assert_eq!(of(1), "needs four-eyes approval by one person");
        assert_eq!(of(2), "needs four-eyes approval by 2 people");
        assert_eq!(RestoreGate::Free.in_words(), "needs no approval");
    }
}
