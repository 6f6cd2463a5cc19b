//! `holdfast target`: the backup target from the command line, for whoever has the right to the data base.

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
    /// Take the backup target in the configured folder for the one of this data base
    #[command(after_help = ADOPT_HELP)]
    Adopt(Adopt),
}

const ADOPT_HELP: &str = "\
Holdfast remembers which backup target holds its recovery points, and does not start when that is not in its folder: \
mostly its file system is not mounted. This command is for one that is lost for good. The recovery points in it are \
lost then, and are found to be damaged when they are verified. What was done is written to the audit trail.

Examples:
  holdfast target adopt          Takes another backup target that lies in the folder
  holdfast target adopt --new    Makes a new one when there is none in the folder

Start Holdfast again afterwards, wherever it runs on this data base.";

#[derive(Args)]
struct Adopt {
    /// Make a new backup target when there is none in the folder
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
            "The backup target {} in {} is the one of this data base.",
            adopted.id,
            folder.display()
        );
        if let Some(id) = adopted.instead_of {
            println!("It was {id} before. Start Holdfast again, wherever it runs on this data base.");
        }
        Ok(())
    })
}
