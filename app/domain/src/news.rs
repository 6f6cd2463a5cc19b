//! What open pages are told, so that they show what is so now.

use crate::ids::RequestId;
use crate::run::RunEvent;
use serde::{Deserialize, Serialize};

/// Something has happened. Sent to every browser that may see what it happened to, and shows pages of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// A run tells how it goes on.
    Run(RunEvent),
    /// This request was made, voted on or withdrawn, or its time is over.
    Request(RequestId),
}
