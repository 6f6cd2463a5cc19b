//! `holdfast serve` as a process, on the data of a world.

use domain::ids::RunId;
use domain::run::{JournalEntry, Phase};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;
use world::{TARGET_PASSWORD, World, soon};

/// Killed when it goes out of scope, too.
pub struct Program(Child);

impl Program {
    pub fn start(world: &World) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.arg("serve").arg("--config").arg(settings(world));
        Self(command.env_clear().spawn().unwrap())
    }

    /// `kill -9`, as soon as the journal says that the step was begun in this phase.
    pub async fn kill_in(self, world: &World, run: &RunId, step: &str, phase: Phase) {
        let begun = |entry: &JournalEntry| entry.step == step && entry.phase == phase;
        let begins = async {
            while !world.store.journal(run).await.unwrap().iter().any(begun) {
                let state = world.store.run(run).await.unwrap().unwrap().summary.state;
                assert!(!state.is_over(), "the run has ended without {step}: {state:?}");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        soon(|| format!("{step} begins, {phase:?}"), begins).await;
        self.kill();
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
fn settings(world: &World) -> PathBuf {
    let dir = world.dir.path();
    let key = dir.join("seal.key");
    std::fs::write(&key, world.seal_key.to_hex()).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let settings = format!(
        "listen = '127.0.0.1:0'\n\
         data_dir = '{dir}'\n\
         database_url = 'sqlite://{dir}/holdfast.db'\n\
         backup_target = '{dir}/target'\n\
         backup_target_password = '{TARGET_PASSWORD}'\n\
         seal_key_file = '{key}'\n\
         lease_seconds = 2\n\
         log = 'warn'\n",
        dir = dir.display(),
        key = key.display(),
    );
    let file = dir.join("holdfast.toml");
    std::fs::write(&file, settings).unwrap();
    file
}
