//! Compiles the browser's part to WebAssembly, with rustup's target where it can be had, else with Debian's Rust.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::rust_web::RustWeb;
use crate::steps::{cargo, command, output, run, step, target};

/// The target triple of browsers.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Builds `frontend` and gives the path of the module, as the compiler left it.
pub fn build() -> Result<PathBuf> {
    let mut cargo = toolchain()?;
    step("Compile the browser's part to WebAssembly", || {
        run(cargo.args([
            "build",
            "--package",
            "frontend",
            "--target",
            TARGET,
            "--profile",
            "wasm-release",
        ]))
    })?;
    Ok(target_dir().join(TARGET).join("wasm-release/frontend.wasm"))
}

/// A cargo that can build for [`TARGET`].
fn toolchain() -> Result<Command> {
    let mut cargo = if has_standard_library() {
        cargo()
    } else if let Some(debian) = RustWeb::cached() {
        debian.cargo()
    } else if add_with_rustup() {
        cargo()
    } else {
        println!("    rustup is not here, or cannot reach its server; Debian's Rust takes its place");
        RustWeb::install()?.cargo()
    };
    // A folder of its own: the two compilers must not take turns in one, and cargo need not wait for other builds.
    cargo.env("CARGO_TARGET_DIR", target_dir());
    Ok(cargo)
}

fn target_dir() -> PathBuf {
    target().join("wasm")
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
