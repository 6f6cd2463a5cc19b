//! The bridge to the archiver of the repository library.
//!
//! The library is made for walking a file tree and leaves out, with no more than a log line, what it fails to read. A
//! recovery point must not be incomplete, so what it has stored is compared here with what it was given.

use crate::{VaultError, error::describe, storage::Place};
use rustic_core::{
    BackupOptions, IndexedIdsStatus, ParentOptions, ReadSource, ReadSourceEntry, Repository, RusticResult,
    jiff::Timestamp,
    repofile::{Metadata, Node, NodeType, SnapshotFile},
};
use std::{
    io::Read,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// A file on its way into the repository.
pub(crate) struct Entry<R> {
    /// Absolute path in the snapshot.
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) reader: R,
}

impl<R> Entry<R> {
    fn into_source_entry(self, modified: Timestamp) -> Option<ReadSourceEntry<R>> {
        let meta = Metadata {
            mode: Some(0o600),
            mtime: Some(modified),
            size: self.size,
            links: 1,
            ..Metadata::default()
        };
        let node = Node::new_node(self.path.file_name()?, NodeType::File, meta);
        Some(ReadSourceEntry {
            path: self.path,
            node,
            open: Some(self.reader),
        })
    }
}

/// Files that are read once, in the order of their paths. All count as modified when their snapshot was begun.
struct Entries<R> {
    files: Mutex<Vec<Entry<R>>>,
    modified: Timestamp,
}

impl<R: Read + Send + 'static> ReadSource for Entries<R> {
    type Open = R;
    type Iter = Box<dyn Iterator<Item = RusticResult<ReadSourceEntry<R>>> + Send>;

    fn size(&self) -> RusticResult<Option<u64>> {
        Ok(None)
    }

    fn entries(&self) -> Self::Iter {
        let files = std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner));
        let modified = self.modified;
        let entries = files
            .into_iter()
            .filter_map(move |file| file.into_source_entry(modified));
        Box::new(entries.map(Ok))
    }
}

/// Stores the files as one snapshot and checks that all of them are in it, whole. A snapshot that is not complete is
/// removed again.
pub(crate) fn archive<R: Read + Send + 'static>(
    place: &Place,
    repository: &Repository<IndexedIdsStatus>,
    snapshot: SnapshotFile,
    mut entries: Vec<Entry<R>>,
) -> Result<SnapshotFile, VaultError> {
    // The tree of a snapshot is sorted by name on each level, which is the order of paths by components.
    entries.sort_by(|first, second| first.path.cmp(&second.path));
    let paths: Vec<_> = entries.iter().map(|entry| entry.path.clone()).collect();
    let expected = (
        entries.len() as u64,
        entries.iter().map(|entry| entry.size).sum::<u64>(),
    );
    let parents = ParentOptions::default().force(true);
    let options = BackupOptions::default().no_scan(true).parent_opts(parents);
    let source = Entries {
        files: Mutex::new(entries),
        modified: snapshot.time.timestamp(),
    };
    let stored = repository.archive(&options, &source, snapshot, &paths);
    let stored = stored.map_err(|error| VaultError::writing(place, &error))?;
    place.see_that_it_is_there()?;
    let summary = stored.summary.clone().unwrap_or_default();
    if (summary.total_files_processed, summary.total_bytes_processed) == expected {
        place.make_lasting()?;
        return Ok(stored);
    }
    if let Err(error) = repository.delete_snapshots(&[stored.id]) {
        tracing::warn!(
            "an incomplete part stays in the backup target until it is discarded: {}",
            describe(&error)
        );
    }
    Err(VaultError::Target {
        target: place.name(),
        detail: "not everything that was read has been stored".to_owned(),
    })
}
