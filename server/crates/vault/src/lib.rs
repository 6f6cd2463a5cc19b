//! Backup targets: encrypted, deduplicated folders and buckets in the format of restic, written and read by rustic.
//!
//! A disk goes in as size, data extents and a reader for ranges ([`ImageSource`]), and lies there as one plain file, so
//! that stock `restic dump` gives the image back without Holdfast. All disks and small files of a recovery point
//! are first stored as *parts*; [`Vault::seal`] makes one snapshot of them, and only that is a recovery point.
//!
//! Nothing here knows Oracle VM or a database. All calls block.

mod archive;
mod chunks;
mod error;
mod extents;
mod filefrag;
mod image;
mod key;
mod known;
mod location;
mod point;
mod prune;
mod pump;
mod read;
mod repository;
mod snapshot;
mod sparse_tar;
mod storage;
mod stream;
mod vault;

pub use error::{SHORTEST_PASSWORD, VaultError};
pub use extents::Extent;
pub use filefrag::{FilefragError, parse_filefrag};
pub use image::{ImageData, ImageSource, Progress};
pub use key::KeyFile;
pub use location::{AccessKey, Location, S3Location};
pub use point::{PointTag, SealedPoint, StoredDisk, UnfinishedPart};
pub use prune::{KEEP_UNNEEDED, Reclaimed};
pub use read::StoredFile;
pub use repository::VaultOptions;
pub use snapshot::Snapshot;
pub use sparse_tar::SparseTar;
pub use stream::DataStream;
pub use vault::Vault;
