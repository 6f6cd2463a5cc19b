//! `holdfast script`: what can be done with a script of OVMCLI commands without a Manager.

use super::stream;
use clap::{Args, Subcommand};
use ovm::ovmcli::{CheckOptions, Finding, ScriptReport, Version, check_script};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const RULES: &str = "\
Checks commands, object types, attributes, values, ranges, quotes, and what the release supports. Prompts (`OVM> `), \
blank lines, `;` between commands and lines that begin with `#` are accepted.

References: objects are assumed to exist in the estate unless the script shows otherwise. A reference is a finding if \
the script creates the object only later, or has deleted or renamed it before, or if it creates objects of the same \
type, none of them with that name, and nothing shows that it also works on others of that type. IDs, and names that \
the Manager assigns itself, are assumed to exist. With --complete, an object that no earlier line creates, and any ID \
of the old Manager, is also a finding.

Exit status: 0 without findings, 1 with findings, 2 when the script cannot be read.";

#[derive(Args)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Check a script line by line, without a Manager
    #[command(after_help = RULES)]
    Check(CheckArguments),
}

#[derive(Args)]
struct CheckArguments {
    /// Script file; `-` reads standard input
    file: PathBuf,
    /// Release of Oracle VM Manager that will run it: 3.2, 3.3 or 3.4 [default: 3.4, or an older one if the script
    /// uses something only that release supports]
    #[arg(long)]
    version: Option<Version>,
    /// Check that the script is self-contained: it may use only what it creates and what servers report
    #[arg(long)]
    complete: bool,
    /// Print {"version", "findings": [{"line", "column", "code", "message", "expected"}]}
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: Options) -> ExitCode {
    let Action::Check(arguments) = options.action;
    let text = match stream::read(&arguments.file) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => return stream::refuse(&error),
    };
    let options = CheckOptions {
        version: arguments.version,
        complete: arguments.complete,
    };
    let report = check_script(&text, options);
    let printed = match arguments.json {
        true => print_json(&report),
        false => stream::print(&for_people(&arguments.file, &report)),
    };
    match printed {
        Err(error) => stream::refuse(&error),
        Ok(()) if report.findings.is_empty() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
    }
}

fn print_json(report: &ScriptReport) -> io::Result<()> {
    #[derive(Serialize)]
    struct Json<'a> {
        version: Version,
        findings: &'a [Finding],
    }
    stream::print_json(&Json {
        version: report.version,
        findings: &report.findings,
    })
}

/// One line a finding, as compilers print them, and a last line that says what was checked.
fn for_people(file: &Path, report: &ScriptReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let Finding {
            line,
            column,
            message,
            expected,
            ..
        } = finding;
        text += &format!("{}:{line}:{column}: {message}; expected: {expected}\n", file.display());
    }
    let counted = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    text += &format!(
        "{} for Oracle VM Manager {}, {}",
        counted(report.commands, "command"),
        report.version,
        counted(report.findings.len(), "finding")
    );
    if report.notes > 0 {
        text += &format!("; {}, which must not be sent", counted(report.notes, "comment line"));
    }
    text.push('\n');
    text
}
