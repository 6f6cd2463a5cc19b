//! Makes the folder whose files the program embeds, so that a clean clone compiles before the assets are built.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    println!("cargo::rerun-if-changed={}", site.display());
    std::fs::create_dir_all(site)
}
