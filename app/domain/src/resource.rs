//! What only a few runs may use at the same time.

use crate::ids::ManagerId;
use ovm::ids::{RepositoryId, ServerId};
use serde::{Deserialize, Serialize};

/// Something with room for a few runs. A run that needs several of them takes them in their order, so that no two runs
/// wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A place among the runs that move disks, whatever their servers.
    Transfer,
    /// The clone command of a Manager: whether a Manager takes two of them at once is not known.
    CloneOn(ManagerId),
    /// A server of a Manager.
    Server(ManagerId, ServerId),
    /// A storage repository of a Manager.
    Repository(ManagerId, RepositoryId),
    /// A backup target, by its id.
    Target(String),
}

impl Resource {
    /// Its name in the database: different for different resources.
    pub fn key(&self) -> String {
        match self {
            Self::Transfer => "transfer".into(),
            Self::CloneOn(manager) => format!("clone {manager}"),
            Self::Server(manager, server) => format!("server {manager} {server}"),
            Self::Repository(manager, repository) => format!("repository {manager} {repository}"),
            Self::Target(target) => format!("target {target}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_resources_have_different_keys() {
        let (manager, id) = (|| ManagerId::new("m"), "x");
        let all = [
            Resource::Transfer,
            Resource::CloneOn(manager()),
            Resource::Server(manager(), ServerId::new(id)),
            Resource::Repository(manager(), RepositoryId::new(id)),
            Resource::Target(id.into()),
        ];
        let mut keys: Vec<String> = all.iter().map(Resource::key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all.len());
    }
}
