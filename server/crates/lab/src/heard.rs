//! What the lab was told: every command that came over SSH, in order, so that a test can show that something was
//! commanded once and not twice.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// So many commands are remembered.
const LIMIT: usize = 20_000;

/// The commands, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<VecDeque<String>>);

impl Heard {
    /// A command has come.
    pub(crate) fn note(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LIMIT {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    /// All that are remembered.
    pub(crate) fn all(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }
}
