//! Builds what the server sends to browsers beside pages: `target/site`, with compressed variants and a digest.
//!
//! The digest is part of the assets' addresses, so browsers may keep them for ever.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::steps::{command, root, run, step, target};
use crate::wasm::Use;
use crate::{css, tools, wasm};

/// Files by their path below a folder, with `/` between parts.
type Files = BTreeMap<String, Vec<u8>>;

/// All that the assets are made from; a change elsewhere does not touch them.
const SOURCES: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "frontend/Cargo.toml",
    "frontend/package-lock.json",
    "frontend/src",
    "server/crates/ovm",
    "style",
    "xtask/src",
];

/// What wasm-opt may assume of browsers: what rustc's own WebAssembly target assumes.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The folder with the finished assets, which the server embeds.
pub fn site() -> PathBuf {
    target().join("site")
}

/// Builds the assets unless they are those of the present sources, built for the same.
pub fn build(what_for: Use) -> Result<()> {
    let sources = format!("{} {}", what_for.profile(), digest(&sources()?));
    let stamp = target().join("web/sources");
    if fs::read_to_string(&stamp).is_ok_and(|last| last == sources) && site().join("hash").is_file() {
        println!("==> Browser assets are up to date");
        return Ok(());
    }
    let module = wasm::build(what_for)?;
    tools::npm_packages("frontend")?;
    let mut files = step("Bind and optimise the WebAssembly module", || optimised(&module))?;
    step("Bundle styles, compress, write target/site", || {
        files.insert(
            "app.css".into(),
            css::bundle(&root().join("style/main.css"))?.into_bytes(),
        );
        collect(&root().join("style/static"), "", &mut files)?;
        let hash = digest(&files)[..16].to_owned();
        compress(&mut files)?;
        files.insert("hash".into(), hash.into_bytes());
        write(&site(), &files)?;
        Ok(fs::write(&stamp, sources)?)
    })
}

fn sources() -> Result<Files> {
    let mut files = Files::new();
    for source in SOURCES {
        let path = root().join(source);
        if path.is_dir() {
            collect(&path, &format!("{source}/"), &mut files)?;
        } else {
            files.insert(
                source.into(),
                fs::read(&path).with_context(|| format!("cannot read {source}"))?,
            );
        }
    }
    Ok(files)
}

/// The JavaScript and the module that browsers load. What was made of the same module before is taken again.
fn optimised(module: &Path) -> Result<Files> {
    let folder = target().join("web/bound");
    let stamp = target().join("web/module");
    let made_from = hex::encode(Sha256::digest(fs::read(module)?));
    if !fs::read_to_string(&stamp).is_ok_and(|last| last == made_from) {
        let _ = fs::remove_dir_all(&folder);
        Bindgen::new()
            .input_path(module)
            .out_name("app")
            .web(true)?
            .typescript(false)
            .generate(&folder)?;
        let bound = folder.join("app_bg.wasm");
        let mut wasm_opt = command(root().join("frontend/node_modules/.bin/wasm-opt"));
        run(wasm_opt
            .arg("-Oz")
            .args(WASM_FEATURES)
            .arg(&bound)
            .arg("-o")
            .arg(&bound))?;
        fs::write(&stamp, made_from)?;
    }
    let mut files = Files::new();
    collect(&folder, "", &mut files)?;
    Ok(files)
}

/// Reads a folder and those below it; one that does not exist is empty.
fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}

/// SHA-256 over names and contents, in hexadecimal.
fn digest(files: &Files) -> String {
    let mut hasher = Sha256::new();
    for (name, content) in files {
        for part in [name.as_bytes(), content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hex::encode(hasher.finalize())
}

/// Adds `.br` and `.gz` beside every file that becomes smaller by them.
fn compress(files: &mut Files) -> Result<()> {
    let mut variants = Files::new();
    for (name, content) in &*files {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(content)?;
        let mut brotli = Vec::new();
        brotli::CompressorWriter::new(&mut brotli, 1 << 16, 11, 22).write_all(content)?;
        for (suffix, compressed) in [("br", brotli), ("gz", gzip.finish()?)] {
            if compressed.len() < content.len() {
                variants.insert(format!("{name}.{suffix}"), compressed);
            }
        }
    }
    files.append(&mut variants);
    Ok(())
}

/// Makes the folder hold exactly these files, leaving alone those that are so already.
fn write(folder: &Path, files: &Files) -> Result<()> {
    let mut present = Files::new();
    collect(folder, "", &mut present)?;
    for name in present.keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, content) in files
        .iter()
        .filter(|(name, content)| present.get(*name) != Some(content))
    {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, content)?;
    }
    Ok(())
}
