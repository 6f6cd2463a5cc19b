//! How long the main pages take in a large installation, asked of the program itself over HTTP, by somebody who sees
//! everything and by somebody of a small team; how large its database is, and how much memory it takes.
//!
//! `cargo xtask bench pages` runs it: `pages fill FOLDER VMS` first, then the database is multiplied, then
//! `pages measure FOLDER`. Seconds move with the machine and with what else it does.

mod fill;
mod http;

use anyhow::{Context, Result, bail};
use engine::SealKey;
use fill::{PASSWORD, PEOPLE, Samples, fill};
use http::Browser;
use std::fs::{self, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Times that a page is asked for.
const REQUESTS: usize = 40;
/// What must become of it before it counts as slow: pages beyond it are asked for a few times only.
const SLOW: Duration = Duration::from_secs(2);

fn main() -> Result<()> {
    // `cargo bench` adds an option of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", folder, vms] => prepare(Path::new(folder), vms.parse()?),
        ["measure", folder] => measure(Path::new(folder)),
        _ => bail!("pages fill FOLDER VMS, or pages measure FOLDER"),
    }
}

fn prepare(folder: &Path, vms: usize) -> Result<()> {
    let key = SealKey::generate();
    let file = folder.join("seal.key");
    fs::write(&file, key.to_hex())?;
    fs::set_permissions(&file, Permissions::from_mode(0o600))?;
    let samples = tokio::runtime::Runtime::new()?.block_on(fill(folder, key, vms))?;
    let Samples {
        manager,
        vm,
        point,
        run,
    } = samples;
    let pages = [
        ("overview", "/".to_owned()),
        ("estate", "/estate".to_owned()),
        ("a VM", format!("/estate/{manager}/vms/{vm}")),
        ("points", "/points".to_owned()),
        ("a point", format!("/points/{point}")),
        ("search points, no hit", "/points?q=nothing+has+this".to_owned()),
        ("runs", "/runs".to_owned()),
        ("a run", format!("/runs/{run}")),
        ("search runs, no hit", "/runs?q=nothing+has+this".to_owned()),
        ("restores", "/restores".to_owned()),
        ("protection", "/protection".to_owned()),
        ("audit", "/audit".to_owned()),
    ];
    let lines: Vec<String> = pages.map(|(name, path)| format!("{name}\t{path}")).to_vec();
    Ok(fs::write(folder.join("pages"), lines.join("\n"))?)
}

fn measure(folder: &Path) -> Result<()> {
    let program = Program::start(folder)?;
    let pages = fs::read_to_string(folder.join("pages"))?;
    let pages: Vec<_> = pages.lines().filter_map(|line| line.split_once('\t')).collect();
    let started = program.memory("VmRSS")?;
    println!("p50 / p95 in ms of {REQUESTS} requests");
    println!("{:<24} {:>16} {:>16}", "", "sees everything", "a team of 10 VMs");
    let [all, team] = PEOPLE.map(|name| Browser::log_in(&program.address, name, PASSWORD));
    let (all, team) = (all?, team?);
    for (name, path) in pages {
        // The audit trail is of everything.
        let of_team = match name {
            "audit" => String::new(),
            _ => times(&team, path)?,
        };
        println!("{name:<24} {:>16} {of_team:>16}", times(&all, path)?);
    }
    println!("database      {:>8.0} MB", size(&folder.join("holdfast.db"))?);
    println!("memory        {:>8.0} MB at the start", started);
    println!(
        "              {:>8.0} MB now, {:.0} MB at most",
        program.memory("VmRSS")?,
        program.memory("VmHWM")?
    );
    Ok(())
}

/// The times of a page, in the middle and nearly at the end.
fn times(browser: &Browser, path: &str) -> Result<String> {
    let first = browser.time(path)?;
    let many = if first > SLOW { 2 } else { REQUESTS };
    let mut times = Vec::new();
    for _ in 0..many {
        times.push(browser.time(path)?);
    }
    times.sort();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let millis = |percent| at(percent).as_secs_f64() * 1000.0;
    Ok(format!("{:.1} / {:.1}", millis(50), millis(95)))
}

/// With what is not yet in the file itself.
fn size(database: &Path) -> Result<f64> {
    let mut bytes = fs::metadata(database)?.len();
    bytes += fs::metadata(database.with_extension("db-wal")).map_or(0, |wal| wal.len());
    Ok(bytes as f64 / 1e6)
}

/// `holdfast serve`, ended when it goes out of scope.
struct Program {
    process: Child,
    address: String,
}

impl Program {
    fn start(folder: &Path) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let settings = settings(folder, &free.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        let process = command.env_clear().arg("serve").arg("--config").arg(settings).spawn()?;
        let program = Self {
            process,
            address: free.to_string(),
        };
        let until = Instant::now() + Duration::from_secs(300);
        while TcpStream::connect(&program.address).is_err() {
            if Instant::now() > until {
                bail!("the program does not listen");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(program)
    }

    /// A line of what the system says of the process, in MB.
    fn memory(&self, line: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let mut words = status
            .lines()
            .find_map(|one| one.strip_prefix(line))
            .map(str::split_whitespace);
        let kilobytes = words.as_mut().and_then(|words| words.nth(1)).context("no such line")?;
        Ok(kilobytes.parse::<f64>()? * 1024.0 / 1e6)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It keeps nothing that is not in the database.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn settings(folder: &Path, listen: &str) -> Result<PathBuf> {
    let file = folder.join("holdfast.toml");
    let folder = folder.display();
    let settings = format!(
        "listen = '{listen}'\n\
         data_dir = '{folder}'\n\
         database_url = 'sqlite://{folder}/holdfast.db'\n\
         backup_target = '{folder}/target'\n\
         backup_target_password = '{PASSWORD}'\n\
         seal_key_file = '{folder}/seal.key'\n\
         insecure_http = true\n\
         log = 'warn'\n"
    );
    fs::write(&file, settings)?;
    Ok(file)
}
