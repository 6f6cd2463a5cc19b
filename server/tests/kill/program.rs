//! `holdfast serve` as a process, on the data of a world.

use domain::ids::RunId;
use domain::run::{JournalEntry, Phase};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;
use tokio::time::timeout;
use world::{Database, TARGET_PASSWORD, World, soon};

/// Killed when it goes out of scope, too.
pub struct Program(Child);

impl Program {
    pub fn start(world: &World) -> Self {
        Self::on(world, &Database::Sqlite)
    }

    /// On the database of the world, whichever that is.
    pub fn on(world: &World, database: &Database) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.arg("serve").arg("--config").arg(settings(world, database));
        Self(command.env_clear().spawn().unwrap())
    }

    /// `kill -9`, as soon as the journal says that the step was begun in this phase.
    pub async fn kill_in(self, world: &World, run: &RunId, step: &str, phase: Phase) {
        Self::until_in(world, run, step, phase).await;
        self.kill();
    }

    /// SIGSTOP, as soon as the journal says that the step was begun. Not while the program writes: it would hold the turn
    /// of all writers until the database ends its connection.
    pub async fn stop_in(&self, world: &World, run: &RunId, step: &str) {
        Self::until_in(world, run, step, Phase::Forward).await;
        self.signal("STOP");
        while timeout(Duration::from_secs(2), world.store.begin()).await.is_err() {
            self.signal("CONT");
            tokio::time::sleep(Duration::from_millis(2)).await;
            self.signal("STOP");
        }
    }

    /// SIGCONT.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.0.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    async fn until_in(world: &World, run: &RunId, step: &str, phase: Phase) {
        let begun = |entry: &JournalEntry| entry.step == step && entry.phase == phase;
        let begins = async {
            while !world.store.journal(run).await.unwrap().iter().any(begun) {
                let state = world.store.run(run).await.unwrap().unwrap().summary.state;
                assert!(!state.is_over(), "the run has ended without {step}: {state:?}");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        soon(|| format!("{step} begins, {phase:?}"), begins).await;
    }

    /// `kill -9` at once.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The settings under which the program takes up what the world has begun.
fn settings(world: &World, database: &Database) -> PathBuf {
    let dir = world.dir.path();
    let key = dir.join("seal.key");
    std::fs::write(&key, world.seal_key.to_hex()).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let settings = format!(
        "listen = '127.0.0.1:0'\n\
         data_dir = '{dir}'\n\
         database_url = '{url}'\n\
         backup_target = '{dir}/target'\n\
         backup_target_password = '{TARGET_PASSWORD}'\n\
         seal_key_file = '{key}'\n\
         lease_seconds = 2\n\
         log = 'warn'\n",
        dir = dir.display(),
        url = database.url(&world.dir),
        key = key.display(),
    );
    let file = dir.join("holdfast.toml");
    std::fs::write(&file, settings).unwrap();
    file
}
