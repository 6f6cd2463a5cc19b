//! Moves an image block by block from its source to two readers: the archiver and the hash of the whole image.
//!
//! Reading, hashing and archiving overlap. Holes are not read; they travel as views of one block of zeros.

use crate::{
    Extent, ImageData, ImageSource, Progress, VaultError,
    extents::{are_in_order, push_joined},
    storage::Place,
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender},
};

/// Blocks that may wait between two threads.
pub(crate) const DEPTH: usize = 8;

/// What travels to the archiver. The end is announced, because a sender that merely vanished must not look like one.
pub(crate) enum Block {
    Bytes(Bytes),
    End,
}

/// What came of reading an image.
pub(crate) struct Pumped {
    /// Bytes read at the source.
    pub(crate) read: u64,
    pub(crate) data: ImageData,
}

/// Reads the whole image in blocks of the size of a chunk and sends it to both readers, for as long as the backup target
/// is there.
pub(crate) fn pump(
    file: &str,
    source: &mut dyn ImageSource,
    place: &Place,
    chunk: usize,
    progress: &dyn Progress,
    (archiver, hasher): (&SyncSender<Block>, &SyncSender<Bytes>),
) -> Result<Pumped, VaultError> {
    let (size, ranges) = (source.size(), source.data().to_vec());
    if !are_in_order(&ranges, size) {
        return Err(VaultError::InvalidExtents { file: file.to_owned() });
    }
    let of = ranges.iter().map(|range| range.length).sum();
    let zeros = Bytes::from(vec![0; chunk]);
    let mut non_zero = NonZero::default();
    let (mut read, mut offset, mut rest) = (0, 0, ranges.as_slice());
    while offset < size {
        if progress.cancelled() {
            return Err(VaultError::Cancelled);
        }
        let end = size.min(offset + chunk as u64);
        // At most `chunk`, so it fits.
        let zeros = zeros.slice(..(end - offset) as usize);
        let found = read_block(source, offset..end, &mut rest).map_err(|error| VaultError::Source {
            file: file.to_owned(),
            source: error,
        })?;
        if let Some((_, count)) = found {
            place.see_that_it_is_there()?;
            read += count;
            progress.bytes(read, of);
        }
        let data = found.map(|(bytes, _)| bytes).filter(|bytes| *bytes != zeros);
        if let Some(bytes) = &data {
            non_zero.push(offset, bytes);
        }
        let block = data.unwrap_or(zeros);
        // A reader that is gone has failed; its own error tells more than this one could.
        if hasher.send(block.clone()).is_err() || archiver.send(Block::Bytes(block)).is_err() {
            break;
        }
        offset = end;
    }
    if offset == size {
        archiver.send(Block::End).ok();
    }
    let data = non_zero.finish();
    Ok(Pumped { read, data })
}

/// Collects what is not zero.
#[derive(Default)]
struct NonZero {
    extents: Vec<Extent>,
    hash: Sha256,
}

impl NonZero {
    fn push(&mut self, offset: u64, bytes: &[u8]) {
        self.hash.update(bytes);
        let length = bytes.len() as u64;
        push_joined(&mut self.extents, Extent { offset, length });
    }

    fn finish(self) -> ImageData {
        ImageData {
            extents: self.extents,
            sha256: hex::encode(self.hash.finalize()),
        }
    }
}

/// One block and how much of it was read; nothing when it lies in a hole. Drops the ranges that lie before its end from
/// `rest`.
fn read_block(
    source: &mut dyn ImageSource,
    block: std::ops::Range<u64>,
    rest: &mut &[Extent],
) -> io::Result<Option<(Bytes, u64)>> {
    let mut bytes = Vec::new();
    let mut read = 0;
    while let Some((extent, later)) = rest.split_first() {
        let (from, to) = (extent.offset.max(block.start), extent.end().min(block.end));
        if from < to {
            bytes.resize((block.end - block.start) as usize, 0);
            let within = (from - block.start) as usize..(to - block.start) as usize;
            source.read(from, &mut bytes[within])?;
            read += to - from;
        }
        if extent.end() > block.end {
            break;
        }
        *rest = later;
    }
    Ok((read > 0).then(|| (Bytes::from(bytes), read)))
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
