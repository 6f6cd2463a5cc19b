//! `cargo xtask bench`: measurements that compare two things in one run.

use anyhow::Result;

use crate::demo::ESTATE_PACKAGES;
use crate::steps::{self, cargo, step};
use crate::tools;

/// A full backup and a restore of one large disk, by Holdfast, by ssh and tar, and by restic.
pub fn vault() -> Result<()> {
    tools::debian_packages(&ESTATE_PACKAGES)?;
    tools::debian_packages(&["openssh-client", "restic"])?;
    run("vault")
}

/// Discovery, rebuild scripts and rehearsals of estates of three sizes, beside what the simulated Manager gives at most.
pub fn estate() -> Result<()> {
    run("estate")
}

/// What pages wait for while nothing is queued, and while 2,000 runs are.
pub fn queue() -> Result<()> {
    run("queue")
}

/// What the main pages take in a large installation, or in one of these sizes: recovery points, runs and VMs.
pub fn pages(sizes: &[String]) -> Result<()> {
    let size = |at: usize, usual: &str| sizes.get(at).map_or_else(|| usual.to_owned(), String::clone);
    let (points, runs, vms) = (size(0, "1000000"), size(1, "200000"), size(2, "2000"));
    let bench = |name: &str, arguments: &[&str]| {
        let packages = [
            "bench",
            "--locked",
            "--package",
            "server",
            "--package",
            "store",
            "--bench",
            name,
        ];
        steps::run(cargo().args(packages).args(arguments))
    };
    step("Build the benchmark for release", || {
        bench("pages", &["--bench", "multiply", "--no-run"])
    })?;
    let folder = tempfile::Builder::new().prefix("holdfast-pages-").tempdir()?;
    let place = folder.path().display().to_string();
    step("Fill a database", || bench("pages", &["--", "fill", &place, &vms]))?;
    let database = format!("{place}/holdfast.db");
    step("Multiply it", || bench("multiply", &["--", &database, &points, &runs]))?;
    bench("pages", &["--", "measure", &place])
}

/// A benchmark of the engine, built for release.
fn run(name: &str) -> Result<()> {
    let bench = |arguments: &[&str]| {
        let bench = ["bench", "--locked", "--package", "engine", "--bench", name];
        steps::run(cargo().args(bench).args(arguments))
    };
    step("Build the benchmark for release", || bench(&["--no-run"]))?;
    bench(&[])
}
