//! `holdfast user`: accounts from the command line, for whoever has the right to the database.

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
    /// Create an account with the role Administrator, for everything
    #[command(after_help = CREATE_ADMIN_HELP)]
    CreateAdmin(Account),
    /// Set a new password for an account whose owner has forgotten it
    #[command(after_help = SET_PASSWORD_HELP)]
    SetPassword(Account),
}

const CREATE_ADMIN_HELP: &str = "\
Examples:
  holdfast user create-admin anna                      Generates a password and prints it once
  pass show holdfast | holdfast user create-admin anna --password-stdin

The account can log in immediately, even while Holdfast is running.";

const SET_PASSWORD_HELP: &str = "\
Examples:
  holdfast user set-password anna                      Generates a password and prints it once
  pass show holdfast | holdfast user set-password anna --password-stdin

It takes effect immediately, even while Holdfast is running; all sessions of the account end. The audit trail records
that it was set here. Pass it on securely; the owner can change it under “My account”.";

#[derive(Args)]
struct Account {
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
    let (account, is_new) = match options.command {
        Command::CreateAdmin(account) => (account, true),
        Command::SetPassword(account) => (account, false),
    };
    let settings = account.sources.settings()?;
    super::log("warn")?;
    let given = account.password_stdin.then(read_password).transpose()?;
    run_async(async |_stop| {
        let store = startup::open_store(&settings).await?;
        let password = given.clone().unwrap_or_else(|| Secret::new(new_id(GENERATED)));
        let name = &account.name;
        if is_new {
            engine::create_administrator(&store, &SystemClock, name, password.reveal()).await?;
            println!("The account {name} was created with the role Administrator.");
        } else {
            engine::set_password(&store, &SystemClock, name, password.reveal()).await?;
            println!("The account {name} has a new password; all its sessions have ended.");
        }
        if given.is_none() {
            println!("Password (shown only once): {}", password.reveal());
        }
        Ok(())
    })
}

pub(super) fn read_password() -> io::Result<Secret> {
    if io::stdin().is_terminal() {
        eprint!("Password (visible while you type): ");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}
