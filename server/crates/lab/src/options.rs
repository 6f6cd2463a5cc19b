//! How a lab is started.

use crate::switches::Switches;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// Everything that shapes a lab. Whatever is stored in `dir` already (estate, host keys, disks) wins over `seed`.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// Directory of the lab: state, host keys and disk files. Made when missing, never removed by the lab.
    pub dir: PathBuf,
    /// Seed of ids and disk contents of a new estate.
    pub seed: u64,
    /// Uncertain behaviour of the Manager.
    pub switches: Switches,
    /// Address on which the Manager and the servers listen.
    pub listen: IpAddr,
    /// Port of the Manager's command line; 0 takes a free one.
    pub manager_port: u16,
    /// Ports of the Oracle VM Servers in order; missing ones take a free port.
    pub server_ports: Vec<u16>,
    /// How time passes for jobs.
    pub mode: Mode,
    /// Size of each OCFS2-like storage repository in bytes; at least 300 MiB (a limit of XFS).
    pub repository_size: u64,
    /// How many times smaller than usual the virtual disks of a new estate are, with their data: for tests that hash
    /// many of them.
    pub shrink_disks_by: u64,
    /// Password of the Manager's user `admin`.
    pub manager_password: String,
    /// Password of `root` on the servers.
    pub server_password: String,
    /// Public keys in OpenSSH form that may log in to the Manager and to the servers.
    pub authorized_keys: Vec<String>,
    /// Pause between two rounds of guest writes in milliseconds; `None` means that guests write nothing.
    pub guest_writes_every_millis: Option<u64>,
}

impl LabOptions {
    /// A lab in `dir` with every other option at its default.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            seed: 1,
            switches: Switches::default(),
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            manager_port: 0,
            server_ports: Vec::new(),
            mode: Mode::Auto { speed: 1.0 },
            repository_size: 4 << 30,
            shrink_disks_by: 1,
            manager_password: "Welcome1".to_owned(),
            server_password: "ovsroot".to_owned(),
            authorized_keys: Vec::new(),
            guest_writes_every_millis: None,
        }
    }
}

/// How time passes for the Manager's jobs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every transition takes its usual time divided by `speed`.
    Auto {
        /// 1.0 for a demo, some hundred for tests.
        speed: f64,
    },
    /// Nothing takes time.
    Immediate,
    /// A job makes one transition for each [`crate::Lab::push_jobs`].
    Explicit,
}
