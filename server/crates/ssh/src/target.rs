//! Whom to connect to, and as whom.

use crate::Secret;
use russh::keys::{HashAlg, PublicKey, ssh_key::Fingerprint};
use std::{fmt, str::FromStr};

/// An SSH server with everything that a login needs.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name or address.
    pub host: String,
    /// TCP port: 22 for an Oracle VM Server, 10000 for OVMCLI.
    pub port: u16,
    /// Account.
    pub user: String,
    /// The only host key that is accepted.
    pub host_key: HostKeyFingerprint,
    /// How the account is proven.
    pub credential: Credential,
    /// Also offer algorithms that are weak by today's standards, after the modern ones. Old hosts need it.
    pub legacy_algorithms: bool,
}

impl Target {
    /// `host:port`, as messages name the server.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// How an account is proven.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A password.
    Password(Secret),
    /// A private key, tried first, and a password. OVMCLI takes a key only after somebody has logged in with the
    /// password since the Manager started, so the password is never optional.
    Key {
        /// Private key in OpenSSH format.
        private_openssh: Secret,
        /// Passphrase of the key, if it has one.
        passphrase: Option<Secret>,
        /// The fallback.
        password: Secret,
    },
}

/// The host key that a host shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// Its kind, as SSH calls it: `ssh-rsa`, `ssh-ed25519`.
    pub algorithm: String,
    /// Its fingerprint.
    pub fingerprint: HostKeyFingerprint,
}

impl HostKey {
    pub(crate) fn of(key: &PublicKey) -> Self {
        Self {
            algorithm: key.algorithm().as_str().to_owned(),
            fingerprint: HostKeyFingerprint(key.fingerprint(HashAlg::Sha256)),
        }
    }
}

/// SHA-256 fingerprint of a host key, written `SHA256:...` as OpenSSH does. Read also without `SHA256:` and with the `=`
/// that other programs put behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostKeyFingerprint(Fingerprint);

/// The text is no SHA-256 fingerprint of a host key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no SHA-256 fingerprint of a host key; it has 43 characters, with or without `SHA256:` before them"
)]
pub struct InvalidFingerprint {
    /// What was given.
    pub text: String,
}

impl FromStr for HostKeyFingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let given = text.trim();
        let digest = given.strip_prefix("SHA256:").unwrap_or(given);
        let digest = digest.strip_suffix('=').unwrap_or(digest);
        match format!("SHA256:{digest}").parse() {
            Ok(fingerprint @ Fingerprint::Sha256(_)) => Ok(Self(fingerprint)),
            _ => Err(InvalidFingerprint { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for HostKeyFingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_and_written_as_openssh_does() {
        let text = "SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM";
        assert_eq!(text.parse::<HostKeyFingerprint>().unwrap().to_string(), text);
        for wrong in [
            "",
            "=",
            "SHA256:",
            "SHA256:abc",
            "SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM==",
            "SHA256:SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM",
            "Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8Gza",
            "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
            "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        ] {
            assert!(wrong.parse::<HostKeyFingerprint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn fingerprints_are_read_as_openssl_prints_them() {
        let text = "SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM";
        for given in [
            "Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM=\n",
            "Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM",
            " SHA256:Nh0Me49Zh9fDw/VYUfq43IJmI1T+XrjiYONPND8GzaM=",
        ] {
            assert_eq!(
                given.parse::<HostKeyFingerprint>().unwrap().to_string(),
                text,
                "{given}"
            );
        }
    }
}
