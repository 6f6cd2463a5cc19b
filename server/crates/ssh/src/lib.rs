//! The only way from Holdfast to an estate: SSH with pinned host keys, commands and streams on Oracle VM Servers, and
//! the OVMCLI session of an Oracle VM Manager on top.

mod algorithms;
mod error;
mod exec;
mod inbox;
pub mod ovmcli;
mod secret;
mod session;
mod target;

pub use algorithms::{Negotiated, Profile};
pub use error::{Connecting, Request, SshError};
pub use exec::{ExecOutput, ExecStatus, ExecStream};
pub use secret::Secret;
pub use session::{Gate, Login, Session, probe_host_key};
pub use target::{Credential, HostKey, HostKeyFingerprint, Target};
