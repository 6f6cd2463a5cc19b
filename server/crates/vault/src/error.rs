//! What can go wrong with a backup target.

use rustic_core::RusticError;
use std::{error::Error, io, path::Path, path::PathBuf};

/// Characters that the password of a new backup target has at least.
pub const SHORTEST_PASSWORD: usize = 8;

/// Why an operation on a backup target failed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// [`crate::Progress::cancelled`] said so.
    #[error("the operation was cancelled")]
    Cancelled,
    /// The disk to be stored could not be read.
    #[error("{file} could not be read at its source: {source}")]
    Source {
        /// File in the recovery point.
        file: String,
        /// What the source said.
        source: io::Error,
    },
    /// The disk to be stored describes itself wrongly.
    #[error("the data ranges of {file} are not in order or go beyond its size")]
    InvalidExtents {
        /// File in the recovery point.
        file: String,
    },
    /// The name is no plain relative path.
    #[error("`{name}` cannot be the name of a file in a recovery point; use a relative path without `.` and `..`")]
    InvalidName {
        /// What was given.
        name: String,
    },
    /// No room left.
    #[error(
        "the backup target {} is full; make its file system larger, or free space on it beside the backup target (what \
         failed backups have left in it is removed by itself within four days)", .target.display()
    )]
    TargetFull {
        /// Folder.
        target: PathBuf,
    },
    /// The folder holds no backup target.
    #[error("{} holds no backup target; check that the right file system is mounted there", .target.display())]
    NoTarget {
        /// Folder.
        target: PathBuf,
    },
    /// The folder holds one already.
    #[error("{} holds a backup target already; open it with its password", .target.display())]
    TargetExists {
        /// Folder.
        target: PathBuf,
    },
    /// Somebody else has made the backup target.
    #[error(
        "the backup target {} was not made by Holdfast: it does not cut files into chunks of one fixed size, as disk \
         images need; enter an empty folder, in which Holdfast makes its own", .target.display()
    )]
    ForeignTarget {
        /// Folder.
        target: PathBuf,
    },
    /// The password does not open the backup target.
    #[error("the password does not open the backup target {}; enter the one it was made with", .target.display())]
    WrongPassword {
        /// Folder.
        target: PathBuf,
    },
    /// There is no key file.
    #[error(
        "there is no key file in {}, and without it no password opens the backup target; put the file back from a copy of \
         the backup target", .folder.display()
    )]
    NoKeyFile {
        /// Folder of the key files.
        folder: PathBuf,
    },
    /// A key file is not what it was.
    #[error(
        "the key file {} is damaged, so that no password opens the backup target by it; put it back from a copy of the \
         backup target", .file.display()
    )]
    DamagedKeyFile {
        /// The file.
        file: PathBuf,
    },
    /// There is no password.
    #[error(
        "an empty password protects nothing, and restic takes none; enter the password of the backup target {}",
        .target.display()
    )]
    EmptyPassword {
        /// Folder.
        target: PathBuf,
    },
    /// A new backup target would have a password that is soon guessed.
    #[error(
        "a password of fewer than {SHORTEST_PASSWORD} characters is soon guessed; enter a longer one for the new backup \
         target {}", .target.display()
    )]
    ShortPassword {
        /// Folder.
        target: PathBuf,
    },
    /// There is no such snapshot.
    #[error("the backup target {} has no snapshot {snapshot}; it may have been removed outside Holdfast", .target.display())]
    NoSnapshot {
        /// Folder.
        target: PathBuf,
        /// Id.
        snapshot: String,
    },
    /// There is no such file in the snapshot.
    #[error("the recovery point with snapshot {snapshot} has no file {file}")]
    NoFile {
        /// Id.
        snapshot: String,
        /// Path.
        file: String,
    },
    /// Nothing has been stored for a point that shall be sealed.
    #[error("nothing has been stored for the recovery point {point}, so it cannot be finished")]
    NothingStored {
        /// Tag of the point.
        point: String,
    },
    /// Stored data is missing or was changed.
    #[error(
        "{file} of snapshot {snapshot} is damaged in the backup target ({detail}); restore from another recovery point, \
         and check the storage below the backup target. A new backup refers to the damaged pack again until it is taken \
         out: `restic check --read-data` names it, `restic repair packs` takes it out (before restic 0.17 move the file \
         out of the folder data, then run `restic repair index`, formerly `rebuild-index`); then back up again"
    )]
    Damaged {
        /// Id.
        snapshot: String,
        /// Path.
        file: String,
        /// What was noticed.
        detail: String,
    },
    /// The storage below the backup target did not give it.
    #[error(
        "{file} of snapshot {snapshot} could not be read ({detail}), which does not say whether it is whole; check the \
         storage below the backup target, then try again"
    )]
    Unreadable {
        /// Id.
        snapshot: String,
        /// Path.
        file: String,
        /// What was noticed.
        detail: String,
    },
    /// Anything else that the backup target refused.
    #[error("the backup target {} reports: {detail}", .target.display())]
    Target {
        /// Folder.
        target: PathBuf,
        /// What was noticed.
        detail: String,
    },
}

/// Below this, a failure without a clear cause is taken for lack of room: a pack needs about that much.
const ROOM_FOR_A_PACK: u64 = 64 * 1024 * 1024;

impl VaultError {
    /// An error of the repository library while something was being written.
    pub(crate) fn writing(target: &Path, error: &RusticError) -> Self {
        let target = target.to_owned();
        // The library reports some failed writes only as a broken channel, so the file system is asked as well.
        if is_storage_full(error) || is_almost_full(&target) {
            return Self::TargetFull { target };
        }
        Self::reading(&target, error)
    }

    /// An error of the repository library while it looked at the backup target as a whole.
    pub(crate) fn reading(target: &Path, error: &RusticError) -> Self {
        Self::Target {
            target: target.to_owned(),
            detail: describe(error),
        }
    }

    /// An error of the repository library while a file was being read. What the operating system refuses to read may be
    /// whole; what is missing or unlike itself is not.
    pub(crate) fn of_file(snapshot: &str, file: &str, error: &RusticError) -> Self {
        let (snapshot, file, detail) = (snapshot.to_owned(), file.to_owned(), describe(error));
        match refused_with(error) {
            None | Some(io::ErrorKind::NotFound) => Self::Damaged { snapshot, file, detail },
            Some(_) => Self::Unreadable { snapshot, file, detail },
        }
    }

    /// Whether this tells that a key file is missing or damaged, so that the password may be the right one.
    pub fn is_key_loss(&self) -> bool {
        matches!(self, Self::NoKeyFile { .. } | Self::DamagedKeyFile { .. })
    }

    /// Whether this tells that what was stored is not there any more, whole; other errors say nothing about it.
    pub fn is_loss(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. } | Self::NoSnapshot { .. } | Self::NoFile { .. }
        )
    }
}

impl From<VaultError> for io::Error {
    fn from(error: VaultError) -> Self {
        Self::other(error)
    }
}

/// The error with its causes in one line.
pub(crate) fn describe(error: &RusticError) -> String {
    let mut text = error.display_log().trim_start_matches("Error: ").to_owned();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// How the operating system refused to read or write, if that is behind the error.
fn refused_with(error: &RusticError) -> Option<io::ErrorKind> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        // Others make errors of this type as well, for want of a better one: what unpacks a chunk does.
        if let Some(refused) = error
            .downcast_ref::<io::Error>()
            .filter(|error| error.raw_os_error().is_some())
        {
            return Some(refused.kind());
        }
        cause = error.source();
    }
    None
}

fn is_storage_full(error: &RusticError) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(refused_with(error), Some(StorageFull | QuotaExceeded))
}

fn is_almost_full(target: &Path) -> bool {
    rustix::fs::statvfs(target).is_ok_and(|room| room.f_bavail.saturating_mul(room.f_frsize) < ROOM_FOR_A_PACK)
}
