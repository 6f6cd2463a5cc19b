//! Outlasting a power cut. The library writes each file to the disk before it gives it its name, but the name stands in the
//! folder, and the file system writes that when it likes, mostly within half a minute.

use crate::{Vault, VaultError};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

impl Vault {
    /// Makes all that is in the backup target now outlast a power cut. What stores or seals something does so itself.
    ///
    /// # Errors
    /// [`VaultError::Target`] when the storage refuses; what was stored last may be gone after a power cut then.
    pub fn sync(&self) -> Result<(), VaultError> {
        sync(self.target())
    }
}

/// [`Vault::sync`] of the backup target in this folder.
pub(crate) fn sync(target: &Path) -> Result<(), VaultError> {
    let synced = folders(target).and_then(|folders| folders.iter().try_for_each(|folder| sync_folder(folder)));
    synced.map_err(|error| VaultError::Target {
        target: target.to_owned(),
        detail: format!("its folders cannot be written to the disk: {error}"),
    })
}

/// Writes the names in a folder to the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems know no such thing for folders: their servers write the names at once.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// The folders below first, the one in which the backup target itself stands last.
fn folders(target: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(target.join("data"))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.extend(["data", "index", "snapshots", "keys"].map(|name| target.join(name)));
    folders.push(target.to_owned());
    folders.extend(
        target
            .parent()
            .filter(|parent| *parent != Path::new(""))
            .map(Path::to_owned),
    );
    Ok(folders)
}
