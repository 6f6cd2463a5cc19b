//! What can go wrong between Holdfast and its database.

use domain::error::StoredConflict;
use domain::plan::SealError;
use domain::say::{Language, Say};
use sea_orm::sqlx::error::ErrorKind;
use sea_orm::{DbErr, RuntimeErr};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The one error of this crate. After any of them a [`crate::Tx`] is of no more use: drop it, which undoes it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The URL names no database that Holdfast can use.
    #[error(
        "The URL of the database must be sqlite:///path/to/file or postgres://user:password@host/name; a database in memory will not do."
    )]
    BadUrl,
    /// The database is not there, refuses, is full or does not answer in time. A later attempt may succeed.
    #[error("The database cannot be used: {reason}. Check that it runs, can be written to and has space.")]
    Unavailable {
        /// What the database said.
        reason: String,
    },
    /// A newer Holdfast has changed the schema. Nothing was done to it by this one.
    #[error("{}", newer(migrations, file.as_deref(), copy.as_deref()))]
    Newer {
        /// The migrations that this program does not know.
        migrations: String,
        /// The file of a SQLite database.
        file: Option<PathBuf>,
        /// The newest copy from before these migrations, if there is one beside the file.
        copy: Option<PathBuf>,
    },
    /// The database is to be changed by this newer Holdfast, but cannot be copied aside before.
    #[error(
        "The database was written by an earlier Holdfast. Before this one changes it, it is copied to {}; that failed: \
         {reason}. Nothing was changed. Make room there, then start again.", copy.display()
    )]
    NotCopied {
        /// Where the copy would be.
        copy: PathBuf,
        /// Why there is none.
        reason: String,
    },
    /// What is stored already forbids it.
    #[error("{}", .0.say(Language::En))]
    Conflict(StoredConflict),
    /// What was to be changed is not stored.
    #[error("There is no {what} {id}.")]
    Missing {
        /// Kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Another worker has claimed the run since; whatever this one does for it must end here.
    #[error("Another worker has taken this run over; this one stops.")]
    Fenced,
    /// A stored value makes no sense.
    #[error(
        "The stored {what} cannot be read: {reason}. It was changed from outside, or written by another version of Holdfast."
    )]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A stored plan is not the one that its hash names.
    #[error(transparent)]
    Plan(#[from] SealError),
}

fn newer(migrations: &str, file: Option<&Path>, copy: Option<&Path>) -> String {
    let found = format!(
        "The database was written by a newer Holdfast: it has the changes {migrations}, which this program does not know. \
         Nothing was changed now. Start the newer program."
    );
    let back = "To return to this one, losing everything that has happened since the upgrade, stop Holdfast";
    match (file, copy) {
        (Some(file), Some(copy)) => {
            let (file, copy) = (file.display(), copy.display());
            format!("{found} {back}, move {file}, {file}-wal and {file}-shm away, and rename {copy} to {file}.")
        }
        (Some(_), None) => format!("{found} {back} and put back a copy of the database from before the upgrade."),
        (None, _) => format!("{found} {back} everywhere and restore a dump of the database from before the upgrade."),
    }
}

impl StoreError {
    /// Whether the same is read again at every later attempt, so that only a person can help.
    pub fn is_lasting(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Unreadable { .. })
    }

    pub(crate) fn unreadable(what: &'static str, reason: impl ToString) -> Self {
        Self::Unreadable {
            what,
            reason: reason.to_string(),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match broken_rule(&error) {
            Some(ErrorKind::UniqueViolation) => Self::Conflict(StoredConflict::StoredAlready),
            Some(ErrorKind::ForeignKeyViolation) => Self::Conflict(StoredConflict::StoredNowhere),
            Some(ErrorKind::CheckViolation) => Self::Conflict(StoredConflict::StoredForbidden),
            _ => Self::Unavailable {
                reason: error.to_string(),
            },
        }
    }
}

/// The rule of a table that a statement has broken, if that is why it failed.
pub(crate) fn broken_rule(error: &DbErr) -> Option<ErrorKind> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            cause.as_database_error().map(|cause| cause.kind())
        }
        _ => None,
    }
}

/// For `map_err`: what must be unique exists already, which is this conflict.
pub(crate) fn taken(what: StoredConflict) -> impl FnOnce(DbErr) -> StoreError {
    move |error| match broken_rule(&error) {
        Some(ErrorKind::UniqueViolation) => StoreError::Conflict(what),
        _ => error.into(),
    }
}

/// Guards an update that was to change one thing.
pub(crate) fn changed(rows: u64, what: &'static str, id: impl ToString) -> Result<(), StoreError> {
    if rows == 0 {
        let id = id.to_string();
        return Err(StoreError::Missing { what, id });
    }
    Ok(())
}
