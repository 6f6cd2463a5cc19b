//! The key file of a backup target: what the password opens, and without which no password opens anything.

use crate::{Vault, VaultError, lasting::sync_folder, repository::existing};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Folder of the key files.
const FOLDER: &str = "keys";
/// Digits of the SHA-256 that is the name of a key file.
const NAME_DIGITS: usize = 64;

/// A key file as it lies in the backup target, encrypted with the password: a copy gives nobody more than the target does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Its name, the SHA-256 of what it holds.
    pub name: String,
    /// What it holds.
    pub content: String,
}

impl KeyFile {
    pub(crate) fn read(target: &Path, name: String) -> Result<Self, VaultError> {
        match fs::read_to_string(path(target, &name)) {
            Ok(content) => Ok(Self { name, content }),
            Err(error) => Err(unusable(target, &error)),
        }
    }

    /// Whether it lies in the backup target as it was.
    fn see_that_it_is_there(&self, target: &Path) -> Result<(), VaultError> {
        match fs::read(path(target, &self.name)) {
            Ok(content) if content == self.content.as_bytes() => Ok(()),
            Ok(_) => Err(damaged(target, &self.name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(target)),
            Err(error) => Err(unusable(target, &error)),
        }
    }

    /// Writes it into the backup target, so that it is there as a whole or not at all.
    fn write(&self, target: &Path) -> io::Result<()> {
        let folder = target.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let being_written = folder.join(format!("{}-tmp-", self.name));
        let mut file = File::create(&being_written)?;
        file.write_all(self.content.as_bytes())?;
        file.sync_all()?;
        fs::rename(being_written, path(target, &self.name))?;
        sync_folder(&folder)
    }
}

impl Vault {
    /// The key file that the password opens, as it was when the backup target was opened.
    pub fn key_file(&self) -> &KeyFile {
        &self.key_file
    }

    /// Whether the backup target is still in its folder, and whoever has its password can open it: what seems lost while
    /// another file system, or none, is mounted there is not lost.
    ///
    /// # Errors
    /// [`VaultError::NoKeyFile`] and [`VaultError::DamagedKeyFile`] when nobody could open it any more;
    /// [`VaultError::NoTarget`], [`VaultError::Target`].
    pub fn look(&self) -> Result<(), VaultError> {
        self.repository()?;
        self.key_file.see_that_it_is_there(self.target())
    }

    /// Writes the key file into the backup target again when it is missing or damaged. The answer is whether it was.
    ///
    /// # Errors
    /// As [`Vault::look`]; [`VaultError::Target`] when it cannot be written.
    pub fn put_key_back(&self) -> Result<bool, VaultError> {
        match self.look() {
            Ok(()) => Ok(false),
            Err(lost) if lost.is_key_loss() => {
                let written = self.key_file.write(self.target());
                written.map_err(|error| unusable(self.target(), &error))?;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens the backup target from the disk with the password, as somebody without this process would have to. Takes the
    /// better part of a second, so that nobody can try many passwords.
    ///
    /// # Errors
    /// As [`Vault::open`]; [`VaultError::Target`] when another one lies in its folder.
    pub fn open_again(&self) -> Result<(), VaultError> {
        let opened = Self::open(self.target(), &self.password)?;
        match opened.id() == self.id() {
            true => Ok(()),
            false => Err(VaultError::Target {
                target: self.target().to_owned(),
                detail: format!("{} lies in its folder now", opened.id()),
            }),
        }
    }

    /// Opens a backup target that has lost its key file, with a copy of it, which it gets back. A copy that does not open
    /// it is taken out again.
    ///
    /// # Errors
    /// As [`Vault::open`]; [`VaultError::Target`] when the copy cannot be written.
    pub fn rescue(target: &Path, password: &str, copy: &KeyFile) -> Result<Self, VaultError> {
        existing(target)?;
        let (path, refused) = (path(target, &copy.name), |error| unusable(target, &error));
        let before = fs::read(&path).ok();
        copy.write(target).map_err(refused)?;
        let opened = Self::open(target, password);
        if opened.is_err() {
            match before {
                Some(before) => fs::write(&path, before).map_err(refused)?,
                None => fs::remove_file(&path).map_err(refused)?,
            }
        }
        opened
    }
}

/// Why no password opens the backup target, if that is so: all its key files are gone, or one is not what it was.
pub(crate) fn fault(target: &Path) -> Option<VaultError> {
    let names = match fs::read_dir(target.join(FOLDER)) {
        Ok(entries) => entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(missing(target)),
        Err(error) => return Some(unusable(target, &error)),
    };
    let mut names = names.filter(|name| name.len() == NAME_DIGITS).peekable();
    if names.peek().is_none() {
        return Some(missing(target));
    }
    let is_damaged = |name: &String| fs::read(path(target, name)).is_ok_and(|content| sha256(&content) != *name);
    names.find(is_damaged).map(|name| damaged(target, &name))
}

fn path(target: &Path, name: &str) -> PathBuf {
    target.join(FOLDER).join(name)
}

fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

fn missing(target: &Path) -> VaultError {
    VaultError::NoKeyFile {
        folder: target.join(FOLDER),
    }
}

fn damaged(target: &Path, name: &str) -> VaultError {
    VaultError::DamagedKeyFile {
        file: path(target, name),
    }
}

fn unusable(target: &Path, error: &io::Error) -> VaultError {
    VaultError::Target {
        target: target.to_owned(),
        detail: format!("its key file cannot be used: {error}"),
    }
}
