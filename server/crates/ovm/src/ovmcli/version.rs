//! The releases of Oracle VM Manager whose command lines differ.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// A dialect of the command line. Later ones know what earlier ones know, except where the schema says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// 3.2: `SanServer`, `VlanGroup`, network cards that exist before they belong to a machine.
    #[serde(rename = "3.2")]
    V3_2,
    /// 3.3: `StorageArray`, `VlanInterface`, clone customizers, repository exports.
    #[serde(rename = "3.3")]
    V3_3,
    /// 3.4: virtual appliances, MAC addresses of new network cards.
    #[default]
    #[serde(rename = "3.4")]
    V3_4,
}

/// The text names no release that Holdfast speaks to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{found}` is no version of Oracle VM Manager that Holdfast knows; use 3.2, 3.3 or 3.4")]
pub struct UnknownVersion {
    /// What stood there.
    pub found: String,
}

impl Version {
    /// All dialects, the oldest first.
    pub const ALL: [Self; 3] = [Self::V3_2, Self::V3_3, Self::V3_4];

    /// `3.2`, `3.3` or `3.4`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3_2 => "3.2",
            Self::V3_3 => "3.3",
            Self::V3_4 => "3.4",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = UnknownVersion;

    /// Reads a release such as `3.4`, `3.4.6.2105`, or a line of `showversion` that holds one: the first word that
    /// begins with a number, a dot and a number counts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let release = text
            .split(|part: char| part.is_whitespace() || matches!(part, '-' | '_' | ','))
            .find_map(release);
        match release {
            Some((3, 2)) => Ok(Self::V3_2),
            Some((3, 3)) => Ok(Self::V3_3),
            Some((3, 4)) => Ok(Self::V3_4),
            _ => Err(UnknownVersion {
                found: text.trim().to_owned(),
            }),
        }
    }
}

/// The first two numbers of `3.4.6.2105`.
fn release(word: &str) -> Option<(u32, u32)> {
    let mut numbers = word.trim_start_matches(['v', 'V']).split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_managers_print() {
        for (text, version) in [
            ("3.4", Version::V3_4),
            ("3.4.6.2105\r", Version::V3_4),
            ("  3.2.8.736 ", Version::V3_2),
            ("Oracle VM Manager CLI v3.3.1-1065", Version::V3_3),
        ] {
            assert_eq!(text.parse(), Ok(version), "{text}");
        }
        for text in ["", "3", "3.1.1", "3.5", "13.4", "Oracle VM"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        let error = "3.1".parse::<Version>().unwrap_err();
        assert!(error.to_string().contains("`3.1`"), "{error}");
    }

    #[test]
    fn versions_are_ordered_by_age_and_written_as_people_do() {
        assert!(Version::ALL.is_sorted());
        assert_eq!(Version::default().to_string(), "3.4");
        assert_eq!(serde_json::to_string(&Version::V3_3).unwrap(), "\"3.3\"");
    }
}
