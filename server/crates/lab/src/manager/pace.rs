//! How time passes for jobs.

use crate::options::Mode;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Waits as a job waits.
pub(crate) struct Pace {
    mode: Mode,
    pushes: Semaphore,
}

impl Pace {
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            pushes: Semaphore::new(0),
        }
    }

    /// One transition that takes `millis` milliseconds in reality; in explicit mode one push.
    pub async fn transition(&self, millis: u64) {
        match self.mode {
            Mode::Auto { speed } if speed > 0.0 => {
                tokio::time::sleep(Duration::from_millis(millis).div_f64(speed)).await;
            }
            Mode::Auto { .. } | Mode::Immediate => {}
            Mode::Explicit => {
                // The semaphore is never closed.
                if let Ok(push) = self.pushes.acquire().await {
                    push.forget();
                }
            }
        }
    }

    /// Lets so many transitions of waiting or coming jobs happen.
    pub fn push(&self, transitions: usize) {
        self.pushes.add_permits(transitions);
    }

    /// How long the command line waits for a locked object, and how often it looks.
    pub fn lock_patience(&self) -> (u32, Duration) {
        match self.mode {
            Mode::Auto { speed } if speed > 0.0 => (10, Duration::from_millis(200).div_f64(speed)),
            // Another session may hold an object for the time of its command.
            Mode::Immediate => (1_000, Duration::from_millis(1)),
            _ => (0, Duration::ZERO),
        }
    }
}
