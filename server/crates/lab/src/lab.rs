//! Starts and stops a lab.

use crate::control;
use crate::description::{LabDescription, ManagerDescription, RepositoryDescription, ServerDescription};
use crate::error::LabError;
use crate::faults::Faults;
use crate::hostkey::HostKey;
use crate::manager::{Disks, LiveDisks, Manager, ManagerHost, Pace, Storage, write_all_vm_cfgs};
use crate::model::{Estate, PhysicalDisk, Repository, RepositoryKind, Server, Store};
use crate::options::LabOptions;
use crate::seed;
use crate::server::{self, Files, Layout, Namespace, OvmServer};
use crate::ssh::{Host, accept};
use crate::switches::HostKeyKind;
use russh::keys::PublicKey;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running lab. Ends with [`Lab::stop`]; when the process dies, the kernel cleans up.
pub struct Lab {
    pub(crate) manager: Arc<Manager>,
    pub(crate) disks: Arc<Disks>,
    pub(crate) manager_host: Arc<ManagerHost>,
    pub(crate) host_keys: BTreeMap<String, Arc<HostKey>>,
    description: LabDescription,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Keeps other processes out of the directory.
    _lock: File,
}

impl Lab {
    /// Starts a lab: a new one when `options.dir` is empty, else the one that lies there.
    pub async fn start(options: LabOptions) -> Result<Arc<Self>, LabError> {
        std::fs::create_dir_all(&options.dir).map_err(LabError::file(&options.dir))?;
        let dir = options.dir.canonicalize().map_err(LabError::file(&options.dir))?;
        let lock = lock(&dir)?;
        let ground = Ground::prepare(&dir, &options).await?;
        let (stop, stopped) = watch::channel(false);
        let faults = ground.manager.faults.clone();
        let keys = authorized_keys(&options.authorized_keys)?;

        let manager_key = Arc::new(HostKey::load(
            dir.join("manager_host_key"),
            options.switches.manager_host_key,
        )?);
        let password = &options.manager_password;
        let manager_host = ManagerHost::new(ground.manager.clone(), password, keys.clone(), manager_key.clone());
        let manager_host = Arc::new(manager_host);
        let mut tasks = Vec::new();
        let address = SocketAddr::new(options.listen, options.manager_port);
        let manager_port = listen(manager_host.clone(), address, &stopped, &mut tasks).await?;
        let mut host_keys = BTreeMap::from([("manager".to_owned(), manager_key)]);
        let mut servers = Vec::new();
        for (number, (id, name)) in ground.servers.iter().enumerate() {
            let host_key = Arc::new(HostKey::load(
                dir.join(format!("{name}_host_key")),
                HostKeyKind::Ed25519,
            )?);
            let host = Arc::new(OvmServer {
                root: ground.disks.namespace.root(name),
                password: options.server_password.clone(),
                authorized_keys: keys.clone(),
                host_key: host_key.clone(),
                faults: faults.clone(),
            });
            let port = options.server_ports.get(number).copied().unwrap_or_default();
            let port = listen(host, SocketAddr::new(options.listen, port), &stopped, &mut tasks).await?;
            servers.push(ServerDescription {
                id: id.clone(),
                name: name.clone(),
                address: options.listen.to_string(),
                port,
                user: "root".to_owned(),
                password: options.server_password.clone(),
                host_key_fingerprint: host_key.fingerprint(),
            });
            host_keys.insert(name.clone(), host_key);
        }
        if let Some(millis) = options.guest_writes_every_millis {
            tasks.push(tokio::spawn(guests(ground.disks.clone(), millis, stopped.clone())));
        }
        let description = describe(&dir, &options, &ground, &host_keys, manager_port, servers);
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

    /// How to reach everything.
    pub fn description(&self) -> &LabDescription {
        &self.description
    }

    /// The fault switchboard.
    pub fn faults(&self) -> &Faults {
        &self.manager.faults
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

/// What lies below the SSH services.
struct Ground {
    manager: Arc<Manager>,
    disks: Arc<Disks>,
    /// Id and name.
    servers: Vec<(String, String)>,
}

impl Ground {
    async fn prepare(dir: &Path, options: &LabOptions) -> Result<Self, LabError> {
        let path = dir.join("estate.json");
        let dialect = options.switches.dialect;
        let (mut estate, fills) = match Store::stored(&path)? {
            Some(estate) if estate.dialect != dialect => {
                return Err(LabError::OtherDialect {
                    dir: dir.to_owned(),
                    stored: estate.dialect.version(),
                });
            }
            Some(estate) => (estate, None),
            None => {
                let seeded = seed::new_estate(options);
                seed::make_luns(dir, &seeded.estate, &seeded.fills)?;
                (seeded.estate, Some(seeded.fills))
            }
        };
        let mut servers: Vec<_> = estate
            .all::<Server>()
            .map(|(object, _)| (object.id.clone(), object.name.clone()))
            .collect();
        servers.sort_by(|one, other| one.1.cmp(&other.1));
        for (_, name) in &servers {
            server::install(dir, name, dialect.server().0)?;
        }
        let namespace = Namespace::build(dir, &layout(dir, &estate, &servers, options)).await?;
        let first = servers.first().map_or("", |(_, name)| name.as_str());
        let reflinks = namespace.reflinks();
        let files = Files::new(namespace.inside(), reflinks, first);
        if let Some(fills) = &fills {
            seed::make_repositories(&files, &estate, fills)?;
            write_all_vm_cfgs(&files, &estate).map_err(LabError::file(dir))?;
        }
        let disks = Arc::new(Disks {
            files,
            namespace,
            live: LiveDisks::default(),
            repository_size: options.repository_size,
        });
        let storage = Storage::Disks(disks.clone());
        if fills.is_some() {
            crate::manager::refresh_all(&storage, &mut estate);
        }
        disks.live.attach_running(&disks.files, &estate);
        let home = dir.to_owned();
        let publish = Box::new(move |estate: &Estate| server::publish(&home, reflinks, estate));
        let manager = Arc::new(Manager {
            store: Store::kept(path, estate, publish),
            storage,
            switches: options.switches.clone(),
            faults: Arc::default(),
            pace: Pace::new(options.mode),
        });
        Ok(Self {
            manager,
            disks,
            servers,
        })
    }
}

fn layout(dir: &Path, estate: &Estate, servers: &[(String, String)], options: &LabOptions) -> Layout {
    let mut layout = Layout::default();
    let size = options.repository_size.to_string();
    for (object, repository) in estate.all::<Repository>() {
        match repository.kind {
            RepositoryKind::Ocfs2 => layout.line(["ocfs2", &object.id, &size]),
            RepositoryKind::Nfs => layout.line(["nfs", &object.id]),
        }
    }
    for (id, name) in servers {
        layout.line(["server", name]);
        if !options.switches.servers_have_openssl {
            layout.line(["without", name, "openssl"]);
        }
        for (object, repository) in estate.all::<Repository>() {
            if repository.presented.contains(id) {
                layout.line(["present", name, &object.id]);
            }
        }
    }
    for (_, disk) in estate.all::<PhysicalDisk>() {
        if dir.join("luns").join(&disk.wwid).exists() {
            let names = servers.iter().map(|(_, name)| name.as_str());
            layout.line(["lun", &disk.wwid].into_iter().chain(names));
        }
    }
    layout
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

/// Listens, and accepts connections until `stop` changes; gives the port.
pub(crate) async fn listen<H: Host>(
    host: Arc<H>,
    address: SocketAddr,
    stop: &watch::Receiver<bool>,
    tasks: &mut Vec<JoinHandle<()>>,
) -> Result<u16, LabError> {
    let failed = |source| LabError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    tasks.push(tokio::spawn(accept(host, listener, stop.clone())));
    Ok(port)
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

fn describe(
    dir: &Path,
    options: &LabOptions,
    ground: &Ground,
    host_keys: &BTreeMap<String, Arc<HostKey>>,
    port: u16,
    servers: Vec<ServerDescription>,
) -> LabDescription {
    let (uuid, repositories) = ground.manager.store.read(|estate| {
        let uuid = estate.manager().map(|object| object.id.clone());
        let repositories = estate
            .all::<Repository>()
            .map(|(object, repository)| RepositoryDescription {
                id: object.id.clone(),
                name: object.name.clone(),
                kind: repository.kind,
                path: format!("/OVS/Repositories/{}", object.id),
            });
        (uuid.unwrap_or_default(), repositories.collect())
    });
    LabDescription {
        dir: PathBuf::from(dir),
        manager: ManagerDescription {
            address: options.listen.to_string(),
            port,
            user: "admin".to_owned(),
            password: options.manager_password.clone(),
            host_key_fingerprint: host_keys
                .get("manager")
                .map(|key| key.fingerprint())
                .unwrap_or_default(),
            version: options.switches.dialect.version().to_owned(),
            uuid,
        },
        servers,
        repositories,
        reflinks: ground.disks.namespace.reflinks(),
        control: dir.join("control.sock"),
    }
}
