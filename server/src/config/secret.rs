//! Texts that are never shown, and the files in which Holdfast keeps those it made itself.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

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

/// Reads a secret from its file, or makes one and keeps it there, readable by the owner only.
pub fn read_or_make(path: &Path, make: impl FnOnce() -> String) -> io::Result<Secret> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let text = make();
            writeln!(file, "{text}")?;
            file.sync_all()?;
            tracing::info!(
                "made {}; keep a copy in a safe place: what it protects cannot be read without it",
                path.display()
            );
            Ok(Secret(text))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::metadata(path)?.permissions().mode() & OTHERS != 0 {
                tracing::warn!("others can read {0}; run: chmod 600 {0}", path.display());
            }
            Ok(Secret(fs::read_to_string(path)?.trim().to_owned()))
        }
        Err(error) => Err(error),
    }
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

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
    }
}
