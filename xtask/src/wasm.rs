//! Compiles the browser's part to WebAssembly, with rustup's target where it can be had, else with Debian's Rust.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::rust_web::{RustWeb, TARGET};
use crate::steps::{cargo, command, output, run, step, target};

/// What the module is built for.
#[derive(Clone, Copy)]
pub enum Use {
    /// Demo and tests, which wait for the compiler.
    Trial,
    /// To be sent over networks: as small as can be.
    Release,
}

impl Use {
    /// The profile of cargo.
    pub fn profile(self) -> &'static str {
        match self {
            Self::Trial => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}

/// Builds `frontend` and gives the path of the module, as the compiler left it.
pub fn build(what_for: Use) -> Result<PathBuf> {
    let profile = what_for.profile();
    let (mut cargo, folder) = toolchain()?;
    cargo.args(["build", "--package", "frontend", "--profile", profile]);
    cargo.args(["--target", TARGET]).env("CARGO_TARGET_DIR", &folder);
    step("Compile the browser's part to WebAssembly", || run(&mut cargo))?;
    Ok(folder.join(TARGET).join(profile).join("frontend.wasm"))
}

/// A cargo that can build for [`TARGET`], and a folder for what it builds. Cargo cannot tell one standard library
/// from another of the same version, so each has a folder of its own.
fn toolchain() -> Result<(Command, PathBuf)> {
    let folder = target().join("wasm");
    if has_standard_library() || (!RustWeb::is_cached() && add_with_rustup()) {
        return Ok((cargo(), folder.join("host")));
    }
    println!("    Debian's Rust takes the place of rustup's WebAssembly target");
    let debian = RustWeb::ready()?;
    Ok((debian.cargo(), folder.join(format!("debian-{}", debian.made_at()?))))
}

fn has_standard_library() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let library = output(command(rustc).args(["--print", "target-libdir", "--target", TARGET]));
    library.is_ok_and(|folder| {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .into_iter()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}

/// Without a network rustup fails at once, without rustup there is nothing to ask; neither is an error.
fn add_with_rustup() -> bool {
    println!("==> Add the WebAssembly target with rustup");
    output(command("rustup").args(["target", "add", TARGET])).is_ok()
}
