//! Where the chunks of a stored file lie, and which of them hold nothing but zeros.

use crate::{Extent, extents::push_joined};
use rustic_core::{DataId, IndexedFull, Repository, RusticResult, repofile::Node};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// The chunks of a stored file.
pub(crate) struct Chunks {
    /// Those that hold something else than zeros.
    pub(crate) data: Vec<DataId>,
    /// The others, each once: a hole is one chunk over and over again.
    pub(crate) zeros: BTreeSet<DataId>,
    /// The ranges that the data is.
    pub(crate) extents: Vec<Extent>,
    /// Bytes in all chunks of the file.
    pub(crate) size: u64,
}

impl Chunks {
    pub(crate) fn of<S: IndexedFull>(repository: &Repository<S>, node: &Node) -> RusticResult<Self> {
        let mut known = ZeroIds::default();
        let (mut data, mut zeros, mut extents, mut size) = (Vec::new(), BTreeSet::new(), Vec::new(), 0);
        for id in node.content.iter().flatten() {
            let length = u64::from(repository.get_index_entry(id)?.data_length());
            if known.is_zero(id, length) {
                zeros.insert(*id);
            } else {
                let offset = size;
                push_joined(&mut extents, Extent { offset, length });
                data.push(*id);
            }
            size += length;
        }
        Ok(Self {
            data,
            zeros,
            extents,
            size,
        })
    }
}

/// The id of a chunk is the SHA-256 of its content, so a chunk of zeros is known without being read.
#[derive(Default)]
struct ZeroIds(HashMap<u64, String>);

impl ZeroIds {
    fn is_zero(&mut self, id: &DataId, length: u64) -> bool {
        let zero = self.0.entry(length).or_insert_with(|| hash_of_zeros(length));
        id.to_hex().as_str() == zero
    }
}

fn hash_of_zeros(mut length: u64) -> String {
    let zeros = [0; 64 * 1024];
    let mut hash = Sha256::new();
    while length > 0 {
        let count = length.min(zeros.len() as u64);
        hash.update(&zeros[..count as usize]);
        length -= count;
    }
    hex::encode(hash.finalize())
}
