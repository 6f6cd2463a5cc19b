//! `holdfast inspect`: what the Manager prints and what the servers store, as JSON for programs.

use super::stream;
use clap::{Args, Subcommand};
use ovm::{ovmcli, vmcfg};
use std::path::PathBuf;
use std::process::ExitCode;

const OVMCLI: &str = "\
Prints {\"results\": [...]}: for each answer its command, status (success, failure or unknown), whether it is \
truncated, time, job_id, error, items, properties and text. Any line ending is accepted, as are bytes that are not UTF-8. \
An answer is truncated when no prompt follows it and it ends within a line, before its status and time, or with an \
empty `Data:` that is not the one of a list.

Exit status: 0, or 2 when the input cannot be read.";

const VMCFG: &str = "\
Prints {\"keys\": {...}, \"disks\": [...], \"vifs\": [...], \"warnings\": [...]}. The file is read, never evaluated. \
Lines that cannot be read are skipped with a warning.

Exit status: 0, 1 when the input is not a vm.cfg, 2 when it cannot be read.";

#[derive(Args)]
pub(super) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Read output of the Manager's command line
    #[command(after_help = OVMCLI)]
    Ovmcli(Input),
    /// Read the vm.cfg of a VM
    #[command(after_help = VMCFG)]
    Vmcfg(Input),
}

#[derive(Args)]
struct Input {
    /// File to read; `-` reads standard input
    file: PathBuf,
}

pub(super) fn run(options: Options) -> ExitCode {
    let printed = match options.what {
        What::Ovmcli(input) => stream::read(&input.file).and_then(|bytes| stream::print_json(&ovmcli::inspect(&bytes))),
        What::Vmcfg(input) => match stream::read(&input.file).map(|bytes| vmcfg::inspect(&bytes)) {
            Ok(Ok(found)) => stream::print_json(&found),
            Ok(Err(no)) => {
                eprintln!("error: {}: {no}", input.file.display());
                return ExitCode::FAILURE;
            }
            Err(error) => Err(error),
        },
    };
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stream::refuse(&error),
    }
}
