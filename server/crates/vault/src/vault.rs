//! A backup target: making and opening one, storing the parts of a recovery point, sealing, discarding, removing.

use crate::{
    ImageSource, PointTag, Progress, Reclaimed, SealedPoint, StoredDisk, StoredFile, UnfinishedPart, VaultError,
    VaultOptions,
    archive::{Entry, archive},
    point::{described, is_part, is_part_of, is_point, is_sealed, part, point_of, snapshot_path, whole},
    pump::{BlockReader, DEPTH, hash_blocks, pump},
    read::Located,
    repository::{closed, existing, holds_config},
};
use bytes::Bytes;
use rustic_core::{
    Credentials, KeyOptions, OpenStatus, PruneOptions, Repository, RusticError, last_modified_node,
    repofile::{MasterKey, SnapshotFile},
};
use std::{
    io::Cursor,
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
    thread,
};

/// How often snapshots are listed until all that were listed can be read.
const LISTINGS: usize = 20;

/// An open backup target. Calls may run at the same time, in several threads and processes.
pub struct Vault {
    target: PathBuf,
    key: MasterKey,
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
        let made = repository.init(
            &Credentials::password(password),
            &KeyOptions::default(),
            &options.config(),
        );
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
        let merged = repository.merge_snapshots(parts, &last_modified_node, whole(&self.target, point)?);
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

    /// The library lists first and reads then. Where another run has removed the parts of its point in between, reading
    /// fails and a new list is made; what is damaged fails every time.
    fn snapshots(&self) -> Result<Vec<SnapshotFile>, VaultError> {
        let repository = self.repository()?;
        let mut found = repository.get_all_snapshots();
        for _ in 1..LISTINGS {
            if found.is_ok() {
                break;
            }
            found = repository.get_all_snapshots();
        }
        found.map_err(|error| self.failed(&error))
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

/// A panic of a thread goes on in the one that waits for it.
fn resume<T>(panic: Box<dyn std::any::Any + Send>) -> T {
    std::panic::resume_unwind(panic)
}
