//! The canonical form of a plan and its hash. What is stored, approved and run are these bytes and no others.

use super::{Plan, v1};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

/// SHA-256 of a plan's canonical form, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanHash(String);

impl PlanHash {
    /// Takes a hash as it was stored or sent. It means something only when a plan with it is found.
    pub fn new(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A plan together with the bytes that were hashed. Cannot be built with a hash that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPlan {
    plan: Plan,
    canonical: String,
    hash: PlanHash,
}

/// Stored bytes are not the plan that was asked for.
#[derive(Debug, Error)]
pub enum SealError {
    /// The bytes have another hash.
    #[error(
        "The stored plan has the hash {found}, not {expected}. It was changed after it was sealed and will not be run; plan again."
    )]
    HashDiffers {
        /// Hash that was approved or asked for.
        expected: PlanHash,
        /// Hash of the bytes.
        found: PlanHash,
    },
    /// The bytes are not a plan.
    #[error("The stored plan cannot be read. It was written by another version of Holdfast; plan again.")]
    NotAPlan(#[from] serde_json::Error),
}

impl SealedPlan {
    /// Writes the canonical form and hashes it.
    ///
    /// # Errors
    /// Only when the plan cannot be written as JSON, which no plan of these types does.
    pub fn seal(plan: Plan) -> Result<Self, SealError> {
        let canonical = serde_json::to_string(&plan)?;
        let hash = Format::Two.hash_of(&canonical);
        Ok(Self { plan, canonical, hash })
    }

    /// Takes stored bytes back, if they have the expected hash.
    ///
    /// # Errors
    /// [`SealError`] when they do not, or are no plan.
    pub fn open(canonical: String, expected: &PlanHash) -> Result<Self, SealError> {
        let format = [Format::Two, Format::One]
            .into_iter()
            .find(|format| format.hash_of(&canonical) == *expected);
        let plan = match format {
            Some(Format::Two) => serde_json::from_str(&canonical)?,
            Some(Format::One) => v1::plan(&canonical)?,
            None => {
                return Err(SealError::HashDiffers {
                    expected: expected.clone(),
                    found: Format::Two.hash_of(&canonical),
                });
            }
        };
        Ok(Self {
            plan,
            canonical,
            hash: expected.clone(),
        })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The bytes that were hashed.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Their hash.
    pub fn hash(&self) -> &PlanHash {
        &self.hash
    }
}

/// The shapes in which plans were ever written. The canonical form is the compact JSON of the plan in the order of its
/// fields; a prefix keeps its hash apart from hashes of other things and of other formats.
#[derive(Clone, Copy)]
enum Format {
    /// A plan of one virtual machine, with sentences; see [`v1`].
    One,
    /// What is written now.
    Two,
}

impl Format {
    fn hash_of(self, canonical: &str) -> PlanHash {
        let prefix = match self {
            Self::One => "holdfast plan 1\n",
            Self::Two => "holdfast plan 2\n",
        };
        PlanHash(hex::encode(
            Sha256::new().chain_update(prefix).chain_update(canonical).finalize(),
        ))
    }
}
