//! Recovery points as the repository sees them: snapshots with tags. One kind is the finished point, the other a part
//! of one that is still being stored.

use crate::{ImageData, VaultError, storage::Place};
use rustic_core::{
    SnapshotOptions,
    repofile::{SnapshotFile, SnapshotId},
};
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
pub(crate) fn part(place: &Place, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    snapshot(place, PART, point)
}

/// An empty snapshot for the point itself.
pub(crate) fn whole(place: &Place, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    snapshot(place, POINT, point)
}

fn snapshot(place: &Place, kind: &str, point: &PointTag) -> Result<SnapshotFile, VaultError> {
    let options = SnapshotOptions::default()
        .label(point.to_string())
        .host(OWNER.to_owned())
        .command(OWNER.to_owned());
    let tagged = options
        .add_tags(kind)
        .and_then(|options| options.add_tags(&format!("{POINT_PREFIX}{point}")));
    let snapshot = tagged.and_then(|options| options.to_snapshot());
    snapshot.map_err(|error| VaultError::reading(place, &error))
}

/// What a snapshot is, without what lies in it.
#[derive(Clone, Debug)]
pub(crate) struct Brief {
    pub(crate) kind: Kind,
    pub(crate) point: PointTag,
    /// When it was begun, or its last part was.
    pub(crate) time: SystemTime,
}

/// What a snapshot is to the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A part of a point that was not sealed.
    Part,
    /// A recovery point.
    Point,
    /// Nothing of ours.
    Other,
}

impl Brief {
    pub(crate) fn of(snapshot: &SnapshotFile) -> Self {
        let kind = match snapshot {
            snapshot if snapshot.tags.contains(POINT) => Kind::Point,
            snapshot if snapshot.tags.contains(PART) => Kind::Part,
            _ => Kind::Other,
        };
        Self {
            kind,
            point: point_of(snapshot),
            time: snapshot.time.timestamp().into(),
        }
    }

    pub(crate) fn is(&self, kind: Kind, point: &PointTag) -> bool {
        self.kind == kind && self.point == *point
    }
}

fn point_of(snapshot: &SnapshotFile) -> PointTag {
    let tag = snapshot.tags.iter().find_map(|tag| tag.strip_prefix(POINT_PREFIX));
    PointTag::new(tag.unwrap_or_default())
}

pub(crate) fn described(snapshot: &SnapshotFile) -> SealedPoint {
    SealedPoint {
        snapshot_id: whole_id(snapshot.id),
        point: point_of(snapshot),
        time: snapshot.time.timestamp().into(),
        files: snapshot.paths.iter().cloned().collect(),
    }
}

/// All digits of the id of a snapshot: the library shows eight, which are soon those of another one, too.
pub(crate) fn whole_id(id: SnapshotId) -> String {
    id.to_hex().to_string()
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
