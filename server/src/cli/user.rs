//! `holdfast user`: accounts from the command line, for whoever has the right to the data base.

use super::{Failure, run_async};
use crate::config::{Secret, Sources};
use crate::startup;
use clap::{Args, Subcommand};
use engine::core::{SystemClock, new_id};
use std::io::{self, BufRead, IsTerminal};

/// Characters of a generated password, five random bits each.
const GENERATED: usize = 20;

/// `holdfast user`
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make an account with the role Administrator, for everything
    #[command(after_help = CREATE_ADMIN_HELP)]
    CreateAdmin(CreateAdmin),
}

const CREATE_ADMIN_HELP: &str = "\
Examples:
  holdfast user create-admin anna                      Generates a password and prints it once
  pass show holdfast | holdfast user create-admin anna --password-stdin

The account can log in at once, also while Holdfast runs.";

#[derive(Args)]
struct CreateAdmin {
    /// Login name of the account
    name: String,
    /// Read the password from standard input instead of generating one
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    sources: Sources,
}

/// Does what the command says.
pub fn run(options: Options) -> Result<(), Failure> {
    let Command::CreateAdmin(command) = options.command;
    let settings = command.sources.settings()?;
    super::log("warn")?;
    let given = command.password_stdin.then(read_password).transpose()?;
    run_async(async |_stop| {
        let store = startup::open_store(&settings).await?;
        let password = given.clone().unwrap_or_else(|| Secret::new(new_id(GENERATED)));
        engine::create_administrator(&store, &SystemClock, &command.name, password.reveal()).await?;
        println!("The account {} was made; its role is Administrator.", command.name);
        if given.is_none() {
            println!("Password, shown only now: {}", password.reveal());
        }
        Ok(())
    })
}

fn read_password() -> io::Result<Secret> {
    if io::stdin().is_terminal() {
        eprint!("Password (it will be seen while you type): ");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}
