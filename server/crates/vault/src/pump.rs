//! Moves an image block by block from its source to two readers: the archiver and the hash of the whole image.
//!
//! Reading, hashing and archiving overlap. Holes are not read; they travel as a view of one static block of zeros.

use crate::{Extent, ImageSource, Progress, VaultError, extents::are_in_order};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender},
};

/// Blocks are cut at multiples of this.
const BLOCK: usize = 1024 * 1024;

/// Blocks that may wait between two threads.
pub(crate) const DEPTH: usize = 8;

static ZEROS: [u8; BLOCK] = [0; BLOCK];

/// What travels to the archiver. The end is announced, because a sender that merely vanished must not look like one.
pub(crate) enum Block {
    Bytes(Bytes),
    End,
}

/// Reads the whole image and sends it to both readers. Gives the number of bytes read at the source.
pub(crate) fn pump(
    file: &str,
    source: &mut dyn ImageSource,
    progress: &dyn Progress,
    archiver: &SyncSender<Block>,
    hasher: &SyncSender<Bytes>,
) -> Result<u64, VaultError> {
    let size = source.size();
    let extents = source.data().to_vec();
    if !are_in_order(&extents, size) {
        return Err(VaultError::InvalidExtents { file: file.to_owned() });
    }
    let of = extents.iter().map(|extent| extent.length).sum();
    let (mut done, mut offset, mut rest) = (0, 0, extents.as_slice());
    while offset < size {
        if progress.cancelled() {
            return Err(VaultError::Cancelled);
        }
        let end = size.min(offset + BLOCK as u64);
        let (block, read) = read_block(source, offset..end, &mut rest).map_err(|error| VaultError::Source {
            file: file.to_owned(),
            source: error,
        })?;
        // A reader that is gone has failed; its own error tells more than this one could.
        if hasher.send(block.clone()).is_err() || archiver.send(Block::Bytes(block)).is_err() {
            return Ok(done);
        }
        offset = end;
        if read > 0 {
            done += read;
            progress.bytes(done, of);
        }
    }
    archiver.send(Block::End).ok();
    Ok(done)
}

/// One block, and how much of it was read. Drops the extents that lie before its end from `rest`.
fn read_block(
    source: &mut dyn ImageSource,
    range: std::ops::Range<u64>,
    rest: &mut &[Extent],
) -> io::Result<(Bytes, u64)> {
    // At most BLOCK, so it fits.
    let length = (range.end - range.start) as usize;
    let mut block = Vec::new();
    let mut read = 0;
    while let Some((extent, later)) = rest.split_first() {
        let (from, to) = (extent.offset.max(range.start), extent.end().min(range.end));
        if from < to {
            block.resize(length, 0);
            let within = (from - range.start) as usize..(to - range.start) as usize;
            source.read(from, &mut block[within])?;
            read += to - from;
        }
        if extent.end() > range.end {
            break;
        }
        *rest = later;
    }
    let bytes = match read {
        0 => Bytes::from_static(&ZEROS[..length]),
        _ => Bytes::from(block),
    };
    Ok((bytes, read))
}

/// SHA-256 of everything that arrives, in hexadecimal digits.
pub(crate) fn hash_blocks(blocks: &Receiver<Bytes>) -> String {
    let mut hash = Sha256::new();
    for block in blocks {
        hash.update(&block);
    }
    hex::encode(hash.finalize())
}

/// The archiver's end: the image as a stream.
pub(crate) struct BlockReader {
    pub(crate) blocks: Receiver<Block>,
    pub(crate) current: Bytes,
}

impl Read for BlockReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.current.is_empty() {
            match self.blocks.recv() {
                Ok(Block::Bytes(bytes)) => self.current = bytes,
                Ok(Block::End) => return Ok(0),
                Err(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::BrokenPipe,
                        "the image was not read to its end",
                    ));
                }
            }
        }
        let count = buffer.len().min(self.current.len());
        buffer[..count].copy_from_slice(&self.current.split_to(count));
        Ok(count)
    }
}
