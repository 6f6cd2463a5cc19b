//! Recovery points as the repository sees them: snapshots with tags. One kind is the finished point, the other a part
//! of one that is still being stored.

use crate::{ImageData, VaultError};
use rustic_core::{SnapshotOptions, repofile::SnapshotFile};
use std::{
    fmt,
    path::{Component, Path, PathBuf},
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
    /// What the image holds besides zeros.
    pub data: ImageData,
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

/// An empty snapshot for a part of the point.
pub(crate) fn part(target: &Path, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    snapshot(target, PART, point)
}

/// An empty snapshot for the point itself.
pub(crate) fn whole(target: &Path, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    snapshot(target, POINT, point)
}

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

pub(crate) fn is_part(snapshot: &SnapshotFile) -> bool {
    snapshot.tags.contains(PART)
}

pub(crate) fn is_point(snapshot: &SnapshotFile) -> bool {
    snapshot.tags.contains(POINT)
}

pub(crate) fn is_part_of(snapshot: &SnapshotFile, point: &PointTag) -> bool {
    is_part(snapshot) && point_of(snapshot) == *point
}

pub(crate) fn is_sealed(snapshot: &SnapshotFile, point: &PointTag) -> bool {
    is_point(snapshot) && point_of(snapshot) == *point
}

pub(crate) fn point_of(snapshot: &SnapshotFile) -> PointTag {
    let tag = snapshot.tags.iter().find_map(|tag| tag.strip_prefix(POINT_PREFIX));
    PointTag::new(tag.unwrap_or_default())
}

pub(crate) fn described(snapshot: &SnapshotFile) -> SealedPoint {
    SealedPoint {
        snapshot_id: snapshot.id.to_string(),
        point: point_of(snapshot),
        time: snapshot.time.timestamp().into(),
        files: snapshot.paths.iter().cloned().collect(),
    }
}

/// The absolute path in a snapshot for a relative name.
pub(crate) fn snapshot_path(name: &str) -> Result<PathBuf, VaultError> {
    let path = Path::new(name.strip_prefix('/').unwrap_or(name));
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    match plain && path.file_name().is_some() {
        true => Ok(Path::new("/").join(path)),
        false => Err(VaultError::InvalidName { name: name.to_owned() }),
    }
}
