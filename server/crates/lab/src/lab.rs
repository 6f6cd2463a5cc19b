//! A running lab, and its end.

use crate::description::LabDescription;
use crate::faults::Faults;
use crate::hostkey::HostKey;
use crate::manager::{Disks, Manager, ManagerHost};
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running lab, started by [`Lab::start`]. Ends with [`Lab::stop`]; when the process dies, the kernel cleans up.
pub struct Lab {
    pub(crate) manager: Arc<Manager>,
    pub(crate) disks: Arc<Disks>,
    pub(crate) manager_host: Arc<ManagerHost>,
    pub(crate) host_keys: BTreeMap<String, Arc<HostKey>>,
    pub(crate) description: LabDescription,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) tasks: Vec<JoinHandle<()>>,
    /// Keeps other processes out of the directory.
    pub(crate) _lock: File,
}

impl Lab {
    /// How to reach everything.
    pub fn description(&self) -> &LabDescription {
        &self.description
    }

    /// The fault switchboard.
    pub fn faults(&self) -> &Faults {
        &self.manager.faults
    }

    /// Every command that came over SSH, of the Manager and of its servers, in order.
    pub fn heard(&self) -> Vec<String> {
        self.manager.heard.all()
    }

    /// Runs Manager commands without SSH, in a session of their own, and returns what they print with `\n` as line end.
    pub async fn execute(&self, line: &str) -> String {
        self.manager.execute_alone(line).await
    }

    /// Ends every connection and process of the lab and takes away its mounts. The directory stays.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        for task in &self.tasks {
            while !task.is_finished() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        self.disks.live.detach_all();
        self.disks.namespace.end().await;
        // A socket file that is gone already is as good.
        let _ = std::fs::remove_file(&self.description.control);
    }
}
