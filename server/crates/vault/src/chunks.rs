//! Where the chunks of a stored file lie, and which of them hold nothing but zeros.

use crate::{Extent, extents::push_joined};
use rustic_core::{DataId, IndexedFull, Repository, RusticResult, repofile::Node};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The chunks of a stored file that hold something else than zeros.
pub(crate) struct DataChunks {
    pub(crate) ids: Vec<DataId>,
    /// The ranges that they are.
    pub(crate) extents: Vec<Extent>,
    /// Bytes in all chunks of the file.
    pub(crate) size: u64,
}

impl DataChunks {
    pub(crate) fn of<S: IndexedFull>(repository: &Repository<S>, node: &Node) -> RusticResult<Self> {
        let mut zeros = ZeroIds::default();
        let (mut ids, mut extents, mut size) = (Vec::new(), Vec::new(), 0);
        for id in node.content.iter().flatten() {
            let length = u64::from(repository.get_index_entry(id)?.data_length());
            if !zeros.is_zero(id, length) {
                let offset = size;
                push_joined(&mut extents, Extent { offset, length });
                ids.push(*id);
            }
            size += length;
        }
        Ok(Self { ids, extents, size })
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
