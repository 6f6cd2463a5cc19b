//! The backup targets that this process has open. The first is opened at the start, the others when they are needed; all
//! stay open.

use super::faults::of_vault;
use super::seal::{CannotOpen, SealKey};
use super::target::short;
use super::{Core, blocking};
use domain::fault::TargetFault;
use domain::ids::TargetId;
use domain::say::{Language, Say};
use domain::target::{Location, NewTarget};
use domain::time::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use store::{KeyCopy, StoreError, Target};
use vault::{AccessKey, KeyFile, S3Location, Vault, VaultError, VaultOptions};

/// Why a backup target cannot be used.
#[derive(Debug)]
pub(crate) enum TargetError {
    /// What is wrong with it.
    Fault(TargetFault),
    /// It cannot be opened itself.
    Vault(VaultError),
    /// The database.
    Store(StoreError),
}

impl TargetError {
    /// As a value that is stored and told. Opening is never cancelled.
    pub(crate) fn fault(&self) -> TargetFault {
        match self {
            Self::Fault(fault) => fault.clone(),
            Self::Vault(error) => of_vault(error).unwrap_or_else(|| other(error)),
            Self::Store(error) => other(error),
        }
    }
}

fn other(error: &impl fmt::Display) -> TargetFault {
    TargetFault::Sealed {
        detail: error.to_string(),
    }
}

/// For the log.
impl fmt::Display for TargetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.fault().say(Language::En))
    }
}

impl std::error::Error for TargetError {}

impl From<VaultError> for TargetError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<StoreError> for TargetError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<CannotOpen> for TargetError {
    fn from(error: CannotOpen) -> Self {
        Self::Fault(other(&error))
    }
}

/// What came of the last look at a backup target.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// When somebody has looked.
    pub(crate) at: Timestamp,
    /// Why nobody could open it, if that is so.
    pub(crate) fault: Option<TargetFault>,
}

/// A backup target that is open, or will be. Taken by whoever opens it, so that it is opened once.
type Opened = Arc<tokio::sync::Mutex<Option<Arc<Vault>>>>;

/// See the module description.
pub(crate) struct Targets {
    first: Arc<Vault>,
    /// Each by itself: where the storage of one hangs, nobody waits for it but those who want that one.
    others: Mutex<HashMap<TargetId, Opened>>,
    looks: Mutex<BTreeMap<TargetId, Look>>,
}

impl Targets {
    pub(super) fn with_first(first: Vault, now: Timestamp) -> Self {
        let look = Look { at: now, fault: None };
        Self {
            first: Arc::new(first),
            others: Mutex::default(),
            looks: Mutex::new(BTreeMap::from([(TargetId::first(), look)])),
        }
    }

    fn other(&self, id: &TargetId) -> Opened {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        others.entry(id.clone()).or_default().clone()
    }
}

impl Core {
    /// A backup target, open.
    ///
    /// # Errors
    /// [`TargetError`] when it cannot be opened now.
    pub(crate) async fn target(&self, id: &TargetId) -> Result<Arc<Vault>, TargetError> {
        if id.is_first() {
            return Ok(self.targets.first.clone());
        }
        let mut opened = self.targets.other(id).lock_owned().await;
        if let Some(vault) = &*opened {
            return Ok(vault.clone());
        }
        let recorded = self.store.target(id).await?;
        let recorded = recorded.ok_or_else(|| {
            let target = id.to_string();
            TargetError::Fault(TargetFault::Unknown { target })
        })?;
        let seal_key = self.seal_key.clone();
        // It goes on when the one who has asked goes away, so that the next one does not open it beside.
        let opening = tokio::spawn(async move {
            let vault = Arc::new(open(&recorded, &seal_key).await?);
            *opened = Some(vault.clone());
            Ok(vault)
        });
        opening
            .await
            .unwrap_or_else(|panicked| resume_unwind(panicked.into_panic()))
    }

    /// Remembers what came of a look at a backup target, for those who ask without waiting for it.
    pub(crate) fn note_target(&self, id: &TargetId, fault: Option<TargetFault>) {
        let look = Look { at: self.now(), fault };
        let mut looks = self.targets.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.insert(id.clone(), look);
    }

    /// What [`Core::note_target`] has remembered.
    pub(crate) fn target_looks(&self) -> BTreeMap<TargetId, Look> {
        let looks = self.targets.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.clone()
    }

    /// What is wrong when another backup target than the one that this process has opened was adopted since.
    pub(crate) async fn adopted_since(&self, id: &TargetId, vault: &Vault) -> Result<Option<TargetFault>, StoreError> {
        let recorded = self.store.target(id).await?;
        let adopted = recorded.filter(|recorded| recorded.repository != vault.id());
        Ok(adopted.map(|adopted| TargetFault::AnotherAdopted {
            opened: short(vault.id()),
            adopted: short(&adopted.repository),
            place: adopted.location.to_string(),
        }))
    }
}

pub(crate) async fn open(target: &Target, seal_key: &SealKey) -> Result<Vault, TargetError> {
    let sealed = target.password.as_ref();
    let password = seal_key.open(sealed.ok_or_else(|| no_password(target))?)?;
    let key = target.access_key.as_ref().map(|key| seal_key.open(key)).transpose()?;
    let location = place(&target.location, key.as_deref());
    let vault = blocking(move || Vault::open(location, &password)).await?;
    if vault.id() == target.repository {
        return Ok(vault);
    }
    Err(TargetError::Fault(TargetFault::Another {
        name: target.id.to_string(),
        place: target.location.to_string(),
        found: short(vault.id()),
        expected: short(&target.repository),
    }))
}

/// The configuration has only the password of the first.
fn no_password(target: &Target) -> TargetError {
    let target = target.id.to_string();
    TargetError::Fault(TargetFault::NoPassword { target })
}

/// The location with its secrets. A key and its secret are sealed together, with a line break between them.
fn place(location: &Location, key: Option<&str>) -> vault::Location {
    match location.clone() {
        Location::Folder { folder } => vault::Location::Folder(PathBuf::from(folder)),
        Location::S3 {
            endpoint,
            region,
            bucket,
            prefix,
        } => {
            let key = key.unwrap_or_default();
            let (id, secret) = key.split_once('\n').unwrap_or((key, ""));
            vault::Location::S3(S3Location {
                endpoint,
                region,
                bucket,
                prefix,
                key: AccessKey {
                    id: id.to_owned(),
                    secret: secret.to_owned(),
                },
            })
        }
    }
}

/// Opens the place of a new backup target, or makes one there, and seals its secrets.
///
/// # Errors
/// [`TargetError::Vault`]; [`TargetError::Fault`] when the secrets cannot be sealed.
pub(crate) async fn enrolled(id: TargetId, new: NewTarget, seal_key: &SealKey) -> Result<Target, TargetError> {
    let key = new.access_key.map(|key| format!("{}\n{}", key.id, key.secret));
    let location = place(&new.location, key.as_deref());
    let (password, make_new) = (new.password.clone(), new.make_new);
    let vault = blocking(move || match Vault::open(location.clone(), &password) {
        Err(VaultError::NoTarget { .. }) if make_new => Vault::init(location, &password, &VaultOptions::default()),
        opened => opened,
    });
    let vault = vault.await?;
    let KeyFile { name, content } = vault.key_file().clone();
    Ok(Target {
        id,
        location: new.location,
        repository: vault.id().to_owned(),
        password: Some(seal_key.seal(&new.password)?),
        access_key: key.map(|key| seal_key.seal(&key)).transpose()?,
        key: Some(KeyCopy { name, content }),
    })
}
