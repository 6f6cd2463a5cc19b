//! What a disk looks like to the vault.

use crate::Extent;
use std::io;

/// What an image holds besides zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageData {
    /// Ranges of whole chunks that hold something else than zeros, in ascending order.
    pub extents: Vec<Extent>,
    /// SHA-256 of these ranges, one after the other, in hexadecimal digits. Costs nothing for holes, whoever computes it.
    pub sha256: String,
}

/// A disk to be stored, or one that is read back.
pub trait ImageSource: Send {
    /// Size of the image in bytes, holes included.
    fn size(&self) -> u64;

    /// Ranges that may hold something else than zeros: sorted, not overlapping, within the size. The rest is not read.
    fn data(&self) -> &[Extent];

    /// Ranges known to be as in a parent recovery point. Not used yet.
    fn unchanged(&self) -> &[Extent] {
        &[]
    }

    /// Fills the buffer from `offset`. Called in ascending order and only within [`ImageSource::data`].
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// Follows a long operation, and can end it.
pub trait Progress {
    /// Told now and then: bytes of data handled so far, and in all.
    fn bytes(&self, done: u64, of: u64);

    /// Asked now and then; `true` ends the operation with [`crate::VaultError::Cancelled`].
    fn cancelled(&self) -> bool;
}
