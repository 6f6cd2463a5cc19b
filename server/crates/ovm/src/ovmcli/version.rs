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

/// A release as a Manager prints it, as far as it matters for what it can do. The default is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// How its command line speaks.
    pub version: Version,
    /// Its third number, for example 6 in `3.4.6.2105`; 0 when there is none.
    pub patch: u32,
}

impl Release {
    /// Whether it has clone customizers, which say disk by disk how a machine is cloned.
    pub fn has_clone_customizers(self) -> bool {
        self.version >= Version::V3_3
    }

    /// Whether it clones machines that run. Scripts of the field do so from 3.3.1 on.
    pub fn clones_running_machines(self) -> bool {
        (self.version, self.patch) >= (Version::V3_3, 1)
    }

    /// Whether `getVmCfgFileContent` prints the `vm.cfg` of a machine.
    pub fn prints_vm_cfg(self) -> bool {
        self.version >= Version::V3_3
    }
}

impl Default for Release {
    fn default() -> Self {
        let version = Version::default();
        Self { version, patch: 6 }
    }
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

    /// Reads what [`Release`] reads, and forgets the third number.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|release: Release| release.version)
    }
}

impl FromStr for Release {
    type Err = UnknownVersion;

    /// Reads a release such as `3.4`, `3.4.6.2105`, or a line of `showversion` that holds one: the first word that
    /// begins with a number, a dot and a number counts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split(|part: char| part.is_whitespace() || matches!(part, '-' | '_' | ','));
        let found = words
            .map(numbers)
            .find(|numbers| numbers.len() >= 2)
            .unwrap_or_default();
        let version = match found.as_slice() {
            [3, 2, ..] => Version::V3_2,
            [3, 3, ..] => Version::V3_3,
            [3, 4, ..] => Version::V3_4,
            _ => {
                return Err(UnknownVersion {
                    found: text.trim().to_owned(),
                });
            }
        };
        let patch = found.get(2).copied().unwrap_or_default();
        Ok(Self { version, patch })
    }
}

/// The numbers with which a word such as `v3.4.6.2105` begins.
fn numbers(word: &str) -> Vec<u32> {
    let parts = word.trim_start_matches(['v', 'V']).split('.');
    parts.map_while(|part| part.parse().ok()).collect()
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
    fn the_third_number_decides_what_a_release_can_do() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        assert_eq!(release("3.3.1-1065").patch, 1);
        assert_eq!(release("3.4").patch, 0);
        for (text, hot, customizers) in [
            ("3.2.11.775", false, false),
            ("3.3.0.512", false, true),
            ("3.3.1.1065", true, true),
            ("3.4", true, true),
        ] {
            let release = release(text);
            let can = (release.clones_running_machines(), release.has_clone_customizers());
            assert_eq!(can, (hot, customizers), "{text}");
            assert_eq!(release.prints_vm_cfg(), customizers, "{text}");
        }
        assert!(Release::default().clones_running_machines());
    }

    #[test]
    fn versions_are_ordered_by_age_and_written_as_people_do() {
        assert!(Version::ALL.is_sorted());
        assert_eq!(Version::default().to_string(), "3.4");
        assert_eq!(serde_json::to_string(&Version::V3_3).unwrap(), "\"3.3\"");
    }
}
