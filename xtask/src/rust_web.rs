//! Debian's Rust for browser builds, unpacked into the user's cache, with a WebAssembly standard library built from
//! its sources. It stands in where rustup's download server cannot be reached.
//!
//! The packages are unpacked rather than installed: `rustc-web` conflicts with every other Rust package.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use crate::steps::{command, output, run, step};
use crate::tools::{apt_update, debian_packages, is_root};

/// The target triple of browsers.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A ready toolchain: the folder that plays the part of `/`.
pub struct RustWeb(PathBuf);

impl RustWeb {
    /// Whether an earlier run has made the toolchain of the version that the package lists name.
    pub fn is_cached() -> bool {
        Release::offered().is_ok_and(|release| release.is_cached())
    }

    /// Takes the toolchain that is there, or makes that of the newest version.
    pub fn ready() -> Result<Self> {
        let mut release = Release::offered();
        if !release.as_ref().is_ok_and(Release::is_cached) && is_root()? {
            apt_update()?;
            release = Release::offered();
        }
        let release = release.context("Debian's package lists name no Rust; run: apt-get update")?;
        release.install_libraries()?;
        let prefix = release.prefix()?;
        let cache = prefix.parent().context("the cache has no parent folder")?;
        fs::create_dir_all(cache)?;
        // Two builds at once would write the same files.
        let lock = File::create(cache.join("rust-web.lock"))?;
        lock.lock()?;
        if !prefix.is_dir() {
            let unfinished = cache.join("rust-web.unfinished");
            let _ = fs::remove_dir_all(&unfinished);
            step(&format!("Fetch Debian's Rust {}", release.version), || {
                release.unpack(&unfinished)
            })?;
            step("Build its standard library for WebAssembly", || build_std(&unfinished))?;
            fs::rename(&unfinished, &prefix)?;
        }
        Ok(Self(prefix))
    }

    /// Its cargo, with its compiler.
    pub fn cargo(&self) -> Command {
        cargo_in(&self.0)
    }

    /// When its standard library was built, in seconds since 1970: tells it from others of the same version.
    pub fn made_at(&self) -> Result<u64> {
        let built = fs::metadata(std_folder(&self.0))?.modified()?;
        Ok(built.duration_since(UNIX_EPOCH)?.as_secs())
    }
}

/// What Debian offers, as the package lists have it.
struct Release {
    /// Debian's version of `rustc-web`.
    version: String,
    /// The package with the host's standard library, whose name carries Rust's version.
    libstd: String,
    /// Shared libraries that compiler and cargo need.
    libraries: Vec<String>,
    /// The linker of the same LLVM release as the compiler.
    lld: String,
}

impl Release {
    fn offered() -> Result<Self> {
        let version = field("rustc-web", "Version")?;
        let libstd = dependencies("libstd-rust-web-dev")?
            .into_iter()
            .find(|package| package.starts_with("libstd-rust-web-"))
            .context("libstd-rust-web-dev depends on no standard library")?;
        let mut libraries = dependencies(&libstd)?;
        let llvm = libraries.iter().find_map(|package| package.strip_prefix("libllvm"));
        let lld = format!("lld-{}", llvm.context("Debian's Rust depends on no LLVM")?);
        libraries.extend(dependencies("cargo-web")?);
        libraries.retain(|package| package.starts_with("lib") && !package.starts_with("libstd-rust"));
        Ok(Self {
            version,
            libstd,
            libraries,
            lld,
        })
    }

    fn is_cached(&self) -> bool {
        self.prefix().is_ok_and(|prefix| prefix.is_dir())
    }

    /// Where the toolchain of this version is kept.
    fn prefix(&self) -> Result<PathBuf> {
        let cache = match std::env::var_os("XDG_CACHE_HOME").filter(|folder| Path::new(folder).is_absolute()) {
            Some(folder) => PathBuf::from(folder),
            None => std::env::home_dir()
                .context("neither XDG_CACHE_HOME nor HOME is set")?
                .join(".cache"),
        };
        Ok(cache.join("holdfast").join(format!("rust-web-{}", self.version)))
    }

    fn install_libraries(&self) -> Result<()> {
        let names: Vec<&str> = self.libraries.iter().chain([&self.lld]).map(String::as_str).collect();
        debian_packages(&names)
    }

    fn unpack(&self, prefix: &Path) -> Result<()> {
        let archives = prefix.join("archives");
        fs::create_dir_all(&archives)?;
        let packages = [
            "rustc-web",
            "cargo-web",
            "rust-web-src",
            "libstd-rust-web-dev",
            &self.libstd,
        ];
        let mut download = command("apt-get");
        // The sandbox user could not write into the cache of another user.
        download
            .args(["download", "--quiet=2", "--option=APT::Sandbox::User=root"])
            .args(packages);
        run(download.current_dir(&archives))?;
        for archive in fs::read_dir(&archives)? {
            run(command("dpkg-deb").arg("--extract").arg(archive?.path()).arg(prefix))?;
        }
        fs::remove_dir_all(archives)?;
        self.rearrange(prefix)
    }

    /// Puts things where an unpacked compiler looks for them, which is not where Debian's installed one does.
    fn rearrange(&self, prefix: &Path) -> Result<()> {
        let usr = prefix.join("usr");
        let lib = usr.join("lib");
        let multiarch = find(&lib, |name| name.ends_with("-linux-gnu"))?;
        for entry in fs::read_dir(lib.join(&multiarch))? {
            let entry = entry?;
            fs::rename(entry.path(), lib.join(entry.file_name()))?;
        }
        let sources = find(&usr.join("src"), |name| name.starts_with("rustc-"))?;
        replace_link(&Path::new("../../../src").join(sources), &lib.join("rustlib/src/rust"))?;
        let host = output(unpacked(prefix, "rustc").args(["--print", "host-tuple"]))?;
        let linker = Path::new("/usr/bin").join(&self.lld);
        replace_link(&linker, &lib.join("rustlib").join(host).join("bin/rust-lld"))?;
        replace_link(&linker, &usr.join("bin/rust-lld"))
    }
}

/// Compiles the standard library once, through an empty crate, and puts it where the compiler looks for it.
fn build_std(prefix: &Path) -> Result<()> {
    let empty = prefix.join("empty");
    fs::create_dir_all(empty.join("src"))?;
    fs::write(empty.join("src/lib.rs"), "#![no_std]\n")?;
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(empty.join("Cargo.toml"), manifest)?;
    let mut build = cargo_in(prefix);
    build.args([
        "build",
        "--release",
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort,proc_macro",
    ]);
    build
        .env("RUSTC_BOOTSTRAP", "1")
        // Optimising across crates, as the profile of the browser's part does, reads the library's bitcode.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", empty.join("target"))
        .current_dir(&empty);
    run(&mut build)?;
    let library = std_folder(prefix);
    fs::create_dir_all(&library)?;
    for file in fs::read_dir(empty.join("target").join(TARGET).join("release/deps"))? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(file.path(), library.join(name))?;
        }
    }
    Ok(fs::remove_dir_all(empty)?)
}

/// Where the compiler looks for the standard library of browsers.
fn std_folder(prefix: &Path) -> PathBuf {
    prefix.join("usr/lib/rustlib").join(TARGET).join("lib")
}

/// The unpacked cargo, with the compiler beside it.
fn cargo_in(prefix: &Path) -> Command {
    let mut cargo = unpacked(prefix, "cargo");
    cargo
        .env("RUSTC", prefix.join("usr/bin/rustc"))
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO");
    cargo
}

/// An unpacked program. By itself it would look for the compiler's libraries in the system's folders only.
fn unpacked(prefix: &Path, program: &str) -> Command {
    let mut command = command(prefix.join("usr/bin").join(program));
    command.env("LD_LIBRARY_PATH", prefix.join("usr/lib"));
    command
}

fn replace_link(to: &Path, at: &Path) -> Result<()> {
    if let Some(folder) = at.parent() {
        fs::create_dir_all(folder)?;
    }
    if at.is_symlink() {
        fs::remove_file(at)?;
    }
    symlink(to, at).with_context(|| format!("cannot make the link {}", at.display()))
}

/// The name of the first entry of a folder that fits.
fn find(folder: &Path, fits: impl Fn(&str) -> bool) -> Result<String> {
    let names = fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .into_iter()
        .find(|name| fits(name))
        .with_context(|| format!("{} is not as expected", folder.display()))
}

/// One field of a package's newest description.
fn field(package: &str, name: &str) -> Result<String> {
    let description = output(command("apt-cache").args(["show", "--no-all-versions", package]))?;
    let start = format!("{name}: ");
    match description.lines().find_map(|line| line.strip_prefix(&start)) {
        Some(value) => Ok(value.to_owned()),
        None => bail!("the description of {package} has no field {name}"),
    }
}

/// The names of the packages that one depends on; of alternatives, the first.
fn dependencies(package: &str) -> Result<Vec<String>> {
    let depends = field(package, "Depends")?;
    let name = |entry: &str| {
        entry
            .split([' ', '(', '|', ':'])
            .find(|word| !word.is_empty())
            .map(str::to_owned)
    };
    Ok(depends.split(',').filter_map(name).collect())
}
