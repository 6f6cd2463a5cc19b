//! How fast estates of three sizes are discovered, beside what the simulated Manager gives at most, and how long their
//! rebuild scripts take to write and to rehearse. `cargo xtask bench estate` runs it.
//!
//! Manager and Holdfast run in processes of their own, and each size anew, so that peaks of memory belong to one thing.
//! Compare the ratios: the seconds move with the machine and with what else it does.

mod crowd;

use anyhow::{Context, Result, bail};
use crowd::Crowd;
use domain::actor::{Actor, Grant, Role, Scope as Reign};
use domain::enrolment::NewManager;
use domain::ids::{ManagerId, UserId};
use domain::services::Backend;
use engine::{Engine, EngineOptions, IN_FLIGHT, SealKey, TOGETHER};
use futures::future::try_join_all;
use ground::SimulatedManagers;
use lab::ManagerDescription;
use ovm::estate::{Estate, Kind};
use ovm::ovmcli::{Command, render};
use ovm::script::Scope;
use ssh::{Credential, Profile, Secret, Session, Target};
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;

const SIZES: [usize; 3] = [50, 500, 2_000];
const MIB: f64 = 1_048_576.0;
/// Of one request, in bytes.
const OUTPUT_LIMIT: usize = 16 << 20;

#[tokio::main]
async fn main() -> Result<()> {
    // `cargo bench` adds an option of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["crowd", machines] => crowd::serve(machines.parse()?).await,
        ["measure", machines] => measure(machines.parse()?).await,
        [] => SIZES.into_iter().try_for_each(measure_elsewhere),
        _ => bail!("this takes no arguments"),
    }
}

/// In a process of its own: memory that one size has used would count for the next.
fn measure_elsewhere(machines: usize) -> Result<()> {
    let mut measure = process::Command::new(std::env::current_exe()?);
    let status = measure.args(["measure", &machines.to_string()]).status()?;
    match status.success() {
        true => Ok(()),
        false => bail!("the measurement of {machines} machines failed"),
    }
}

async fn measure(machines: usize) -> Result<()> {
    let mut crowd = Crowd::start(machines)?;
    let bench = Bench::start().await?;
    let before = Memory::reset()?;
    let started = Instant::now();
    let manager = bench.enrol(&crowd.manager).await?;
    let spent = started.elapsed();
    let memory = Memory::read()?;
    let commands = crowd.answered()?;
    let estate = bench.backend.estate.estate(&bench.actor, &manager).await?.estate;
    if estate.vms.len() != machines || !estate.problems.is_empty() {
        bail!(
            "{} machines were discovered: {:?}",
            estate.vms.len(),
            estate.problems.first()
        );
    }
    println!("{machines} machines, {} disks", estate.disks.len());
    row(
        "discovered",
        spent,
        &format!("{commands} commands, {:.0} a second", rate(commands, spent)),
    );
    println!(
        "  {:<12} {:>6.0} MiB at most, {:.0} MiB before",
        "memory", memory.peak, before.now
    );
    for together in [1, TOGETHER] {
        let alone = ceiling(&crowd.manager, &estate, commands, together).await?;
        let words = format!(
            "the same number, {together} a request, nobody reading: {:.0} a second; discovery took {:.2} times as long",
            rate(commands, alone),
            spent.as_secs_f64() / alone.as_secs_f64()
        );
        row("Manager alone", alone, &words);
    }
    drop(crowd);
    bench.script(&manager).await?;
    bench.engine.stop().await;
    Ok(())
}

/// Holdfast with nothing in it.
struct Bench {
    engine: Engine,
    backend: Backend,
    actor: Actor,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Result<Self> {
        let dir = tempfile::TempDir::new()?;
        let store = Store::connect(&format!(
            "sqlite://{}?mode=rwc",
            dir.path().join("holdfast.db").display()
        ))
        .await?;
        let options = EngineOptions::new(store, dir.path().join("target"), "not used".into(), SealKey::generate());
        let rehearsals: Option<Arc<dyn engine::RehearsalGround>> = Some(Arc::new(SimulatedManagers));
        let engine = Engine::start(EngineOptions { rehearsals, ..options }).await?;
        let grants = Role::ALL.map(|role| Grant {
            role,
            scope: Reign::All,
        });
        Ok(Self {
            backend: engine.backend(),
            engine,
            actor: Actor {
                id: UserId::new("bench"),
                name: "bench".into(),
                grants: grants.to_vec(),
            },
            _dir: dir,
        })
    }

    /// Enrols the Manager, which discovers and stores its estate.
    async fn enrol(&self, manager: &ManagerDescription) -> Result<ManagerId> {
        let manager = manager.clone();
        let new = NewManager {
            name: "crowd".into(),
            host: manager.address,
            port: manager.port,
            user: manager.user,
            password: manager.password,
            fingerprint: manager.host_key_fingerprint,
            legacy_algorithms: false,
        };
        Ok(self.backend.estate.enrol(&self.actor, new).await?)
    }

    async fn script(&self, manager: &ManagerId) -> Result<()> {
        let documents = &self.backend.documents;
        let started = Instant::now();
        let script = documents.script(&self.actor, manager, &Scope::Estate).await?;
        let (commands, size) = (script.for_cli.lines().count(), script.for_cli.len() as f64 / MIB);
        row(
            "script",
            started.elapsed(),
            &format!("{commands} commands, {size:.1} MiB"),
        );
        let outcome = documents.rehearse(&self.actor, manager, &Scope::Estate).await?.outcome;
        let result = match outcome.is_equal() {
            true => "equal".to_owned(),
            false => {
                let differences = outcome.differences.iter().map(|change| &change.sentence);
                let some: Vec<_> = outcome.failures.iter().chain(differences).take(3).collect();
                format!("NOT EQUAL: {some:?}")
            }
        };
        let (made, steps) = (outcome.made, outcome.steps);
        let took = Duration::from_millis(outcome.milliseconds);
        row(
            "rehearsed",
            took,
            &format!("{made} objects made in {steps} steps: {result}"),
        );
        Ok(())
    }
}

fn row(what: &str, took: Duration, words: &str) {
    println!("  {what:<13} {:>7.2} s  {words}", took.as_secs_f64());
}

fn rate(commands: u64, took: Duration) -> f64 {
    commands as f64 / took.as_secs_f64()
}

/// What the Manager gives at most: so many questions over as many connections as discovery has, nobody reading.
async fn ceiling(manager: &ManagerDescription, estate: &Estate, commands: u64, together: usize) -> Result<Duration> {
    let all = questions(estate)?;
    let asked: Vec<&str> = all
        .iter()
        .cycle()
        .take(usize::try_from(commands)?)
        .map(String::as_str)
        .collect();
    let requests: Vec<String> = asked.chunks(together).map(|some| some.join(";")).collect();
    let share = requests.len().div_ceil(IN_FLIGHT);
    let started = Instant::now();
    let clients = requests.chunks(share).map(async |requests| {
        let session = Session::connect(&target(manager)?, Profile::Control).await?;
        for request in requests {
            session.exec(request, OUTPUT_LIMIT).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(clients).await?;
    Ok(started.elapsed())
}

/// The questions of a discovery, by and large.
fn questions(estate: &Estate) -> Result<Vec<String>> {
    let show = |kind: Kind, id: &str| Command::on_id("show", kind.type_name(), id);
    let mut all = Vec::new();
    for vm in &estate.vms {
        let id = vm.id.as_str();
        all.extend([show(Kind::Vm, id), Command::on_id("getVmCfgFileContent", "Vm", id)]);
        all.extend(vm.mappings.iter().map(|it| show(Kind::VmDiskMapping, it.id.as_str())));
        all.extend(vm.vnics.iter().map(|it| show(Kind::Vnic, it.id.as_str())));
    }
    all.extend(estate.disks.iter().map(|it| show(Kind::VirtualDisk, it.id.as_str())));
    Ok(all.iter().map(render).collect::<Result<_, _>>()?)
}

fn target(manager: &ManagerDescription) -> Result<Target> {
    Ok(Target {
        host: manager.address.clone(),
        port: manager.port,
        user: manager.user.clone(),
        host_key: manager.host_key_fingerprint.parse()?,
        credential: Credential::Password(Secret::new(manager.password.clone())),
        legacy_algorithms: false,
    })
}

/// Memory of this process in MiB.
struct Memory {
    now: f64,
    peak: f64,
}

impl Memory {
    fn read() -> Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let of = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key));
            let kib = line.and_then(|line| line.split_whitespace().nth(1));
            let kib: f64 = kib
                .with_context(|| format!("the kernel does not tell {key}"))?
                .parse()?;
            anyhow::Ok(kib / 1024.0)
        };
        Ok(Self {
            now: of("VmRSS:")?,
            peak: of("VmHWM:")?,
        })
    }

    /// The peak begins anew.
    fn reset() -> Result<Self> {
        std::fs::write("/proc/self/clear_refs", "5")?;
        Self::read()
    }
}
