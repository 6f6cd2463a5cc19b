//! The few programs that only an Oracle VM Server has, as scripts, and the state files that they read.

use crate::error::LabError;
use crate::model::{Estate, Repository, RepositoryKind, Server, Vm, VmStatus};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PROGRAMS: [(&str, &str); 4] = [
    ("xm", include_str!("../scripts/xm.sh")),
    ("reflink", include_str!("../scripts/reflink.sh")),
    ("ovs-agent-dlm", include_str!("../scripts/ovs-agent-dlm.sh")),
    ("cp", include_str!("../scripts/cp.sh")),
];

/// Puts the stand-ins and the small files of `/etc` into the root of a server of this release.
pub(crate) fn install(dir: &Path, server: &str, release: &str) -> Result<(), LabError> {
    let root = dir.join("servers").join(server).join("root");
    let programs = root.join("opt/lab/bin");
    for path in [&programs, &root.join("etc")] {
        std::fs::create_dir_all(path).map_err(LabError::file(path))?;
    }
    for (name, text) in PROGRAMS {
        let path = programs.join(name);
        write(&path, text)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).map_err(LabError::file(&path))?;
    }
    let etc = |name: &str, text: &str| write(&root.join("etc").join(name), text);
    etc("hostname", &format!("{server}\n"))?;
    etc("ovs-release", &format!("Oracle VM server release {release}\n"))?;
    etc(
        "passwd",
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
    )?;
    etc("group", "root:x:0:\ndisk:x:6:\nnogroup:x:65534:\n")?;
    etc("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")
}

/// Writes what the stand-ins read: domains, running machines, repositories.
pub(crate) fn publish(dir: &Path, reflinks: bool, estate: &Estate) {
    for (object, _) in estate.all::<Server>() {
        let state = dir.join("servers").join(&object.name).join("root/opt/lab/state");
        let files = [
            ("domains", domains(estate, &object.id)),
            ("running", running(estate)),
            ("repositories", repositories(estate, reflinks)),
        ];
        for (name, text) in files {
            if let Err(error) = replace(&state, name, &text) {
                tracing::error!(%error, server = object.name, "the state of a server could not be written");
            }
        }
    }
}

/// Lines of `xm list`: name, id, memory, processors, flags, seconds. Domain-0 comes last, as often seen.
fn domains(estate: &Estate, server: &str) -> String {
    let mut text = String::new();
    let running = estate
        .all::<Vm>()
        .filter(|(_, vm)| vm.status == VmStatus::Running && vm.server.as_deref() == Some(server));
    for (number, (object, vm)) in running.enumerate() {
        let id = number + 1;
        text += &format!(
            "{}\t{id}\t{}\t{}\t-b----\t{}.4\n",
            object.id,
            vm.memory,
            vm.cpus,
            1234 * id
        );
    }
    text + "Domain-0\t0\t1024\t4\tr-----\t25938.1\n"
}

fn running(estate: &Estate) -> String {
    let running = estate.all::<Vm>().filter(|(_, vm)| vm.status == VmStatus::Running);
    running.map(|(object, _)| format!("{}\n", object.id)).collect()
}

fn repositories(estate: &Estate, reflinks: bool) -> String {
    let line = |id: &str, repository: &Repository| match (repository.kind, reflinks) {
        (RepositoryKind::Ocfs2, true) => format!("{id}\tocfs2\treflink\n"),
        (RepositoryKind::Ocfs2, false) => format!("{id}\tocfs2\tcopy\n"),
        (RepositoryKind::Nfs, _) => format!("{id}\tnfs\tnone\n"),
    };
    estate
        .all::<Repository>()
        .map(|(object, repository)| line(&object.id, repository))
        .collect()
}

/// A reader sees the old file or the new one, never half of one.
fn replace(directory: &Path, name: &str, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let fresh = directory.join(format!("{name}.new"));
    std::fs::write(&fresh, text)?;
    std::fs::rename(fresh, directory.join(name))
}

fn write(path: &Path, text: &str) -> Result<(), LabError> {
    std::fs::write(path, text).map_err(LabError::file(path))
}
