//! Sealing of stored passwords: AES-256-GCM under a key that lies outside the database.

use super::EngineError;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use rand::Rng;
use thiserror::Error;

const NONCE_BYTES: usize = 12;

/// The key. Prints nothing of itself.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

/// A sealed text cannot be opened.
#[derive(Debug, Error)]
#[error(
    "A stored password cannot be opened with this sealing key. Was the key file replaced? Put the old one back, or give the password again."
)]
pub struct CannotOpen;

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(..)")
    }
}

impl SealKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self(rand::rng().random())
    }

    /// Reads a key of 64 hex digits.
    ///
    /// # Errors
    /// [`EngineError::SealKey`] when it is anything else.
    pub fn from_hex(text: &str) -> Result<Self, EngineError> {
        let bytes = hex::decode(text.trim()).map_err(|_| EngineError::SealKey)?;
        Ok(Self(bytes.try_into().map_err(|_| EngineError::SealKey)?))
    }

    /// The key as 64 hex digits, for its file.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Seals a text.
    ///
    /// # Errors
    /// Only for texts of many gigabytes.
    pub(crate) fn seal(&self, plain: &str) -> Result<String, CannotOpen> {
        let nonce: [u8; NONCE_BYTES] = rand::rng().random();
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), plain.as_bytes())
            .map_err(|_| CannotOpen)?;
        Ok(hex::encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    /// [`CannotOpen`] when it was sealed with another key or was changed.
    pub(crate) fn open(&self, sealed: &str) -> Result<String, CannotOpen> {
        let bytes = hex::decode(sealed).map_err(|_| CannotOpen)?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(CannotOpen)?;
        let plain = self
            .cipher()
            .decrypt(&Nonce::from(*nonce), body)
            .map_err(|_| CannotOpen)?;
        String::from_utf8(plain).map_err(|_| CannotOpen)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_the_same_key_only() {
        let key = SealKey::generate();
        let sealed = key.seal("s3cret").unwrap();
        assert!(!sealed.contains("s3cret"));
        assert_eq!(key.open(&sealed).unwrap(), "s3cret");
        assert!(SealKey::generate().open(&sealed).is_err());
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let key = SealKey::generate();
        let mut sealed = key.seal("s3cret").unwrap();
        let last = sealed.pop().unwrap();
        sealed.push(if last == '0' { '1' } else { '0' });
        assert!(key.open(&sealed).is_err());
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = SealKey::generate();
        let sealed = key.seal("x").unwrap();
        assert_eq!(
            SealKey::from_hex(&format!("{}\n", key.to_hex()))
                .unwrap()
                .open(&sealed)
                .unwrap(),
            "x"
        );
    }
}
