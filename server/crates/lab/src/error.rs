//! Why a lab could not be started or could not do what a test asked of it.

use std::path::PathBuf;

/// An error of the lab itself, never of the simulated Oracle VM.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A file of the lab could not be used.
    #[error("the lab could not use {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A stored file of the lab does not parse.
    #[error("{path} is not a file of this lab ({source}); remove the directory to start afresh")]
    Stored {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        source: serde_json::Error,
    },
    /// Another process runs this lab.
    #[error("the lab in {dir} is already running; stop it or choose another directory")]
    InUse {
        /// The directory of the lab.
        dir: PathBuf,
    },
    /// The stored estate is of another release.
    #[error(
        "the estate in {dir} is one of release {stored}; start the lab with that dialect, or choose another directory"
    )]
    OtherDialect {
        /// The directory of the lab.
        dir: PathBuf,
        /// Release of its Manager.
        stored: &'static str,
    },
    /// Mount namespaces need root.
    #[error(
        "the lab could not build its servers: {reason}; it needs root and the Debian packages util-linux and xfsprogs"
    )]
    Namespace {
        /// Last words of the script that builds the mounts.
        reason: String,
    },
    /// A port could not be opened.
    #[error("the lab could not listen on {address}: {source}")]
    Listen {
        /// Address and port.
        address: std::net::SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A host key could not be made or read.
    #[error("the lab could not make the host key of {host}: {reason}")]
    HostKey {
        /// The host.
        host: String,
        /// What was wrong.
        reason: String,
    },
    /// A test named something that is not there.
    #[error("the lab has no {what}")]
    Unknown {
        /// What was asked for.
        what: String,
    },
    /// The other side of the control socket refused.
    #[error("the lab refused the request: {reason}")]
    Control {
        /// What it answered.
        reason: String,
    },
}

impl LabError {
    /// Attaches the path to an I/O error.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
