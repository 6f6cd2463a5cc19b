//! The lab: a simulated Oracle VM estate on real files and real protocols, for the demo, for rehearsals and for tests.
//!
//! One Manager speaks its command language over SSH; two Oracle VM Servers run shell commands over SSH in root file
//! systems of their own, on sparse images in storage repositories that can really reflink. The lab must never be kinder
//! than reality: what is uncertain is a [`Switches`] field, what can go wrong is a [`Fault`].
//!
//! [`Lab::start`] starts one in a directory, [`Lab::description`] says how to reach it, [`Lab::stop`] ends it and leaves
//! nothing mounted. When the process is killed, the kernel takes the mounts away, and the next start with the same
//! directory resumes the same estate with the same host keys.
//!
//! [`rehearsal`] starts a Manager alone, without bytes and without servers.

mod control;
mod description;
mod error;
mod faults;
mod ground;
mod hardware;
mod hardware_of_estate;
mod heard;
mod hostkey;
mod inspect;
mod lab;
mod manager;
pub mod model;
mod options;
pub mod rehearsal;
mod seed;
mod server;
mod ssh;
mod start;
mod switches;

pub use control::{ControlRequest, LabControl};
pub use description::{LabDescription, ManagerDescription, RepositoryDescription, ServerDescription};
pub use error::LabError;
pub use faults::{Fault, Faults};
pub use hardware::{Hardware, HardwarePort, HardwareServer, Lun, NfsExport, NfsHost, StoredRepository};
pub use inspect::Orphans;
pub use lab::Lab;
pub use options::{LabOptions, Mode};
pub use switches::{
    AmbiguousNames, Booleans, BootOrder, Channels, Charset, ClosingLine, CopyNames, Dialect, EmptyList, EnumWords,
    ErrorLine, HostKeyKind, LineEnd, LoginMethod, ServerTools, Switches, TemplateNames, ThinCloneElsewhere,
    VmCfgLayout,
};
