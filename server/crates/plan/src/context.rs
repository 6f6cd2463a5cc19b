//! What a planner needs to know beside the estate and the wish.

use domain::ids::{ManagerId, RunId};
use domain::time::Timestamp;
use ovm::ids::ServerId;

/// Who plans, when, from which revision, and which hosts can be reached with which pinned keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The Manager whose estate it is.
    pub manager: ManagerId,
    /// The run that will execute the plan; what it makes in the estate carries its tag.
    pub run: RunId,
    /// Login name of the one who plans.
    pub planned_by: String,
    /// The time of planning.
    pub planned_at: Timestamp,
    /// Revision of the estate that is planned from.
    pub estate_revision: i64,
    /// Pinned host key of the Manager, `SHA256:...`.
    pub manager_fingerprint: String,
    /// Servers that can be reached by shell, each with its pinned host key.
    pub reachable: Vec<(ServerId, String)>,
}

impl Context {
    /// The pinned host key of a server, if the server can be reached.
    pub(crate) fn fingerprint(&self, server: &ServerId) -> Option<&str> {
        let found = self.reachable.iter().find(|(known, _)| known == server);
        found.map(|(_, fingerprint)| fingerprint.as_str())
    }
}
