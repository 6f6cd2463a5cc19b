//! Reading a file of an open snapshot.

use crate::{Extent, ImageData, ImageSource, Progress, VaultError, chunks::Chunks};
use rustic_core::{
    DataId, IndexedFullStatus, Repository,
    repofile::{BlobType, Node},
    vfs::OpenFile,
};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read, Write},
    sync::Arc,
};

/// A file in a snapshot, with the repository that it lies in.
pub(crate) struct Located {
    pub(crate) repository: Arc<Repository<IndexedFullStatus>>,
    pub(crate) node: Node,
    pub(crate) snapshot: String,
    pub(crate) file: String,
}

impl Located {
    fn failed(&self, error: &rustic_core::RusticError) -> VaultError {
        VaultError::of_file(&self.snapshot, &self.file, error)
    }

    fn damaged(&self, detail: String) -> VaultError {
        VaultError::Damaged {
            snapshot: self.snapshot.clone(),
            file: self.file.clone(),
            detail,
        }
    }

    /// Opens it for reading ranges.
    pub(crate) fn open(self) -> Result<StoredFile, VaultError> {
        let open = self
            .repository
            .open_file(&self.node)
            .map_err(|error| self.failed(&error))?;
        let data = self.chunks()?.extents;
        Ok(StoredFile {
            located: self,
            open,
            data,
            position: 0,
        })
    }

    /// Reads the chunks that hold something else than zeros, in order, and each of the others once.
    pub(crate) fn read_data(&self, progress: &dyn Progress) -> Result<ImageData, VaultError> {
        let chunks = self.chunks()?;
        let mut writer = HashWriter {
            hash: Sha256::new(),
            done: 0,
            of: chunks.extents.iter().map(|extent| extent.length).sum(),
            progress,
        };
        let read = self.dump(chunks.data, &mut writer);
        match read.and_then(|()| self.check_chunks(&chunks.zeros)) {
            Ok(()) => Ok(ImageData {
                extents: chunks.extents,
                sha256: hex::encode(writer.hash.finalize()),
            }),
            Err(_) if progress.cancelled() => Err(VaultError::Cancelled),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.node.meta.size
    }

    /// Writes these chunks one after the other.
    pub(crate) fn dump(&self, chunks: Vec<DataId>, writer: &mut impl Write) -> Result<(), VaultError> {
        let part = Node {
            content: Some(chunks),
            ..self.node.clone()
        };
        self.repository.dump(&part, writer).map_err(|error| self.failed(&error))
    }

    /// The chunks with data of a file that is whole.
    pub(crate) fn chunks(&self) -> Result<Chunks, VaultError> {
        let chunks = Chunks::of(&self.repository, &self.node).map_err(|error| self.failed(&error))?;
        if chunks.size == self.size() {
            return Ok(chunks);
        }
        Err(self.damaged(format!("{} bytes instead of {}", chunks.size, self.size())))
    }

    /// Reads every chunk, whatever it holds.
    pub(crate) fn check(&self) -> Result<(), VaultError> {
        self.chunks()?;
        self.check_chunks(self.node.content.iter().flatten())
    }

    /// Reads these chunks. The id of a chunk is the SHA-256 of its content, so nothing else need be known of it.
    fn check_chunks<'a>(&self, ids: impl IntoIterator<Item = &'a DataId>) -> Result<(), VaultError> {
        for id in ids {
            let id = id.to_hex();
            let chunk = self.repository.cat_blob(BlobType::Data, &id);
            let chunk = chunk.map_err(|error| self.failed(&error))?;
            if hex::encode(Sha256::digest(&chunk)) != id.as_str() {
                return Err(self.damaged(format!("the chunk {} holds something else", id.as_str())));
            }
        }
        Ok(())
    }

    /// All of it, in memory.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        let dumped = self.repository.dump(&self.node, &mut bytes);
        dumped.map_err(|error| self.failed(&error))?;
        Ok(bytes)
    }
}

struct HashWriter<'a> {
    hash: Sha256,
    done: u64,
    of: u64,
    progress: &'a dyn Progress,
}

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.progress.cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.hash.update(bytes);
        self.done += bytes.len() as u64;
        self.progress.bytes(self.done, self.of);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An open file of a recovery point. Reads ranges with [`StoredFile::read_at`], or from the beginning as [`Read`].
pub struct StoredFile {
    located: Located,
    open: OpenFile,
    data: Vec<Extent>,
    position: u64,
}

impl StoredFile {
    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.located.size()
    }

    /// Ranges that hold something else than zeros, to the precision of a chunk.
    pub fn data(&self) -> &[Extent] {
        &self.data
    }

    /// Reads from `offset` until the buffer is full or the file ends. Gives the number of bytes.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, VaultError> {
        let Ok(start) = usize::try_from(offset) else {
            return Ok(0);
        };
        let read = self.located.repository.read_file_at(&self.open, start, buffer.len());
        let bytes = read.map_err(|error| self.located.failed(&error))?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

impl Read for StoredFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(self.position, buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl ImageSource for StoredFile {
    fn size(&self) -> u64 {
        self.size()
    }

    fn data(&self) -> &[Extent] {
        self.data()
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self.read_at(offset, buffer)? {
            count if count == buffer.len() => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
