//! `holdfast target`: the backup target from the command line, for whoever has the right to the database.

use super::{Failure, run_async};
use crate::config::Sources;
use crate::startup;
use clap::{Args, Subcommand};
use engine::core::SystemClock;

/// `holdfast target`
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Adopt the backup target in the configured folder for this database
    #[command(after_help = ADOPT_HELP)]
    Adopt(Adopt),
}

const ADOPT_HELP: &str = "\
Holdfast remembers which backup target holds its recovery points and does not start if that target is not in its \
folder, usually because its file system is not mounted. Use this command only if the target is lost for good. Its \
recovery points are lost with it, and their next integrity check marks them as damaged. The change is recorded in the \
audit trail.

Examples:
  holdfast target adopt          Adopts the backup target that is in the folder
  holdfast target adopt --new    Creates a new one if there is none in the folder

Afterwards, restart every Holdfast that uses this database.";

#[derive(Args)]
struct Adopt {
    /// Create a new backup target if there is none in the folder
    #[arg(long)]
    new: bool,
    #[command(flatten)]
    sources: Sources,
}

/// Does what the command says.
pub fn run(options: Options) -> Result<(), Failure> {
    let Command::Adopt(command) = options.command;
    let settings = command.sources.settings()?;
    super::log("warn")?;
    run_async(async |_stop| {
        let store = startup::open_store(&settings).await?;
        let password = startup::backup_target_password(&settings)?;
        let folder = &settings.backup_target;
        let adopted = engine::adopt_target(&store, &SystemClock, folder, password.reveal(), command.new).await?;
        println!(
            "The backup target {} in {} now belongs to this database.",
            adopted.id,
            folder.display()
        );
        if let Some(id) = adopted.instead_of {
            println!("It replaces {id}. Restart every Holdfast that uses this database.");
        }
        Ok(())
    })
}
