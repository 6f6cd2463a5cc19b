//! `cargo xtask test`: every check there is, cheap ones first, and one line that counts them.

use std::fs;
use std::ops::AddAssign;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use signal_hook::consts::SIGINT;

use crate::demo::{self, ESTATE_PACKAGES};
use crate::postgres::Postgres;
use crate::steps::{cargo, command, root, run as run_command, shown, step, target};
use crate::wasm::Use;
use crate::{suites, tools, web};

/// Programs that tests run: a browser and its letters, an old SSH server, a database server, the Python of an auditor, a
/// stock restic.
const TEST_PACKAGES: [&str; 6] = [
    "chromium",
    "fonts-liberation",
    "openssh-server",
    "postgresql",
    "python3",
    "restic",
];

/// Runs every check, whatever fails, and prints the count as the last line; with `all`, also the trials that are too many
/// for every change.
pub fn run(all: bool) -> ExitCode {
    let mut tests = Tests::default();
    if let Err(error) = tests.stop_at_ctrl_c() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    tests.run(all);
    let Counts {
        passed,
        failed,
        skipped,
    } = tests.counts;
    if tests.interrupted.load(Ordering::Relaxed) {
        eprintln!("error: interrupted; what follows counts only what ran before");
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 && !tests.interrupted.load(Ordering::Relaxed) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What came of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Counts {
    /// Of a suite that could not run.
    pub fn one_failed() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

#[derive(Default)]
struct Tests {
    counts: Counts,
    interrupted: Arc<AtomicBool>,
}

impl Tests {
    /// Children stop at Ctrl-C by themselves; this process lives on to clean up.
    fn stop_at_ctrl_c(&self) -> Result<()> {
        signal_hook::flag::register(SIGINT, Arc::clone(&self.interrupted))?;
        Ok(())
    }

    fn run(&mut self, all: bool) {
        self.prepare("Rust's formatter and linter", || {
            tools::rust_component("rustfmt", "fmt")?;
            tools::rust_component("clippy", "clippy")
        });
        self.check("Check the format", || {
            run_command(cargo().args(["fmt", "--all", "--check"]))
        });
        self.lint("Lint", &["--workspace", "--exclude", "frontend", "--all-targets"]);
        // Apart from the rest, because it wants `app` as browsers get it.
        self.lint("Lint the browser's part", &["--package", "frontend"]);
        self.check("Build the browser's assets", || web::build(Use::Trial));
        self.prepare("programs that tests run", || {
            tools::debian_packages(&[ESTATE_PACKAGES.as_slice(), &TEST_PACKAGES].concat())
        });
        let interrupted = Arc::clone(&self.interrupted);
        self.count("Run unit and integration tests", || rust_tests(all, &interrupted));
        self.count("Run browser tests", browser_tests);
    }

    /// Counts one check.
    fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        self.count(name, || {
            work().map(|()| Counts {
                passed: 1,
                ..Counts::default()
            })
        });
    }

    fn lint(&mut self, name: &str, packages: &[&str]) {
        self.check(name, || {
            run_command(cargo().arg("clippy").args(packages).args(["--", "-D", "warnings"]))
        });
    }

    /// Does what later tests need; that it fails is a failure, that it succeeds proves nothing.
    fn prepare(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        self.count(&format!("Look for {name}"), || work().map(|()| Counts::default()));
    }

    /// Adds what a suite counted; a suite that cannot run is one failure.
    fn count(&mut self, name: &str, suite: impl FnOnce() -> Result<Counts>) {
        if self.interrupted.load(Ordering::Relaxed) {
            return;
        }
        self.counts += step(name, suite).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Counts::one_failed()
        });
    }
}

/// Runs the Rust tests, with a PostgreSQL server beside them.
fn rust_tests(all: bool, interrupted: &AtomicBool) -> Result<Counts> {
    let postgres = step("Start PostgreSQL for the tests", Postgres::start)?;
    suites::run(&postgres.url, all, interrupted)
}

/// Runs the browser tests against the program as it is built here.
fn browser_tests() -> Result<Counts> {
    let holdfast = demo::build()?;
    tools::npm_packages("e2e")?;
    let report = target().join("e2e-report.json");
    let _ = fs::remove_file(&report);
    let mut playwright = command(root().join("e2e/node_modules/.bin/playwright"));
    playwright
        .args(["test", "--reporter=list,json"])
        .current_dir(root().join("e2e"));
    playwright
        .env("HOLDFAST_BIN", holdfast)
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    let succeeded = playwright
        .status()
        .with_context(|| format!("cannot start `{}`", shown(&playwright)))?
        .success();
    let report = fs::read(&report).context("the browser tests wrote no report")?;
    let counts = playwright_counts(&serde_json::from_slice(&report)?)?;
    Ok(with_exit_code(counts, succeeded, &playwright))
}

/// A suite that fails without a failed test, because something did not compile for example, has one failure.
pub fn with_exit_code(mut counts: Counts, succeeded: bool, suite: &Command) -> Counts {
    if !succeeded && counts.failed == 0 {
        eprintln!("error: `{}` failed outside of its tests", shown(suite));
        counts.failed = 1;
    }
    counts
}

/// Reads the counts of Playwright's JSON report. A test that passes only when repeated has failed.
fn playwright_counts(report: &Value) -> Result<Counts> {
    let number = |what: &str| report["stats"][what].as_u64();
    match (
        number("expected"),
        number("unexpected"),
        number("flaky"),
        number("skipped"),
    ) {
        (Some(passed), Some(unexpected), Some(flaky), Some(skipped)) => Ok(Counts {
            passed,
            failed: unexpected + flaky,
            skipped,
        }),
        _ => bail!("the report of the browser tests has no counts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playwright_reports_are_counted() {
        let report = serde_json::json!({ "stats": { "expected": 5, "unexpected": 1, "flaky": 1, "skipped": 2 } });
        assert_eq!(
            playwright_counts(&report).unwrap(),
            Counts {
                passed: 5,
                failed: 2,
                skipped: 2
            }
        );
        assert!(playwright_counts(&serde_json::json!({})).is_err());
    }

    #[test]
    fn a_suite_that_fails_without_a_failed_test_has_one_failure() {
        let passed = Counts {
            passed: 3,
            ..Counts::default()
        };
        assert_eq!(
            with_exit_code(passed, false, &Command::new("suite")),
            Counts { failed: 1, ..passed }
        );
        assert_eq!(with_exit_code(passed, true, &Command::new("suite")), passed);
    }
}
