//! What a demo needs of the time before: its passwords, and the ports under which its estate is enrolled.

use super::DemoError;
use super::accounts::Account;
use lab::LabDescription;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Kept in the demo's folder, readable by the owner only.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// The accounts with their passwords.
    pub accounts: Vec<Account>,
    /// Port of the Manager.
    pub manager_port: u16,
    /// Ports of the servers, in order.
    pub server_ports: Vec<u16>,
}

impl Kept {
    /// Of a new demo.
    pub fn new(lab: &LabDescription) -> Self {
        Self {
            accounts: Account::all(),
            manager_port: lab.manager.port,
            server_ports: lab.servers.iter().map(|server| server.port).collect(),
        }
    }

    /// What the last demo in the folder has left, if there was one.
    pub fn read(folder: &Path) -> Result<Option<Self>, DemoError> {
        let path = file(folder);
        let failed = |reason| DemoError::Folder {
            path: path.clone(),
            reason,
        };
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| failed(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Keeps it for the next time.
    pub fn write(self, folder: &Path) -> Result<Self, DemoError> {
        let path = file(folder);
        let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = written.and_then(|file| Ok(serde_json::to_writer_pretty(file, &self)?));
        written.map_err(|reason| DemoError::Folder { path, reason })?;
        Ok(self)
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("demo.json")
}
