//! A tar stream with one sparse file, to be unpacked by the `tar` of a server (`tar -xSf - -C FOLDER`).
//!
//! The format is the old GNU one (type `S`), because every GNU tar since 1.14 reads it, also from a pipe. Its header
//! holds the first 4 ranges of data; blocks of 21 more follow; then the data alone, each range filled up to a whole
//! block. Source: "GNU tar: an archiver tool", appendix "Basic Tar Format" and "Storing Sparse Files".

use crate::{
    Extent, ImageSource, VaultError,
    extents::{are_in_order, push_joined},
};
use std::io::{self, Read};

const BLOCK: u64 = 512;
const IN_HEADER: usize = 4;
const IN_EXTENSION: usize = 21;

/// Data is read from the image in pieces of this size.
const PIECE: u64 = 1024 * 1024;

/// The stream. Read it to its end.
pub struct SparseTar<S> {
    image: S,
    /// What is left to be sent of the image.
    ranges: std::vec::IntoIter<Extent>,
    current: Extent,
    /// Bytes that are ready to be given out, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
    finished: bool,
}

impl<S: ImageSource> SparseTar<S> {
    /// A stream that unpacks to the file `name`, with the given permissions, owned by root. Only `data` is read from
    /// the image, widened to multiples of 512 bytes; the rest becomes holes.
    pub fn new(name: &str, mode: u32, data: Vec<Extent>, image: S) -> Result<Self, VaultError> {
        let size = image.size();
        if name.is_empty() || name.len() >= 100 || name.contains('\0') {
            return Err(VaultError::InvalidName { name: name.to_owned() });
        }
        if !are_in_order(&data, size) {
            return Err(VaultError::InvalidExtents { file: name.to_owned() });
        }
        let ranges = widened(&data, size);
        Ok(Self {
            ready: headers(name, mode, size, &ranges),
            taken: 0,
            image,
            current: Extent { offset: 0, length: 0 },
            ranges: ranges.into_iter(),
            finished: false,
        })
    }

    /// Puts the next piece into `ready`; leaves it empty at the end of the stream.
    fn refill(&mut self) -> io::Result<()> {
        self.taken = 0;
        self.ready.clear();
        while self.current.length == 0 {
            match self.ranges.next() {
                Some(range) => self.current = range,
                None => {
                    self.close();
                    return Ok(());
                }
            }
        }
        let count = self.current.length.min(PIECE);
        // At most PIECE, so it fits; the last piece of a range is filled up to a whole block.
        self.ready.resize(count.next_multiple_of(BLOCK) as usize, 0);
        self.image
            .read(self.current.offset, &mut self.ready[..count as usize])?;
        self.current.offset += count;
        self.current.length -= count;
        Ok(())
    }

    /// Two empty blocks end an archive.
    fn close(&mut self) {
        if !std::mem::replace(&mut self.finished, true) {
            self.ready.resize(2 * BLOCK as usize, 0);
        }
    }
}

impl<S: ImageSource> Read for SparseTar<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.taken);
        buffer[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// Ranges in whole blocks, cut at the size.
fn widened(data: &[Extent], size: u64) -> Vec<Extent> {
    let mut ranges = Vec::with_capacity(data.len());
    for extent in data.iter().filter(|extent| extent.length > 0) {
        let offset = extent.offset / BLOCK * BLOCK;
        let end = extent.end().next_multiple_of(BLOCK).min(size);
        push_joined(
            &mut ranges,
            Extent {
                offset,
                length: end - offset,
            },
        );
    }
    ranges
}

/// Header and extension blocks.
fn headers(name: &str, mode: u32, size: u64, ranges: &[Extent]) -> Vec<u8> {
    let mut table = ranges.to_vec();
    // An empty range at the end gives the file its size when it ends with a hole.
    if ranges.last().is_none_or(|last| last.end() < size) {
        table.push(Extent {
            offset: size,
            length: 0,
        });
    }
    let (first, rest) = table.split_at(table.len().min(IN_HEADER));
    let mut header = Fields([0; BLOCK as usize]);
    header.text(0, name);
    header.number(100, 8, mode.into());
    header.number(108, 8, 0);
    header.number(116, 8, 0);
    header.number(124, 12, ranges.iter().map(|range| range.length).sum());
    header.number(136, 12, 0);
    header.text(156, "S");
    header.text(257, "ustar  ");
    header.text(265, "root");
    header.text(297, "root");
    header.ranges(386, first);
    header.0[482] = u8::from(!rest.is_empty());
    header.number(483, 12, size);
    header.checksum();
    let mut blocks = header.0.to_vec();
    let mut extensions = rest.chunks(IN_EXTENSION).peekable();
    while let Some(entries) = extensions.next() {
        let mut extension = Fields([0; BLOCK as usize]);
        extension.ranges(0, entries);
        extension.0[504] = u8::from(extensions.peek().is_some());
        blocks.extend_from_slice(&extension.0);
    }
    blocks
}

/// A header block while it is being filled in.
struct Fields([u8; BLOCK as usize]);

impl Fields {
    fn text(&mut self, at: usize, text: &str) {
        self.0[at..at + text.len()].copy_from_slice(text.as_bytes());
    }

    /// Octal digits and a NUL; a number that is too long for that in binary, marked by the highest bit.
    fn number(&mut self, at: usize, width: usize, value: u64) {
        let digits = format!("{value:0width$o}", width = width - 1);
        if digits.len() < width {
            return self.text(at, &digits);
        }
        self.0[at] = 0x80;
        self.0[at + width - 8..at + width].copy_from_slice(&value.to_be_bytes());
    }

    fn ranges(&mut self, at: usize, ranges: &[Extent]) {
        for (index, range) in ranges.iter().enumerate() {
            self.number(at + index * 24, 12, range.offset);
            self.number(at + index * 24 + 12, 12, range.length);
        }
    }

    /// The sum of all bytes, counted as if its own field held blanks.
    fn checksum(&mut self) {
        self.text(148, "        ");
        let sum: u64 = self.0.iter().map(|byte| u64::from(*byte)).sum();
        self.text(148, &format!("{sum:06o}\0"));
    }
}
