//! The files of a backup target, wherever they lie. The repository library reads and writes most of them; here is what it
//! has no words for, or does without telling what it failed to do.

mod fault;
mod folder;
mod library;
mod s3;

pub(crate) use fault::S3Fault;
pub(crate) use folder::BEING_WRITTEN;

use crate::{Location, VaultError};
use folder::Folder;
use rustic_core::{RusticResult, WriteBackend};
use s3::S3;
use std::{
    fmt, io,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Folder of the key files.
pub(crate) const KEYS: &str = "keys";
/// Folder of the snapshots.
pub(crate) const SNAPSHOTS: &str = "snapshots";
/// The file that makes a folder a backup target.
const CONFIG: &str = "config";

/// A file with packed data, or one that was to become such.
pub(crate) struct PackFile {
    /// Its path from the top of the backup target.
    pub(crate) path: String,
    /// Bytes.
    pub(crate) size: u64,
    /// When it was written.
    pub(crate) modified: SystemTime,
}

/// What a place that keeps files can do. Files are named by their paths from the top of the backup target. Errors of an S3
/// server are an [`S3Fault`] inside.
pub(crate) trait Storage: Send + Sync {
    /// What the repository library reads and writes through.
    fn backend(&self) -> RusticResult<Arc<dyn WriteBackend>>;

    /// Whether the file is there.
    fn has(&self, file: &str) -> io::Result<bool>;

    /// All of a small file.
    fn read(&self, file: &str) -> io::Result<Vec<u8>>;

    /// Writes a small file, so that it is there as a whole or not at all, and outlasts a power cut.
    fn write(&self, file: &str, content: &[u8]) -> io::Result<()>;

    /// Removes a file. One that is gone is no error.
    fn remove(&self, file: &str) -> io::Result<()>;

    /// The names in a folder, without those below. What cannot be listed is an error.
    fn names(&self, folder: &str) -> io::Result<Vec<String>>;

    /// All pack files, those that were not finished included. What cannot be listed is an error.
    fn packs(&self) -> io::Result<Vec<PackFile>>;

    /// Makes all that is there outlast a power cut. A server that has answered has done so.
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Whether what is written goes astray, because the place has been taken away below its name. A bucket cannot be: what
    /// is written there arrives, or fails.
    fn is_away(&self) -> bool {
        false
    }

    /// Why writing may have failed, when the library does not tell.
    fn trouble(&self) -> Option<Trouble>;
}

/// Why writing may have failed.
pub(crate) enum Trouble {
    /// No room is left.
    Full,
    /// The server does not do its part.
    Server(S3Fault),
}

/// A storage with its name.
#[derive(Clone)]
pub(crate) struct Place {
    location: Location,
    storage: Arc<dyn Storage>,
}

impl Place {
    pub(crate) fn new(location: Location) -> Result<Self, VaultError> {
        let storage: Arc<dyn Storage> = match &location {
            Location::Folder(folder) => Arc::new(Folder::new(folder)),
            Location::S3(place) => Arc::new(S3::new(place).map_err(|detail| VaultError::InvalidLocation {
                target: place.to_string(),
                detail,
            })?),
        };
        Ok(Self { location, storage })
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// Its name, for errors.
    pub(crate) fn name(&self) -> String {
        self.location.to_string()
    }

    /// The name of a file in it, for errors.
    pub(crate) fn file_name(&self, file: &str) -> String {
        format!("{}/{file}", self.location)
    }

    /// Whether it holds a backup target, as it seems.
    pub(crate) fn holds_config(&self) -> Result<bool, VaultError> {
        let held = self.has(CONFIG);
        held.map_err(|error| VaultError::failing(self, "it cannot be looked into", &error))
    }

    /// Makes sure, while something is stored, that the backup target is still there: when its file system is unmounted,
    /// the library goes on in the folder below, on whatever disk that lies.
    pub(crate) fn see_that_it_is_there(&self) -> Result<(), VaultError> {
        match self.is_away() {
            true => Err(VaultError::NoTarget { target: self.name() }),
            false => Ok(()),
        }
    }

    /// [`Storage::sync`], with an error that says what it means.
    pub(crate) fn make_lasting(&self) -> Result<(), VaultError> {
        let synced = self.sync();
        synced.map_err(|error| VaultError::failing(self, "its folders cannot be written to the disk", &error))
    }
}

impl std::ops::Deref for Place {
    type Target = dyn Storage;

    fn deref(&self) -> &Self::Target {
        self.storage.as_ref()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.location.fmt(formatter)
    }
}

/// Pauses before a server is asked again that did not answer as it should.
pub(crate) const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(800),
    Duration::from_secs(3),
];
