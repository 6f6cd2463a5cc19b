//! The Rust tests. They are built together and then run a few programs at a time: most of them wait for something most of
//! the time, and one after the other, as `cargo test` runs them, each would wait alone.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::{cargo, command, output, shown};
use crate::test::{Counts, with_exit_code};

/// What takes longest begins first, and everything else runs beside it.
const LONGEST: [&str; 4] = ["engine it", "engine matrix", "server kill", "engine services"];

/// Its tests wait for hosts most of the time, so that more of them run at a time than there are processors.
const WAITS_MOST: &str = "engine it";

/// A program with tests.
#[derive(Debug, PartialEq)]
struct Suite {
    /// Package and target: `engine it`.
    name: String,
    program: PathBuf,
    /// Folder of its package, in which its tests expect to run.
    folder: PathBuf,
}

/// Builds and runs all tests that cargo knows but those of the browser's part; with `all`, also what runs on request only.
/// None begins once `interrupted` is set.
pub fn run(postgres: &str, all: bool, interrupted: &AtomicBool) -> Result<Counts> {
    let mut suites = build()?;
    suites.sort_by_key(|suite| {
        LONGEST
            .iter()
            .position(|name| *name == suite.name)
            .unwrap_or(LONGEST.len())
    });
    let seed = seed()?;
    let waiting = Mutex::new(suites.into_iter());
    let counts = Mutex::new(Counts::default());
    let work = || {
        while let Some(suite) = next(&waiting).filter(|_| !interrupted.load(Ordering::Relaxed)) {
            let mut program = command(&suite.program);
            program
                .env("HOLDFAST_TEST_POSTGRES", postgres)
                .env("HOLDFAST_TEST_SEED", &seed);
            if all {
                program.env("HOLDFAST_TEST_ALL", "1");
            }
            if suite.name == WAITS_MOST {
                program.env("RUST_TEST_THREADS", (2 * processors()).to_string());
            }
            let counted = suite.run(&mut program);
            *counts.lock().unwrap_or_else(PoisonError::into_inner) += counted;
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_once() {
            scope.spawn(work);
        }
    });
    Ok(counts.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// One more than there are processors, for the one that waits.
fn at_once() -> usize {
    processors() + 1
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn next(waiting: &Mutex<impl Iterator<Item = Suite>>) -> Option<Suite> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// What random trials begin with: another number for each commit, the same for everybody who tries it.
fn seed() -> Result<String> {
    let commit = output(command("git").args(["rev-parse", "--short=8", "HEAD"]))?;
    let number = u32::from_str_radix(&commit[..8.min(commit.len())], 16);
    Ok(number.context("git names no commit")?.to_string())
}

/// Builds the programs.
fn build() -> Result<Vec<Suite>> {
    let mut build = cargo();
    build.args(["test", "--workspace", "--exclude", "frontend", "--no-run"]);
    build.arg("--message-format=json-render-diagnostics");
    let built = build.stderr(Stdio::inherit()).output();
    let built = built.with_context(|| format!("cannot start `{}`", shown(&build)))?;
    if !built.status.success() {
        bail!("the tests cannot be built");
    }
    Ok(String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(suite)
        .collect())
}

/// Reads a message of cargo; none when it is about something else than a program with tests.
fn suite(message: &str) -> Option<Suite> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_test = message["profile"]["test"].as_bool()?;
    let program = message["executable"].as_str().filter(|_| is_test)?;
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
    let package = folder.file_name()?.to_string_lossy();
    Some(Suite {
        name: format!("{package} {}", message["target"]["name"].as_str()?),
        program: program.into(),
        folder: folder.to_owned(),
    })
}

impl Suite {
    /// Runs it, and prints what it has printed when it is over. One that does not start has failed.
    fn run(&self, program: &mut Command) -> Counts {
        println!("==> Run {}", self.name);
        let start = Instant::now();
        let ended = program.current_dir(&self.folder).stdin(Stdio::null()).output();
        let _one_at_a_time = std::io::stdout().lock();
        match ended {
            Ok(ended) => {
                let printed = String::from_utf8_lossy(&ended.stdout);
                println!("{printed}{}", String::from_utf8_lossy(&ended.stderr));
                println!("    done: {} ({:.1} s)", self.name, start.elapsed().as_secs_f64());
                let mut counts = Counts::default();
                printed
                    .lines()
                    .filter_map(libtest_counts)
                    .for_each(|more| counts += more);
                with_exit_code(counts, ended.status.success(), program)
            }
            Err(error) => {
                eprintln!("error: {} cannot be started: {error}", self.name);
                Counts::one_failed()
            }
        }
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
fn libtest_counts(line: &str) -> Option<Counts> {
    let (_, results) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |what: &str| {
        let entry = results.split("; ").find_map(|entry| entry.strip_suffix(what))?;
        entry.trim().parse().ok()
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
        skipped: number("ignored")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_lines_are_counted() {
        let line = "test result: FAILED. 12 passed; 2 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(
            libtest_counts(line),
            Some(Counts {
                passed: 12,
                failed: 2,
                skipped: 3
            })
        );
        assert_eq!(libtest_counts("test result_is_shown ... ok"), None);
    }

    #[test]
    fn programs_with_tests_are_found_among_what_cargo_has_built() {
        let artifact = |test: bool, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/w/engine/Cargo.toml","target":{{"name":"it"}},
                "profile":{{"test":{test}}},"executable":{executable}}}"#
            )
        };
        let found = suite(&artifact(true, r#""/w/target/it-1""#)).unwrap();
        assert_eq!((found.name.as_str(), found.folder), ("engine it", "/w/engine".into()));
        assert_eq!(suite(&artifact(false, r#""/w/target/it""#)), None, "a program");
        assert_eq!(suite(&artifact(true, "null")), None, "a library");
        assert_eq!(suite(r#"{"reason":"build-finished","success":true}"#), None);
    }

    #[test]
    fn a_suite_that_fails_without_a_failed_test_or_cannot_start_has_one_failure() {
        let suite = |program: &str| Suite {
            name: "none".into(),
            program: program.into(),
            folder: "/".into(),
        };
        for program in ["/bin/false", "/nowhere/at/all"] {
            let counts = suite(program).run(&mut command(program));
            assert_eq!(counts, Counts::one_failed(), "{program}");
        }
    }
}
