//! Images for tests.

use std::io;
use vault::{Extent, ImageSource};

pub const MIB: u64 = 1024 * 1024;

/// An image in memory. Reading it outside its data ranges, or backwards, fails.
pub struct Image {
    size: u64,
    extents: Vec<Extent>,
    pieces: Vec<Vec<u8>>,
    next: u64,
    /// Reads that reach this byte fail.
    pub broken_at: Option<u64>,
}

impl Image {
    /// An image with incompressible data in the given ranges (offset, length). The same seed gives the same data.
    pub fn new(size: u64, ranges: &[(u64, u64)], seed: u64) -> Self {
        let extents = ranges
            .iter()
            .map(|&(offset, length)| Extent { offset, length })
            .collect();
        let noise = |(index, &(_, length)): (usize, &(u64, u64))| noise(length, seed + index as u64);
        Self {
            size,
            extents,
            pieces: ranges.iter().enumerate().map(noise).collect(),
            next: 0,
            broken_at: None,
        }
    }

    /// The whole image, holes as zeros. For small ones.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.size as usize];
        for (extent, piece) in self.extents.iter().zip(&self.pieces) {
            bytes[extent.offset as usize..extent.end() as usize].copy_from_slice(piece);
        }
        bytes
    }
}

impl ImageSource for Image {
    fn size(&self) -> u64 {
        self.size
    }

    fn data(&self) -> &[Extent] {
        &self.extents
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset + buffer.len() as u64;
        if self.broken_at.is_some_and(|at| at < end) {
            return Err(io::Error::other("the line broke"));
        }
        assert!(offset >= self.next, "reads come in ascending order");
        self.next = end;
        let found = self
            .extents
            .iter()
            .zip(&self.pieces)
            .find(|(extent, _)| (extent.offset..extent.end()).contains(&offset));
        let (extent, piece) = found.expect("a hole is read");
        let start = (offset - extent.offset) as usize;
        buffer.copy_from_slice(&piece[start..start + buffer.len()]);
        Ok(())
    }
}

/// Bytes that do not compress (splitmix64).
fn noise(length: u64, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length as usize + 8);
    while (bytes.len() as u64) < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(length as usize);
    bytes
}
