//! A backup target: making and opening one, storing the parts of a recovery point, sealing, discarding, removing.

use crate::{
    ImageSource, Progress, StoredFile, VaultError,
    archive::{Entry, archive},
    pump::{BlockReader, DEPTH, hash_blocks, pump},
    read::Located,
};
use bytes::Bytes;
use bytesize::ByteSize;
use rustic_backend::BackendOptions;
use rustic_core::{
    ConfigOptions, Credentials, KeyOptions, OpenStatus, PruneOptions, Repository, RepositoryOptions, RusticError,
    SnapshotOptions, last_modified_node,
    repofile::{Chunker, MasterKey, SnapshotFile},
};
use std::{
    fmt,
    io::Cursor,
    path::{Component, Path, PathBuf},
    sync::mpsc::sync_channel,
    thread,
    time::SystemTime,
};

/// Tag of snapshots that are parts of a point under way.
const PART: &str = "holdfast-part";
/// Tag of snapshots that are recovery points.
const POINT: &str = "holdfast-point";
/// Beginning of the tag that names the point.
const POINT_PREFIX: &str = "point:";
/// Host and command of all snapshots, so that neither names the machine or its arguments.
const OWNER: &str = "holdfast";

/// How a new backup target stores data. Cannot be changed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultOptions {
    /// Size of the chunks that images are cut into, in bytes.
    pub chunk_size: u32,
    /// Level of zstd: -7 to -1 fast, 1 to 22 small.
    pub compression: i32,
}

impl Default for VaultOptions {
    /// Measured on system disks: see the notes on speed in the handbook.
    fn default() -> Self {
        Self {
            chunk_size: 1024 * 1024,
            compression: 1,
        }
    }
}

/// Names a recovery point in the backup target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PointTag(String);

impl PointTag {
    /// From the id of the point. Characters that a tag cannot hold become `_`.
    pub fn new(id: &str) -> Self {
        let fits = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        Self(
            id.chars()
                .map(|character| if fits(character) { character } else { '_' })
                .collect(),
        )
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PointTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A disk that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDisk {
    /// Snapshot of this part; gone after [`Vault::seal`].
    pub snapshot_id: String,
    /// SHA-256 of the whole image, holes as zeros, in hexadecimal digits.
    pub sha256: String,
    /// Size of the image in bytes.
    pub size: u64,
    /// Bytes read at the source.
    pub read_bytes: u64,
    /// Bytes added to the backup target, after removing duplicates and compressing.
    pub added_bytes: u64,
}

/// A recovery point in the backup target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPoint {
    /// Snapshot with all files of the point.
    pub snapshot_id: String,
    /// The point.
    pub point: PointTag,
    /// When its last part was stored.
    pub time: SystemTime,
    /// Files, as paths from the root of the snapshot.
    pub files: Vec<String>,
}

/// A part of a point that was not sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedPart {
    /// Snapshot of the part.
    pub snapshot_id: String,
    /// The point that it belongs to.
    pub point: PointTag,
    /// When it was begun.
    pub time: SystemTime,
}

/// What [`Vault::prune`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Bytes that were removed now.
    pub removed_bytes: u64,
    /// Bytes that nothing refers to any more and that a run after a day will remove.
    pub marked_bytes: u64,
}

/// An open backup target. Calls may run at the same time, in several threads and processes.
pub struct Vault {
    target: PathBuf,
    key: MasterKey,
}

impl Vault {
    /// Makes a new backup target in a folder, which may exist.
    pub fn init(target: &Path, password: &str, options: &VaultOptions) -> Result<Self, VaultError> {
        let config = ConfigOptions::default()
            .set_version(2_u32)
            .set_chunker(Chunker::FixedSize)
            .set_chunk_size(ByteSize::b(options.chunk_size.into()))
            .set_compression(options.compression)
            // Every disk is read back before it counts as stored, which checks more than this would.
            .set_extra_verify(false);
        let repository = closed(target)?;
        if holds_config(target, &repository)? {
            return Err(VaultError::TargetExists {
                target: target.to_owned(),
            });
        }
        let made = repository.init(&Credentials::password(password), &KeyOptions::default(), &config);
        Ok(Self {
            target: target.to_owned(),
            key: made.map_err(|error| VaultError::writing(target, &error))?.key(),
        })
    }

    /// Opens an existing one.
    pub fn open(target: &Path, password: &str) -> Result<Self, VaultError> {
        let repository = existing(target)?;
        let opened = repository.open(&Credentials::password(password));
        let opened = opened.map_err(|error| match error.is_incorrect_password() {
            true => VaultError::WrongPassword {
                target: target.to_owned(),
            },
            false => VaultError::reading(target, &error),
        })?;
        Ok(Self {
            target: target.to_owned(),
            key: opened.key(),
        })
    }

    /// Opens the backup target in the folder, or makes one with the default options if there is none.
    pub fn open_or_init(target: &Path, password: &str) -> Result<Self, VaultError> {
        match Self::open(target, password) {
            Err(VaultError::NoTarget { .. }) => Self::init(target, password, &VaultOptions::default()),
            result => result,
        }
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
        let repository = self
            .repository()?
            .to_indexed_ids()
            .map_err(|error| self.failed(&error))?;
        let (to_archiver, blocks) = sync_channel(DEPTH);
        let (to_hasher, hashed) = sync_channel(DEPTH);
        let reader = BlockReader {
            blocks,
            current: Bytes::new(),
        };
        let snapshot = part(&self.target, point)?;
        let (pumped, sha256, stored) = thread::scope(|scope| {
            let hasher = scope.spawn(move || hash_blocks(&hashed));
            let archiver =
                scope.spawn(|| archive(&self.target, &repository, snapshot, vec![Entry { path, size, reader }]));
            let pumped = pump(name, source.as_mut(), progress, &to_archiver, &to_hasher);
            // Without senders both readers come to an end; the archiver takes it for an end only when it was told so.
            drop((to_archiver, to_hasher));
            (pumped, hasher.join(), archiver.join())
        });
        let (sha256, stored) = (sha256.unwrap_or_else(resume), stored.unwrap_or_else(resume));
        let read_bytes = pumped?;
        let stored = stored?;
        Ok(StoredDisk {
            snapshot_id: stored.id.to_string(),
            sha256,
            size,
            read_bytes,
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
        let repository = self
            .repository()?
            .to_indexed_ids()
            .map_err(|error| self.failed(&error))?;
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
            .filter(|one| one.tags.contains(POINT))
            .map(described)
            .collect();
        points.sort_by_key(|point| point.time);
        Ok(points)
    }

    /// Parts of points that were not sealed: under way, or left by a crash.
    pub fn list_unfinished(&self) -> Result<Vec<UnfinishedPart>, VaultError> {
        let snapshots = self.snapshots()?;
        let parts = snapshots.iter().filter(|snapshot| snapshot.tags.contains(PART));
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

    /// Reads a file of a snapshot from end to end and gives its SHA-256 in hexadecimal digits.
    pub fn hash_file(&self, snapshot: &str, file: &str, progress: &dyn Progress) -> Result<String, VaultError> {
        self.locate(snapshot, file)?.hash(progress)
    }

    /// The content of a small file of a snapshot.
    pub fn read_small_file(&self, snapshot: &str, file: &str) -> Result<Vec<u8>, VaultError> {
        self.locate(snapshot, file)?.bytes()
    }

    /// Removes data that nothing refers to. In two steps, a day apart, so that a backup which is just using such data
    /// does not lose it.
    pub fn prune(&self) -> Result<Reclaimed, VaultError> {
        let repository = self.repository()?;
        let options = PruneOptions::default();
        let plan = repository.prune_plan(&options).map_err(|error| self.failed(&error))?;
        let sizes = plan.stats.size_sum();
        let reclaimed = Reclaimed {
            removed_bytes: plan.stats.size_to_delete.remove,
            marked_bytes: sizes.remove + sizes.repackrm,
        };
        repository.prune(&options, plan).map_err(|error| self.failed(&error))?;
        Ok(reclaimed)
    }

    fn merge(&self, point: &PointTag, parts: &[SnapshotFile]) -> Result<SnapshotFile, VaultError> {
        let repository = self
            .repository()?
            .to_indexed_ids()
            .map_err(|error| self.failed(&error))?;
        let merged = repository.merge_snapshots(parts, &last_modified_node, snapshot(&self.target, POINT, point)?);
        merged.map_err(|error| self.failed(&error))
    }

    fn locate(&self, snapshot: &str, file: &str) -> Result<Located, VaultError> {
        let repository = self.repository()?.to_indexed().map_err(|error| self.failed(&error))?;
        let found = repository
            .get_snapshots(&[snapshot])
            .ok()
            .and_then(|found| found.into_iter().next());
        let Some(found) = found else {
            return Err(VaultError::NoSnapshot {
                target: self.target.clone(),
                snapshot: snapshot.to_owned(),
            });
        };
        let path = snapshot_path(file)?;
        match repository.node_from_path(found.tree, &path) {
            Ok(node) if node.is_file() => Ok(Located {
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

    fn snapshots(&self) -> Result<Vec<SnapshotFile>, VaultError> {
        self.repository()?
            .get_all_snapshots()
            .map_err(|error| self.failed(&error))
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
    fn repository(&self) -> Result<Repository<OpenStatus>, VaultError> {
        let opened = existing(&self.target)?.open(&Credentials::Masterkey(self.key.clone()));
        opened.map_err(|error| VaultError::reading(&self.target, &error))
    }

    fn failed(&self, error: &RusticError) -> VaultError {
        VaultError::writing(&self.target, error)
    }
}

/// The repository before its key is known.
fn closed(target: &Path) -> Result<Repository<()>, VaultError> {
    let failed = |error: Box<RusticError>| VaultError::reading(target, &error);
    // The type is named, so that nothing in a path can be taken for another kind of backend.
    let location = format!("local:{}", target.display());
    let backends = BackendOptions::default()
        .repository(location)
        .to_backends()
        .map_err(failed)?;
    Repository::new(&RepositoryOptions::default().no_cache(true), &backends).map_err(failed)
}

fn existing(target: &Path) -> Result<Repository<()>, VaultError> {
    let repository = closed(target)?;
    match holds_config(target, &repository)? {
        true => Ok(repository),
        false => Err(VaultError::NoTarget {
            target: target.to_owned(),
        }),
    }
}

fn holds_config(target: &Path, repository: &Repository<()>) -> Result<bool, VaultError> {
    let config = repository
        .config_id()
        .map_err(|error| VaultError::reading(target, &error))?;
    Ok(config.is_some())
}

fn part(target: &Path, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    snapshot(target, PART, point)
}

/// An empty snapshot with the tags of the point.
fn snapshot(target: &Path, kind: &str, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    let options = SnapshotOptions::default()
        .label(point.to_string())
        .host(OWNER.to_owned())
        .command(OWNER.to_owned());
    let tagged = options
        .add_tags(kind)
        .and_then(|options| options.add_tags(&format!("{POINT_PREFIX}{point}")));
    let snapshot = tagged.and_then(|options| options.to_snapshot());
    snapshot.map_err(|error| VaultError::reading(target, &error))
}

fn is_part_of(snapshot: &SnapshotFile, point: &PointTag) -> bool {
    snapshot.tags.contains(PART) && point_of(snapshot) == *point
}

fn is_sealed(snapshot: &SnapshotFile, point: &PointTag) -> bool {
    snapshot.tags.contains(POINT) && point_of(snapshot) == *point
}

fn point_of(snapshot: &SnapshotFile) -> PointTag {
    let tag = snapshot.tags.iter().find_map(|tag| tag.strip_prefix(POINT_PREFIX));
    PointTag::new(tag.unwrap_or_default())
}

fn described(snapshot: &SnapshotFile) -> SealedPoint {
    SealedPoint {
        snapshot_id: snapshot.id.to_string(),
        point: point_of(snapshot),
        time: snapshot.time.timestamp().into(),
        files: snapshot.paths.iter().cloned().collect(),
    }
}

/// The absolute path in a snapshot for a relative name.
fn snapshot_path(name: &str) -> Result<PathBuf, VaultError> {
    let path = Path::new(name.strip_prefix('/').unwrap_or(name));
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    match plain && path.file_name().is_some() {
        true => Ok(Path::new("/").join(path)),
        false => Err(VaultError::InvalidName { name: name.to_owned() }),
    }
}

/// A panic of a thread goes on in the one that waits for it.
fn resume<T>(panic: Box<dyn std::any::Any + Send>) -> T {
    std::panic::resume_unwind(panic)
}
