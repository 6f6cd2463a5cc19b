//! Puts in place what a fresh machine lacks: Debian packages, parts of the Rust toolchain, npm packages.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::steps::{cargo, command, output, root, run, step};

/// Installs those of the given Debian packages that are missing.
pub fn debian_packages(wanted: &[&str]) -> Result<()> {
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    step(&format!("Install Debian packages: {names}"), || {
        if !is_root()? {
            bail!("only root may install packages; run: sudo sh -c 'apt-get update && apt-get install {names}'");
        }
        apt_update()?;
        run(apt_get()
            .args([
                "install",
                "--yes",
                "--quiet=2",
                "--no-install-recommends",
                "--option=Dpkg::Use-Pty=0",
            ])
            .args(&missing))
        .with_context(|| format!("run by hand, and read what it says: apt-get install {names}"))
    })
}

/// Reads the package lists anew, at most once in a run.
pub fn apt_update() -> Result<()> {
    static DONE: OnceLock<()> = OnceLock::new();
    if DONE.get().is_none() {
        run(apt_get().args(["update", "--quiet=2"]))?;
        DONE.get_or_init(|| ());
    }
    Ok(())
}

/// Whether this process may install packages and switch users.
pub fn is_root() -> Result<bool> {
    Ok(output(command("id").arg("--user"))? == "0")
}

/// Makes sure that a cargo subcommand which comes as a component of the toolchain is there.
pub fn rust_component(component: &str, cargo_subcommand: &str) -> Result<()> {
    let present = output(cargo().args([cargo_subcommand, "--version"])).is_ok();
    if present {
        return Ok(());
    }
    run(command("rustup").args(["component", "add", component]))
        .with_context(|| format!("`cargo {cargo_subcommand}` is missing; run: rustup component add {component}"))
}

/// Installs the npm packages that `folder`'s lock file names, unless they are those that are there.
pub fn npm_packages(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step(&format!("Install npm packages of {}", name(&folder)), || {
        require_npm()?;
        run(command("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder))?;
        Ok(fs::write(stamp, lock)?)
    })
}

fn require_npm() -> Result<()> {
    if output(command("npm").arg("--version")).is_ok() {
        return Ok(());
    }
    output(command("node").arg("--version"))
        .context("Node.js 18 or newer is missing; run: apt-get install nodejs npm")?;
    debian_packages(&["npm"])
}

fn is_installed(package: &str) -> bool {
    output(command("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

fn apt_get() -> Command {
    let mut apt_get = command("apt-get");
    apt_get.env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
