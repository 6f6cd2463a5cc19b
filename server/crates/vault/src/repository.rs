//! The repository behind a backup target: how a new one is configured, and how a folder becomes an open repository.

use crate::VaultError;
use bytesize::ByteSize;
use rustic_backend::BackendOptions;
use rustic_core::{
    ConfigOptions, Repository, RepositoryOptions, RusticError,
    repofile::{Chunker, ConfigFile},
};
use std::path::Path;

/// Bytes of the smallest piece of a disk.
const SECTOR: usize = 512;

/// How a new backup target stores data. Cannot be changed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultOptions {
    /// Size of the chunks that images are cut into, in bytes.
    pub chunk_size: u32,
    /// Level of zstd: -7 to -1 fast, 1 to 22 small.
    pub compression: i32,
}

impl Default for VaultOptions {
    /// The cheapest of those measured, storing and reading back a file system of 4 GiB with 860 MB of programs: 12.7 s of
    /// processor time and 301 MB. Level 3: 13.7 s and 273 MB; level -5: 13.8 s and 424 MB; chunks of 4 MiB: 14.8 s and
    /// 300 MB.
    fn default() -> Self {
        Self {
            chunk_size: 1024 * 1024,
            compression: 1,
        }
    }
}

impl VaultOptions {
    pub(crate) fn config(&self) -> ConfigOptions {
        ConfigOptions::default()
            .set_version(2_u32)
            .set_chunker(Chunker::FixedSize)
            .set_chunk_size(ByteSize::b(self.chunk_size.into()))
            .set_compression(self.compression)
            // Everything is read back before it counts as stored, which checks more than this would.
            .set_extra_verify(false)
    }
}

/// Images are stored by a chunk that fits their sectors, and a hole must be one chunk over and over again. Only a target
/// that Holdfast has made is so: stock restic cuts where the content says.
pub(crate) fn is_made_for_images(config: &ConfigFile) -> bool {
    let chunk = config.chunk_size();
    config.chunker() == Chunker::FixedSize && chunk > 0 && chunk.is_multiple_of(SECTOR)
}

/// The repository before its key is known.
pub(crate) fn closed(target: &Path) -> Result<Repository<()>, VaultError> {
    let failed = |error: Box<RusticError>| VaultError::reading(target, &error);
    // The type is named, so that nothing in a path can be taken for another kind of backend.
    let location = format!("local:{}", target.display());
    let backends = BackendOptions::default()
        .repository(location)
        .to_backends()
        .map_err(failed)?;
    Repository::new(&RepositoryOptions::default().no_cache(true), &backends).map_err(failed)
}

pub(crate) fn existing(target: &Path) -> Result<Repository<()>, VaultError> {
    let repository = closed(target)?;
    match holds_config(target, &repository)? {
        true => Ok(repository),
        false => Err(VaultError::NoTarget {
            target: target.to_owned(),
        }),
    }
}

/// Makes sure, while something is stored, that the backup target is still in its folder: when its file system is
/// unmounted, the library goes on in the folder below, on whatever disk that lies.
pub(crate) fn see_that_it_is_there(target: &Path) -> Result<(), VaultError> {
    // Where nobody can tell, the writing itself will.
    match target.join("config").try_exists() {
        Ok(false) => Err(VaultError::NoTarget {
            target: target.to_owned(),
        }),
        Ok(true) | Err(_) => Ok(()),
    }
}

pub(crate) fn holds_config(target: &Path, repository: &Repository<()>) -> Result<bool, VaultError> {
    let config = repository
        .config_id()
        .map_err(|error| VaultError::reading(target, &error))?;
    Ok(config.is_some())
}
