//! Guards of the house: which crate may know which, and that documents name files that exist.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Names of all crates that `package` pulls in, itself left out.
fn pulled_in(package: &str, extra: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "-p",
            package,
        ])
        .args(extra)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let names = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned);
    names.filter(|name| name != package).collect()
}

fn assert_free_of(package: &str, extra: &[&str], forbidden: &[&str]) {
    let found = pulled_in(package, extra);
    for name in forbidden {
        assert!(!found.contains(*name), "{package} must not pull in {name}");
    }
}

#[test]
fn pages_know_neither_engine_nor_store_nor_ssh() {
    assert_free_of(
        "app",
        &[],
        &[
            "engine",
            "store",
            "migrations",
            "ssh",
            "vault",
            "lab",
            "russh",
            "sea-orm",
            "rustic_core",
        ],
    );
}

#[test]
fn what_runs_in_the_browser_knows_no_server() {
    let browser = [
        "--no-default-features",
        "--features",
        "hydrate",
        "--target",
        "wasm32-unknown-unknown",
    ];
    assert_free_of(
        "app",
        &browser,
        &["tokio", "mio", "axum", "plan", "leptos_router", "leptos_axum"],
    );
}

#[test]
fn pure_crates_stay_pure() {
    for package in ["ovm", "domain", "plan"] {
        assert_free_of(
            package,
            &[],
            &["tokio", "sea-orm", "russh", "axum", "leptos", "rustic_core"],
        );
    }
}

#[test]
fn only_store_and_migrations_name_the_orm() {
    for package in ["ssh", "vault", "lab", "domain", "plan"] {
        assert_free_of(package, &[], &["sea-orm", "store"]);
    }
    let manifest = std::fs::read_to_string(root().join("server/crates/engine/Cargo.toml")).unwrap();
    assert!(
        !manifest.contains("sea-orm"),
        "the engine speaks to the store, not to the ORM"
    );
}

#[test]
fn the_lab_knows_nothing_of_the_program_it_tests() {
    assert_free_of(
        "lab",
        &[],
        &["engine", "store", "plan", "ssh", "vault", "app", "domain"],
    );
}

#[test]
fn the_program_knows_nothing_of_its_tests() {
    assert_free_of("server", &[], &["world"]);
}

/// Every `path/like/this` in backquotes that starts with a folder of the house exists.
#[test]
fn documents_name_files_that_exist() {
    let mut missing = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let is_path = FOLDERS.iter().any(|folder| word.starts_with(folder)) && !word.contains([' ', '*', '<', '{']);
            let path = word.split(':').next().unwrap_or(word);
            if is_path && !root().join(path).exists() {
                missing.push(format!("{}: {word}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

const FOLDERS: [&str; 7] = [
    "app/",
    "server/",
    "frontend/",
    "migrations/",
    "style/",
    "e2e/",
    "xtask/",
];

fn documents() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root().join("server/docs")).unwrap();
    let docs = docs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    docs.chain([root().join("README.md")]).collect()
}

/// Libraries say `doctest = false`, because running no examples takes cargo a minute.
#[test]
fn no_documentation_has_an_example_that_nobody_runs() {
    let examples: Vec<String> = sources(&["*.rs"])
        .filter(|(_, text)| {
            text.lines()
                .any(|line| matches!(line.trim(), "/// ```" | "//! ```" | "/// ```rust"))
        })
        .map(|(file, _)| file)
        .collect();
    assert!(examples.is_empty(), "{examples:#?}");
}

/// Files longer than this are hard to hold in the head; none may grow beyond it.
const LINES: usize = 500;

#[test]
fn no_source_file_is_too_long() {
    let long: Vec<String> = sources(&["*.rs", "*.css", "*.ts"])
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// Path and text of the files of the house with these names.
fn sources(names: &[&str]) -> impl Iterator<Item = (String, String)> {
    let listed = Command::new("git")
        .arg("ls-files")
        .args(names)
        .current_dir(root())
        .output()
        .unwrap();
    let files: Vec<String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    // One that was just removed is still listed.
    files
        .into_iter()
        .filter_map(|file| Some((file.clone(), std::fs::read_to_string(root().join(file)).ok()?)))
}
