//! `cargo xtask`: the commands with which Holdfast is shown, tested and packed.
//! Everything that a fresh Debian machine with Rust, Node.js and git lacks for them is installed by them.

mod bench;
mod css;
mod demo;
mod dist;
mod postgres;
mod rust_web;
mod steps;
mod suites;
mod test;
mod tools;
mod wasm;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <COMMAND>

Commands:
  demo [--data DIR]  Build Holdfast and start it with a simulated estate; Ctrl-C stops it.
                     Further options go to `holdfast demo` as they are.
  test [--all]       Run every check and test; the last line counts them. With --all, the trials of a backup and a restore
                     under everything that is uncertain about a Manager are all, not a sample.
  bench vault        Time a backup and a restore of a large disk beside ssh+tar and restic.
  bench estate       Time discovery, rebuild scripts and rehearsals of 50, 500 and 2,000 machines.
  bench queue        Time pages while nothing is queued and while 2,000 runs are.
  bench pages [POINTS RUNS VMS]
                     Time the main pages over HTTP, with 1,000,000 recovery points, 200,000 runs and 2,000 VMs, or as
                     many as given.
  dist               Make one release binary with everything embedded: target/dist/holdfast
  web                Build the browser's assets only: target/site

Missing Debian packages and Rust parts are installed; without the right to do so, the command to run is printed.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let outcome = match (command, rest) {
        ("demo", rest) => demo::run(rest),
        ("test", []) => return test::run(false),
        ("test", [all]) if all == "--all" => return test::run(true),
        ("bench", [what]) if what == "vault" => bench::vault(),
        ("bench", [what]) if what == "estate" => bench::estate(),
        ("bench", [what]) if what == "queue" => bench::queue(),
        ("bench", [what, sizes @ ..]) if what == "pages" => bench::pages(sizes),
        ("dist", []) => dist::run(),
        ("web", []) => web::build(wasm::Use::Release),
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprintln!("error: `cargo xtask {}` is not a command\n\n{HELP}", args.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
