//! Backup targets: the places in which recovery points are stored.

use crate::error::{ServiceError, TargetFlaw};
use crate::fault::TargetFault;
use crate::ids::TargetId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

impl TargetId {
    /// The backup target of the configuration, which every database has before all others. Plans made before there were
    /// several name none, and mean this one.
    pub fn first() -> Self {
        Self::new("first")
    }

    /// Whether it is [`TargetId::first`].
    pub fn is_first(&self) -> bool {
        *self == Self::first()
    }
}

/// Where a backup target lies. Holds no secret; shown, it is written as restic writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Location {
    /// A folder of the machine that Holdfast runs on.
    Folder {
        /// Its absolute path.
        folder: String,
    },
    /// A place in a bucket of an S3-compatible server.
    S3 {
        /// Address of the server, such as `https://s3.example.com`.
        endpoint: String,
        /// Region that requests are signed for.
        region: String,
        /// Name of the bucket.
        bucket: String,
        /// What the names of all objects begin with; nothing for the whole bucket.
        prefix: String,
    },
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { folder } => formatter.write_str(folder),
            Self::S3 {
                endpoint,
                bucket,
                prefix,
                ..
            } => {
                write!(formatter, "s3:{}/{bucket}", endpoint.trim_end_matches('/'))?;
                match prefix.as_str() {
                    "" => Ok(()),
                    prefix => write!(formatter, "/{prefix}"),
                }
            }
        }
    }
}

/// Where the backup targets lie, as restic is told it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locations(BTreeMap<TargetId, String>);

impl Locations {
    /// Where this one lies; of one that is not known, its name.
    pub fn of<'a>(&'a self, id: &'a TargetId) -> &'a str {
        self.0.get(id).map_or(id.as_str(), String::as_str)
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = (&TargetId, &str)> {
        self.0.iter().map(|(id, location)| (id, location.as_str()))
    }
}

impl FromIterator<(TargetId, String)> for Locations {
    fn from_iter<T: IntoIterator<Item = (TargetId, String)>>(locations: T) -> Self {
        Self(locations.into_iter().collect())
    }
}

/// What an administrator gives to add a backup target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTarget {
    /// Its name, for good: plans, policies and copies refer to it.
    pub name: String,
    /// Where it lies.
    pub location: Location,
    /// What an S3 server lets in; `None` for a folder.
    pub access_key: Option<AccessKey>,
    /// Its password.
    pub password: String,
    /// Whether one is made when there is none in that place.
    pub make_new: bool,
}

/// An access key of an S3-compatible server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id, which requests tell.
    pub id: String,
    /// Its secret, which nothing tells.
    pub secret: String,
}

/// A backup target as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetView {
    /// Its name.
    pub id: TargetId,
    /// Where it lies.
    pub location: Location,
    /// Id of the restic repository in it.
    pub repository: String,
    /// Why nobody could open it when somebody last looked at it, if that is so.
    pub fault: Option<TargetFault>,
    /// When that was; none when nobody has since this Holdfast was started.
    pub looked_at: Option<Timestamp>,
}

/// Characters that a name has, at least and at most.
pub const NAME_LENGTH: RangeInclusive<usize> = 1..=30;

/// The name of a new backup target: it stands in plans, addresses and command lines.
///
/// # Errors
/// [`ServiceError::Invalid`] when it cannot be one.
pub fn checked_name(name: &str) -> Result<TargetId, ServiceError> {
    let name = name.trim();
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    match name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && NAME_LENGTH.contains(&name.len())
        && name.chars().all(fits)
    {
        true => Ok(TargetId::new(name)),
        false => Err(ServiceError::invalid("name", TargetFlaw::TargetName)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        assert_eq!(checked_name(" dc2-offsite "), Ok(TargetId::new("dc2-offsite")));
        for name in ["", "2nd", "DC2", "a b", "a/b", "-x", &"x".repeat(31)] {
            assert!(checked_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_place_is_written_as_restic_writes_it() {
        let at = |prefix: &str| Location::S3 {
            endpoint: "https://s3.example.com/".into(),
            region: "eu-1".into(),
            bucket: "backups".into(),
            prefix: prefix.into(),
        };
        assert_eq!(at("").to_string(), "s3:https://s3.example.com/backups");
        assert_eq!(at("dc1").to_string(), "s3:https://s3.example.com/backups/dc1");
    }
}
