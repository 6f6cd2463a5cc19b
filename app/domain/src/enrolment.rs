//! Enrolled Managers and how their servers are reached: what an administrator gives, and what is shown of it.

use crate::ids::ManagerId;
use crate::time::Timestamp;
use ovm::ids::ServerId;
use serde::{Deserialize, Serialize};

/// An enrolled Manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerView {
    /// Id.
    pub id: ManagerId,
    /// Display name.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port of the command line.
    pub port: u16,
    /// Account used there.
    pub user: String,
    /// Pinned host key.
    pub fingerprint: String,
    /// A different key that the host has shown; every job for it is stopped until an administrator settles it.
    pub changed_fingerprint: Option<String>,
    /// Old algorithms are allowed for it.
    pub legacy_algorithms: bool,
    /// Number and time of the newest estate revision.
    pub revision: Option<(i64, Timestamp)>,
    /// Why the newest discovery failed, if it did.
    pub problem: Option<String>,
}

/// What an administrator gives to enrol a Manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewManager {
    /// Display name.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port of the command line, normally 10000.
    pub port: u16,
    /// Account, normally `admin`.
    pub user: String,
    /// Password; sealed before it is stored.
    pub password: String,
    /// Fingerprint of the host key as the administrator has read it on the host, `SHA256:...`.
    pub fingerprint: String,
    /// Allow old algorithms.
    pub legacy_algorithms: bool,
}

/// How an Oracle VM Server is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAccess {
    /// Manager that owns it.
    pub manager: ManagerId,
    /// Its id there.
    pub server: ServerId,
    /// Display name.
    pub name: String,
    /// Host name or address for SSH.
    pub host: String,
    /// Port for SSH.
    pub port: u16,
    /// Account, normally `root`.
    pub user: String,
    /// Pinned host key.
    pub fingerprint: String,
    /// A different key that the host has shown.
    pub changed_fingerprint: Option<String>,
}

/// What an administrator gives so that a server can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewServerAccess {
    /// Manager that owns it.
    pub manager: ManagerId,
    /// Its id there.
    pub server: ServerId,
    /// Host name or address for SSH.
    pub host: String,
    /// Port for SSH.
    pub port: u16,
    /// Account, normally `root`.
    pub user: String,
    /// Password; sealed before it is stored.
    pub password: String,
    /// Fingerprint of the host key as read on the host.
    pub fingerprint: String,
}
