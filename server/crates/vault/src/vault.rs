//! A backup target: making and opening one, storing the parts of a recovery point, sealing, discarding, removing.

use crate::{
    DataStream, ImageData, ImageSource, KeyFile, PointTag, Progress, SHORTEST_PASSWORD, SealedPoint, StoredDisk,
    StoredFile, UnfinishedPart, VaultError, VaultOptions,
    archive::{Entry, archive},
    error::describe,
    key,
    lasting::sync,
    point::{described, is_part, is_part_of, is_point, is_sealed, part, point_of, snapshot_path, whole},
    pump::{BlockReader, DEPTH, hash_blocks, pump},
    read::Located,
    repository::{closed, existing, holds_config, is_made_for_images},
};
use bytes::Bytes;
use rustic_core::{
    Credentials, IndexedFullStatus, KeyOptions, OpenStatus, Repository, RusticError, RusticResult, TreeId,
    last_modified_node,
    repofile::{MasterKey, Node, SnapshotFile},
};
use std::{
    fs,
    io::{self, Cursor},
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
    thread,
    time::Duration,
};

/// Pauses before what others are writing is read again, in milliseconds.
const PATIENCE: [u64; 4] = [10, 50, 250, 1000];

/// An open backup target. Calls may run at the same time, in several threads and processes.
pub struct Vault {
    target: PathBuf,
    pub(crate) password: String,
    key: MasterKey,
    pub(crate) key_file: KeyFile,
    id: String,
}

impl Vault {
    /// Makes a new backup target in a folder, which may exist.
    pub fn init(target: &Path, password: &str, options: &VaultOptions) -> Result<Self, VaultError> {
        let repository = closed(target)?;
        if holds_config(target, &repository)? {
            return Err(VaultError::TargetExists {
                target: target.to_owned(),
            });
        }
        let target = target.to_owned();
        match password.chars().count() {
            0 => return Err(VaultError::EmptyPassword { target }),
            1..SHORTEST_PASSWORD => return Err(VaultError::ShortPassword { target }),
            _ => {}
        }
        let made = repository.init(
            &Credentials::password(password),
            &KeyOptions::default(),
            &options.config(),
        );
        let made = made.map_err(|error| VaultError::writing(&target, &error))?;
        sync(&target)?;
        Self::of(&target, password, &made)
    }

    /// Opens an existing one.
    pub fn open(target: &Path, password: &str) -> Result<Self, VaultError> {
        let repository = existing(target)?;
        if password.is_empty() {
            return Err(VaultError::EmptyPassword {
                target: target.to_owned(),
            });
        }
        let opened = repository.open(&Credentials::password(password));
        let opened = opened.map_err(|error| match key::fault(target) {
            Some(fault) => fault,
            None if error.is_incorrect_password() => VaultError::WrongPassword {
                target: target.to_owned(),
            },
            None => VaultError::reading(target, &error),
        })?;
        if !is_made_for_images(opened.config()) {
            return Err(VaultError::ForeignTarget {
                target: target.to_owned(),
            });
        }
        Self::of(target, password, &opened)
    }

    fn of(target: &Path, password: &str, opened: &Repository<OpenStatus>) -> Result<Self, VaultError> {
        let Some(key) = opened.key_id() else {
            return Err(VaultError::Target {
                target: target.to_owned(),
                detail: "it does not tell which key file the password opens".to_owned(),
            });
        };
        Ok(Self {
            target: target.to_owned(),
            password: password.to_owned(),
            key: opened.key(),
            key_file: KeyFile::read(target, key.to_hex().to_string())?,
            id: opened.config().id.to_hex().to_string(),
        })
    }

    /// What tells this backup target from every other, wherever it is mounted: what `restic cat config` calls its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Folder of the backup target.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Stores a disk as a part of a point, under a relative path such as `disks/0.img`. Holes are not read.
    pub fn store_disk(
        &self,
        point: &PointTag,
        name: &str,
        mut source: Box<dyn ImageSource>,
        progress: &dyn Progress,
    ) -> Result<StoredDisk, VaultError> {
        let (path, size) = (snapshot_path(name)?, source.size());
        let repository = self.read_shared(Repository::to_indexed_ids)?;
        let (to_archiver, blocks) = sync_channel(DEPTH);
        let (to_hasher, hashed) = sync_channel(DEPTH);
        let reader = BlockReader {
            blocks,
            current: Bytes::new(),
        };
        let snapshot = part(&self.target, point)?;
        let chunk = repository.config().chunk_size();
        let (pumped, sha256, stored) = thread::scope(|scope| {
            let hasher = scope.spawn(move || hash_blocks(&hashed));
            let archiver =
                scope.spawn(|| archive(&self.target, &repository, snapshot, vec![Entry { path, size, reader }]));
            let to = (&to_archiver, &to_hasher);
            let pumped = pump(name, source.as_mut(), &self.target, chunk, progress, to);
            // Without senders both readers come to an end; the archiver takes it for an end only when it was told so.
            drop((to_archiver, to_hasher));
            (pumped, hasher.join(), archiver.join())
        });
        let (sha256, stored) = (sha256.unwrap_or_else(resume), stored.unwrap_or_else(resume));
        let pumped = pumped?;
        let stored = stored?;
        Ok(StoredDisk {
            snapshot_id: stored.id.to_string(),
            sha256,
            data: pumped.data,
            size,
            read_bytes: pumped.read,
            added_bytes: stored.summary.map_or(0, |summary| summary.data_added_packed),
        })
    }

    /// Stores small files as a part of a point, by relative path.
    pub fn store_files(&self, point: &PointTag, files: Vec<(String, Vec<u8>)>) -> Result<(), VaultError> {
        let mut entries = Vec::with_capacity(files.len());
        for (name, bytes) in files {
            entries.push(Entry {
                path: snapshot_path(&name)?,
                size: bytes.len() as u64,
                reader: Cursor::new(bytes),
            });
        }
        let repository = self.read_shared(Repository::to_indexed_ids)?;
        archive(&self.target, &repository, part(&self.target, point)?, entries)?;
        Ok(())
    }

    /// Makes the parts of a point one snapshot. Only now it is a recovery point. Sealing again gives the same result.
    pub fn seal(&self, point: &PointTag) -> Result<SealedPoint, VaultError> {
        let snapshots = self.snapshots()?;
        let parts: Vec<_> = snapshots
            .iter()
            .filter(|snapshot| is_part_of(snapshot, point))
            .cloned()
            .collect();
        let sealed = match snapshots.iter().find(|snapshot| is_sealed(snapshot, point)) {
            Some(sealed) => sealed.clone(),
            None if parts.is_empty() => {
                return Err(VaultError::NothingStored {
                    point: point.to_string(),
                });
            }
            None => self.merge(point, &parts)?,
        };
        // The parts go only when they are not needed after a power cut either.
        self.sync()?;
        self.delete(&parts)?;
        Ok(described(&sealed))
    }

    /// Removes all parts of a point that was not sealed. Doing it again changes nothing; a sealed point stays.
    pub fn discard(&self, point: &PointTag) -> Result<(), VaultError> {
        let mut parts = self.snapshots()?;
        parts.retain(|snapshot| is_part_of(snapshot, point));
        self.delete(&parts)
    }

    /// Removes a recovery point. Its data goes with the next [`Vault::prune`] but one, unless other points use it.
    /// Removing one that is gone changes nothing.
    pub fn remove(&self, point: &PointTag) -> Result<(), VaultError> {
        let mut sealed = self.snapshots()?;
        sealed.retain(|snapshot| is_sealed(snapshot, point));
        self.delete(&sealed)
    }

    /// All recovery points, oldest first.
    pub fn list_points(&self) -> Result<Vec<SealedPoint>, VaultError> {
        let mut points: Vec<_> = self
            .snapshots()?
            .iter()
            .filter(|one| is_point(one))
            .map(described)
            .collect();
        points.sort_by_key(|point| point.time);
        Ok(points)
    }

    /// Parts of points that were not sealed: under way, or left by a crash.
    pub fn list_unfinished(&self) -> Result<Vec<UnfinishedPart>, VaultError> {
        let snapshots = self.snapshots()?;
        let parts = snapshots.iter().filter(|snapshot| is_part(snapshot));
        let describe = |snapshot: &SnapshotFile| UnfinishedPart {
            snapshot_id: snapshot.id.to_string(),
            point: point_of(snapshot),
            time: snapshot.time.timestamp().into(),
        };
        Ok(parts.map(describe).collect())
    }

    /// Opens a file of a snapshot.
    pub fn open_file(&self, snapshot: &str, file: &str) -> Result<StoredFile, VaultError> {
        self.locate(snapshot, file)?.open()
    }

    /// Opens a file of a snapshot for reading its data once, in order, as fast as it can be unpacked.
    pub fn stream_data(&self, snapshot: &str, file: &str) -> Result<DataStream, VaultError> {
        DataStream::open(self.locate(snapshot, file)?)
    }

    /// Reads everything that a file of a snapshot holds, and tells what it was besides zeros. Every chunk is read,
    /// unpacked and hashed, so what is equal to [`StoredDisk::data`] is stored as it was given; the chunk that a hole
    /// consists of is read once.
    pub fn read_data(&self, snapshot: &str, file: &str, progress: &dyn Progress) -> Result<ImageData, VaultError> {
        self.locate(snapshot, file)?.read_data(progress)
    }

    /// Reads every file of a snapshot but these. What does not fail is stored as it was given.
    pub fn check_files_but(&self, snapshot: &str, known: &[&str]) -> Result<(), VaultError> {
        let known: Vec<PathBuf> = known.iter().map(|name| snapshot_path(name)).collect::<Result<_, _>>()?;
        let (repository, found) = self.find(snapshot)?;
        let mut files = Vec::new();
        files_below(&repository, found.tree, Path::new("/"), &mut files)
            .map_err(|error| VaultError::of_file(snapshot, "the list of the files", &error))?;
        files.retain(|(path, _)| !known.contains(path));
        let mut located = Located {
            repository,
            node: Node::default(),
            snapshot: snapshot.to_owned(),
            file: String::new(),
        };
        for (path, node) in files {
            located.node = node;
            located.file = path.display().to_string();
            located.check()?;
        }
        Ok(())
    }

    /// The content of a small file of a snapshot.
    pub fn read_small_file(&self, snapshot: &str, file: &str) -> Result<Vec<u8>, VaultError> {
        self.locate(snapshot, file)?.bytes()
    }

    fn merge(&self, point: &PointTag, parts: &[SnapshotFile]) -> Result<SnapshotFile, VaultError> {
        let repository = self.read_shared(Repository::to_indexed_ids)?;
        let merged = repository.merge_snapshots(parts, &last_modified_node, whole(&self.target, point)?);
        merged.map_err(|error| self.failed(&error))
    }

    fn locate(&self, snapshot: &str, file: &str) -> Result<Located, VaultError> {
        let (repository, found) = self.find(snapshot)?;
        let failed = |error: Box<RusticError>| VaultError::of_file(snapshot, file, &error);
        let nodes = repository.find_nodes_from_path([found.tree], &snapshot_path(file)?);
        match nodes.map_err(failed)?.nodes.pop() {
            Some(node) if node.is_file() => Ok(Located {
                repository,
                node,
                snapshot: snapshot.to_owned(),
                file: file.to_owned(),
            }),
            _ => Err(VaultError::NoFile {
                snapshot: snapshot.to_owned(),
                file: file.to_owned(),
            }),
        }
    }

    /// A snapshot, in a repository that knows where everything lies.
    fn find(&self, snapshot: &str) -> Result<(Repository<IndexedFullStatus>, SnapshotFile), VaultError> {
        let repository = self.read_shared(Repository::to_indexed)?;
        let listed = self.whole_id(snapshot).map_err(|error| VaultError::Target {
            target: self.target.clone(),
            detail: format!("the list of the snapshots cannot be read: {error}"),
        })?;
        let mut found = match listed {
            Some(id) => repository
                .get_snapshots(&[id])
                .map_err(|error| VaultError::of_file(snapshot, "the list of the files", &error))?,
            None => Vec::new(),
        };
        let found = found.pop().ok_or_else(|| VaultError::NoSnapshot {
            target: self.target.clone(),
            snapshot: snapshot.to_owned(),
        })?;
        Ok((repository, found))
    }

    /// The whole id of a snapshot that is there, readable or not: the library passes over what it fails to list.
    fn whole_id(&self, snapshot: &str) -> io::Result<Option<String>> {
        for entry in fs::read_dir(self.target.join("snapshots"))? {
            let id = entry?.file_name().to_string_lossy().into_owned();
            if id.starts_with(snapshot) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn snapshots(&self) -> Result<Vec<SnapshotFile>, VaultError> {
        self.read_shared(|repository| repository.get_all_snapshots())
    }

    /// Reads what other backups write and remove at the same time: a file that is half written, or gone since it was
    /// listed, is no fault. What cannot be read for longer is.
    fn read_shared<T>(&self, read: impl Fn(Repository<OpenStatus>) -> RusticResult<T>) -> Result<T, VaultError> {
        for pause in PATIENCE {
            match read(self.repository()?) {
                Ok(value) => return Ok(value),
                Err(error) => tracing::debug!("the backup target is read again: {}", describe(&error)),
            }
            thread::sleep(Duration::from_millis(pause));
        }
        read(self.repository()?).map_err(|error| self.failed(&error))
    }

    fn delete(&self, snapshots: &[SnapshotFile]) -> Result<(), VaultError> {
        if snapshots.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = snapshots.iter().map(|snapshot| snapshot.id).collect();
        self.repository()?
            .delete_snapshots(&ids)
            .map_err(|error| self.failed(&error))
    }

    /// A fresh view of the repository: the library's index does not see what others have added since it was loaded.
    pub(crate) fn repository(&self) -> Result<Repository<OpenStatus>, VaultError> {
        let opened = existing(&self.target)?.open(&Credentials::Masterkey(self.key.clone()));
        opened.map_err(|error| VaultError::reading(&self.target, &error))
    }

    pub(crate) fn failed(&self, error: &RusticError) -> VaultError {
        VaultError::writing(&self.target, error)
    }
}

/// All files below a folder of a snapshot, with their paths.
fn files_below(
    repository: &Repository<IndexedFullStatus>,
    folder: TreeId,
    path: &Path,
    files: &mut Vec<(PathBuf, Node)>,
) -> RusticResult<()> {
    for node in repository.get_tree(&folder)?.nodes {
        let path = path.join(node.name());
        match node.subtree {
            Some(folder) => files_below(repository, folder, &path, files)?,
            None => files.push((path, node)),
        }
    }
    Ok(())
}

/// A panic of a thread goes on in the one that waits for it.
fn resume<T>(panic: Box<dyn std::any::Any + Send>) -> T {
    std::panic::resume_unwind(panic)
}
