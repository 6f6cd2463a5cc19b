//! A PostgreSQL server of its own for the tests, from Debian's package, gone when they are.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::steps::{command, output};
use crate::tools;

/// How long the server may take to accept connections.
const START_TIME: Duration = Duration::from_secs(60);

/// A running server. It stops, and its files are removed, when this is dropped.
pub struct Postgres {
    server: Child,
    folder: TempDir,
    programs: PathBuf,
    /// Where tests connect, with the name and password of a superuser.
    pub url: String,
}

impl Postgres {
    /// Makes a cluster in a temporary folder and starts it on a free port of this machine.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("holdfast-postgres-").tempdir()?;
        let password = random_password()?;
        let password_file = folder.path().join("password");
        fs::write(&password_file, &password)?;
        if tools::is_root()? {
            output(command("chown").args(["--recursive", "postgres:"]).arg(folder.path()))?;
        }
        let data = folder.path().join("data");
        let mut initdb = as_server_user(&programs.join("initdb"))?;
        initdb.args([
            "--no-sync",
            "--username=holdfast",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]);
        output(initdb.arg("--pwfile").arg(&password_file).arg("--pgdata").arg(&data))?;
        let port = free_port()?;
        let mut server = as_server_user(&programs.join("postgres"))?;
        server
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .arg("-p")
            .arg(port.to_string());
        // Nothing here outlives the tests, so nothing is forced to disk.
        server.args([
            "-c",
            "fsync=off",
            "-c",
            "synchronous_commit=off",
            "-c",
            "full_page_writes=off",
        ]);
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=400"]);
        let log = fs::File::create(folder.path().join("log"))?;
        let server = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        let url = format!("postgres://holdfast:{password}@127.0.0.1:{port}/postgres");
        let mut postgres = Self {
            server,
            folder,
            programs,
            url,
        };
        postgres.wait(port)?;
        Ok(postgres)
    }

    fn wait(&mut self, port: u16) -> Result<()> {
        let deadline = Instant::now() + START_TIME;
        let mut is_ready = command(self.programs.join("pg_isready"));
        is_ready.args(["--host=127.0.0.1", &format!("--port={port}")]);
        while output(&mut is_ready).is_err() {
            if self.server.try_wait()?.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("PostgreSQL did not start:\n{log}");
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn stop(&self) -> Result<String> {
        let mut stop = as_server_user(&self.programs.join("pg_ctl"))?;
        output(
            stop.args(["stop", "--mode=fast", "--pgdata"])
                .arg(self.folder.path().join("data")),
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let gone = matches!(self.server.try_wait(), Ok(Some(_)));
        if !gone && self.stop().is_err() {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

/// A command of the server's package: never as root, which PostgreSQL refuses, and gone with this process, however
/// that ends.
fn as_server_user(program: &Path) -> Result<Command> {
    let mut setpriv = command("setpriv");
    if tools::is_root()? {
        setpriv.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    setpriv.args(["--pdeathsig", "INT"]).arg(program).current_dir("/");
    Ok(setpriv)
}

/// The folder of the newest server that Debian's packages have installed.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").context("the Debian package postgresql is not installed")?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .max();
    let newest = newest.context("/usr/lib/postgresql holds no server")?;
    Ok(Path::new("/usr/lib/postgresql").join(newest.to_string()).join("bin"))
}

fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex::encode(bytes))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
