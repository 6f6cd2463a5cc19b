//! What lies below the SSH services of a lab: the Manager's model, and files that are real.

use crate::error::LabError;
use crate::manager::{Disks, LiveDisks, Manager, Pace, Storage, refresh_all, write_all_vm_cfgs};
use crate::model::{Estate, PhysicalDisk, Repository, RepositoryKind, Server, Store};
use crate::options::LabOptions;
use crate::seed;
use crate::server::{self, Files, Layout, Namespace};
use crate::switches::ServerTools;
use std::path::Path;
use std::sync::Arc;

/// What lies below the SSH services.
pub(crate) struct Ground {
    pub manager: Arc<Manager>,
    pub disks: Arc<Disks>,
    /// Id and name.
    pub servers: Vec<(String, String)>,
}

impl Ground {
    pub async fn prepare(dir: &Path, options: &LabOptions) -> Result<Self, LabError> {
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
            server::install(dir, name, &options.switches)?;
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
            refresh_all(&storage, &mut estate);
        }
        disks.live.attach_running(&disks.files, &estate);
        let home = dir.to_owned();
        let publish = Box::new(move |estate: &Estate| server::publish(&home, reflinks, estate));
        let manager = Arc::new(Manager {
            store: Store::kept(path, estate, publish),
            storage,
            switches: options.switches.clone(),
            faults: Arc::default(),
            heard: Arc::default(),
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
        if options.switches.server_tools == ServerTools::El5 {
            layout.line(["without", name, "truncate"]);
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
