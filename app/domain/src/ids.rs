//! Identifiers of the things that Holdfast itself keeps. Short random texts, made by the engine; opaque everywhere else.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta] $name:ident;)*) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an id as it was stored or sent.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as stored and sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

id! {
    /// An account.
    UserId;
    /// A team: the scope of a role.
    TeamId;
    /// An enrolled Oracle VM Manager.
    ManagerId;
    /// A protection policy.
    PolicyId;
    /// A recovery point.
    PointId;
    /// A job run. Names of everything a run makes in the estate carry it, see [`RunId::tag`].
    RunId;
    /// A restore request.
    RequestId;
}

impl RunId {
    /// Prefix of every object and file that this run makes in the estate, so that they are found again there.
    pub fn tag(&self) -> String {
        format!("hf-{}", self.as_str())
    }
}
