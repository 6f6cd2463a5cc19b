//! Enrolled Managers and how their servers are reached: what an administrator gives, and what is shown of it.

use crate::fault::HostFault;
use crate::ids::ManagerId;
use crate::plan::Said;
use crate::time::Timestamp;
use ovm::ids::ServerId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the setting `legacy_algorithms` of Managers and servers is called wherever people meet it.
pub const OLD_ALGORITHMS: &str = "Allow old algorithms";

/// The host key that a host shows, to be compared with what is read on the host itself. As text it is
/// `ssh-rsa SHA256:...`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// Its kind, as SSH calls it: `ssh-rsa`.
    pub algorithm: String,
    /// Its fingerprint, `SHA256:...`.
    pub fingerprint: String,
}

/// Turns the middle of a public key into its fingerprint, with programs that the oldest hosts have. Their `ssh-keygen`
/// knows MD5 only.
const DIGEST: &str = "base64 -d | openssl dgst -sha256 -binary | base64";

impl HostKey {
    /// The command that prints the fingerprint on an Oracle VM Server, from the file of the key.
    pub fn read_on_server(&self) -> String {
        let kind = self.kind();
        format!("awk '{{print $2}}' /etc/ssh/ssh_host_{kind}_key.pub | {DIGEST}")
    }

    /// The command that prints the fingerprint on the host of a Manager. Its command line is no sshd and keeps its key in
    /// no file that OpenSSH knows, so it is asked on the host, where nobody can stand in between.
    pub fn read_on_manager(&self, port: u16) -> String {
        let kind = self.kind();
        format!("ssh-keyscan -t {kind} -p {port} localhost | awk '!/^#/ {{print $3}}' | {DIGEST}")
    }

    /// The kind in the words of OpenSSH's programs and files.
    fn kind(&self) -> &'static str {
        match self.algorithm.as_str() {
            "ssh-dss" => "dsa",
            "ssh-ed25519" => "ed25519",
            ecdsa if ecdsa.starts_with("ecdsa-") => "ecdsa",
            _ => "rsa",
        }
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.algorithm, self.fingerprint)
    }
}

/// The text is no host key as [`HostKey`] writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host key")]
pub struct InvalidHostKey(String);

impl FromStr for HostKey {
    type Err = InvalidHostKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (algorithm, fingerprint) = text.split_once(' ').ok_or_else(|| InvalidHostKey(text.to_owned()))?;
        Ok(Self {
            algorithm: algorithm.to_owned(),
            fingerprint: fingerprint.to_owned(),
        })
    }
}

/// An enrolled Manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagerView {
    /// Id.
    pub id: ManagerId,
    /// Display name.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port of the command line.
    pub port: u16,
    /// Account used there.
    pub user: String,
    /// Pinned host key.
    pub fingerprint: String,
    /// A different key that the host has shown; every job for it is stopped until an administrator settles it.
    pub changed_fingerprint: Option<String>,
    /// Old algorithms are allowed for it, see [`OLD_ALGORITHMS`].
    pub legacy_algorithms: bool,
    /// Number and time of the newest estate revision.
    pub revision: Option<(i64, Timestamp)>,
    /// Why the newest discovery failed, if it did.
    pub problem: Option<Said<HostFault>>,
}

/// What an administrator gives to enrol a Manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewManager {
    /// Display name.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port of the command line, normally 10000.
    pub port: u16,
    /// Account, normally `admin`.
    pub user: String,
    /// Password; sealed before it is stored.
    pub password: String,
    /// Fingerprint of the host key as the administrator has read it on the host, `SHA256:...` or only what follows.
    pub fingerprint: String,
    /// Allow old algorithms, see [`OLD_ALGORITHMS`].
    pub legacy_algorithms: bool,
}

/// How an Oracle VM Server is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAccess {
    /// Manager that owns it.
    pub manager: ManagerId,
    /// Its id there.
    pub server: ServerId,
    /// Display name.
    pub name: String,
    /// Host name or address for SSH.
    pub host: String,
    /// Port for SSH.
    pub port: u16,
    /// Account, normally `root`.
    pub user: String,
    /// Pinned host key.
    pub fingerprint: String,
    /// A different key that the host has shown.
    pub changed_fingerprint: Option<String>,
    /// Old algorithms are allowed for it, see [`OLD_ALGORITHMS`].
    pub legacy_algorithms: bool,
}

/// What an administrator gives so that a server can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewServerAccess {
    /// Manager that owns it.
    pub manager: ManagerId,
    /// Its id there.
    pub server: ServerId,
    /// Host name or address for SSH.
    pub host: String,
    /// Port for SSH.
    pub port: u16,
    /// Account, normally `root`.
    pub user: String,
    /// Password; sealed before it is stored.
    pub password: String,
    /// Fingerprint of the host key as read on the host, `SHA256:...` or only what follows.
    pub fingerprint: String,
    /// Allow old algorithms, see [`OLD_ALGORITHMS`].
    pub legacy_algorithms: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(algorithm: &str) -> HostKey {
        HostKey {
            algorithm: algorithm.into(),
            fingerprint: "SHA256:one".into(),
        }
    }

    #[test]
    fn a_host_key_is_read_as_it_is_written() {
        assert_eq!(key("ssh-rsa").to_string(), "ssh-rsa SHA256:one");
        assert_eq!("ssh-rsa SHA256:one".parse(), Ok(key("ssh-rsa")));
        assert!("".parse::<HostKey>().is_err());
    }

    #[test]
    fn the_commands_name_the_key_that_was_shown() {
        for (algorithm, kind) in [
            ("ssh-rsa", "rsa"),
            ("ssh-dss", "dsa"),
            ("ecdsa-sha2-nistp256", "ecdsa"),
            ("ssh-ed25519", "ed25519"),
        ] {
            let (server, manager) = (key(algorithm).read_on_server(), key(algorithm).read_on_manager(10_001));
            assert!(
                server.contains(&format!(" /etc/ssh/ssh_host_{kind}_key.pub ")),
                "{server}"
            );
            assert!(
                manager.starts_with(&format!("ssh-keyscan -t {kind} -p 10001 localhost ")),
                "{manager}"
            );
        }
    }
}
