//! Starts a lab.

use crate::control;
use crate::description::{LabDescription, ManagerDescription, RepositoryDescription, ServerDescription};
use crate::error::LabError;
use crate::ground::Ground;
use crate::hostkey::HostKey;
use crate::lab::Lab;
use crate::manager::{Disks, ManagerHost};
use crate::model::{Estate, Object, Repository};
use crate::options::LabOptions;
use crate::server::OvmServer;
use crate::ssh::{Host, listen};
use crate::switches::HostKeyKind;
use russh::keys::PublicKey;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

impl Lab {
    /// Starts a lab: a new one when `options.dir` is empty, else the one that lies there.
    pub async fn start(options: LabOptions) -> Result<Arc<Self>, LabError> {
        std::fs::create_dir_all(&options.dir).map_err(LabError::file(&options.dir))?;
        let dir = options.dir.canonicalize().map_err(LabError::file(&options.dir))?;
        let lock = lock(&dir)?;
        let ground = Ground::prepare(&dir, &options).await?;
        let (stop, stopped) = watch::channel(false);
        let mut doors = Doors {
            dir: &dir,
            options: &options,
            ground: &ground,
            authorized_keys: authorized_keys(&options.authorized_keys)?,
            stopped,
            host_keys: BTreeMap::new(),
            tasks: Vec::new(),
        };
        let (manager_host, manager) = doors.open_manager().await?;
        let servers = doors.open_servers().await?;
        let Doors {
            stopped,
            host_keys,
            mut tasks,
            ..
        } = doors;
        if let Some(millis) = options.guest_writes_every_millis {
            tasks.push(tokio::spawn(guests(ground.disks.clone(), millis, stopped.clone())));
        }
        let description = LabDescription {
            dir: dir.clone(),
            manager,
            servers,
            repositories: repositories(&ground),
            reflinks: ground.disks.namespace.reflinks(),
            control: dir.join("control.sock"),
        };
        let control = control::bind(&description.control)?;
        let lab = Arc::new(Self {
            manager: ground.manager,
            disks: ground.disks,
            manager_host,
            host_keys,
            description,
            stop,
            tasks,
            _lock: lock,
        });
        tokio::spawn(control::serve(control, Arc::downgrade(&lab), stopped));
        Ok(lab)
    }
}

/// The SSH services of a lab while they are opened.
struct Doors<'a> {
    dir: &'a Path,
    options: &'a LabOptions,
    ground: &'a Ground,
    authorized_keys: Vec<PublicKey>,
    stopped: watch::Receiver<bool>,
    /// By `manager` or the name of a server.
    host_keys: BTreeMap<String, Arc<HostKey>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Doors<'_> {
    async fn open_manager(&mut self) -> Result<(Arc<ManagerHost>, ManagerDescription), LabError> {
        let options = self.options;
        let host_key = self.host_key("manager", options.switches.manager_host_key)?;
        let host = Arc::new(ManagerHost::new(
            self.ground.manager.clone(),
            &options.manager_password,
            self.authorized_keys.clone(),
            host_key.clone(),
        ));
        let port = self.open(host.clone(), options.manager_port).await?;
        let uuid = |estate: &Estate| estate.manager().map(|object| object.id.clone());
        let description = ManagerDescription {
            address: options.listen.to_string(),
            port,
            user: "admin".to_owned(),
            password: options.manager_password.clone(),
            host_key_fingerprint: host_key.fingerprint(),
            version: options.switches.dialect.version().to_owned(),
            uuid: self.ground.manager.store.read(uuid).unwrap_or_default(),
        };
        Ok((host, description))
    }

    async fn open_servers(&mut self) -> Result<Vec<ServerDescription>, LabError> {
        let ports = self.options.server_ports.iter().copied().chain(std::iter::repeat(0));
        let mut servers = Vec::new();
        for ((id, name), port) in self.ground.servers.iter().zip(ports) {
            servers.push(self.open_server(id, name, port).await?);
        }
        Ok(servers)
    }

    async fn open_server(&mut self, id: &str, name: &str, port: u16) -> Result<ServerDescription, LabError> {
        let legacy_algorithms = self.options.switches.servers_legacy_algorithms;
        let kind = match legacy_algorithms {
            true => HostKeyKind::Rsa,
            false => HostKeyKind::Ed25519,
        };
        let host_key = self.host_key(name, kind)?;
        let host = Arc::new(OvmServer {
            root: self.ground.disks.namespace.root(name),
            password: self.options.server_password.clone(),
            authorized_keys: self.authorized_keys.clone(),
            host_key: host_key.clone(),
            legacy_algorithms,
            faults: self.ground.manager.faults.clone(),
            heard: self.ground.manager.heard.clone(),
        });
        Ok(ServerDescription {
            id: id.to_owned(),
            name: name.to_owned(),
            address: self.options.listen.to_string(),
            port: self.open(host, port).await?,
            user: "root".to_owned(),
            password: self.options.server_password.clone(),
            host_key_fingerprint: host_key.fingerprint(),
        })
    }

    fn host_key(&mut self, host: &str, kind: HostKeyKind) -> Result<Arc<HostKey>, LabError> {
        let key = Arc::new(HostKey::load(self.dir.join(format!("{host}_host_key")), kind)?);
        self.host_keys.insert(host.to_owned(), key.clone());
        Ok(key)
    }

    async fn open<H: Host>(&mut self, host: Arc<H>, port: u16) -> Result<u16, LabError> {
        let address = SocketAddr::new(self.options.listen, port);
        listen(host, address, &self.stopped, &mut self.tasks).await
    }
}

fn lock(dir: &Path) -> Result<File, LabError> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(LabError::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LabError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(LabError::File { path, source }),
    }
}

fn authorized_keys(lines: &[String]) -> Result<Vec<PublicKey>, LabError> {
    let read = |line: &String| {
        PublicKey::from_openssh(line).map_err(|error| LabError::HostKey {
            host: "an authorized client".to_owned(),
            reason: error.to_string(),
        })
    };
    lines.iter().map(read).collect()
}

/// Lets the guests of all running machines write now and then.
async fn guests(disks: Arc<Disks>, millis: u64, mut stop: watch::Receiver<bool>) {
    for round in 0.. {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(Duration::from_millis(millis)) => disks.live.guest_writes(round),
        }
    }
}

fn repositories(ground: &Ground) -> Vec<RepositoryDescription> {
    let describe = |(object, repository): (&Object, &Repository)| RepositoryDescription {
        id: object.id.clone(),
        name: object.name.clone(),
        kind: repository.kind,
        path: format!("/OVS/Repositories/{}", object.id),
    };
    let store = &ground.manager.store;
    store.read(|estate| estate.all::<Repository>().map(describe).collect())
}
