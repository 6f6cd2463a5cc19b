//! `cargo xtask dist`: one release binary with everything embedded.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::steps::{self, cargo, step, target};
use crate::wasm::Use;
use crate::web;

/// Builds the binary, puts it into `target/dist` and prints the sizes that matter.
pub fn run() -> Result<()> {
    web::build(Use::Release)?;
    step("Build holdfast for release", || {
        steps::run(cargo().args([
            "build",
            "--release",
            "--locked",
            "--package",
            "server",
            "--bin",
            "holdfast",
        ]))
    })?;
    let folder = target().join("dist");
    fs::create_dir_all(&folder)?;
    let binary = folder.join("holdfast");
    fs::copy(target().join("release/holdfast"), &binary)?;
    println!("{}", binary.display());
    print_size("binary", &binary)?;
    print_size("client, brotli", &web::site().join("app_bg.wasm.br"))?;
    print_size("styles, brotli", &web::site().join("app.css.br"))
}

fn print_size(what: &str, file: &Path) -> Result<()> {
    let bytes = fs::metadata(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .len();
    println!("    {what}: {bytes} bytes ({:.1} KiB)", bytes as f64 / 1024.0);
    Ok(())
}
