//! Where a backup target lies.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Where a backup target lies. Shown, it names the place and no secret, as restic would name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder of this machine, which may be the mount point of another's file system.
    Folder(PathBuf),
    /// A bucket of an S3-compatible server.
    S3(S3Location),
}

/// A place in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    /// Address of the server, such as `https://s3.example.com`.
    pub endpoint: String,
    /// Region that requests are signed for; a server that knows none takes `us-east-1`.
    pub region: String,
    /// Name of the bucket, which must exist.
    pub bucket: String,
    /// What the names of all objects begin with, without slashes at its ends; nothing for the whole bucket.
    pub prefix: String,
    /// What requests are signed with.
    pub key: AccessKey,
}

/// An access key of an S3-compatible server.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Its name, which requests tell.
    pub id: String,
    /// Its secret, which nothing tells.
    pub secret: String,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("AccessKey").field(&self.id).finish()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "{}", folder.display()),
            Self::S3(place) => place.fmt(formatter),
        }
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint.trim_end_matches('/');
        write!(formatter, "s3:{endpoint}/{}", self.bucket)?;
        match self.prefix.as_str() {
            "" => Ok(()),
            prefix => write!(formatter, "/{prefix}"),
        }
    }
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Location {
    fn from(folder: &P) -> Self {
        Self::Folder(folder.as_ref().to_owned())
    }
}
