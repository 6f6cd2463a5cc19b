//! Which backup target is the first: its id is kept in the database, so that neither the empty folder below a file system
//! that is not mounted nor the target of another server is taken for it.

use super::{COMMAND_LINE, EngineError, blocking};
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::ids::TargetId;
use domain::target::Location;
use domain::time::{Clock, Timestamp};
use std::path::{Path, PathBuf};
use store::{KeyCopy, Store, StoreError, Target, Tx, Wanted};
use vault::{KeyFile, Vault, VaultError, VaultOptions};

/// What came of [`adopt_target`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptedTarget {
    /// Id of the backup target in the folder, the one of the database from now on.
    pub id: String,
    /// Id of the one that was, if there was another.
    pub instead_of: Option<String>,
}

/// Opens the backup target of the database. A database that has none and no recovery points gets the one in the folder,
/// or a new one; for every other database none is made.
///
/// # Errors
/// [`EngineError::TargetAway`] and [`EngineError::AnotherTarget`] when the folder does not hold the target of the
/// database; [`EngineError::BackupTarget`], [`EngineError::Store`].
pub(super) async fn open_target(
    store: &Store,
    folder: &Path,
    password: &str,
    now: Timestamp,
) -> Result<Vault, EngineError> {
    let recorded = store.target(&TargetId::first()).await?;
    let may_be_made = recorded.is_none() && store.points(None, &Wanted::newest(1)).await?.is_empty();
    let kept = recorded.as_ref().and_then(|recorded| recorded.key.clone());
    let vault = match open(folder, password, may_be_made).await {
        Err(EngineError::BackupTarget {
            source: VaultError::NoTarget { .. },
            ..
        }) => return Err(away(folder, recorded.as_ref())),
        Err(EngineError::BackupTarget { source, folder }) if source.is_key_loss() => match &kept {
            Some(copy) => rescue(store, &folder, password, copy.clone(), now).await?,
            None => return Err(EngineError::BackupTarget { source, folder }),
        },
        opened => opened?,
    };
    let tx = store.begin().await?;
    // Another server may have started at the same time.
    match tx.target(&TargetId::first()).await? {
        Some(recorded) if recorded.repository != vault.id() => Err(EngineError::AnotherTarget {
            folder: folder.to_owned(),
            found: short(vault.id()),
            expected: named(&recorded),
        }),
        Some(recorded) if recorded == first(&vault) => Ok(vault),
        _ => {
            record(&tx, &vault, now).await?;
            tx.commit().await?;
            Ok(vault)
        }
    }
}

/// Makes the backup target in the folder the one of the database, in the place of one that is lost for good. With
/// `make_new`, one is made when there is none. Whoever can do this can read and write the database anyway.
///
/// # Errors
/// [`EngineError::BackupTarget`], [`EngineError::Store`].
pub async fn adopt_target(
    store: &Store,
    clock: &dyn Clock,
    folder: &Path,
    password: &str,
    make_new: bool,
) -> Result<AdoptedTarget, EngineError> {
    let vault = open(folder, password, make_new).await?;
    let tx = store.begin().await?;
    let recorded = tx.target(&TargetId::first()).await?;
    let recorded = recorded.map(|recorded| recorded.repository);
    let adopted = AdoptedTarget {
        id: vault.id().to_owned(),
        instead_of: recorded.clone().filter(|id| id != vault.id()),
    };
    record(&tx, &vault, clock.now()).await?;
    if recorded.as_deref() != Some(vault.id()) {
        tx.audit(&adoption(&adopted, folder, clock.now())).await?;
    }
    tx.commit().await?;
    Ok(adopted)
}

async fn open(folder: &Path, password: &str, may_be_made: bool) -> Result<Vault, EngineError> {
    let (at, password) = (folder.to_owned(), password.to_owned());
    opening(folder, move || match Vault::open(&at, &password) {
        Err(VaultError::NoTarget { .. }) if may_be_made => Vault::init(&at, &password, &VaultOptions::default()),
        opened => opened,
    })
    .await
}

/// Opens a backup target that has lost its key file, with the copy in the database.
async fn rescue(
    store: &Store,
    folder: &Path,
    password: &str,
    copy: KeyCopy,
    now: Timestamp,
) -> Result<Vault, EngineError> {
    let (at, password) = (folder.to_owned(), password.to_owned());
    let KeyCopy { name, content } = copy;
    let copy = KeyFile { name, content };
    let vault = opening(folder, move || Vault::rescue(&at, &password, &copy)).await?;
    let tx = store.begin().await?;
    tx.audit(&key_put_back(&vault, now)).await?;
    tx.commit().await?;
    Ok(vault)
}

async fn opening(
    folder: &Path,
    opening: impl FnOnce() -> Result<Vault, VaultError> + Send + 'static,
) -> Result<Vault, EngineError> {
    blocking(opening).await.map_err(|source| EngineError::BackupTarget {
        folder: folder.to_owned(),
        source,
    })
}

async fn record(tx: &Tx, vault: &Vault, now: Timestamp) -> Result<(), StoreError> {
    let target = first(vault);
    tracing::info!(
        target.repository,
        "the backup target in {} is the first one of this database",
        target.location
    );
    tx.put_target(&target, now).await
}

/// What the database keeps of the backup target that the configuration names.
fn first(vault: &Vault) -> Target {
    let KeyFile { name, content } = vault.key_file().clone();
    Target {
        id: TargetId::first(),
        location: Location::Folder {
            folder: vault.location().to_string(),
        },
        repository: vault.id().to_owned(),
        password: None,
        access_key: None,
        key: Some(KeyCopy { name, content }),
    }
}

/// The row for a key file that was lost and is in the backup target again.
pub(crate) fn key_put_back(vault: &Vault, at: Timestamp) -> AuditEvent {
    let subject = AuditSubject::Target(vault.id().to_owned());
    AuditEvent::new(at, "holdfast", subject, Detail::KeyPutBack)
}

fn adoption(adopted: &AdoptedTarget, folder: &Path, at: Timestamp) -> AuditEvent {
    let detail = Detail::TargetAdopted {
        place: folder.display().to_string(),
        instead_of: adopted.instead_of.clone(),
    };
    AuditEvent::new(at, COMMAND_LINE, AuditSubject::Target(adopted.id.clone()), detail)
}

fn away(folder: &Path, recorded: Option<&Target>) -> EngineError {
    EngineError::TargetAway {
        folder: PathBuf::from(folder),
        expected: recorded.map_or_else(|| "the one with the recovery points of its catalogue".to_owned(), named),
    }
}

fn named(target: &Target) -> String {
    format!("{}, last seen in {}", short(&target.repository), target.location)
}

/// As much of an id as restic shows.
pub(super) fn short(id: &str) -> String {
    id.chars().take(8).collect()
}
