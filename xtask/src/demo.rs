//! `cargo xtask demo`: Holdfast with a simulated estate, from a clean clone to a running program.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::steps::{self, cargo, command, step, target};
use crate::wasm::Use;
use crate::{tools, web};

/// What the simulated estate needs: reflinks, and the maps of used blocks.
pub const ESTATE_PACKAGES: [&str; 2] = ["e2fsprogs", "xfsprogs"];

/// Builds everything and becomes `holdfast demo` with the given arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    tools::debian_packages(&ESTATE_PACKAGES)?;
    web::build(Use::Trial)?;
    let holdfast = build()?;
    println!("==> Start Holdfast with the simulated estate; Ctrl-C stops it");
    // This process becomes holdfast, so that Ctrl-C and its exit code pass without a part played here.
    let error = command(&holdfast).arg("demo").args(arguments).exec();
    Err(error).with_context(|| format!("cannot start {}", holdfast.display()))
}

/// Builds the program as the tests do, so that neither compiles again what the other has compiled. The development
/// profile optimises the dependencies, where the program's heavy work is done.
pub fn build() -> Result<PathBuf> {
    step("Build holdfast", || {
        steps::run(cargo().args(["build", "--workspace", "--exclude", "frontend", "--bin", "holdfast"]))
    })?;
    Ok(target().join("debug/holdfast"))
}
