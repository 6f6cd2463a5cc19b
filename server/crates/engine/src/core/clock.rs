//! The clock of the machine: the one place that asks it.

use domain::time::{Clock, Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The real time.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }
}
