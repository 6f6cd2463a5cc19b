//! SSH host keys: made once, kept in the lab's directory if it has one, exchanged on request.

use crate::error::LabError;
use crate::switches::HostKeyKind;
use russh::keys::ssh_key::private::RsaKeypair;
use russh::keys::ssh_key::{self, LineEnding};
use russh::keys::{Algorithm, HashAlg, PrivateKey};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Large enough for today's clients and quick to make.
const RSA_BITS: usize = 2048;

/// The host key of one simulated machine.
pub(crate) struct HostKey {
    path: Option<PathBuf>,
    kind: HostKeyKind,
    key: Mutex<PrivateKey>,
}

impl HostKey {
    /// Reads the key in `path`, or makes one of `kind` and stores it there.
    pub fn load(path: PathBuf, kind: HostKeyKind) -> Result<Self, LabError> {
        let failed = |error: ssh_key::Error| LabError::HostKey {
            host: path.display().to_string(),
            reason: error.to_string(),
        };
        let key = match std::fs::read_to_string(&path) {
            Ok(text) => PrivateKey::from_openssh(&text).map_err(failed)?,
            Err(_) => {
                let key = generate(kind).map_err(failed)?;
                key.write_openssh_file(&path, LineEnding::LF).map_err(failed)?;
                key
            }
        };
        Ok(Self {
            path: Some(path),
            kind,
            key: Mutex::new(key),
        })
    }

    /// A new key that is kept nowhere.
    pub fn in_memory(kind: HostKeyKind) -> Result<Self, LabError> {
        let key = generate(kind).map_err(|error| LabError::HostKey {
            host: "the Manager".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            path: None,
            kind,
            key: Mutex::new(key),
        })
    }

    /// The key that is presented now.
    pub fn current(&self) -> PrivateKey {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `SHA256:...` as OpenSSH prints it.
    pub fn fingerprint(&self) -> String {
        self.current().fingerprint(HashAlg::Sha256).to_string()
    }

    /// Presents a new key from now on, as after a reinstallation.
    pub fn exchange(&self) -> Result<(), LabError> {
        let failed = |error: ssh_key::Error| LabError::HostKey {
            host: self
                .path
                .as_deref()
                .unwrap_or(Path::new("the Manager"))
                .display()
                .to_string(),
            reason: error.to_string(),
        };
        let key = generate(self.kind).map_err(failed)?;
        if let Some(path) = &self.path {
            key.write_openssh_file(path, LineEnding::LF).map_err(failed)?;
        }
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }
}

fn generate(kind: HostKeyKind) -> Result<PrivateKey, ssh_key::Error> {
    let mut rng = rand::rng();
    match kind {
        HostKeyKind::Rsa => Ok(PrivateKey::from(RsaKeypair::random(&mut rng, RSA_BITS)?)),
        HostKeyKind::Dsa => PrivateKey::random(&mut rng, Algorithm::Dsa),
        HostKeyKind::Ed25519 => PrivateKey::random(&mut rng, Algorithm::Ed25519),
    }
}
