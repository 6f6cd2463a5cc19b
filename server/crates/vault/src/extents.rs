//! Ranges of bytes in an image.

use serde::{Deserialize, Serialize};

/// A range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extent {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}

impl Extent {
    /// The byte after the last.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// Adds an extent to a sorted list; joins it with the last one when they touch or overlap.
pub(crate) fn push_joined(extents: &mut Vec<Extent>, next: Extent) {
    match extents.last_mut() {
        _ if next.length == 0 => {}
        Some(last) if last.end() >= next.offset => last.length = last.length.max(next.end() - last.offset),
        _ => extents.push(next),
    }
}

/// Whether the extents are sorted, do not overlap, and end within `size`.
pub(crate) fn are_in_order(extents: &[Extent], size: u64) -> bool {
    let follows = |pair: &[Extent]| matches!(pair, [first, second] if first.end() <= second.offset);
    extents.windows(2).all(follows) && extents.last().is_none_or(|last| last.end() <= size)
}
