//! The few programs that only an Oracle VM Server has, and those of which it has an old version, as scripts; and the state
//! files that they read.

use crate::error::LabError;
use crate::model::{Estate, Repository, RepositoryKind, Server, ServerPool, Vm, VmStatus};
use crate::switches::{ServerTools, Switches};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PROGRAMS: [(&str, &str); 6] = [
    ("xm", include_str!("../scripts/xm.sh")),
    ("reflink", include_str!("../scripts/reflink.sh")),
    ("ovs-agent-dlm", include_str!("../scripts/ovs-agent-dlm.sh")),
    ("cp", include_str!("../scripts/cp.sh")),
    ("chown", include_str!("../scripts/chown.sh")),
    ("tar", include_str!("../scripts/tar.sh")),
];

/// Programs of the machine itself can more than those of its Enterprise Linux.
const OLD_PROGRAMS: [(&str, &str); 3] = [
    ("filefrag", include_str!("../scripts/filefrag.sh")),
    ("dd", include_str!("../scripts/dd.sh")),
    ("mv", include_str!("../scripts/mv.sh")),
];

/// Puts the stand-ins and the small files of `/etc` into the root of a server.
pub(crate) fn install(dir: &Path, server: &str, switches: &Switches) -> Result<(), LabError> {
    let root = dir.join("servers").join(server).join("root");
    let (programs, state) = (root.join("opt/lab/bin"), root.join("opt/lab/state"));
    for path in [&programs, &state, &root.join("etc")] {
        std::fs::create_dir_all(path).map_err(LabError::file(path))?;
    }
    let (old, tools): (&[_], _) = match switches.server_tools {
        ServerTools::Modern => (&[], "modern"),
        ServerTools::El6 => (&OLD_PROGRAMS, "el6"),
        ServerTools::El5 => (&OLD_PROGRAMS, "el5"),
    };
    write(&state.join("tools"), tools)?;
    if switches.shares_map_owners {
        write(&state.join("shares-map-owners"), "")?;
    }
    for (name, text) in PROGRAMS.iter().chain(old) {
        let path = programs.join(name);
        write(&path, text)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).map_err(LabError::file(&path))?;
    }
    let etc = |name: &str, text: &str| write(&root.join("etc").join(name), text);
    etc("hostname", &format!("{server}\n"))?;
    let (release, _) = switches.dialect.server();
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
            ("cluster", is_in_cluster(estate, &object.id).to_owned()),
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

fn is_in_cluster(estate: &Estate, server: &str) -> &'static str {
    let pool = estate.get::<Server>(server).and_then(|server| server.pool.as_deref());
    match pool.and_then(|pool| estate.get::<ServerPool>(pool)) {
        Some(pool) if pool.clustered => "yes",
        _ => "no",
    }
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
