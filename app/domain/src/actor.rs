//! Who acts, and what the roles allow. The one table of roles and permissions; every service asks it.

use crate::error::{Missing, ServiceError};
use crate::ids::{TeamId, UserId};
use serde::{Deserialize, Serialize};

/// A built-in role. A user may hold several, each for everything or for one team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees machines, policies, the catalogue and job runs.
    Viewer,
    /// Runs backups.
    BackupOperator,
    /// Plans and requests restores, downloads rebuild scripts.
    RestoreOperator,
    /// Writes protection policies and assigns machines to them.
    PolicyOwner,
    /// Approves or vetoes restore requests of others.
    Approver,
    /// Reads everything, the audit trail included; changes nothing.
    Auditor,
    /// Enrols managers, keeps accounts and roles.
    Administrator,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 7] = [
        Self::Viewer,
        Self::BackupOperator,
        Self::RestoreOperator,
        Self::PolicyOwner,
        Self::Approver,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The name a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::BackupOperator => "Backup Operator",
            Self::RestoreOperator => "Restore Operator",
            Self::PolicyOwner => "Policy Owner",
            Self::Approver => "Approver",
            Self::Auditor => "Auditor",
            Self::Administrator => "Administrator",
        }
    }

    /// What it is for, as a sentence. Every role also sees what a viewer sees.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Viewer => "Sees VMs, policies, recovery points, restore requests and job runs.",
            Self::BackupOperator => {
                "Runs and cancels backups, refreshes the estate, rehearses rebuild scripts, runs integrity checks."
            }
            Self::RestoreOperator => {
                "Plans and requests restores, commits them or rolls them back, downloads handbooks, rebuild scripts and the files of recovery points."
            }
            Self::PolicyOwner => "Writes protection policies and assigns them to VMs.",
            Self::Approver => "Approves or vetoes other people’s restore requests.",
            Self::Auditor => "Reads everything, including the audit trail and the accounts; changes nothing.",
            Self::Administrator => {
                "Enrols Managers and servers, manages accounts, roles and teams, settles runs with an unknown \
                 outcome; cannot back up, restore or approve."
            }
        }
    }

    /// The name in forms, command lines and the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::BackupOperator => "backup_operator",
            Self::RestoreOperator => "restore_operator",
            Self::PolicyOwner => "policy_owner",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The role with this [`Role::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Whether the role allows the permission.
    pub fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Viewer => matches!(permission, P::ViewEstate | P::ViewRuns),
            Self::BackupOperator => matches!(permission, P::ViewEstate | P::ViewRuns | P::RunBackup),
            Self::RestoreOperator => {
                matches!(
                    permission,
                    P::ViewEstate | P::ViewRuns | P::DownloadArtefacts | P::RequestRestore
                )
            }
            Self::PolicyOwner => matches!(permission, P::ViewEstate | P::ViewRuns | P::EditPolicies),
            Self::Approver => matches!(permission, P::ViewEstate | P::ViewRuns | P::DecideRequests),
            Self::Auditor => {
                matches!(
                    permission,
                    P::ViewEstate | P::ViewRuns | P::DownloadArtefacts | P::ReadAudit | P::ViewAccounts
                )
            }
            Self::Administrator => {
                matches!(
                    permission,
                    P::ViewEstate | P::ViewRuns | P::Administer | P::ViewAccounts | P::SettleRuns
                )
            }
        }
    }
}

/// What can be allowed. Restoring is a stronger right than backing up, and approving is nobody's by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the estate, policies and recovery points.
    ViewEstate,
    /// See job runs and requests.
    ViewRuns,
    /// Run a backup, cancel it.
    RunBackup,
    /// Take away `vm.cfg`, rebuild scripts, manifests and the handbook as files. Each such file is written down in the
    /// audit trail; what the pages show of the same belongs to seeing the estate.
    DownloadArtefacts,
    /// Plan and request a restore; commit it or roll it back.
    RequestRestore,
    /// Write policies, assign machines.
    EditPolicies,
    /// Approve or veto requests of others.
    DecideRequests,
    /// Read the audit trail.
    ReadAudit,
    /// See accounts and roles.
    ViewAccounts,
    /// Enrol managers and servers, refresh the estate, keep accounts and roles.
    Administer,
    /// Settle a run whose outcome is unknown.
    SettleRuns,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 11] = [
        Self::ViewEstate,
        Self::ViewRuns,
        Self::RunBackup,
        Self::DownloadArtefacts,
        Self::RequestRestore,
        Self::EditPolicies,
        Self::DecideRequests,
        Self::ReadAudit,
        Self::ViewAccounts,
        Self::Administer,
        Self::SettleRuns,
    ];

    /// The weakest role that allows it: the one to ask for.
    pub fn first_role(self) -> Role {
        Role::ALL
            .into_iter()
            .find(|role| role.allows(self))
            .unwrap_or(Role::Administrator)
    }
}

/// Where a role holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    All,
    /// The machines and policies of one team.
    Team(TeamId),
}

/// A role with its scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
}

/// Of whose objects somebody sees a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Of everybody, also those that no team has.
    Everything,
    /// Only of these teams; of nobody when there are none.
    Teams(Vec<TeamId>),
}

/// The one who asks. Read anew for every request, so that a withdrawn role ends at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Account.
    pub id: UserId,
    /// Login name, for journals and audit.
    pub name: String,
    /// Roles.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// Whether the actor may do it on something that belongs to `team` (nothing belongs to `None` but to all).
    pub fn may(&self, permission: Permission, team: Option<&TeamId>) -> bool {
        self.grants.iter().any(|grant| {
            grant.role.allows(permission)
                && match &grant.scope {
                    Scope::All => true,
                    Scope::Team(own) => team == Some(own),
                }
        })
    }

    /// Whether the actor may do it somewhere at all; decides which pages and buttons are shown.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| grant.role.allows(permission))
    }

    /// Where the actor may do it: [`Actor::may`] for a whole list.
    pub fn reach(&self, permission: Permission) -> Reach {
        let grants = self.grants.iter().filter(|grant| grant.role.allows(permission));
        let teams: Option<Vec<TeamId>> = grants
            .map(|grant| match &grant.scope {
                Scope::All => None,
                Scope::Team(team) => Some(team.clone()),
            })
            .collect();
        teams.map_or(Reach::Everything, Reach::Teams)
    }

    /// [`Actor::may`] as a guard.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] with the weakest role that would do, and where it has to hold when the actor has the
    /// permission elsewhere.
    pub fn require(&self, permission: Permission, team: Option<&TeamId>) -> Result<(), ServiceError> {
        if self.may(permission, team) {
            return Ok(());
        }
        let missing = match (self.may_somewhere(permission), team) {
            (false, _) => Missing::Role,
            (true, None) => Missing::ForAll,
            (true, Some(_)) => Missing::ForTeam,
        };
        Err(forbidden(permission, missing))
    }

    /// [`Actor::may_somewhere`] as a guard.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] with the weakest role that would do.
    pub fn require_somewhere(&self, permission: Permission) -> Result<(), ServiceError> {
        if self.may_somewhere(permission) {
            Ok(())
        } else {
            Err(forbidden(permission, Missing::Role))
        }
    }
}

fn forbidden(deed: Permission, missing: Missing) -> ServiceError {
    ServiceError::Forbidden { deed, missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, scope: Scope) -> Actor {
        Actor {
            id: UserId::new("u1"),
            name: "someone".into(),
            grants: vec![Grant { role, scope }],
        }
    }

    #[test]
    fn nobody_but_the_approver_decides_requests() {
        for role in Role::ALL {
            assert_eq!(
                role.allows(Permission::DecideRequests),
                role == Role::Approver,
                "{role:?}"
            );
        }
    }

    #[test]
    fn a_role_for_one_team_does_not_reach_another_nor_what_has_no_team() {
        let own = TeamId::new("blue");
        let operator = actor(Role::BackupOperator, Scope::Team(own.clone()));
        assert!(operator.may(Permission::RunBackup, Some(&own)));
        assert!(!operator.may(Permission::RunBackup, Some(&TeamId::new("red"))));
        assert!(!operator.may(Permission::RunBackup, None));
        assert!(operator.may_somewhere(Permission::RunBackup));
    }

    #[test]
    fn a_list_reaches_as_far_as_the_roles_that_allow_it() {
        let blue = TeamId::new("blue");
        let mut somebody = actor(Role::Viewer, Scope::Team(blue.clone()));
        assert_eq!(somebody.reach(Permission::ViewRuns), Reach::Teams(vec![blue.clone()]));
        assert_eq!(somebody.reach(Permission::RunBackup), Reach::Teams(vec![]));
        somebody.grants.extend(actor(Role::BackupOperator, Scope::All).grants);
        assert_eq!(somebody.reach(Permission::ViewRuns), Reach::Everything);
        assert_eq!(somebody.reach(Permission::RequestRestore), Reach::Teams(vec![]));
    }

    #[test]
    fn a_refusal_names_the_role_that_would_do() {
        let refusal = actor(Role::Viewer, Scope::All)
            .require(Permission::RequestRestore, None)
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "You may not request restores. This needs the role Restore Operator; ask an administrator."
        );
    }

    #[test]
    fn a_refusal_names_the_reach_that_the_role_lacks() {
        let operator = actor(Role::BackupOperator, Scope::Team(TeamId::new("blue")));
        let told = |permission, team: Option<&TeamId>| operator.require(permission, team).unwrap_err().to_string();
        let red = TeamId::new("red");
        assert_eq!(
            told(Permission::RunBackup, Some(&red)),
            "You may not run backups. This needs the role Backup Operator for everything, or for the team it belongs \
             to; ask an administrator."
        );
        assert_eq!(
            told(Permission::ViewEstate, None),
            "You may not see this. This needs the role Viewer for everything; ask an administrator."
        );
        assert_eq!(
            told(Permission::ReadAudit, Some(&red)),
            "You may not read the audit trail. This needs the role Auditor; ask an administrator."
        );
    }

    #[test]
    fn every_role_says_in_a_sentence_of_its_own_what_it_is_for() {
        let meanings: std::collections::BTreeSet<&str> = Role::ALL.into_iter().map(Role::meaning).collect();
        assert_eq!(meanings.len(), Role::ALL.len());
        for meaning in meanings {
            assert!(meaning.ends_with('.') && meaning.matches('.').count() == 1, "{meaning}");
        }
    }

    #[test]
    fn keys_name_roles_both_ways() {
        for role in Role::ALL {
            assert_eq!(Role::from_key(role.key()), Some(role));
        }
    }
}
