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

/// A benchmark of the engine, built for release.
fn run(name: &str) -> Result<()> {
    let bench = |arguments: &[&str]| {
        let bench = ["bench", "--locked", "--package", "engine", "--bench", name];
        steps::run(cargo().args(bench).args(arguments))
    };
    step("Build the benchmark for release", || bench(&["--no-run"]))?;
    bench(&[])
}
