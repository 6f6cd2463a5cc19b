//! What somebody must know to use a running lab. Printed as JSON by `holdfast lab`.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A running lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabDescription {
    /// Directory of the lab.
    pub dir: PathBuf,
    /// The Manager.
    pub manager: ManagerDescription,
    /// The Oracle VM Servers.
    pub servers: Vec<ServerDescription>,
    /// The storage repositories.
    pub repositories: Vec<RepositoryDescription>,
    /// Whether the OCFS2-like repositories really reflink; else a reflink is a copy, because loop mounts are impossible
    /// here.
    pub reflinks: bool,
    /// Socket of the control channel.
    pub control: PathBuf,
}

/// How to reach the Manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerDescription {
    /// Address.
    pub address: String,
    /// Port of the command line.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
    /// `SHA256:...`
    pub host_key_fingerprint: String,
    /// Version that it claims to be.
    pub version: String,
    /// Id of the Manager.
    pub uuid: String,
}

/// How to reach a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerDescription {
    /// Id in the Manager.
    pub id: String,
    /// Name in the Manager.
    pub name: String,
    /// Address.
    pub address: String,
    /// SSH port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
    /// `SHA256:...`
    pub host_key_fingerprint: String,
}

/// A storage repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryDescription {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `ocfs2` or `nfs`.
    pub kind: crate::model::RepositoryKind,
    /// Path on the servers.
    pub path: String,
}
