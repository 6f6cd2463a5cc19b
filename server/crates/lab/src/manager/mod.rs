//! The simulated Oracle VM Manager: its command language on the model of the estate, with jobs, locks and real files.

mod clone;
mod clone_disk;
mod create;
mod create_vm;
mod delete;
mod edit;
mod execute;
mod grammar;
mod help;
mod job;
mod link;
mod live;
mod lookup;
mod pace;
mod power;
mod refresh;
mod reply;
mod session;
mod show;
mod show_storage;
mod show_vm;
mod ssh;
mod vmcfg;

pub(crate) use live::{LiveDisks, scribble};
pub(crate) use pace::Pace;
pub(crate) use refresh::refresh_all;
pub(crate) use session::Session;
pub(crate) use ssh::ManagerHost;
pub(crate) use vmcfg::write_all as write_all_vm_cfgs;

use crate::faults::Faults;
use crate::model::Store;
use crate::server::{Files, Namespace};
use crate::switches::Switches;
use std::sync::Arc;

/// The Manager behind every session.
pub(crate) struct Manager {
    pub store: Store,
    pub files: Files,
    pub namespace: Arc<Namespace>,
    pub switches: Switches,
    pub faults: Arc<Faults>,
    pub pace: Pace,
    pub live: LiveDisks,
}

/// Milliseconds since 1970.
pub(crate) fn now_millis() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default()
}
