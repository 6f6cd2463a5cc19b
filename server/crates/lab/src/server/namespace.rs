//! The process that holds the lab's mounts, and how other processes enter them.

use crate::error::LabError;
use crate::model::RepositoryKind;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

/// How storage is mounted, for the build script and for repositories that are made later.
const STORAGE: &str = include_str!("../scripts/storage.sh");
const BUILD: &str = concat!(
    include_str!("../scripts/storage.sh"),
    include_str!("../scripts/build.sh")
);

/// What the build script has to build; becomes the file `layout`.
#[derive(Default)]
pub(crate) struct Layout(String);

impl Layout {
    /// Adds a line of words. They are ids and names of the lab's own making, without blanks.
    pub fn line<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) {
        let words: Vec<_> = words.into_iter().collect();
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{}", words.join(" "));
    }
}

/// The mount and process namespaces of the lab.
pub(crate) struct Namespace {
    dir: PathBuf,
    holder: Mutex<Child>,
    pid: u32,
    reflinks: bool,
}

impl Namespace {
    /// Builds everything in `layout` below `dir`.
    pub async fn build(dir: &Path, layout: &Layout) -> Result<Self, LabError> {
        let file = dir.join("layout");
        std::fs::write(&file, &layout.0).map_err(LabError::file(&file))?;
        let failed = |reason: String| LabError::Namespace { reason };
        let mut holder = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"])
            .args(["sh", "-c", BUILD, "build.sh"])
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(format!("unshare: {error}")))?;
        let mut line = String::new();
        if let Some(stdout) = holder.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line).await;
            read.map_err(|error| failed(error.to_string()))?;
        }
        let reflinks = match line.trim() {
            "ready reflink" => true,
            "ready copy" => {
                let reason = std::fs::read_to_string(dir.join("images/error")).unwrap_or_default();
                let reason = reason.lines().next().unwrap_or("loop mounts are impossible");
                tracing::warn!(reason, "the lab cannot reflink here: thin clones are copies");
                false
            }
            _ => return Err(failed(last_words(&mut holder).await)),
        };
        let pid = holder.id().ok_or_else(|| failed("it ended at once".to_owned()))?;
        Ok(Self {
            dir: dir.to_owned(),
            holder: Mutex::new(holder),
            pid,
            reflinks,
        })
    }

    /// Whether the OCFS2-like repositories can really reflink; else a reflink is a copy.
    pub fn reflinks(&self) -> bool {
        self.reflinks
    }

    /// The lab's directory as seen inside the namespace, where the repositories are mounted.
    pub fn inside(&self) -> PathBuf {
        let dir = self.dir.strip_prefix("/").unwrap_or(&self.dir);
        Path::new("/proc").join(self.pid.to_string()).join("root").join(dir)
    }

    /// A root file system inside the namespace.
    pub fn root(&self, server: &str) -> ServerRoot {
        ServerRoot {
            pid: self.pid,
            root: self.dir.join("servers").join(server).join("root"),
        }
    }

    /// Makes and mounts the storage of a new repository.
    pub async fn mount(&self, kind: RepositoryKind, repository: &str, size: u64) -> Result<(), LabError> {
        let function = match kind {
            RepositoryKind::Ocfs2 => "ocfs2",
            RepositoryKind::Nfs => "nfs",
        };
        let script = format!("{STORAGE}\ncd \"$1\"\nshift\n\"$@\"");
        let mut command = enter(self.pid);
        command.args(["sh", "-euc", &script, "storage"]).arg(&self.dir);
        command.args([function, repository, &size.to_string()]);
        finished(command).await
    }

    /// Mounts a repository on a server, or takes it away.
    pub async fn present(&self, server: &str, repository: &str, presented: bool) -> Result<(), LabError> {
        let target = self.root(server).root.join("OVS/Repositories").join(repository);
        let source = self.dir.join("mnt").join(repository);
        let mut command = enter(self.pid);
        if presented {
            command.args(["sh", "-c", "mkdir -p \"$2\" && mount --bind \"$1\" \"$2\"", "present"]);
            command.args([source, target]);
        } else {
            command.arg("umount").arg(target);
        }
        finished(command).await
    }

    /// Ends every process of the servers and waits until the mounts are gone.
    pub async fn end(&self) {
        let mut holder = self.holder.lock().await;
        drop(holder.stdin.take());
        if let Err(error) = holder.wait().await {
            tracing::warn!(%error, "the namespace of the lab did not end");
        }
    }
}

/// A server's root file system.
#[derive(Clone, Debug)]
pub(crate) struct ServerRoot {
    pid: u32,
    root: PathBuf,
}

impl ServerRoot {
    /// A shell command on this server, in a process group of its own.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = enter(self.pid);
        command.arg("chroot").arg(&self.root);
        command.args([
            "/usr/bin/env",
            "-i",
            "-C",
            "/root",
            "HOME=/root",
            "USER=root",
            "LOGNAME=root",
            "SHELL=/bin/sh",
        ]);
        command.arg("PATH=/opt/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.args(["/bin/sh", "-c", line]).process_group(0);
        command
    }
}

fn enter(pid: u32) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(format!("--mount=/proc/{pid}/ns/mnt"));
    // The holder's parent lives in the old process namespace; its children live in the new one.
    command.arg(format!("--pid=/proc/{pid}/ns/pid_for_children")).arg("--");
    command
}

/// Runs a command inside to its end.
async fn finished(mut command: Command) -> Result<(), LabError> {
    let output = command.output().await.map_err(|error| LabError::Namespace {
        reason: error.to_string(),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(LabError::Namespace { reason })
}

async fn last_words(holder: &mut Child) -> String {
    let mut words = String::new();
    if let Some(mut stderr) = holder.stderr.take() {
        // Without words the caller still gets the error.
        let _ = stderr.read_to_string(&mut words).await;
    }
    words
        .lines()
        .last()
        .unwrap_or("the build script ended early")
        .to_owned()
}
