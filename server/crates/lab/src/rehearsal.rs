//! A Manager alone: the command line over SSH on a model without bytes, in memory, without servers, root or waiting. An
//! empty one rehearses rebuild scripts; a populated one measures discovery.

use crate::description::ManagerDescription;
use crate::error::LabError;
use crate::faults::Faults;
use crate::hardware::Hardware;
use crate::hostkey::HostKey;
use crate::manager::{Manager, ManagerHost, Pace, Storage, new_manager};
use crate::model::{Estate, Store};
use crate::options::Mode;
use crate::seed;
use crate::ssh::listen;
use crate::switches::{Dialect, HostKeyKind, Switches};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Whatever the seed of an empty Manager's ids: never that of the Manager that is rehearsed.
const SEED: u64 = 0x5eed_0f4e;
/// Password of `admin`. Nobody but this process knows the port.
const PASSWORD: &str = "Rehearsal1";

/// A running Manager without bytes. Ends with [`RehearsalManager::stop`], or when it is dropped.
pub struct RehearsalManager {
    manager: Arc<Manager>,
    host: Arc<ManagerHost>,
    description: ManagerDescription,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a Manager that knows nothing and can find `hardware`.
pub async fn start(hardware: Hardware, dialect: Dialect) -> Result<RehearsalManager, LabError> {
    start_with(hardware, quick(Switches::of(dialect)), Mode::Immediate, 0).await
}

/// [`start`] with switches, a pace, and a port.
pub async fn start_with(
    hardware: Hardware,
    switches: Switches,
    mode: Mode,
    port: u16,
) -> Result<RehearsalManager, LabError> {
    let mut estate = new_manager(switches.dialect, SEED);
    estate.hardware = hardware;
    RehearsalManager::start(estate, switches, mode, port).await
}

/// Starts a Manager with so many machines, each with three disks and two network cards, in two repositories.
pub async fn populated(machines: usize, switches: Switches, port: u16) -> Result<RehearsalManager, LabError> {
    RehearsalManager::start(seed::crowd(switches.dialect, machines), switches, Mode::Immediate, port).await
}

/// Switches with a host key that is made in no time.
pub fn quick(switches: Switches) -> Switches {
    Switches {
        manager_host_key: HostKeyKind::Ed25519,
        ..switches
    }
}

impl RehearsalManager {
    async fn start(estate: Estate, switches: Switches, mode: Mode, port: u16) -> Result<Self, LabError> {
        let host_key = Arc::new(HostKey::in_memory(switches.manager_host_key)?);
        let version = switches.dialect.version().to_owned();
        let uuid = estate.manager().map(|object| object.id.clone()).unwrap_or_default();
        let manager = Arc::new(Manager {
            store: Store::in_memory(estate),
            storage: Storage::ObjectsOnly,
            switches,
            faults: Arc::default(),
            heard: Arc::default(),
            pace: Pace::new(mode),
        });
        let host = Arc::new(ManagerHost::new(
            manager.clone(),
            PASSWORD,
            Vec::new(),
            host_key.clone(),
        ));
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        let listen_on = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let port = listen(host.clone(), SocketAddr::new(listen_on, port), &stopped, &mut tasks).await?;
        Ok(Self {
            manager,
            host,
            description: ManagerDescription {
                address: listen_on.to_string(),
                port,
                user: "admin".to_owned(),
                password: PASSWORD.to_owned(),
                host_key_fingerprint: host_key.fingerprint(),
                version,
                uuid,
            },
            stop,
            tasks,
        })
    }

    /// How to reach it: address, port, user, password, fingerprint of the host key.
    pub fn description(&self) -> &ManagerDescription {
        &self.description
    }

    /// The fault switchboard.
    pub fn faults(&self) -> &Faults {
        &self.manager.faults
    }

    /// Runs Manager commands without SSH and returns what they print with `\n` as line end.
    pub async fn execute(&self, line: &str) -> String {
        self.manager.execute_alone(line).await
    }

    /// The estate as the Manager sees it now.
    pub fn estate(&self) -> Estate {
        self.manager.store.read(Clone::clone)
    }

    /// How many commands it has answered over SSH.
    pub fn answered(&self) -> u64 {
        self.host.answered.load(Ordering::Relaxed)
    }

    /// Drops every connection on which no command runs.
    pub fn drop_idle_sessions(&self) {
        self.host.drop_idle();
    }

    /// Ends every connection.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        for task in &self.tasks {
            while !task.is_finished() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

impl Drop for RehearsalManager {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
