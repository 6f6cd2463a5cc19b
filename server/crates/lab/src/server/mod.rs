//! The Oracle VM Servers: root file systems in namespaces of their own, reached over SSH.

mod exec;
mod files;
mod namespace;
mod standins;

pub(crate) use exec::OvmServer;
pub(crate) use files::{Files, sha256, sizes};
pub(crate) use namespace::{Layout, Namespace, ServerRoot};
pub(crate) use standins::{install, publish};
