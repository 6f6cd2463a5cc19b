//! `holdfast target`: the backup targets from the command line, for whoever has the right to the database.

use super::{Failure, run_async, user::read_password};
use crate::config::{Settings, Sources};
use crate::startup;
use clap::{Args, Subcommand};
use domain::ids::TargetId;
use domain::target::{AccessKey, Location, NewTarget};
use engine::core::SystemClock;
use std::path::PathBuf;

/// `holdfast target`
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the backup targets of this database
    List(List),
    /// Add a backup target: a folder, or a place in the bucket of an S3-compatible server
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Check that the password of a backup target opens it
    Check(Check),
    /// Adopt the backup target in the configured folder as the first one of this database
    #[command(after_help = ADOPT_HELP)]
    Adopt(Adopt),
}

const ADD_HELP: &str = "\
The password of the backup target is read from standard input. The access key of an S3 server is taken from \
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Both are sealed before they are stored. Nothing is stored unless the backup \
target could be opened. A policy sends its backups there once it names it.

Examples:
  holdfast target add dc2 --folder /backup2 --new
  holdfast target add cloud --s3 https://s3.example.com --bucket backups --prefix holdfast";

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

#[derive(Args)]
struct List {
    #[command(flatten)]
    sources: Sources,
}

#[derive(Args)]
struct Check {
    /// Name of the backup target; the one of the configuration is called first
    name: String,
    #[command(flatten)]
    sources: Sources,
}

#[derive(Args)]
struct Add {
    /// Name of the backup target, for good
    name: String,
    /// Whole path of its folder
    #[arg(long, required_unless_present = "s3", conflicts_with_all = ["s3", "bucket", "prefix", "region"])]
    folder: Option<PathBuf>,
    /// Address of the S3 server
    #[arg(long, requires = "bucket")]
    s3: Option<String>,
    /// Bucket, which must exist
    #[arg(long)]
    bucket: Option<String>,
    /// What the names of its objects begin with
    #[arg(long, default_value = "")]
    prefix: String,
    /// Region of the S3 server
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Make a new backup target when there is none in that place
    #[arg(long)]
    new: bool,
    #[command(flatten)]
    sources: Sources,
}

/// As restic takes it: never from the command line, which others can read.
fn access_key() -> Option<AccessKey> {
    let given = |name: &str| std::env::var(name).ok();
    let (id, secret) = given("AWS_ACCESS_KEY_ID").zip(given("AWS_SECRET_ACCESS_KEY"))?;
    Some(AccessKey { id, secret })
}

/// Does what the command says.
pub fn run(options: Options) -> Result<(), Failure> {
    super::log("warn")?;
    match options.command {
        Command::List(command) => list(&command.sources.settings()?),
        Command::Add(command) => add(command),
        Command::Check(command) => check(&command.name, &command.sources.settings()?),
        Command::Adopt(command) => adopt(command.new, &command.sources.settings()?),
    }
}

fn list(settings: &Settings) -> Result<(), Failure> {
    run_async(async |_stop| {
        for target in startup::open_store(settings).await?.targets().await? {
            println!("{}\t{}\t{}", target.id, target.location, target.repository);
        }
        Ok(())
    })
}

fn add(command: Add) -> Result<(), Failure> {
    let settings = command.sources.settings()?;
    let location = match (command.folder, command.s3, command.bucket) {
        (None, Some(endpoint), Some(bucket)) => Location::S3 {
            endpoint,
            region: command.region,
            bucket,
            prefix: command.prefix,
        },
        (folder, ..) => Location::Folder {
            folder: folder.unwrap_or_default().display().to_string(),
        },
    };
    let new = NewTarget {
        name: command.name,
        location,
        access_key: access_key(),
        password: read_password()?.reveal().to_owned(),
        make_new: command.new,
    };
    run_async(async |_stop| {
        let store = startup::open_store(&settings).await?;
        let key = startup::seal_key(&settings)?;
        let id = engine::add_target(&store, &key, &SystemClock, None, new.clone()).await?;
        println!("The backup target {id} was added.");
        Ok(())
    })
}

fn check(name: &str, settings: &Settings) -> Result<(), Failure> {
    run_async(async |_stop| {
        let store = startup::open_store(settings).await?;
        let key = startup::seal_key(settings)?;
        let configured = startup::backup_target_password(settings)?;
        let id = TargetId::new(name);
        engine::check_target(&store, &key, &SystemClock, configured.reveal(), &id).await?;
        println!("The password of the backup target {id} opens it.");
        Ok(())
    })
}

fn adopt(make_new: bool, settings: &Settings) -> Result<(), Failure> {
    run_async(async |_stop| {
        let store = startup::open_store(settings).await?;
        let password = startup::backup_target_password(settings)?;
        let folder = &settings.backup_target;
        let adopted = engine::adopt_target(&store, &SystemClock, folder, password.reveal(), make_new).await?;
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
