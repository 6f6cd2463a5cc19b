//! The simulated Oracle VM Manager: its command language on the model of the estate, with jobs and locks, on real files
//! or on none.

mod clone;
mod clone_disk;
mod create;
mod create_disk;
mod create_vm;
mod delete;
mod discover;
mod edit;
mod execute;
mod grammar;
mod help;
mod job;
mod lines;
mod link;
mod live;
mod lookup;
mod move_vm;
mod network;
mod pace;
mod plugins;
mod pool;
mod power;
mod refresh;
mod reply;
mod repository;
mod scan;
mod session;
mod show;
mod show_network;
mod show_storage;
mod show_vm;
mod ssh;
mod storage;
mod storage_objects;
mod vlan_groups;
mod vmcfg;

pub(crate) use discover::enter as enter_server;
pub(crate) use live::{LiveDisks, scribble};
pub(crate) use pace::Pace;
pub(crate) use plugins::{GENERIC_NFS, new_manager};
pub(crate) use refresh::refresh_all;
pub(crate) use scan::{exports as enter_exports, luns as enter_luns};
pub(crate) use session::Session;
pub(crate) use ssh::ManagerHost;
pub(crate) use storage::{Disks, Storage};
pub(crate) use vlan_groups::settle as settle_vlans;
pub(crate) use vmcfg::write_all as write_all_vm_cfgs;

use crate::faults::Faults;
use crate::heard::Heard;
use crate::model::Store;
use crate::switches::{AmbiguousNames, Switches};
use lookup::Names;
use std::sync::Arc;

/// The Manager behind every session.
pub(crate) struct Manager {
    pub store: Store,
    pub storage: Storage,
    pub switches: Switches,
    pub faults: Arc<Faults>,
    pub heard: Arc<Heard>,
    pub pace: Pace,
}

impl Manager {
    /// How names find objects.
    fn names(&self) -> Names {
        let switches = &self.switches;
        Names {
            first_match: switches.ambiguous_names == AmbiguousNames::FirstMatch,
            ignore_case: switches.names_ignore_case,
            match_ids: switches.names_match_ids,
        }
    }
}

/// The time on the simulated machines.
#[expect(clippy::disallowed_methods, reason = "the clock of the lab")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The same in milliseconds since 1970.
pub(crate) fn now_millis() -> u64 {
    u64::try_from(now().as_millisecond()).unwrap_or_default()
}
