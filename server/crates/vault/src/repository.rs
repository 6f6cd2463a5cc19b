//! The repository behind a backup target: how a new one is configured, and how a place becomes an open repository.

use crate::{VaultError, storage::Place};
use bytesize::ByteSize;
use rustic_core::{
    ConfigOptions, Repository, RepositoryBackends, RepositoryOptions, RusticError,
    repofile::{Chunker, ConfigFile},
};

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
pub(crate) fn closed(place: &Place) -> Result<Repository<()>, VaultError> {
    let failed = |error: Box<RusticError>| VaultError::reading(place, &error);
    let backends = RepositoryBackends::new(place.backend().map_err(failed)?, None);
    Repository::new(&RepositoryOptions::default().no_cache(true), &backends).map_err(failed)
}

/// [`closed`], where there is one.
pub(crate) fn existing(place: &Place) -> Result<Repository<()>, VaultError> {
    match place.holds_config()? {
        true => closed(place),
        false => Err(VaultError::NoTarget { target: place.name() }),
    }
}
