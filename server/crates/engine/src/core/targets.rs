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
use std::collections::{BTreeMap, HashMap};
use std::fmt;
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

/// See the module description.
pub(crate) struct Targets {
    first: Arc<Vault>,
    others: tokio::sync::Mutex<HashMap<TargetId, Arc<Vault>>>,
    /// Why nobody could open them when they were last looked at: sentences.
    faults: Mutex<BTreeMap<TargetId, String>>,
}

impl Targets {
    pub(super) fn with_first(first: Vault) -> Self {
        Self {
            first: Arc::new(first),
            others: tokio::sync::Mutex::default(),
            faults: Mutex::default(),
        }
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
        // Held while it is opened, so that nobody opens it twice.
        let mut others = self.targets.others.lock().await;
        if let Some(vault) = others.get(id) {
            return Ok(vault.clone());
        }
        let recorded = self.store.target(id).await?;
        let recorded = recorded.ok_or_else(|| {
            let target = id.to_string();
            TargetError::Fault(TargetFault::Unknown { target })
        })?;
        let vault = Arc::new(open(&recorded, &self.seal_key).await?);
        others.insert(id.clone(), vault.clone());
        Ok(vault)
    }

    /// Remembers what came of a look at a backup target, for those who ask without waiting for it.
    pub(crate) fn note_target(&self, id: &TargetId, fault: Option<String>) {
        let mut faults = self.targets.faults.lock().unwrap_or_else(PoisonError::into_inner);
        match fault {
            Some(fault) => faults.insert(id.clone(), fault),
            None => faults.remove(id),
        };
    }

    /// What [`Core::note_target`] has remembered of those that nobody could open.
    pub(crate) fn target_faults(&self) -> BTreeMap<TargetId, String> {
        let faults = self.targets.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.clone()
    }

    /// The backup target that has the name now, when another than the one that this process has opened was adopted since.
    pub(crate) async fn other_target(&self, id: &TargetId, vault: &Vault) -> Result<Option<Target>, StoreError> {
        let recorded = self.store.target(id).await?;
        Ok(recorded.filter(|recorded| recorded.repository != vault.id()))
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
