//! The sample files.

use std::fs;
use std::path::{Path, PathBuf};

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(kind)
}

/// Files of a kind with this ending, sorted by name.
pub fn files(kind: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(kind)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no samples of {kind}");
    files
}

/// Contents of the files of a kind.
pub fn contents(kind: &str, ending: &str) -> Vec<Vec<u8>> {
    files(kind, ending)
        .into_iter()
        .map(|path| fs::read(path).unwrap())
        .collect()
}
