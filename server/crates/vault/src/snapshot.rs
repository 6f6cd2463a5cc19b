//! An open snapshot: what is read of it shares one index, which is loaded when it is opened.

use crate::{
    DataStream, ImageData, Progress, StoredFile, Vault, VaultError, point::snapshot_path, read::Located,
    storage::SNAPSHOTS,
};
use rustic_core::{
    Id, IndexedFullStatus, Repository, RusticError, RusticResult, TreeId,
    repofile::{Node, SnapshotFile, SnapshotId},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A snapshot that can be read. Cloning is cheap.
#[derive(Clone)]
pub struct Snapshot {
    repository: Arc<Repository<IndexedFullStatus>>,
    tree: TreeId,
    id: String,
}

impl Vault {
    /// Opens a snapshot, by its id or the beginning of it.
    ///
    /// # Errors
    /// [`VaultError::NoSnapshot`]; [`VaultError::Target`] and the errors of an S3 server, which say nothing about it.
    pub fn snapshot(&self, id: &str) -> Result<Snapshot, VaultError> {
        let repository = self.read_shared(Repository::to_indexed)?;
        let whole = self.whole_id(id)?;
        let found = match whole.map(|whole| repository.get_file::<SnapshotFile>(&whole)) {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(self.unopened(id, &error)),
            None => Err(self.no_snapshot(id)),
        };
        Ok(Snapshot {
            tree: found?.tree,
            repository: Arc::new(repository),
            id: id.to_owned(),
        })
    }

    /// The whole id of a snapshot. Earlier releases kept no more than its beginning.
    fn whole_id(&self, id: &str) -> Result<Option<SnapshotId>, VaultError> {
        if let Ok(whole) = id.parse::<Id>() {
            return Ok(Some(whole.into()));
        }
        let names = self.snapshot_names()?;
        let mut found = names.iter().filter(|name| name.starts_with(id));
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(VaultError::Target {
                target: self.place().name(),
                detail: format!("more than one of its snapshots begins with {id}"),
            }),
            (found, _) => Ok(found.and_then(|name| name.parse().ok())),
        }
    }

    /// Why the file of a snapshot was not read. It counts as gone only while the others can be listed.
    fn unopened(&self, id: &str, error: &RusticError) -> VaultError {
        match VaultError::of_file(id, "the list of the files", error) {
            VaultError::Damaged { .. } if VaultError::is_missing(error) => match self.snapshot_names() {
                Ok(_) => self.no_snapshot(id),
                Err(error) => error,
            },
            error => error,
        }
    }

    fn snapshot_names(&self) -> Result<Vec<String>, VaultError> {
        let names = self.place().names(SNAPSHOTS);
        names.map_err(|error| VaultError::failing(self.place(), "the list of the snapshots cannot be read", &error))
    }

    fn no_snapshot(&self, id: &str) -> VaultError {
        VaultError::NoSnapshot {
            target: self.place().name(),
            snapshot: id.to_owned(),
        }
    }
}

impl Snapshot {
    /// Opens a file.
    pub fn open_file(&self, file: &str) -> Result<StoredFile, VaultError> {
        self.locate(file)?.open()
    }

    /// Opens a file for reading its data once, in order, as fast as it can be unpacked.
    pub fn stream_data(&self, file: &str) -> Result<DataStream, VaultError> {
        DataStream::open(self.locate(file)?)
    }

    /// Reads everything that a file holds, and tells what it was besides zeros. Every chunk is read, unpacked and hashed, so
    /// what is equal to [`crate::StoredDisk::data`] is stored as it was given; the chunk that a hole consists of is read
    /// once.
    pub fn read_data(&self, file: &str, progress: &dyn Progress) -> Result<ImageData, VaultError> {
        self.locate(file)?.read_data(progress)
    }

    /// Reads every file but these. What does not fail is stored as it was given.
    pub fn check_files_but(&self, known: &[&str]) -> Result<(), VaultError> {
        let known: Vec<PathBuf> = known.iter().map(|name| snapshot_path(name)).collect::<Result<_, _>>()?;
        let mut files = Vec::new();
        self.files_below(self.tree, Path::new("/"), &mut files)
            .map_err(|error| VaultError::of_file(&self.id, "the list of the files", &error))?;
        files.retain(|(path, _)| !known.contains(path));
        for (path, node) in files {
            self.located(node, path.display().to_string()).check()?;
        }
        Ok(())
    }

    /// The content of a small file.
    pub fn read_small_file(&self, file: &str) -> Result<Vec<u8>, VaultError> {
        self.locate(file)?.bytes()
    }

    fn locate(&self, file: &str) -> Result<Located, VaultError> {
        let failed = |error: Box<RusticError>| VaultError::of_file(&self.id, file, &error);
        let nodes = self.repository.find_nodes_from_path([self.tree], &snapshot_path(file)?);
        match nodes.map_err(failed)?.nodes.pop() {
            Some(node) if node.is_file() => Ok(self.located(node, file.to_owned())),
            _ => Err(VaultError::NoFile {
                snapshot: self.id.clone(),
                file: file.to_owned(),
            }),
        }
    }

    fn located(&self, node: Node, file: String) -> Located {
        Located {
            repository: self.repository.clone(),
            node,
            snapshot: self.id.clone(),
            file,
        }
    }

    /// All files below a folder, with their paths.
    fn files_below(&self, folder: TreeId, path: &Path, files: &mut Vec<(PathBuf, Node)>) -> RusticResult<()> {
        for node in self.repository.get_tree(&folder)?.nodes {
            let path = path.join(node.name());
            match node.subtree {
                Some(folder) => self.files_below(folder, &path, files)?,
                None => files.push((path, node)),
            }
        }
        Ok(())
    }
}
