//! Texts that are never shown, and the files in which Holdfast keeps those it made itself.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// A text that is never printed, not even while debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Bits that let others than the owner at a file.
const OTHERS: u32 = 0o077;

/// Reads a secret from its file, or makes one and keeps it there, readable by the owner only. The answer may be empty, when
/// somebody else's file is. A secret has its name only when it is on the disk as a whole, so that no full disk and no power
/// cut leaves one behind that protects nothing.
pub fn read_or_make(path: &Path, make: impl FnOnce() -> String) -> io::Result<Secret> {
    if path.try_exists()? {
        return read(path);
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(folder)?;
    let text = make();
    writeln!(file, "{text}")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        // Another Holdfast was faster.
        Err(late) if late.error.kind() == io::ErrorKind::AlreadyExists => return read(path),
        Err(failed) => return Err(failed.error),
    }
    File::open(folder)?.sync_all()?;
    tracing::info!(
        "created {}; keep a copy in a safe place: what it protects cannot be read without it",
        path.display()
    );
    Ok(Secret(text))
}

fn read(path: &Path) -> io::Result<Secret> {
    if fs::metadata(path)?.permissions().mode() & OTHERS != 0 {
        tracing::warn!("others can read {0}; run: chmod 600 {0}", path.display());
    }
    Ok(Secret(fs::read_to_string(path)?.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_for_the_owner_only_and_read_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert_eq!(read_or_make(&path, || "first".into()).unwrap().reveal(), "first");
        assert_eq!(read_or_make(&path, || "second".into()).unwrap().reveal(), "first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// As a process that is killed there, or whose disk is full.
    #[test]
    fn a_secret_that_was_not_written_whole_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let killed = || std::panic::resume_unwind(Box::new("killed"));
        std::panic::catch_unwind(|| read_or_make(&path, killed)).unwrap_err();
        assert!(!path.exists());
        assert_eq!(read_or_make(&path, || "second".into()).unwrap().reveal(), "second");
    }

    #[test]
    fn of_two_that_make_a_secret_at_once_both_have_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let faster = || read_or_make(&path, || "faster".into()).unwrap().reveal().to_owned();
        let slower = read_or_make(&path, || faster().replace("faster", "slower")).unwrap();
        assert_eq!(slower.reveal(), "faster");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
    }
}
