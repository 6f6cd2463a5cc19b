//! Kinds of things that can be missing.

use crate::subject::Object;
use ovm::estate::Kind;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// What there is not, or what may not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case", prefix = "not-found.")]
pub enum Thing {
    /// A page.
    Page,
    /// A file to download.
    File,
    /// An estate.
    Estate,
    /// A part of an estate.
    EstatePart,
    /// A revision of an estate.
    Revision,
    /// A Manager.
    Manager,
    /// A virtual machine.
    Vm,
    /// An Oracle VM Server.
    Server,
    /// A server pool.
    ServerPool,
    /// A pool file system.
    PoolFileSystem,
    /// A storage repository.
    StorageRepository,
    /// An object of another type.
    Object(Kind),
    /// A type of objects.
    ObjectType,
    /// A rebuild script.
    RebuildScript,
    /// A handbook.
    Handbook,
    /// A protection policy.
    ProtectionPolicy,
    /// A backup target.
    BackupTarget,
    /// A recovery point.
    RecoveryPoint,
    /// A request.
    Request,
    /// A plan.
    Plan,
    /// A job run.
    JobRun,
    /// An account.
    Account,
}

impl From<Kind> for Thing {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Manager => Self::Manager,
            Kind::Server => Self::Server,
            Kind::ServerPool => Self::ServerPool,
            Kind::Repository => Self::StorageRepository,
            Kind::Vm => Self::Vm,
            other => Self::Object(other),
        }
    }
}

impl From<&Object> for Thing {
    fn from(object: &Object) -> Self {
        match object {
            Object::Vm(_) => Self::Vm,
            Object::Server(_) => Self::Server,
            Object::Pool(_) => Self::ServerPool,
            Object::PoolFileSystem(_) => Self::PoolFileSystem,
            Object::Repository(_) => Self::StorageRepository,
            Object::Manager => Self::Manager,
        }
    }
}
