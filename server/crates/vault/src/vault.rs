//! A backup target: making and opening one, storing the parts of a recovery point, sealing, discarding, removing.

use crate::{
    ImageSource, KeyFile, Location, PointTag, Progress, SHORTEST_PASSWORD, SealedPoint, StoredDisk, UnfinishedPart,
    VaultError, VaultOptions,
    archive::{Entry, archive},
    error::describe,
    key,
    known::Known,
    point::{Kind, described, part, snapshot_path, whole, whole_id},
    pump::{BlockReader, DEPTH, hash_blocks, pump},
    repository::{closed, existing, is_made_for_images},
    storage::Place,
};
use bytes::Bytes;
use rustic_core::{
    Credentials, KeyOptions, OpenStatus, Repository, RusticError, RusticResult, last_modified_node,
    repofile::{MasterKey, SnapshotFile, SnapshotId},
};
use std::{io::Cursor, sync::mpsc::sync_channel, thread, time::Duration};

/// Pauses before what others are writing is read again, in milliseconds.
const PATIENCE: [u64; 4] = [10, 50, 250, 1000];

/// An open backup target. Calls may run at the same time, in several threads and processes.
pub struct Vault {
    place: Place,
    pub(crate) password: String,
    key: MasterKey,
    pub(crate) key_file: KeyFile,
    id: String,
    pub(crate) known: Known,
}

impl Vault {
    /// Makes a new backup target: in a folder, which may exist, or in a bucket, which must.
    ///
    /// # Errors
    /// [`VaultError::TargetExists`], [`VaultError::EmptyPassword`], [`VaultError::ShortPassword`]; those of the place.
    pub fn init(location: impl Into<Location>, password: &str, options: &VaultOptions) -> Result<Self, VaultError> {
        let place = Place::new(location.into())?;
        let target = place.name();
        if place.holds_config()? {
            return Err(VaultError::TargetExists { target });
        }
        match password.chars().count() {
            0 => return Err(VaultError::EmptyPassword { target }),
            1..SHORTEST_PASSWORD => return Err(VaultError::ShortPassword { target }),
            _ => {}
        }
        let made = closed(&place)?.init(
            &Credentials::password(password),
            &KeyOptions::default(),
            &options.config(),
        );
        let made = made.map_err(|error| VaultError::writing(&place, &error))?;
        place.make_lasting()?;
        Self::of(place, password, &made)
    }

    /// Opens an existing one.
    ///
    /// # Errors
    /// [`VaultError::NoTarget`], [`VaultError::WrongPassword`], [`VaultError::EmptyPassword`],
    /// [`VaultError::ForeignTarget`], [`VaultError::NoKeyFile`], [`VaultError::DamagedKeyFile`]; those of the place.
    pub fn open(location: impl Into<Location>, password: &str) -> Result<Self, VaultError> {
        let place = Place::new(location.into())?;
        let repository = existing(&place)?;
        let target = place.name();
        if password.is_empty() {
            return Err(VaultError::EmptyPassword { target });
        }
        let opened = repository.open(&Credentials::password(password));
        let opened = opened.map_err(|error| match key::fault(&place) {
            Some(fault) => fault,
            None if error.is_incorrect_password() => VaultError::WrongPassword { target: target.clone() },
            None => VaultError::reading(&place, &error),
        })?;
        if !is_made_for_images(opened.config()) {
            return Err(VaultError::ForeignTarget { target });
        }
        Self::of(place, password, &opened)
    }

    fn of(place: Place, password: &str, opened: &Repository<OpenStatus>) -> Result<Self, VaultError> {
        let Some(key) = opened.key_id() else {
            return Err(VaultError::Target {
                target: place.name(),
                detail: "it does not tell which key file the password opens".to_owned(),
            });
        };
        Ok(Self {
            password: password.to_owned(),
            key: opened.key(),
            key_file: KeyFile::read(&place, key.to_hex().to_string())?,
            id: opened.config().id.to_hex().to_string(),
            known: Known::default(),
            place,
        })
    }

    /// What tells this backup target from every other, wherever it is mounted: what `restic cat config` calls its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it lies.
    pub fn location(&self) -> &Location {
        self.place.location()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Makes all that is in the backup target now outlast a power cut. What stores or seals something does so itself.
    ///
    /// # Errors
    /// [`VaultError::Target`] when the storage refuses; what was stored last may be gone after a power cut then.
    pub fn sync(&self) -> Result<(), VaultError> {
        self.place.make_lasting()
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
        let snapshot = part(&self.place, point)?;
        let chunk = repository.config().chunk_size();
        let (pumped, sha256, stored) = thread::scope(|scope| {
            let hasher = scope.spawn(move || hash_blocks(&hashed));
            let archiver =
                scope.spawn(|| archive(&self.place, &repository, snapshot, vec![Entry { path, size, reader }]));
            let to = (&to_archiver, &to_hasher);
            let pumped = pump(name, source.as_mut(), &self.place, chunk, progress, to);
            // Without senders both readers come to an end; the archiver takes it for an end only when it was told so.
            drop((to_archiver, to_hasher));
            (pumped, hasher.join(), archiver.join())
        });
        let (sha256, stored) = (sha256.unwrap_or_else(resume), stored.unwrap_or_else(resume));
        let pumped = pumped?;
        let stored = stored?;
        Ok(StoredDisk {
            snapshot_id: whole_id(stored.id),
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
        archive(&self.place, &repository, part(&self.place, point)?, entries)?;
        Ok(())
    }

    /// Makes the parts of a point one snapshot. Only now it is a recovery point. Sealing again gives the same result.
    pub fn seal(&self, point: &PointTag) -> Result<SealedPoint, VaultError> {
        let briefs = self.briefs()?;
        let of = |kind| {
            let those = briefs.iter().filter(move |(_, brief)| brief.is(kind, point));
            those.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let (parts, sealed) = (of(Kind::Part), of(Kind::Point));
        let sealed = match self.snapshots(&sealed[..sealed.len().min(1)])?.pop() {
            Some(sealed) => sealed,
            None if parts.is_empty() => {
                return Err(VaultError::NothingStored {
                    point: point.to_string(),
                });
            }
            None => self.merge(point, &self.snapshots(&parts)?)?,
        };
        // The parts go only when they are not needed after a power cut either.
        self.sync()?;
        self.delete(&parts)?;
        Ok(described(&sealed))
    }

    /// Removes all parts of a point that was not sealed. Doing it again changes nothing; a sealed point stays.
    pub fn discard(&self, point: &PointTag) -> Result<(), VaultError> {
        self.delete(&self.snapshots_that(|brief| brief.is(Kind::Part, point))?)
    }

    /// Removes a recovery point. Its data goes with the next [`Vault::prune`] but one, unless other points use it.
    /// Removing one that is gone changes nothing.
    pub fn remove(&self, point: &PointTag) -> Result<(), VaultError> {
        self.delete(&self.snapshots_that(|brief| brief.is(Kind::Point, point))?)
    }

    /// All recovery points, oldest first.
    pub fn list_points(&self) -> Result<Vec<SealedPoint>, VaultError> {
        let points = self.snapshots_that(|brief| brief.kind == Kind::Point)?;
        let mut points: Vec<_> = self.snapshots(&points)?.iter().map(described).collect();
        points.sort_by_key(|point| point.time);
        Ok(points)
    }

    /// Parts of points that were not sealed: under way, or left by a crash.
    pub fn list_unfinished(&self) -> Result<Vec<UnfinishedPart>, VaultError> {
        let parts = self.briefs()?.into_iter().filter(|(_, brief)| brief.kind == Kind::Part);
        let describe = |(id, brief): (SnapshotId, crate::point::Brief)| UnfinishedPart {
            snapshot_id: whole_id(id),
            point: brief.point,
            time: brief.time,
        };
        Ok(parts.map(describe).collect())
    }

    fn merge(&self, point: &PointTag, parts: &[SnapshotFile]) -> Result<SnapshotFile, VaultError> {
        let repository = self.read_shared(Repository::to_indexed_ids)?;
        let merged = repository.merge_snapshots(parts, &last_modified_node, whole(&self.place, point)?);
        merged.map_err(|error| self.failed(&error))
    }

    /// Reads what other backups write and remove at the same time: a file that is half written, or gone since it was
    /// listed, is no fault. What cannot be read for longer is.
    pub(crate) fn read_shared<T>(
        &self,
        read: impl Fn(Repository<OpenStatus>) -> RusticResult<T>,
    ) -> Result<T, VaultError> {
        for pause in PATIENCE {
            match read(self.repository()?) {
                Ok(value) => return Ok(value),
                Err(error) if VaultError::reading(&self.place, &error).is_of_server() => break,
                Err(error) => tracing::debug!("the backup target is read again: {}", describe(&error)),
            }
            thread::sleep(Duration::from_millis(pause));
        }
        read(self.repository()?).map_err(|error| self.failed(&error))
    }

    fn delete(&self, snapshots: &[SnapshotId]) -> Result<(), VaultError> {
        if snapshots.is_empty() {
            return Ok(());
        }
        self.repository()?
            .delete_snapshots(snapshots)
            .map_err(|error| self.failed(&error))
    }

    /// A fresh view of the repository: the library's index does not see what others have added since it was loaded.
    pub(crate) fn repository(&self) -> Result<Repository<OpenStatus>, VaultError> {
        let opened = existing(&self.place)?.open(&Credentials::Masterkey(self.key.clone()));
        opened.map_err(|error| VaultError::reading(&self.place, &error))
    }

    pub(crate) fn failed(&self, error: &RusticError) -> VaultError {
        VaultError::writing(&self.place, error)
    }
}

/// A panic of a thread goes on in the one that waits for it.
fn resume<T>(panic: Box<dyn std::any::Any + Send>) -> T {
    std::panic::resume_unwind(panic)
}
