//! How fast a disk goes into a backup target and comes back, beside what people use today. `cargo xtask bench vault`
//! runs it.
//!
//! One machine of the lab gets a sparse disk of 12 GiB that holds a file system with the programs of this machine. The
//! same file then goes, over the lab's SSH, through Holdfast's whole backup (clone, copy, read back, seal), through
//! `ssh ... tar -S -zc` by the OpenSSH client, and into `restic`: once over the same SSH, and once on the server itself,
//! without any network; and all ways back. Holdfast reads back what it has stored before it calls a backup good, the
//! others do not: `restic check --read-data` is the same for restic, so each is timed with and without. Compare the
//! ratios: the seconds move with the machine and with what else it does.

mod estate;

use anyhow::{Context, Result, bail};
use domain::actor::Actor;
use domain::ids::{ManagerId, RunId, TargetId};
use domain::policy::{BackupMethod, PolicyRules, RestoreGate};
use domain::request::Window;
use domain::run::{Decision, JournalEntry, RunDetail, RunState};
use domain::services::{Backend, RestoreOptions};
use domain::subject::SubjectRef;
use engine::{Engine, EngineOptions, SealKey};
use estate::{actor, enrol, large_disk, protect};
use lab::{Lab, LabOptions, Mode, ServerDescription, ServerTools, Switches};
use ovm::ids::VmId;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use tempfile::TempDir;

/// As in the program that users run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MACHINE: &str = "archive01";
const DISK_GIB: u64 = 12;
const PASSWORD: &str = "correct horse battery";
const GIB: u64 = 1 << 30;

/// Writes what it is given sparsely; the restic of Debian 12 cannot do that by itself.
const SPARSE_BACK: &str = "dd bs=1M iflag=fullblock conv=sparse of=/tmp/back status=none && sync";

/// The step of a backup in which Holdfast reads back what it has stored.
const READ_BACK: &str = "read-back";

/// How many times as long as Holdfast the others should take for a full backup.
const TAR_GOAL: f64 = 5.0;
const RESTIC_GOAL: f64 = 1.3;

#[tokio::main]
async fn main() -> Result<()> {
    let dir = TempDir::new_in(std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from))?;
    println!("Preparing a lab with a sparse disk of {DISK_GIB} GiB...");
    let bench = Bench::prepare(dir).await?;
    println!("{:.2} GiB of it hold data.\n", gib(bench.data));
    println!(
        "{:<16} {:>8} {:>7} {:>12} {:>10} {:>7} {:>10}",
        "", "copy s", "MB/s", "read back s", "restore s", "MB/s", "stored MB"
    );
    let own = bench.row(bench.holdfast().await?);
    let others = [
        bench.row(bench.ssh_tar()?),
        bench.row(bench.ssh_restic()?),
        bench.row(bench.restic()?),
    ];
    compare(&own, &others);
    bench.stop().await;
    Ok(())
}

/// What one way took.
struct Way {
    name: &'static str,
    /// The backup without reading back.
    copy: Duration,
    /// Reading back everything that was stored, where there is a way to.
    read_back: Option<Duration>,
    restore: Duration,
    stored: u64,
    /// How many times as long it should take as Holdfast does.
    goal: f64,
    notes: Vec<String>,
}

impl Way {
    /// With what was stored read back, if it can be.
    fn backup(&self) -> Duration {
        self.copy + self.read_back.unwrap_or_default()
    }
}

struct Bench {
    dir: TempDir,
    lab: Arc<Lab>,
    engine: Engine,
    backend: Backend,
    actor: Actor,
    manager: ManagerId,
    server: ServerDescription,
    /// Path of the image on the servers.
    image: String,
    sha256: String,
    /// Allocated bytes of the image.
    data: u64,
}

impl Bench {
    async fn prepare(dir: TempDir) -> Result<Self> {
        // restic's way back needs a `dd` that leaves holes, which is younger than the servers.
        let switches = Switches {
            server_tools: ServerTools::Modern,
            ..Switches::default()
        };
        let options = LabOptions {
            switches,
            mode: Mode::Auto { speed: 1000.0 },
            repository_size: 40 * GIB,
            ..LabOptions::new(dir.path().join("lab"))
        };
        let lab = Lab::start(options).await?;
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("holdfast.db").display());
        let store = Store::connect(&url).await?;
        let target = dir.path().join("target");
        let options = EngineOptions::new(store.clone(), target, PASSWORD.into(), SealKey::generate());
        let engine = Engine::start(options).await?;
        let backend = engine.backend();
        let actor = actor(&store, &backend).await?;
        let server = lab
            .description()
            .servers
            .first()
            .context("the lab has no server")?
            .clone();
        let mut bench = Self {
            manager: enrol(&lab, &backend, &actor).await?,
            image: large_disk(&lab).await?,
            sha256: String::new(),
            data: 0,
            dir,
            lab,
            engine,
            backend,
            actor,
            server,
        };
        bench.fill()?;
        bench.backend.estate.refresh(&bench.actor, &bench.manager).await?;
        Ok(bench)
    }

    /// Makes a file system with real programs in the image.
    fn fill(&mut self) -> Result<()> {
        let image = self.image.clone();
        self.on_server(
            &format!("mke2fs -q -F -t ext4 -d /usr/lib {image} {DISK_GIB}G && sync"),
            Stdio::null(),
        )?;
        self.sha256 = self.lab.disk_sha256(MACHINE, 0)?;
        self.data = self.on_server_text(&format!("stat -c %b {image}"))?.parse::<u64>()? * 512;
        Ok(())
    }

    async fn holdfast(&self) -> Result<Way> {
        let subject = SubjectRef::vm(&self.manager, &VmId::new(self.lab.vm_id(MACHINE)?));
        let rules = PolicyRules {
            name: "benchmark".into(),
            method: BackupMethod::ManagerClone,
            patience_secs: 10,
            may_kill: true,
            free_space_floor_percent: 5,
            restore_gate: RestoreGate::Free,
            commit_within_hours: 24,
            target: TargetId::first(),
        };
        protect(&self.backend, &self.actor, &subject, rules).await?;
        self.warm()?;

        let started = Instant::now();
        let draft = self.backend.runs.plan_backup(&self.actor, &subject).await?;
        let run = self.backend.runs.start_backup(&self.actor, &draft.hash).await?;
        let ended = self.until(&run, RunState::Succeeded).await?;
        let backup = started.elapsed();
        let mut notes = steps("backup", &ended);
        let read_back = ended.journal.iter().find(|entry| entry.step == READ_BACK);
        let read_back = read_back.and_then(took).context("the backup was not read back")?;

        let point = ended.point.context("the backup published no recovery point")?;
        self.lab.scribble(MACHINE, 0)?;
        let started = Instant::now();
        let draft = self
            .backend
            .restores
            .plan(&self.actor, &point, &RestoreOptions::default())
            .await?;
        let request = self
            .backend
            .restores
            .submit(
                &self.actor,
                &draft.hash,
                "to see how long a restore takes",
                None,
                Window::default(),
            )
            .await?;
        let request = self.backend.restores.get(&self.actor, &request).await?.request;
        let run = request.run.context("the restore was not queued")?;
        let waiting = self.until(&run, RunState::Waiting).await?;
        let restore = started.elapsed();
        notes.extend(steps("restore", &waiting));
        self.same(&self.lab.disk_sha256(MACHINE, 0)?)?;
        self.backend.runs.decide(&self.actor, &run, Decision::Commit).await?;
        self.until(&run, RunState::Succeeded).await?;
        Ok(Way {
            name: "Holdfast",
            copy: backup.saturating_sub(read_back),
            read_back: Some(read_back),
            restore,
            stored: size(&self.dir.path().join("target"))?,
            goal: 1.0,
            notes,
        })
    }

    /// The paper's way.
    fn ssh_tar(&self) -> Result<Way> {
        let (folder, file) = self.image.rsplit_once('/').context("the image has no folder")?;
        let archive = self.dir.path().join("image.tgz");
        self.warm()?;
        let started = Instant::now();
        let mut out = self.ssh(&format!("tar -C {folder} -S -zcf - {file}"));
        succeed(out.stdout(fs::File::create(&archive)?))?;
        let copy = started.elapsed();
        let started = Instant::now();
        let back = "mkdir -p /tmp/tar && tar -C /tmp/tar -xzSf - && sync";
        self.on_server(back, fs::File::open(&archive)?.into())?;
        let restore = started.elapsed();
        self.same_on_server(&format!("/tmp/tar/{file}"))?;
        self.on_server("rm -r /tmp/tar", Stdio::null())?;
        Ok(Way {
            name: "ssh tar -S -zc",
            copy,
            read_back: None,
            restore,
            stored: size(&archive)?,
            goal: TAR_GOAL,
            notes: Vec::new(),
        })
    }

    /// restic here, fed over SSH with the whole file: it cannot know where the holes are.
    fn ssh_restic(&self) -> Result<Way> {
        let target = self.dir.path().join("restic");
        let restic = |arguments: &[&str]| {
            let mut restic = Command::new("restic");
            restic
                .env("RESTIC_PASSWORD", PASSWORD)
                .arg("--quiet")
                .arg("-r")
                .arg(&target);
            restic.args(arguments);
            restic
        };
        succeed(&mut restic(&["init"]))?;
        self.warm()?;
        let started = Instant::now();
        let mut image = self
            .ssh(&format!("cat {}", self.image))
            .stdout(Stdio::piped())
            .spawn()?;
        let read = image.stdout.take().context("no output")?;
        succeed(restic(&["backup", "--stdin", "--stdin-filename", "image"]).stdin(read))?;
        ended(image.wait()?, "cat")?;
        let copy = started.elapsed();
        let stored = size(&target)?;
        let started = Instant::now();
        succeed(&mut restic(&["check", "--read-data"]))?;
        let read_back = Some(started.elapsed());
        let started = Instant::now();
        let mut dump = restic(&["dump", "latest", "/image"]).stdout(Stdio::piped()).spawn()?;
        let read = dump.stdout.take().context("no output")?;
        self.on_server(SPARSE_BACK, read.into())?;
        ended(dump.wait()?, "restic dump")?;
        let restore = started.elapsed();
        self.same_on_server("/tmp/back")?;
        self.on_server("rm /tmp/back", Stdio::null())?;
        Ok(Way {
            name: "ssh | restic",
            copy,
            read_back,
            restore,
            stored,
            goal: RESTIC_GOAL,
            notes: Vec::new(),
        })
    }

    /// Runs on the server itself: restic has no network to cross here.
    fn restic(&self) -> Result<Way> {
        let restic = format!("export HOME=/root RESTIC_PASSWORD='{PASSWORD}' && restic --quiet -r /tmp/restic");
        self.on_server(&format!("{restic} init"), Stdio::null())?;
        self.warm()?;
        let started = Instant::now();
        self.on_server(&format!("{restic} backup {}", self.image), Stdio::null())?;
        let copy = started.elapsed();
        let stored = self.on_server_text("du -sB1 /tmp/restic | cut -f1")?.parse()?;
        let started = Instant::now();
        self.on_server(&format!("{restic} check --read-data"), Stdio::null())?;
        let read_back = Some(started.elapsed());
        let started = Instant::now();
        let dump = format!("{restic} dump latest {} | {SPARSE_BACK}", self.image);
        self.on_server(&dump, Stdio::null())?;
        let restore = started.elapsed();
        self.same_on_server("/tmp/back")?;
        self.on_server("rm -r /tmp/restic /tmp/back", Stdio::null())?;
        Ok(Way {
            name: "restic, local",
            copy,
            read_back,
            restore,
            stored,
            goal: RESTIC_GOAL,
            notes: Vec::new(),
        })
    }

    /// Prints what a way took, as soon as it is known.
    fn row(&self, way: Way) -> Way {
        let rate = |time: Duration| self.data as f64 / 1e6 / time.as_secs_f64();
        let read_back = way.read_back.map(|time| format!("{:.1}", time.as_secs_f64()));
        println!(
            "{:<16} {:>8.1} {:>7.0} {:>12} {:>10.1} {:>7.0} {:>10.0}",
            way.name,
            way.copy.as_secs_f64(),
            rate(way.copy),
            read_back.as_deref().unwrap_or("-"),
            way.restore.as_secs_f64(),
            rate(way.restore),
            way.stored as f64 / 1e6
        );
        way
    }

    async fn until(&self, run: &RunId, wanted: RunState) -> Result<RunDetail> {
        loop {
            let detail = self.backend.runs.get(&self.actor, run).await?;
            let state = detail.summary.state;
            if state == wanted {
                return Ok(detail);
            }
            if state.is_over() || state == RunState::NeedsOperator {
                bail!("the run ended as {}: {:?}", state.title(), detail.summary.message);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everybody starts with the image in memory.
    fn warm(&self) -> Result<()> {
        self.on_server(&format!("cat {} >/dev/null", self.image), Stdio::null())
    }

    fn same(&self, sha256: &str) -> Result<()> {
        match sha256 == self.sha256 {
            true => Ok(()),
            false => bail!("the bytes that came back are not those of the disk"),
        }
    }

    fn same_on_server(&self, path: &str) -> Result<()> {
        self.same(&self.on_server_text(&format!("sha256sum {path} | cut -d ' ' -f 1"))?)
    }

    fn on_server(&self, command: &str, input: Stdio) -> Result<()> {
        succeed(self.ssh(command).stdin(input))
    }

    fn on_server_text(&self, command: &str) -> Result<String> {
        let output = self.ssh(command).stdin(Stdio::null()).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// The OpenSSH client with the password of the server.
    fn ssh(&self, command: &str) -> Command {
        let mut ssh = Command::new("ssh");
        ssh.env("SSH_ASKPASS", self.dir.path().join("lab/askpass"))
            .env("SSH_ASKPASS_REQUIRE", "force")
            .args(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
            .args(["-o", "LogLevel=ERROR", "-p", &self.server.port.to_string()])
            .arg(format!("{}@{}", self.server.user, self.server.address))
            .arg(command);
        ssh
    }

    async fn stop(self) {
        self.engine.stop().await;
        self.lab.stop().await;
    }
}

/// How many times as long the others take, and where the own time goes.
fn compare(own: &Way, others: &[Way]) {
    let times = |other: Duration, own: Duration| other.as_secs_f64() / own.as_secs_f64();
    for way in others {
        println!(
            "\n{} takes {:.2} times as long as Holdfast to copy (goal: {}), {:.2} times to copy and read back where it can; \
             its copy alone takes {:.2} times as long as Holdfast's whole backup. To restore: {:.2} times.",
            way.name,
            times(way.copy, own.copy),
            way.goal,
            times(way.backup(), own.backup()),
            times(way.copy, own.backup()),
            times(way.restore, own.restore)
        );
    }
    println!("\nWhere the time went:");
    for note in &own.notes {
        println!("  {note}");
    }
}

/// Steps of a run that took longer than a tenth of a second.
fn steps(run: &str, detail: &RunDetail) -> Vec<String> {
    let line = |entry: &JournalEntry| {
        let seconds = took(entry)?.as_secs_f64();
        (seconds >= 0.1).then(|| format!("{run}: {seconds:>6.1} s {}", entry.step))
    };
    detail.journal.iter().filter_map(line).collect()
}

fn took(entry: &JournalEntry) -> Option<Duration> {
    let millis = entry.ended_at?.0 - entry.started_at.0;
    u64::try_from(millis).ok().map(Duration::from_millis)
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ended(status, &format!("{command:?}"))
}

fn ended(status: ExitStatus, what: &str) -> Result<()> {
    match status.success() {
        true => Ok(()),
        false => bail!("{what} failed: {status}"),
    }
}

/// Allocated bytes below a path.
fn size(path: &Path) -> Result<u64> {
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_dir() {
        return Ok(meta.blocks() * 512);
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / GIB as f64
}
