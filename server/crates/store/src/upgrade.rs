//! Before the schema of a database that is in use is changed: whether this program knows all that was done to it, and a
//! copy of it that leads back to the older program.

use crate::StoreError;
use crate::connect::create_private;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Brings the schema up to date in the writer's turn `tx`. The `file` of a SQLite database is copied aside first, through
/// `db`; a new one has nothing that is worth it.
///
/// # Errors
/// [`StoreError::Newer`], [`StoreError::NotCopied`]; [`StoreError::Unavailable`].
pub(crate) async fn migrate(
    db: &DatabaseConnection,
    tx: &DatabaseTransaction,
    file: Option<&Path>,
) -> Result<(), StoreError> {
    let applied = Migrator::get_migration_models(tx).await?;
    let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let unknown: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    if let Some(first) = unknown.first() {
        let copy = file.and_then(|file| copy_before(file, first));
        return Err(StoreError::Newer {
            migrations: unknown.join(", "),
            file: file.map(Path::to_owned),
            copy,
        });
    }
    let pending = known.iter().find(|name| !applied.contains(name));
    let copy = match (pending, applied.last(), file) {
        (Some(pending), Some(_), Some(file)) => Some(copy_aside(db, file, pending).await?),
        (Some(pending), Some(last), None) => {
            tracing::warn!(
                "the database is brought from {last} to {pending} and beyond; only a dump made before leads back to the \
                 older program"
            );
            None
        }
        _ => None,
    };
    migrated(tx, copy.as_deref()).await?;
    Ok(())
}

/// When it fails, the database is as before: then a copy at every attempt would only fill the disk.
async fn migrated(tx: &DatabaseTransaction, copy: Option<&Path>) -> Result<(), DbErr> {
    let migrated = Migrator::up(tx, None).await;
    if let (Err(_), Some(copy)) = (&migrated, copy)
        && let Err(error) = fs::remove_file(copy)
    {
        tracing::warn!("the needless copy {} was not removed: {error}", copy.display());
    }
    migrated
}

/// Copies the whole database to a file beside it that bears the number of the migration to come. Nobody writes meanwhile.
/// The copy appears under its name when it is whole and on the disk; an earlier one stays.
async fn copy_aside(db: &DatabaseConnection, file: &Path, pending: &str) -> Result<PathBuf, StoreError> {
    let copy = free_name(file, number_of(pending));
    let partial = with_suffix(&copy, ".partial");
    let copied = match copy_into(db, &partial).await {
        Ok(()) => in_place(&partial, &copy).map_err(|error| error.to_string()),
        Err(reason) => Err(reason),
    };
    match copied {
        Ok(()) => {
            tracing::info!("the database was copied to {} before it is changed", copy.display());
            Ok(copy)
        }
        Err(reason) => {
            // What stays of it is removed at the next attempt.
            let _ = fs::remove_file(&partial);
            Err(StoreError::NotCopied { copy, reason })
        }
    }
}

async fn copy_into(db: &DatabaseConnection, partial: &Path) -> Result<(), String> {
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.to_string()),
        _ => {}
    }
    // SQLite takes an empty file, and would make one that everybody may read.
    create_private(partial).map_err(|error| error.to_string())?;
    let path = partial.to_str().ok_or("its path is not UTF-8")?;
    let copying = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    db.execute_raw(copying).await.map_err(|error| error.to_string())?;
    Ok(())
}

fn in_place(partial: &Path, copy: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    fs::rename(partial, copy)?;
    // So that the name outlives a power failure, too.
    File::open(folder_of(copy))?.sync_all()
}

/// `holdfast.db.before-m0014`, or with `-2`, `-3` and so on behind it.
fn free_name(file: &Path, number: &str) -> PathBuf {
    let first = with_suffix(file, &format!(".before-{number}"));
    let later = (2..).map(|count: u64| with_suffix(&first, &format!("-{count}")));
    let mut names = std::iter::once(first.clone()).chain(later);
    names.find(|name| !name.exists()).unwrap_or(first)
}

/// The newest copy from before a migration, if there is one.
fn copy_before(file: &Path, migration: &str) -> Option<PathBuf> {
    let start = with_suffix(Path::new(file.file_name()?), ".before-");
    let start = start.to_str()?;
    let entries = fs::read_dir(folder_of(file)).ok()?.flatten();
    let copies = entries.filter(|entry| {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(start));
        number.is_some_and(|number| !number.ends_with(".partial") && number_of(number) <= number_of(migration))
    });
    let made = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified());
    copies
        .map(|entry| entry.path())
        .max_by_key(|path| made(path).unwrap_or(SystemTime::UNIX_EPOCH))
}

/// `m0014` of `m0014_subject` and of `m0014-2`.
fn number_of(name: &str) -> &str {
    name.split(['_', '-']).next().unwrap_or(name)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
