//! The key file of a backup target: what the password opens, and without which no password opens anything.

use crate::{
    Location, Vault, VaultError,
    repository::existing,
    storage::{KEYS, Place},
};
use sha2::{Digest, Sha256};
use std::io;

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
    pub(crate) fn read(place: &Place, name: String) -> Result<Self, VaultError> {
        let content = place.read(&path(&name)).and_then(|content| {
            String::from_utf8(content).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
        });
        match content {
            Ok(content) => Ok(Self { name, content }),
            Err(error) => Err(unusable(place, &error)),
        }
    }

    /// Whether it lies in the backup target as it was.
    fn see_that_it_is_there(&self, place: &Place) -> Result<(), VaultError> {
        match place.read(&path(&self.name)) {
            Ok(content) if content == self.content.as_bytes() => Ok(()),
            Ok(_) => Err(damaged(place, &self.name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(place)),
            Err(error) => Err(unusable(place, &error)),
        }
    }

    /// Writes it into the backup target.
    fn write(&self, place: &Place) -> io::Result<()> {
        place.write(&path(&self.name), self.content.as_bytes())
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
        self.key_file.see_that_it_is_there(self.place())
    }

    /// Writes the key file into the backup target again when it is missing or damaged. The answer is whether it was.
    ///
    /// # Errors
    /// As [`Vault::look`]; [`VaultError::Target`] when it cannot be written.
    pub fn put_key_back(&self) -> Result<bool, VaultError> {
        match self.look() {
            Ok(()) => Ok(false),
            Err(lost) if lost.is_key_loss() => {
                let written = self.key_file.write(self.place());
                written.map_err(|error| unusable(self.place(), &error))?;
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
        let opened = Self::open(self.location().clone(), &self.password)?;
        match opened.id() == self.id() {
            true => Ok(()),
            false => Err(VaultError::Target {
                target: self.place().name(),
                detail: format!("{} lies in its folder now", opened.id()),
            }),
        }
    }

    /// Opens a backup target that has lost its key file, with a copy of it, which it gets back. A copy that does not open
    /// it is taken out again.
    ///
    /// # Errors
    /// As [`Vault::open`]; [`VaultError::Target`] when the copy cannot be written.
    pub fn rescue(location: impl Into<Location>, password: &str, copy: &KeyFile) -> Result<Self, VaultError> {
        let place = Place::new(location.into())?;
        existing(&place)?;
        let (path, refused) = (path(&copy.name), |error| unusable(&place, &error));
        let before = place.read(&path).ok();
        copy.write(&place).map_err(refused)?;
        let opened = Self::open(place.location().clone(), password);
        if opened.is_err() {
            match before {
                Some(before) => place.write(&path, &before).map_err(refused)?,
                None => place.remove(&path).map_err(refused)?,
            }
        }
        opened
    }
}

/// Why no password opens the backup target, if that is so: all its key files are gone, or one is not what it was.
pub(crate) fn fault(place: &Place) -> Option<VaultError> {
    let names = match place.names(KEYS) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(missing(place)),
        Err(error) => return Some(unusable(place, &error)),
    };
    let mut names = names.into_iter().filter(|name| name.len() == NAME_DIGITS).peekable();
    if names.peek().is_none() {
        return Some(missing(place));
    }
    let is_damaged = |name: &String| place.read(&path(name)).is_ok_and(|content| sha256(&content) != *name);
    names.find(is_damaged).map(|name| damaged(place, &name))
}

fn path(name: &str) -> String {
    format!("{KEYS}/{name}")
}

fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

fn missing(place: &Place) -> VaultError {
    VaultError::NoKeyFile {
        folder: place.file_name(KEYS),
    }
}

fn damaged(place: &Place, name: &str) -> VaultError {
    VaultError::DamagedKeyFile {
        file: place.file_name(&path(name)),
    }
}

fn unusable(place: &Place, error: &io::Error) -> VaultError {
    VaultError::failing(place, "its key file cannot be used", error)
}
