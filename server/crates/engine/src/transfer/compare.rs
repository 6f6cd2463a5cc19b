//! Whether a file on a server is what a disk of a recovery point is.

use super::extents::{BLOCK, file_hash, in_blocks, printed_hash, ranges_hash};
use super::receive::{data_extents, size_of};
use crate::estate::{Reach, ReachError};
use domain::fault::Difference;
use domain::plan::RemoteFile;
use domain::point::{Extent, PointDisk};
use ovm::shell::Shell;

/// Compares content. The answer is how the file differs, to be read after "The file", or nothing.
///
/// What the server's file system knows to be a hole reads as zeros; when all that was written lies where the disk has
/// data, reading these stretches is enough. Where it cannot tell, as on NFS, the whole file is read.
pub(crate) async fn difference(
    reach: &Reach,
    file: &RemoteFile,
    disk: &PointDisk,
) -> Result<Option<Difference>, ReachError> {
    let size = size_of(reach, file).await?;
    if size != disk.size_bytes {
        return Ok(Some(Difference::Size {
            found: size,
            stored: disk.size_bytes,
        }));
    }
    let written = in_blocks(&data_extents(reach, file, size).await?, size);
    let (of_data, found, stored) = if is_within(&written, &disk.data) {
        let found = data_sha256(reach, file, &disk.data).await?;
        (true, found, &disk.data_sha256)
    } else {
        (false, file_sha256(reach, file).await?, &disk.sha256)
    };
    Ok((found != *stored).then(|| Difference::Hash {
        of_data,
        found,
        stored: stored.clone(),
    }))
}

/// SHA-256 of a whole file, computed on the server by its own tool.
pub(crate) async fn file_sha256(reach: &Reach, file: &RemoteFile) -> Result<String, ReachError> {
    let shell = file_hash(&file.path);
    hash_in(&shell, &reach.shell(&file.server, &shell).await?)
}

async fn data_sha256(reach: &Reach, file: &RemoteFile, data: &[Extent]) -> Result<String, ReachError> {
    let (shell, ranges) = ranges_hash(&file.path, data);
    hash_in(&shell, &reach.shell_with_input(&file.server, &shell, &ranges).await?)
}

fn hash_in(shell: &Shell, printed: &str) -> Result<String, ReachError> {
    let hash = printed_hash(printed).map(str::to_owned);
    hash.ok_or_else(|| ReachError::Unreadable {
        command: shell.render().unwrap_or_default(),
        reason: format!("{:?} holds no SHA-256", printed.trim()),
    })
}

/// Whether all ranges lie in `data`, and `data` can be read in blocks. Both are in ascending order, and what adjoins is
/// one range.
fn is_within(ranges: &[Extent], data: &[Extent]) -> bool {
    let holds = |outer: &Extent, inner: &Extent| {
        outer.offset <= inner.offset && inner.offset + inner.length <= outer.offset + outer.length
    };
    let mut left = data;
    data.iter().all(|extent| extent.offset % BLOCK == 0)
        && ranges.iter().all(|range| {
            let skipped = left.iter().take_while(|extent| !holds(extent, range)).count();
            left = left.get(skipped..).unwrap_or_default();
            !left.is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(ranges: &[(u64, u64)]) -> Vec<Extent> {
        let extent = |&(offset, length): &(u64, u64)| Extent {
            offset: offset * BLOCK,
            length: length * BLOCK,
        };
        ranges.iter().map(extent).collect()
    }

    #[test]
    fn ranges_lie_within_the_data_or_not() {
        let data = blocks(&[(0, 2), (5, 3)]);
        for within in [&[][..], &[(0, 1), (1, 1)], &[(1, 1), (5, 1), (7, 1)], &[(5, 3)]] {
            assert!(is_within(&blocks(within), &data), "{within:?}");
        }
        for outside in [&[(2, 1)][..], &[(1, 2)], &[(0, 1), (8, 1)], &[(5, 4)]] {
            assert!(!is_within(&blocks(outside), &data), "{outside:?}");
        }
    }

    #[test]
    fn data_that_begins_within_a_block_cannot_be_read_in_blocks() {
        let data = [Extent {
            offset: 1,
            length: BLOCK,
        }];
        assert!(!is_within(&[], &data));
    }
}
