//! What can go wrong with a backup target.

use crate::storage::{Place, S3Fault, Trouble};
use rustic_core::RusticError;
use std::{error::Error, io};

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
        "the backup target {target} is full; make its file system larger, or free space on it beside the backup target (what \
         failed backups have left in it is removed by itself within four days)"
    )]
    TargetFull {
        /// Where it lies.
        target: String,
    },
    /// There is no backup target in that place.
    #[error(
        "{target} holds no backup target; check that the right file system is mounted there, or that bucket and prefix are \
         the right ones"
    )]
    NoTarget {
        /// Where it lies.
        target: String,
    },
    /// There is one already in that place.
    #[error("{target} holds a backup target already; open it with its password")]
    TargetExists {
        /// Where it lies.
        target: String,
    },
    /// Somebody else has made the backup target.
    #[error(
        "the backup target {target} was not made by Holdfast: it does not cut files into chunks of one fixed size, as disk \
         images need; enter an empty folder, in which Holdfast makes its own"
    )]
    ForeignTarget {
        /// Where it lies.
        target: String,
    },
    /// The password does not open the backup target.
    #[error("the password does not open the backup target {target}; enter the one it was made with")]
    WrongPassword {
        /// Where it lies.
        target: String,
    },
    /// There is no key file.
    #[error(
        "there is no key file in {folder}, and without it no password opens the backup target; put the file back from a copy of \
         the backup target"
    )]
    NoKeyFile {
        /// Folder of the key files.
        folder: String,
    },
    /// A key file is not what it was.
    #[error(
        "the key file {file} is damaged, so that no password opens the backup target by it; put it back from a copy of the \
         backup target"
    )]
    DamagedKeyFile {
        /// The file.
        file: String,
    },
    /// There is no password.
    #[error(
        "an empty password protects nothing, and restic takes none; enter the password of the backup target {target}"
    )]
    EmptyPassword {
        /// Where it lies.
        target: String,
    },
    /// A new backup target would have a password that is soon guessed.
    #[error(
        "a password of fewer than {SHORTEST_PASSWORD} characters is soon guessed; enter a longer one for the new backup \
         target {target}"
    )]
    ShortPassword {
        /// Where it lies.
        target: String,
    },
    /// There is no such snapshot.
    #[error("the backup target {target} has no snapshot {snapshot}; it may have been removed outside Holdfast")]
    NoSnapshot {
        /// Where it lies.
        target: String,
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
    /// What was entered as the place of a backup target is none.
    #[error("{target} cannot be the place of a backup target ({detail}); correct its address, bucket or prefix")]
    InvalidLocation {
        /// Where it would lie.
        target: String,
        /// What is wrong.
        detail: String,
    },
    /// There is no such bucket.
    #[error("there is no bucket for the backup target {target}; create it on the S3 server, or correct its name")]
    NoBucket {
        /// Where it lies.
        target: String,
    },
    /// The access key does not open the bucket.
    #[error(
        "the S3 server does not accept the access key of the backup target {target}; enter the key and its secret again"
    )]
    WrongAccessKey {
        /// Where it lies.
        target: String,
    },
    /// The server does not do what it is asked for.
    #[error(
        "the S3 server refuses what the backup target {target} needs ({detail}); its access key must be allowed to list, \
         read, write and delete objects there, and the clocks of both must agree"
    )]
    Refused {
        /// Where it lies.
        target: String,
        /// What the server said.
        detail: String,
    },
    /// The server does not answer.
    #[error(
        "the S3 server of the backup target {target} does not answer ({detail}); check the server and the network, then try \
         again"
    )]
    Unreachable {
        /// Where it lies.
        target: String,
        /// What was noticed.
        detail: String,
    },
    /// Anything else that the backup target refused.
    #[error("the backup target {target} reports: {detail}")]
    Target {
        /// Where it lies.
        target: String,
        /// What was noticed.
        detail: String,
    },
}

impl VaultError {
    /// An error of the repository library while something was being written.
    pub(crate) fn writing(place: &Place, error: &RusticError) -> Self {
        let target = place.name();
        if is_storage_full(error) {
            return Self::TargetFull { target };
        }
        if let Some(fault) = S3Fault::behind(error) {
            return Self::of_fault(target, fault);
        }
        match place.trouble() {
            Some(Trouble::Full) => Self::TargetFull { target },
            Some(Trouble::Server(fault)) => Self::of_fault(target, &fault),
            None => Self::reading(place, error),
        }
    }

    /// An error of the repository library while it looked at the backup target as a whole.
    pub(crate) fn reading(place: &Place, error: &RusticError) -> Self {
        match S3Fault::behind(error) {
            Some(fault) => Self::of_fault(place.name(), fault),
            None => Self::Target {
                target: place.name(),
                detail: describe(error),
            },
        }
    }

    /// An error of the storage; `what` is what could not be done.
    pub(crate) fn failing(place: &Place, what: &str, error: &io::Error) -> Self {
        match S3Fault::behind(error) {
            Some(fault) => Self::of_fault(place.name(), fault),
            None => Self::Target {
                target: place.name(),
                detail: format!("{what}: {error}"),
            },
        }
    }

    fn of_fault(target: String, fault: &S3Fault) -> Self {
        match fault {
            S3Fault::NoBucket => Self::NoBucket { target },
            S3Fault::WrongKey => Self::WrongAccessKey { target },
            S3Fault::Unreachable(detail) => Self::Unreachable {
                target,
                detail: detail.clone(),
            },
            S3Fault::Refused(detail) => Self::Refused {
                target,
                detail: detail.clone(),
            },
            S3Fault::NoObject => Self::Target {
                target,
                detail: "a file of it is gone".to_owned(),
            },
        }
    }

    /// An error of the repository library while a file was being read. What the storage refuses to read may be whole; what
    /// is missing or unlike itself is not.
    pub(crate) fn of_file(snapshot: &str, file: &str, error: &RusticError) -> Self {
        let (snapshot, file, detail) = (snapshot.to_owned(), file.to_owned(), describe(error));
        match refused_with(error) {
            None | Some(io::ErrorKind::NotFound) => Self::Damaged { snapshot, file, detail },
            Some(_) => Self::Unreadable { snapshot, file, detail },
        }
    }

    /// Whether the storage says that a file is not there.
    pub(crate) fn is_missing(error: &RusticError) -> bool {
        refused_with(error) == Some(io::ErrorKind::NotFound)
    }

    /// Whether a server, or the way to it, is the cause, which was given its time already.
    pub(crate) fn is_of_server(&self) -> bool {
        matches!(
            self,
            Self::NoBucket { .. } | Self::WrongAccessKey { .. } | Self::Refused { .. } | Self::Unreachable { .. }
        )
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

/// How the storage refused to read or write, if that is behind the error.
fn refused_with(error: &RusticError) -> Option<io::ErrorKind> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        // Others make errors of this type as well, for want of a better one: what unpacks a chunk does.
        let is_of_storage = |error: &&io::Error| error.raw_os_error().is_some() || S3Fault::behind(*error).is_some();
        if let Some(refused) = error.downcast_ref::<io::Error>().filter(is_of_storage) {
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
