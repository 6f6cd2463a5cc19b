//! The accounts of the demo: one for each role, and an operator who does the daily work.

use domain::actor::{Grant, Role, Scope};
use engine::core::new_id;
use serde::{Deserialize, Serialize};

/// The account that furnishes the demo.
pub const ADMINISTRATOR: &str = "admin";

/// The account that writes the policies.
pub const POLICY_OWNER: &str = "owner";

/// Login names and roles.
const ACCOUNTS: [(&str, &[Role]); 8] = [
    ("viewer", &[Role::Viewer]),
    ("backup", &[Role::BackupOperator]),
    ("restore", &[Role::RestoreOperator]),
    (POLICY_OWNER, &[Role::PolicyOwner]),
    ("approver", &[Role::Approver]),
    ("auditor", &[Role::Auditor]),
    (ADMINISTRATOR, &[Role::Administrator]),
    (
        "operator",
        &[Role::BackupOperator, Role::RestoreOperator, Role::PolicyOwner],
    ),
];

/// Characters of a password, five random bits each.
const PASSWORD_LENGTH: usize = 16;

/// An account of the demo. Its password is shown: there is nothing behind it but a simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Roles, each for everything.
    pub roles: Vec<Role>,
}

impl Account {
    /// All accounts with new passwords.
    pub fn all() -> Vec<Self> {
        let account = |(name, roles): (&str, &[Role])| Self {
            name: name.to_owned(),
            password: new_id(PASSWORD_LENGTH),
            roles: roles.to_vec(),
        };
        ACCOUNTS.map(account).into()
    }

    /// The roles as the services take them.
    pub fn grants(&self) -> Vec<Grant> {
        let everywhere = |role: &Role| Grant {
            role: *role,
            scope: Scope::All,
        };
        self.roles.iter().map(everywhere).collect()
    }
}
