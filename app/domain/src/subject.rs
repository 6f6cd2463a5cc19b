//! What plans, runs, recovery points, requests and rights are about: one object under one Manager.

use crate::ids::ManagerId;
use ovm::ids::{PoolId, RepositoryId, ServerId, VmId};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// An object that can be protected, recovered or held, within the estate of its Manager. Written as one word, see
/// [`Object::key`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Object {
    /// A virtual machine or a template.
    Vm(VmId),
    /// An Oracle VM Server.
    Server(ServerId),
    /// A server pool with all that is in it.
    Pool(PoolId),
    /// The file system that a clustered pool keeps for itself.
    PoolFileSystem(PoolId),
    /// A storage repository.
    Repository(RepositoryId),
    /// The Manager itself.
    Manager,
}

impl Object {
    /// One word for addresses, the database and hashed bytes: `vm-<id>`, `server-<id>`, `manager`.
    pub fn key(&self) -> String {
        match self {
            Self::Vm(id) => format!("vm-{id}"),
            Self::Server(id) => format!("server-{id}"),
            Self::Pool(id) => format!("pool-{id}"),
            Self::PoolFileSystem(id) => format!("poolfs-{id}"),
            Self::Repository(id) => format!("repository-{id}"),
            Self::Manager => "manager".to_owned(),
        }
    }

    /// The object behind its word.
    pub fn from_key(key: &str) -> Option<Self> {
        match key.split_once('-') {
            None => (key == "manager").then_some(Self::Manager),
            Some(("vm", id)) => Some(Self::Vm(VmId::new(id))),
            Some(("server", id)) => Some(Self::Server(ServerId::new(id))),
            Some(("pool", id)) => Some(Self::Pool(PoolId::new(id))),
            Some(("poolfs", id)) => Some(Self::PoolFileSystem(PoolId::new(id))),
            Some(("repository", id)) => Some(Self::Repository(RepositoryId::new(id))),
            Some(_) => None,
        }
    }

    /// Its id as the Manager prints it; none for the Manager itself.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Vm(id) => Some(id.as_str()),
            Self::Server(id) => Some(id.as_str()),
            Self::Pool(id) | Self::PoolFileSystem(id) => Some(id.as_str()),
            Self::Repository(id) => Some(id.as_str()),
            Self::Manager => None,
        }
    }

    /// What kind of object it is, in words within a sentence.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Vm(_) => "VM",
            Self::Server(_) => "server",
            Self::Pool(_) => "server pool",
            Self::PoolFileSystem(_) => "pool file system",
            Self::Repository(_) => "storage repository",
            Self::Manager => "Manager",
        }
    }

    /// The virtual machine, if it is one.
    pub fn vm(&self) -> Option<&VmId> {
        match self {
            Self::Vm(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

impl From<Object> for String {
    fn from(object: Object) -> Self {
        object.key()
    }
}

/// A word that names no kind of object that this release knows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a kind of object that this release knows")]
pub struct UnknownObject(String);

impl TryFrom<String> for Object {
    type Error = UnknownObject;

    fn try_from(key: String) -> Result<Self, UnknownObject> {
        Self::from_key(&key).ok_or(UnknownObject(key))
    }
}

/// An object together with its Manager: what rows, rights and holds refer to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SubjectRef {
    /// The Manager whose estate has it.
    pub manager: ManagerId,
    /// The object.
    pub object: Object,
}

impl SubjectRef {
    /// A virtual machine of a Manager.
    pub fn vm(manager: &ManagerId, vm: &VmId) -> Self {
        Self {
            manager: manager.clone(),
            object: Object::Vm(vm.clone()),
        }
    }
}

/// An object as people read of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The Manager whose estate has it.
    pub manager: ManagerId,
    /// The object.
    pub object: Object,
    /// Its display name when this was written.
    pub name: String,
}

impl Subject {
    /// A virtual machine of a Manager.
    pub fn vm(manager: &ManagerId, vm: &VmId, name: impl Into<String>) -> Self {
        SubjectRef::vm(manager, vm).named(name)
    }

    /// The reference without the name.
    pub fn at(&self) -> SubjectRef {
        SubjectRef {
            manager: self.manager.clone(),
            object: self.object.clone(),
        }
    }

    /// What a search finds it by: its name, and its id as the Manager prints it.
    pub fn texts(&self) -> [&str; 2] {
        [&self.name, self.object.id().unwrap_or_default()]
    }
}

impl SubjectRef {
    /// The reference with a display name.
    pub fn named(self, name: impl Into<String>) -> Subject {
        Subject {
            manager: self.manager,
            object: self.object,
            name: name.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_one_word_both_ways() {
        let objects = [
            Object::Vm(VmId::new("0004fb00-0006")),
            Object::Server(ServerId::new("aa:02")),
            Object::Pool(PoolId::new("fs-1")),
            Object::PoolFileSystem(PoolId::new("1")),
            Object::Repository(RepositoryId::new("r-1")),
            Object::Manager,
        ];
        for object in objects {
            assert_eq!(Object::from_key(&object.key()), Some(object.clone()));
            let json = serde_json::to_string(&object).unwrap();
            assert_eq!(json, format!("\"{}\"", object.key()));
            assert_eq!(serde_json::from_str::<Object>(&json).unwrap(), object);
        }
        for key in ["", "manager-1", "lun-3", "vm"] {
            assert_eq!(Object::from_key(key), None, "{key}");
        }
    }
}
